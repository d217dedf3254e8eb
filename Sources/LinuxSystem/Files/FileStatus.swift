internal import CLinux
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
  package let mode: UInt32
  /// The numbers of the user and the group that it belongs to.
  package let owner: UInt32
  package let group: UInt32
  /// When its bytes were last said to be written, which anybody may set. Nanoseconds since 1970-01-01T00:00:00Z.
  package let modified: Int64
  /// When the kernel last changed anything about it, a rename among it (`ctime`); nobody sets it. Likewise.
  package let changed: Int64

  init(_ status: stat) {
    kind = FileKind(mode: status.st_mode)
    size = Int64(status.st_size)
    inode = UInt64(status.st_ino)
    device = UInt64(status.st_dev)
    linkCount = Int(status.st_nlink)
    mode = status.st_mode & 0o7777
    owner = status.st_uid
    group = status.st_gid
    modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    changed = Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec)
  }

  /// Milliseconds since 1970-01-01T00:00:00Z, rounded down.
  package var changedMilliseconds: Int64 { changed / 1_000_000 }

  /// Of what stands under a path, links followed. The corresponding C function is `stat`.
  package static func following(_ path: String) throws(SystemCallError) -> FileStatus {
    try read(path, 0)
  }

  /// Of what stands under a path, be it a link. The corresponding C function is `lstat`.
  package static func notFollowing(_ path: String) throws(SystemCallError) -> FileStatus {
    try read(path, AT_SYMLINK_NOFOLLOW)
  }

  private static func read(_ path: String, _ flags: Int32) throws(SystemCallError) -> FileStatus {
    var status = stat()
    try systemCall("stat", path) { fstatat(AT_FDCWD, path, &status, flags) }
    return FileStatus(status)
  }
}

/// Paths as the file system sees them.
package enum FilePath {
  /// The path without links, `.` and `..`; an error where nothing stands there. The corresponding C function is
  /// `realpath`.
  package static func resolved(_ path: String) throws(SystemCallError) -> String {
    guard let resolved = realpath(path, nil) else { throw SystemCallError("realpath", path, .last) }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// What a link says, as it is written there; nil where none stands. The corresponding C function is `readlink`.
  package static func link(_ path: String) -> String? {
    var bytes = [CChar](repeating: 0, count: 4096)
    let count = readlink(path, &bytes, bytes.count)
    guard (1..<bytes.count).contains(count) else { return nil }
    return String(decoding: bytes[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Whether users or groups of its own are let in or kept out there, beside the mode.
  package static func hasAccessList(_ path: String) -> Bool { clinux_has_access_list(path) == 1 }

  /// Whether nothing can be written there, as this process sees it. The corresponding C function is `statvfs`.
  package static func isOnReadOnlyMount(_ path: String) -> Bool {
    var status = statvfs()
    return statvfs(path, &status) == 0 && status.f_flag & UInt(ST_RDONLY) != 0
  }

  /// Whether something stands there that this process can reach. The corresponding C function is `access`.
  package static func isThere(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Whether this process may read what stands there. The corresponding C function is `access`.
  package static func mayRead(_ path: String) -> Bool { access(path, R_OK) == 0 }
}
