public import Glibc

/// State that several threads share, behind a mutex, with one condition to wait for a change of it.
///
/// `@usableFromInline`: without it nothing that is `@inlinable` here is specialised in other modules.
@usableFromInline package final class Monitor<State>: @unchecked Sendable {
  // Sendable: what `state` points to and `waiting` are only touched while `mutex` is held.
  @usableFromInline let state: UnsafeMutablePointer<State>
  @usableFromInline var waiting = 0
  @usableFromInline let mutex: UnsafeMutablePointer<pthread_mutex_t>
  @usableFromInline let condition: UnsafeMutablePointer<pthread_cond_t>

  /// - Parameter state: its first value.
  package init(_ state: sending State) {
    self.state = .allocate(capacity: 1)
    self.state.initialize(to: state)
    mutex = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    condition = makeMonotonicCondition()
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
    state.deinitialize(count: 1)
    state.deallocate()
  }

  /// Runs `body` with the state to itself.
  @discardableResult
  @inlinable package func withLock<Result, Failure: Error>(
    _ body: (inout State) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&state.pointee)
  }

  /// Like `withLock`, and wakes every waiting thread afterwards.
  @discardableResult
  @inlinable package func change<Result, Failure: Error>(
    _ body: (inout State) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    pthread_mutex_lock(mutex)
    defer {
      // Without a waiter this would still be an atomic operation or two for each change.
      if waiting > 0 { pthread_cond_broadcast(condition) }
      pthread_mutex_unlock(mutex)
    }
    return try body(&state.pointee)
  }

  /// Waits until `body` returns a value; `body` runs with the lock held, at once and after each change. What
  /// `body` itself changes wakes nobody.
  ///
  /// - Returns: the value, or nil where `timeout` was over first.
  @inlinable package func wait<Result>(timeout: Duration? = nil, until body: (inout State) -> Result?)
    -> Result?
  {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    if let result = body(&state.pointee) { return result }
    waiting += 1
    defer { waiting -= 1 }
    guard let timeout else {
      while true {
        pthread_cond_wait(condition, mutex)
        if let result = body(&state.pointee) { return result }
      }
    }
    let deadline = MonotonicDeadline(after: timeout)
    while true {
      let isOver = !deadline.wait(for: condition, mutex)
      if let result = body(&state.pointee) { return result }
      if isOver { return nil }
    }
  }
}

extension MonotonicDeadline {
  /// Waits for a condition of `makeMonotonicCondition`. The corresponding C function is `pthread_cond_timedwait`.
  ///
  /// - Returns: false where the time is over.
  @usableFromInline func wait(
    for condition: UnsafeMutablePointer<pthread_cond_t>, _ mutex: UnsafeMutablePointer<pthread_mutex_t>
  ) -> Bool {
    var time = time
    return pthread_cond_timedwait(condition, mutex, &time) != ETIMEDOUT
  }
}
