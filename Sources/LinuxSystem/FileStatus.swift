package import CLinux
internal import Glibc

/// What the kernel tells about a file, as plain values.
package struct FileStatus: Hashable, Sendable {
  package let kind: FileKind
  package let size: Int64
  package let inode: UInt64
  package let device: UInt64
  /// Permission bits, `0o7777` at most.
  package let mode: mode_t
  /// Nanoseconds since 1970-01-01T00:00:00Z.
  package let modified: Int64

  package init(_ status: stat) {
    kind = FileKind(mode: status.st_mode)
    size = Int64(status.st_size)
    inode = UInt64(status.st_ino)
    device = UInt64(status.st_dev)
    mode = status.st_mode & 0o7777
    modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
  }

  /// Milliseconds since 1970-01-01T00:00:00Z, rounded down.
  package var modifiedMilliseconds: Int64 { modified / 1_000_000 }

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
