internal import Glibc

/// A system call that failed: which one, on what, and why.
package struct SystemCallError: Error, CustomStringConvertible, Sendable {
  /// The C function, for example `open`.
  package let call: String
  /// The path or object it was asked for; empty where there is none.
  package let subject: String
  /// The value of `errno` right after the call.
  package let code: Int32

  package init(_ call: String, _ subject: String = "", code: Int32) {
    self.call = call
    self.subject = subject
    self.code = code
  }

  package init(_ call: String, _ subject: String, _ number: ErrorNumber) {
    self.init(call, subject, code: number.rawValue)
  }

  /// `code`, to be compared with what it may be.
  package var number: ErrorNumber { ErrorNumber(code) }

  package var description: String {
    subject.isEmpty ? "\(call): \(reason)" : "\(call) \(subject): \(reason)"
  }

  /// For a person: the path, what is wrong with it, and what to do.
  package var advice: String {
    let (found, action): (String, String) =
      switch number {
      case .notFound: ("is not there", "make it, or correct the path")
      case .exists: ("is there already", "choose another name, or move it away")
      case .permissionDenied, .notPermitted:
        ("may not be used by this user", "run it as the user whose it is, or have its owner or mode changed")
      case .readOnlyFileSystem:
        ("lies on a file system that cannot be written", "mount it for writing, or take another place")
      case .noSpace: ("has no room", "make some (df, df -i)")
      case .quotaExceeded: ("has no room left in the quota", "raise it, or make room")
      case .notDirectory: ("leads through a file that is no directory", "correct the path")
      case .isDirectory: ("is a directory", "name a file")
      case .isLink: ("is a link, or leads through too many", "name the file itself")
      case .nameTooLong: ("has too long a name", "choose a shorter one")
      case .tooManyOpenFiles, .tooManyOpenFilesInSystem:
        ("cannot be opened beside so many files", "raise the limit (ulimit -n)")
      case .busy, .wouldBlock: ("is in use", "try again")
      case .addressInUse: ("is in use by another program", "end it, or choose another port")
      default: ("failed", "look at the disk and the kernel's log (dmesg)")
      }
    let call = call.isEmpty ? "" : "\(call): "
    return "\(subject.isEmpty ? "the system" : subject) \(found) (\(call)\(reason)); \(action)"
  }

  /// The system's words for `code`.
  package var reason: String { number.words }

  package var isNotFound: Bool { number == .notFound }
  package var isPermission: Bool {
    [.permissionDenied, .notPermitted, .readOnlyFileSystem].contains(number)
  }
  package var isNoSpace: Bool { number == .noSpace || number == .quotaExceeded }
}

/// The one choke point for system calls that return -1 and set `errno`: repeats after a signal, and captures
/// `errno` before anything else can run.
@inline(__always)
@discardableResult
package func systemCall<Result: FixedWidthInteger & SignedInteger>(
  _ name: @autoclosure () -> String, _ subject: @autoclosure () -> String = "", _ body: () -> Result
) throws(SystemCallError) -> Result {
  while true {
    FailPoint.systemCall.pass()
    #if DEBUG
      if let code = SystemFault.code(of: name(), subject()) {
        throw SystemCallError(name(), subject(), code: code)
      }
    #endif
    let result = body()
    if result != -1 { return result }
    let code = errno
    if code == EINTR { continue }
    throw SystemCallError(name(), subject(), code: code)
  }
}
