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

  /// Stands by until the lock is free: the kernel wakes this process as soon as the holder is gone, and nothing polls.
  ///
  /// - Parameter wait: waits until the descriptor can be read and returns true, or gives up and returns false (a
  ///   signal came).
  /// - Returns: nil where `wait` gave up.
  package static func acquire(_ spool: Spool, wait: (Int32) throws -> Bool) throws -> SpoolLock? {
    let path = "\(spool.path)/lock"
    let waiter = try SpoolError.wrapping(path) { () throws(SystemCallError) in try FileLockWaiter(path) }
    while try wait(waiter.pollDescriptor) {
      let lock = try SpoolError.wrapping(path) { () throws(SystemCallError) in try waiter.take() }
      if let lock { return SpoolLock(lock: lock) }
    }
    return nil
  }

  /// Whether a worker has taken it. Asked from outside, and by who may open the lock's file alone; makes nothing.
  package static func isHeld(at spool: String) throws(SpoolError) -> Bool {
    let path = "\(spool)/lock"
    return try SpoolError.wrapping(path) { () throws(SystemCallError) in try FileLock.isHeld(path) }
  }

  /// How many further workers of this machine wait for it.
  package static func standbyCount(at spool: String) -> Int { FileLock.waiterCount("\(spool)/lock") }

  private init(lock: consuming FileLock) { self.lock = lock }
}
