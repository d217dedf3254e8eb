/// State that several threads share, behind a mutex, with one condition to wait for a change of it.
///
/// `@usableFromInline`: without it nothing that is `@inlinable` here is specialised in other modules.
@usableFromInline package final class Monitor<State>: @unchecked Sendable {
  // Sendable: what `state` points to and `waiting` are only touched while `lock` is held.
  @usableFromInline let state: UnsafeMutablePointer<State>
  @usableFromInline var waiting = 0
  @usableFromInline let lock = ThreadLock()
  @usableFromInline let condition = ThreadCondition()

  /// - Parameter state: its first value.
  package init(_ state: sending State) {
    self.state = .allocate(capacity: 1)
    self.state.initialize(to: state)
  }

  deinit {
    condition.destroy()
    lock.destroy()
    state.deinitialize(count: 1)
    state.deallocate()
  }

  /// Runs `body` with the state to itself.
  @discardableResult
  @inlinable package func withLock<Result, Failure: Error>(
    _ body: (inout State) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    lock.lock()
    defer { lock.unlock() }
    return try body(&state.pointee)
  }

  /// Like `withLock`, and wakes every waiting thread afterwards.
  @discardableResult
  @inlinable package func change<Result, Failure: Error>(
    _ body: (inout State) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    lock.lock()
    defer {
      // Without a waiter this would still be an atomic operation or two for each change.
      if waiting > 0 { condition.broadcast() }
      lock.unlock()
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
    lock.lock()
    defer { lock.unlock() }
    if let result = body(&state.pointee) { return result }
    waiting += 1
    defer { waiting -= 1 }
    guard let timeout else {
      while true {
        condition.wait(lock)
        if let result = body(&state.pointee) { return result }
      }
    }
    let deadline = MonotonicDeadline(after: timeout)
    while true {
      let isOver = !condition.wait(lock, until: deadline)
      if let result = body(&state.pointee) { return result }
      if isOver { return nil }
    }
  }
}
