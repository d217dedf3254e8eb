internal import CLinux
internal import Glibc

/// What may be waited for on a descriptor, and what has come.
package struct PollEvents: OptionSet, Sendable {
  package let rawValue: Int16
  package init(rawValue: Int16) { self.rawValue = rawValue }

  package static let input = PollEvents(rawValue: Int16(POLLIN))
  package static let output = PollEvents(rawValue: Int16(POLLOUT))
  /// Comes unasked: the other end is gone.
  package static let hangUp = PollEvents(rawValue: Int16(POLLHUP))
  /// Comes unasked: the connection is broken.
  package static let error = PollEvents(rawValue: Int16(POLLERR))
}

/// Descriptors that one thread waits for together. Its room is kept from one wait to the next.
/// The corresponding C function is `poll`.
package struct PollSet {
  private var polled: [pollfd] = []

  package init() {}

  package mutating func removeAll() { polled.removeAll(keepingCapacity: true) }

  /// Adds a descriptor at the end; nil holds its place and nothing comes for it.
  package mutating func add(_ descriptor: Int32?, _ events: PollEvents) {
    polled.append(pollfd(fd: descriptor ?? -1, events: events.rawValue, revents: 0))
  }

  /// Waits until something comes for one of them, or the time is over.
  ///
  /// - Parameter milliseconds: -1 waits without end.
  /// - Returns: false where it ended early, such as by a signal: nothing is told then.
  @discardableResult
  package mutating func wait(milliseconds: Int) -> Bool {
    if poll(&polled, nfds_t(polled.count), Int32(clamping: milliseconds)) >= 0 { return true }
    for index in polled.indices { polled[index].revents = 0 }
    return false
  }

  /// What has come for the descriptor that was added as the `index`th.
  package subscript(index: Int) -> PollEvents { PollEvents(rawValue: polled[index].revents) }
}

/// Waits until one of `descriptors` can be read (or has hung up), or the time is over.
/// The corresponding C function is `poll`.
///
/// - Parameter milliseconds: -1 waits without end.
/// - Returns: which of them are ready, in the order given.
package func waitReadable(_ descriptors: [Int32], milliseconds: Int) throws(SystemCallError) -> [Bool] {
  var polled = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
  if poll(&polled, nfds_t(polled.count), Int32(clamping: milliseconds)) < 0 {
    let number = ErrorNumber.last
    if number != .interrupted { throw SystemCallError("poll", "", number) }
    return descriptors.map { _ in false }
  }
  return polled.map { $0.revents != 0 }
}

/// Waits for `events` on a descriptor, or until `other` can be read. Takes no memory: each reply of a relay is waited for
/// this way.
///
/// - Returns: whether something has come, and whether it was for `other`.
package func wait(
  for events: PollEvents, on descriptor: Int32, orReadable other: Int32, milliseconds: Int
) -> (isReady: Bool, isOther: Bool) {
  var polled = (
    pollfd(fd: descriptor, events: events.rawValue, revents: 0),
    pollfd(fd: other, events: Int16(POLLIN), revents: 0)
  )
  let ready = withUnsafeMutableBytes(of: &polled) {
    poll($0.baseAddress!.assumingMemoryBound(to: pollfd.self), 2, Int32(clamping: milliseconds))
  }
  return (ready > 0, ready > 0 && polled.1.revents != 0)
}
