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
  /// Who owns `new/`, and the group that it is of.
  let owner: UInt32
  let group: UInt32
  /// False for who may put files there and not list them.
  let mayList: Bool

  init(at path: String, group: SpoolGroup? = nil) throws(SpoolError) {
    guard !path.isEmpty else {
      throw SpoolError(.badPath, "the path to the spool is empty; give a directory", at: "")
    }
    guard !path.utf8.contains(0) else {
      throw SpoolError(.badPath, "the path to the spool holds a NUL; give a directory", at: "")
    }
    var mayList = true
    func make(_ name: String) throws(SpoolError) -> Directory {
      try SpoolError.wrapping("\(path)/\(name)") { () throws(SystemCallError) in
        do throws(SystemCallError) { return try Self.make("\(path)/\(name)") } catch
          where error.number == .permissionDenied
        {
          // Of another user: what he may do there shows when he does it.
          mayList = false
          return try Directory(placeAt: "\(path)/\(name)")
        }
      }
    }
    self.path = path
    new = try make("new")
    deferred = try make("deferred")
    failed = try make("failed")
    rejected = try make("rejected")
    temporary = try make("tmp")
    self.mayList = mayList
    let status: FileStatus
    do throws(SystemCallError) { status = try new.descriptor.status() } catch {
      throw SpoolError(error, at: "\(path)/new")
    }
    (owner, self.group) = (status.owner, status.group)
    try share(with: group)
  }

  /// Opens a directory, made first where it is missing. What root makes belongs to the owner of what it is made in, whose
  /// worker could not use it otherwise.
  private static func make(_ path: String) throws(SystemCallError) -> Directory {
    var missing: [String] = []
    var place = path
    while CurrentProcess.user == 0, !FilePath.isThere(place), let slash = place.lastIndex(of: "/"),
      slash != place.startIndex
    {
      missing.append(place)
      place = String(place[..<slash])
    }
    let directory = try Directory.make(path)
    for made in missing.reversed() {
      let owner = try FileStatus.following(place)
      try Directory(made).descriptor.setOwner(user: owner.owner, group: owner.group)
      place = made
    }
    return directory
  }

  /// What the name of a file begins with that has ended and waits in `tmp/` for its removal.
  static let asidePrefix = "done."

  /// Another user of the machine than the spool's owner and root.
  func isForeign(_ user: UInt32) -> Bool { user != owner && user != 0 && user != CurrentProcess.user }

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
