internal import LinuxSystem

/// Where a request waits.
package enum SpoolFolder: String, Hashable, Sendable {
  case new, deferred
}

/// The open directories of one spool, shared by everything that works on it.
///
/// On failure: a directory that cannot be made or opened is thrown as the error that names it. One that another has
/// taken the place of is an error to who enqueues and at each scan, never an empty queue.
final class SpoolFolders: Sendable {
  let path: String
  let new: Directory
  let deferred: Directory
  let failed: Directory
  let rejected: Directory
  let temporary: Directory

  init(at path: String) throws(SpoolError) {
    guard !path.isEmpty else {
      throw SpoolError(.badPath, "the path to the spool is empty; give a directory", at: "")
    }
    guard !path.utf8.contains(0) else {
      throw SpoolError(.badPath, "the path to the spool holds a NUL; give a directory", at: "")
    }
    func make(_ name: String) throws(SpoolError) -> Directory {
      try SpoolError.wrapping("\(path)/\(name)") { () throws(SystemCallError) in
        try Directory.make("\(path)/\(name)")
      }
    }
    self.path = path
    new = try make("new")
    deferred = try make("deferred")
    failed = try make("failed")
    rejected = try make("rejected")
    temporary = try make("tmp")
  }

  /// What the name of a file begins with that has ended and waits in `tmp/` for its removal.
  static let asidePrefix = "done."

  /// Runs `body` with the directory that `folder` names.
  func with<Result, Failure: Error>(
    _ folder: SpoolFolder, _ body: (borrowing Directory) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    switch folder {
    case .new: try body(new)
    case .deferred: try body(deferred)
    }
  }

  /// The directory that is open must be the one that others find under its path: what is put into one that was
  /// moved away would never be seen.
  func checkPlace() throws(SpoolError) {
    let path = "\(path)/new"
    let (there, open) = try SpoolError.wrapping(path) { () throws(SystemCallError) in
      (try FileStatus.following(path), try new.descriptor.status())
    }
    guard open.inode == there.inode, open.device == there.device else {
      throw SpoolError(
        .missing, "another directory stands there than the one that was opened; open the spool again",
        at: path)
    }
  }
}
