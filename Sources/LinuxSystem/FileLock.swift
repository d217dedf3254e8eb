internal import CLinux
internal import Glibc

/// An exclusive `flock` on a file, held until the value goes away or the process dies, by whatever death.
package struct FileLock: ~Copyable, Sendable {
  private let descriptor: FileDescriptor

  /// Takes the lock, or returns nil at once where another open file holds it.
  package static func tryLock(_ path: String) throws(SystemCallError) -> FileLock? {
    let descriptor = try openLockFile(path)
    do throws(SystemCallError) {
      try systemCall("flock", path) { flock(descriptor.rawValue, LOCK_EX | LOCK_NB) }
    } catch  where error.code == EWOULDBLOCK { return nil }
    return FileLock(descriptor: descriptor)
  }

  /// Takes the lock, waiting for as long as another holds it.
  package static func lock(_ path: String) throws(SystemCallError) -> FileLock {
    let descriptor = try openLockFile(path)
    try systemCall("flock", path) { flock(descriptor.rawValue, LOCK_EX) }
    return FileLock(descriptor: descriptor)
  }

  private static func openLockFile(_ path: String) throws(SystemCallError) -> FileDescriptor {
    try FileDescriptor.open(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
  }

  private init(descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
}
