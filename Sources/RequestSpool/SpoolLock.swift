internal import LinuxSystem

/// The worker's hold on a spool: `flock` on `<spool>/lock`, so that it ends with the process, by whatever death.
///
/// On failure: a lock file that cannot be opened is thrown; it never passes for a free lock.
package struct SpoolLock: ~Copyable, Sendable {
  private let lock: FileLock

  /// Takes the lock; nil at once where another worker holds it.
  package static func tryAcquire(_ spool: Spool) throws(SpoolError) -> SpoolLock? {
    let path = "\(spool.path)/lock"
    let lock = try SpoolError.wrapping(path) { () throws(SystemCallError) in try FileLock.tryLock(path) }
    guard let lock else { return nil }
    return SpoolLock(lock: lock)
  }

  /// Stands by until the lock is free.
  ///
  /// - Parameter pause: waits up to the time given and returns true to go on, false to give up (a signal came).
  /// - Returns: nil where `pause` gave up.
  package static func acquire(
    _ spool: Spool, pause: (Duration) throws -> Bool
  ) throws -> SpoolLock? {
    while true {
      if let lock = try tryAcquire(spool) { return lock }
      guard try pause(.milliseconds(200)) else { return nil }
    }
  }

  private init(lock: consuming FileLock) { self.lock = lock }
}
