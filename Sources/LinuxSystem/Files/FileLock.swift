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
    } catch  where error.number == .wouldBlock { return nil }
    return FileLock(descriptor: descriptor)
  }

  /// Takes the lock, waiting for as long as another holds it.
  package static func lock(_ path: String) throws(SystemCallError) -> FileLock {
    let descriptor = try openLockFile(path)
    try systemCall("flock", path) { flock(descriptor.rawValue, LOCK_EX) }
    return FileLock(descriptor: descriptor)
  }

  private static func openLockFile(_ path: String) throws(SystemCallError) -> FileDescriptor {
    try FileDescriptor.open(path, [.readWrite, .create, .noFollow], mode: 0o600)
  }

  /// Gives the lock away with its descriptor: whoever closes the number frees it.
  fileprivate consuming func release() -> Int32 { descriptor.release() }

  fileprivate init(descriptor: consuming FileDescriptor) { self.descriptor = descriptor }
}

/// Waits for a lock on a thread of its own that blocks in flock(2), so that whoever wants the lock can wait for other
/// things, too. The kernel wakes it as soon as the holder is gone, by whatever death; nothing asks again and again.
package final class FileLockWaiter: Sendable {
  private enum State {
    case waiting, abandoned
    case locked(Int32)
    case failed(SystemCallError)
  }

  /// What the thread keeps alive: it may stay blocked after nobody wants the lock any more.
  private final class Shared: Sendable {
    let state = Monitor(State.waiting)
    let isOver: WakeEvent

    init() throws(SystemCallError) { isOver = try WakeEvent() }

    func wait(for path: String) {
      let result: State
      do throws(SystemCallError) { result = .locked(try FileLock.lock(path).release()) } catch {
        result = .failed(error)
      }
      state.withLock { state in
        if case .waiting = state { state = result } else { Self.free(result) }
      }
      isOver.signal()
    }

    static func free(_ state: State) {
      if case .locked(let descriptor) = state { close(descriptor) }
    }
  }

  private let shared: Shared

  package init(_ path: String) throws(SystemCallError) {
    let shared = try Shared()
    self.shared = shared
    _ = try LinuxThread("lock") { shared.wait(for: path) }
  }

  deinit {
    shared.state.withLock { state in
      Shared.free(state)
      state = .abandoned
    }
  }

  /// Becomes readable when there is a lock, or an error.
  package var pollDescriptor: Int32 { shared.isOver.descriptor.rawValue }

  /// The lock; nil where another still holds it.
  package func take() throws(SystemCallError) -> FileLock? {
    let state = shared.state.withLock { state in
      defer { if case .locked = state { state = .abandoned } }
      return state
    }
    switch state {
    case .locked(let descriptor): return FileLock(descriptor: FileDescriptor(owning: descriptor))
    case .failed(let error): throw error
    case .waiting, .abandoned: return nil
    }
  }
}
