/// A first-in-first-out queue between threads that holds at most `capacity` elements: a producer waits while
/// it is full, which is how a slow relay slows the intake.
package final class BoundedQueue<Element: Sendable>: Sendable {
  private struct State: Sendable {
    var elements: [Element] = []
    var head = 0
    var isClosed = false
    var count: Int { elements.count - head }
  }

  package let capacity: Int
  private let monitor = Monitor(State())

  package init(capacity: Int) { self.capacity = capacity }

  package var count: Int { monitor.withLock { $0.count } }

  /// Adds an element, waiting for room.
  ///
  /// - Returns: false where the queue is closed; the element was not added.
  @discardableResult
  package func push(_ element: Element) -> Bool {
    monitor.wait { state -> Bool? in
      if state.isClosed { return false }
      if state.count >= self.capacity { return nil }
      state.elements.append(element)
      return true
    }.map { added in
      if added { monitor.change { _ in } }
      return added
    } ?? false
  }

  /// Takes the oldest element, waiting for one; nil when the queue is closed and empty, or the time is over.
  package func pop(timeout: Duration? = nil) -> Element? {
    popBatch(max: 1, timeout: timeout).first
  }

  /// Takes up to `max` elements, waiting until there is at least one.
  ///
  /// - Returns: empty when the queue is closed and empty, or the time is over.
  package func popBatch(max: Int, timeout: Duration? = nil) -> [Element] {
    let batch = monitor.wait(timeout: timeout) { state -> [Element]? in
      if state.count == 0 { return state.isClosed ? [] : nil }
      let end = min(state.head + max, state.elements.count)
      let batch = Array(state.elements[state.head..<end])
      state.head = end
      if state.head == state.elements.count {
        state.elements.removeAll(keepingCapacity: true)
        state.head = 0
      } else if state.head >= 1024 {
        state.elements.removeFirst(state.head)
        state.head = 0
      }
      return batch
    }
    guard let batch else { return [] }
    if !batch.isEmpty { monitor.change { _ in } }
    return batch
  }

  /// Gives an element back to the front, closed or full as the queue may be: whoever gives back holds no more
  /// than it took.
  package func putBack(_ element: Element) {
    monitor.change { state in
      if state.head > 0 {
        state.head -= 1
        state.elements[state.head] = element
      } else {
        state.elements.insert(element, at: 0)
      }
    }
  }

  /// Waits until there is an element, and leaves it there.
  ///
  /// - Returns: false when the queue is closed and empty, or the time is over.
  package func waitForElement(timeout: Duration? = nil) -> Bool {
    monitor.wait(timeout: timeout) { state -> Bool? in
      if state.count > 0 { return true }
      return state.isClosed ? false : nil
    } ?? false
  }

  /// Takes out, in one step, all elements for which `isUnwanted` is true. It runs with the queue locked.
  package func removeAll(where isUnwanted: (Element) -> Bool) -> [Element] {
    monitor.change { state in
      var removed: [Element] = []
      var kept: [Element] = []
      for element in state.elements[state.head...] {
        if isUnwanted(element) { removed.append(element) } else { kept.append(element) }
      }
      if !removed.isEmpty {
        state.elements = kept
        state.head = 0
      }
      return removed
    }
  }

  /// Ends the queue: what is in it can still be taken, nothing more can be added.
  package func close() { monitor.change { $0.isClosed = true } }

  package var isFinished: Bool { monitor.withLock { $0.isClosed && $0.count == 0 } }
}
