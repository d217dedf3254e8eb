package import LinuxSystem

/// What went wrong with the spool: what was found, where, and what to do about it.
///
/// Never carries what stood in a request.
///
/// On failure: each error of the system has one code here, whichever call it came from; one that is not known is
/// `io`.
public struct SpoolError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of trouble it is, and so who can end it.
  public enum Code: String, Hashable, Sendable {
    /// The path is empty, or something other than a directory stands there.
    case badPath
    /// The directory is not there or went away.
    case missing
    /// The directory or file may not be read or written by this user.
    case permission
    /// The file system is mounted read-only.
    case readOnly
    /// The disk, its table of inodes or the quota is full.
    case noSpace
    /// Too many open files, no memory: will pass.
    case busy
    /// The disk or file system failed.
    case io
    /// The request brings a code, and no way to seal it was given.
    case unsealed
    /// The entry is not a regular file of at most 64 KiB; it belongs into `rejected/`.
    case unacceptable
    /// The entry is not there any more, or not whole yet: the intake has taken it back, drop it.
    case gone
  }

  /// What kind of trouble it is.
  public let code: Code
  /// What was found and what to do.
  public let message: String
  /// The path that it is about.
  public let place: String

  /// An error at `place`.
  public init(_ code: Code, _ message: String, at place: String) {
    self.code = code
    self.message = message
    self.place = place
  }

  /// `place: message`.
  public var description: String { place.isEmpty ? message : "\(place): \(message)" }

  /// True where it is about this file or directory and not about the disk as a whole, so that others can go on.
  package var isOfTheFile: Bool { code == .io || code == .permission }

  package init(_ error: SystemCallError, at place: String) {
    let subject = error.subject.isEmpty ? place : error.subject
    let (code, advice): (Code, String) =
      switch error.number {
      case .notFound: (.missing, "make the directory, or correct the path to the spool")
      case .notDirectory, .isLink, .nameTooLong, .isDirectory:
        (.badPath, "a directory is needed there, not a file or a link")
      case .permissionDenied, .notPermitted:
        (.permission, Self.access(to: place))
      case .readOnlyFileSystem: (.readOnly, "mount the file system for writing, or move the spool")
      case .noSpace: (.noSpace, "make room (blocks and inodes: df, df -i); nothing was left behind")
      case .quotaExceeded: (.noSpace, "raise the quota or make room; nothing was left behind")
      case .tooManyOpenFiles, .tooManyOpenFilesInSystem, .noMemory, .wouldBlock, .busy:
        (.busy, "try again; raise the limit where it goes on")
      default: (.io, "look at the disk and the kernel's log")
      }
    self.init(code, "\(error.call) failed: \(error.reason); \(advice)", at: subject)
  }

  /// Who may do what could not be done there: the owner of the nearest directory that this user can see, and the group that
  /// it is open to.
  private static func access(to place: String) -> String {
    var path = place
    while path.count > 1 {
      if let status = try? FileStatus.following(path), status.kind == .directory {
        let owner = Accounts.name(ofUser: status.owner)
        // Passable by its group and not by all: such as the spool is where spoolGroup is set.
        let isShared = status.mode & 0o011 == 0o010
        let group = Accounts.name(ofGroup: status.group)
        return isShared
          ? "run it as \(owner) (sudo -u \(owner) …), or become a member of the group \(group), which may enqueue (usermod -aG \(group) NAME, then sign in anew)"
          : "run it as \(owner) (sudo -u \(owner) …), or set spoolGroup in the configuration, so that a group may enqueue"
      }
      guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { break }
      path = String(path[..<slash])
    }
    return "run it as the user that owns the spool"
  }

  /// Runs a system call's wrapper and turns its error into one of the spool.
  static func wrapping<Result: ~Copyable>(
    _ place: @autoclosure () -> String, _ body: () throws(SystemCallError) -> Result
  ) throws(SpoolError) -> Result {
    do throws(SystemCallError) { return try body() } catch { throw SpoolError(error, at: place()) }
  }
}
