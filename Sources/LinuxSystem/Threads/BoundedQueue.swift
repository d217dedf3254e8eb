/// A first-in-first-out queue between threads that holds at most `capacity` elements: a producer waits while
/// it is full, which is how a slow relay slows the intake.
///
/// `@usableFromInline`: without it nothing that is `@inlinable` here is specialised in other modules.
///
/// Two conditions, one for each side, and a wake-up only where somebody waits: with eight lanes on the queue a
/// broadcast for each element would wake seven of them for nothing. Producers that wait are woken only once a quarter
/// of the queue is free: else a full queue would cost two switches between threads for each element.
@usableFromInline package final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
  // Sendable: all stored variables are touched only while `lock` is held.
  /// How many elements it takes from producers.
  @usableFromInline package let capacity: Int
  @usableFromInline var ring: [Element?]
  @usableFromInline var head = 0
  @usableFromInline var held = 0
  @usableFromInline var isClosed = false
  /// At no more than this, producers go on.
  @usableFromInline let lowMark: Int
  @usableFromInline var waitingToPush = 0
  @usableFromInline var waitingToPop = 0
  @usableFromInline let lock = ThreadLock()
  @usableFromInline let hasRoom = ThreadCondition()
  @usableFromInline let hasElement = ThreadCondition()

  /// - Parameter capacity: at least 1.
  package init(capacity: Int) {
    precondition(capacity > 0)
    self.capacity = capacity
    lowMark = capacity < 8 ? capacity - 1 : capacity - capacity / 4
    // Grows to `capacity` as it is used: a generous bound costs nothing while the queue is short.
    ring = [Element?](repeating: nil, count: min(capacity, 64))
  }

  deinit {
    hasRoom.destroy()
    hasElement.destroy()
    lock.destroy()
  }

  @inlinable func withLock<Result>(_ body: () -> Result) -> Result {
    lock.lock()
    defer { lock.unlock() }
    return body()
  }

  /// How many elements are in it now.
  @inlinable package var count: Int { withLock { held } }

  /// Adds an element, waiting for room.
  ///
  /// - Returns: false where the queue is closed; the element was not added.
  @discardableResult
  @inlinable package func push(_ element: Element) -> Bool {
    withLock {
      while held >= capacity, !isClosed {
        waitingToPush += 1
        hasRoom.wait(lock)
        waitingToPush -= 1
      }
      if isClosed { return false }
      if held == ring.count { grow() }
      var tail = head + held
      if tail >= ring.count { tail -= ring.count }
      ring[tail] = element
      held += 1
      if waitingToPop > 0 { hasElement.signal() }
      return true
    }
  }

  /// Only what is put back makes it larger than `capacity`.
  @inlinable func grow() {
    let count = max(min(ring.count * 2, capacity), ring.count + 1)
    ring = Array(ring[head...] + ring[..<head]) + repeatElement(nil, count: count - ring.count)
    head = 0
  }

  /// Takes the oldest element, waiting for one; nil when the queue is closed and empty, or the time is over.
  @inlinable package func pop(timeout: Duration? = nil) -> Element? {
    withLock { isFilled(within: timeout) ? take() : nil }
  }

  /// Takes up to `max` elements, waiting until there is at least one.
  ///
  /// - Returns: empty when the queue is closed and empty, or the time is over.
  @inlinable package func popBatch(max: Int, timeout: Duration? = nil) -> [Element] {
    withLock {
      guard isFilled(within: timeout) else { return [] }
      var batch: [Element] = []
      batch.reserveCapacity(min(max, held))
      while batch.count < max, held > 0 { batch.append(take()) }
      return batch
    }
  }

  /// True where there is an element; false where the queue is closed and empty, or the time is over.
  @inlinable func isFilled(within timeout: Duration?) -> Bool {
    if held > 0 { return true }
    guard let timeout else {
      while held == 0, !isClosed {
        waitingToPop += 1
        hasElement.wait(lock)
        waitingToPop -= 1
      }
      return held > 0
    }
    if timeout <= .zero { return false }
    let deadline = MonotonicDeadline(after: timeout)
    while held == 0, !isClosed {
      waitingToPop += 1
      let isOver = !hasElement.wait(lock, until: deadline)
      waitingToPop -= 1
      if isOver { break }
    }
    return held > 0
  }

  @inlinable func take() -> Element {
    let element = ring[head]!
    ring[head] = nil
    head = head + 1 == ring.count ? 0 : head + 1
    held -= 1
    if waitingToPush > 0, held <= lowMark { hasRoom.broadcast() }
    return element
  }

  /// Gives an element back to the front, closed or full as the queue may be: whoever gives back holds no more
  /// than it took.
  @inlinable package func putBack(_ element: Element) {
    withLock {
      if held == ring.count { grow() }
      head = head == 0 ? ring.count - 1 : head - 1
      ring[head] = element
      held += 1
      if waitingToPop > 0 { hasElement.signal() }
    }
  }

  /// Waits until there is an element, and leaves it there.
  ///
  /// - Returns: false when the queue is closed and empty, or the time is over.
  @inlinable package func waitForElement(timeout: Duration? = nil) -> Bool {
    withLock {
      let isThere = isFilled(within: timeout)
      // The wake-up that came here is passed on: this thread may not take the element.
      if isThere, waitingToPop > 0 { hasElement.signal() }
      return isThere
    }
  }

  /// Takes out, in one step, all elements for which `isUnwanted` is true. It runs with the queue locked.
  @inlinable package func removeAll(where isUnwanted: (Element) -> Bool) -> [Element] {
    withLock {
      var removed: [Element] = []
      var kept: [Element] = []
      for offset in 0..<held {
        let element = ring[(head + offset) % ring.count]!
        if isUnwanted(element) { removed.append(element) } else { kept.append(element) }
      }
      guard !removed.isEmpty else { return [] }
      ring = kept.map { $0 } + [Element?](repeating: nil, count: ring.count - kept.count)
      (head, held) = (0, kept.count)
      if waitingToPush > 0 { hasRoom.broadcast() }
      return removed
    }
  }

  /// Ends the queue: what is in it can still be taken, nothing more can be added.
  @inlinable package func close() {
    withLock {
      isClosed = true
      hasRoom.broadcast()
      hasElement.broadcast()
    }
  }

  /// Closed and empty.
  @inlinable package var isFinished: Bool { withLock { isClosed && held == 0 } }
}
