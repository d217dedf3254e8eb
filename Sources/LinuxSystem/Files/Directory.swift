internal import CLinux
internal import Glibc

/// An open directory. Every name is looked up relative to it, so nothing that happens to the path above
/// changes where a file lands, and links are never followed.
package struct Directory: ~Copyable, Sendable {
  package let descriptor: FileDescriptor
  package let path: String

  /// Opens `path`, which must exist.
  package init(_ path: String) throws(SystemCallError) {
    descriptor = try FileDescriptor.open(path, [.readOnly, .directory])
    self.path = path
  }

  /// Opens `path` for who may put files there and not list them.
  package init(placeAt path: String) throws(SystemCallError) {
    descriptor = try FileDescriptor.open(path, [.place, .directory])
    self.path = path
  }

  /// Opens `path`, made first where it is missing (and its parents likewise).
  package static func make(_ path: String, mode: UInt32 = 0o700) throws(SystemCallError) -> Directory {
    do throws(SystemCallError) { return try Directory(path) } catch  where error.isNotFound {}
    var parent = path
    while parent.count > 1, parent.hasSuffix("/") { parent.removeLast() }
    if let slash = parent.lastIndex(of: "/"), slash != parent.startIndex {
      _ = try make(String(parent[..<slash]), mode: mode)
    }
    do throws(SystemCallError) {
      try systemCall("mkdir", path) { mkdir(path, mode) }
    } catch  where error.number == .exists {}
    return try Directory(path)
  }

  private func name(_ name: String) -> String { "\(path)/\(name)" }

  // Names are lent to C: a string that is passed as it is would be copied first.

  /// Opens a file for reading, without following a link and without waiting on a FIFO.
  package func open(_ file: String) throws(SystemCallError) -> FileDescriptor {
    FileDescriptor(
      owning: try systemCall("open", name(file)) {
        file.withCString {
          clinux_openat_quietly(descriptor.rawValue, $0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        }
      })
  }

  /// Makes a new file for writing; an error where the name is taken.
  package func create(_ file: String, mode: UInt32 = 0o600) throws(SystemCallError) -> FileDescriptor {
    FileDescriptor(
      owning: try systemCall("open", name(file)) {
        clinux_openat(
          descriptor.rawValue, file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
      })
  }

  /// The corresponding C function is `renameat`: an existing target is replaced.
  package func rename(
    _ file: String, to target: borrowing Directory, as newName: String
  ) throws(SystemCallError) {
    let targetDescriptor = target.descriptor.rawValue
    try systemCall("rename", name(file)) {
      renameat(descriptor.rawValue, file, targetDescriptor, newName)
    }
  }

  /// Lets two names change places, each of which must be there. The corresponding C function is `renameat2` with
  /// `RENAME_EXCHANGE`.
  package func exchange(
    _ file: String, with other: String, in target: borrowing Directory
  ) throws(SystemCallError) {
    let targetDescriptor = target.descriptor.rawValue
    try systemCall("rename", name(file)) {
      clinux_rename_exchange(descriptor.rawValue, file, targetDescriptor, other)
    }
  }

  /// Removes a file; false where there was none.
  @discardableResult
  package func remove(_ file: String) throws(SystemCallError) -> Bool {
    do throws(SystemCallError) {
      try systemCall("unlink", name(file)) { file.withCString { unlinkat(descriptor.rawValue, $0, 0) } }
      return true
    } catch  where error.isNotFound { return false }
  }

  /// Gives a file a second name in this directory; an error where that is taken. The corresponding C function is
  /// `linkat`.
  package func link(_ file: String, as newName: String) throws(SystemCallError) {
    let folder = descriptor.rawValue
    try systemCall("link", name(newName)) { linkat(folder, file, folder, newName, 0) }
  }

  /// What stands under `file`, links not followed; nil where nothing does.
  package func fileStatus(of file: String) throws(SystemCallError) -> FileStatus? {
    var status = stat()
    do throws(SystemCallError) {
      try systemCall("stat", name(file)) {
        file.withCString { fstatat(descriptor.rawValue, $0, &status, AT_SYMLINK_NOFOLLOW) }
      }
      return FileStatus(status)
    } catch  where error.isNotFound { return nil }
  }

  /// Makes renames and removals in this directory durable.
  package func sync() throws(SystemCallError) {
    try systemCall("fsync", path) { fsync(descriptor.rawValue) }
  }

  /// All names in the directory, sorted. For small directories only.
  package func names() throws(SystemCallError) -> [String] {
    var names: [String] = []
    try forEachName { bytes in
      names.append(String(decoding: bytes, as: UTF8.self))
      return true
    }
    return names.sorted()
  }
}
