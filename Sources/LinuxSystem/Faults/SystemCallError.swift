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
