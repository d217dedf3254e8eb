internal import LinuxSystem

/// Serves all connections from one thread: with at most a hundred of them poll is as good as epoll, and one
/// thread wakes less often than a thread for each would.
final class SinkLoop {
  private let listener: ListeningSocket
  private let room: Mailroom
  private let wake: WakeEventBox
  private var connections: [SinkConnection] = []
  private var polled = PollSet()
  /// Accepting failed for want of descriptors or memory; tried again then.
  private var acceptsAgainAt: MonotonicTime = 0

  init(_ listener: consuming ListeningSocket, room: Mailroom, wake: WakeEventBox) {
    self.listener = listener
    self.room = room
    self.wake = wake
  }

  /// Runs until `wake` is signalled.
  func run() {
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: 2 * SinkConnection.readSize + room.settings.limits.lineLength, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      waitForEvents()
      if !polled[0].isEmpty { break }
      let now = monotonicNow()
      for (index, connection) in connections.enumerated() {
        let events = polled[index + 2]
        if !events.isEmpty {
          connection.proceed(events, buffer: buffer, now: now)
        } else if connection.deadline <= now {
          connection.expire(buffer: buffer, now: now)
        }
      }
      if !polled[1].isEmpty { acceptAll(now) }
      connections.removeAll { if case .closed = $0.phase { true } else { false } }
    }
    for connection in connections { connection.shutDown() }
    connections = []
  }

  private func waitForEvents() {
    polled.removeAll()
    polled.add(wake.event.descriptor.rawValue, .input)
    let now = monotonicNow()
    let accepts = acceptsAgainAt <= now
    var deadline = accepts ? MonotonicTime.max : acceptsAgainAt
    polled.add(accepts ? listener.descriptor.rawValue : nil, .input)
    for connection in connections {
      deadline = min(deadline, connection.deadline)
      polled.add(connection.descriptor.rawValue, connection.events)
    }
    // Rounded up, or the last millisecond would spin.
    let milliseconds =
      deadline == .max ? -1 : deadline <= now ? 0 : Int(clamping: (deadline - now + 999_999) / 1_000_000)
    polled.wait(milliseconds: milliseconds)
  }

  private func acceptAll(_ now: MonotonicTime) {
    do throws(SystemCallError) {
      while let descriptor = try listener.accept() {
        if connections.count >= room.settings.limits.connections {
          refuse(descriptor)
          continue
        }
        let connection = SinkConnection(descriptor, room: room, now: now)
        connection.greet(now)
        connections.append(connection)
      }
    } catch {
      // EMFILE and the like: the waiting client stays in the kernel's queue.
      acceptsAgainAt = now + 100_000_000
    }
  }

  private func refuse(_ descriptor: consuming FileDescriptor) {
    let reply: StaticString = "421 4.7.0 Too many connections, try again later\r\n"
    _ = StreamSocket.send(
      UnsafeRawBufferPointer(start: reply.utf8Start, count: reply.utf8CodeUnitCount), on: descriptor.rawValue)
  }
}

/// Shares an eventfd between the server and its loop.
final class WakeEventBox: Sendable {
  let event: WakeEvent
  init() throws(SystemCallError) { event = try WakeEvent() }
}
