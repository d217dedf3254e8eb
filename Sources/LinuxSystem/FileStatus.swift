package import CLinux
internal import Glibc

/// What the kernel tells about a file, as plain values.
package struct FileStatus: Hashable, Sendable {
  package let kind: FileKind
  package let size: Int64
  package let inode: UInt64
  package let device: UInt64
  /// How many names it has.
  package let linkCount: Int
  /// Permission bits, `0o7777` at most.
  package let mode: mode_t
  /// When its bytes were last said to be written, which anybody may set. Nanoseconds since 1970-01-01T00:00:00Z.
  package let modified: Int64
  /// When the kernel last changed anything about it, a rename among it (`ctime`); nobody sets it. Likewise.
  package let changed: Int64

  package init(_ status: stat) {
    kind = FileKind(mode: status.st_mode)
    size = Int64(status.st_size)
    inode = UInt64(status.st_ino)
    device = UInt64(status.st_dev)
    linkCount = Int(status.st_nlink)
    mode = status.st_mode & 0o7777
    modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    changed = Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec)
  }

  /// Milliseconds since 1970-01-01T00:00:00Z, rounded down.
  package var changedMilliseconds: Int64 { changed / 1_000_000 }

  /// Of what stands under a path, links followed. The corresponding C function is `stat`.
  package static func following(_ path: String) throws(SystemCallError) -> FileStatus {
    var status = stat()
    try systemCall("stat", path) { fstatat(AT_FDCWD, path, &status, 0) }
    return FileStatus(status)
  }
}

extension Directory {
  /// What stands under `file`, links not followed; nil where nothing does.
  package func fileStatus(of file: String) throws(SystemCallError) -> FileStatus? {
    try status(of: file).map(FileStatus.init)
  }
}
