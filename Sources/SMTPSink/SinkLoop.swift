internal import CLinux
internal import Glibc
internal import LinuxSystem

/// Serves all connections from one thread: with at most a hundred of them poll is as good as epoll, and one
/// thread wakes less often than a thread for each would.
final class SinkLoop {
  private let listener: ListeningSocket
  private let room: Mailroom
  private let wake: WakeEventBox
  private var connections: [SinkConnection] = []
  private var polled: [pollfd] = []
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
      if polled[0].revents != 0 { break }
      let now = monotonicNow()
      for (index, connection) in connections.enumerated() {
        let events = Int32(polled[index + 2].revents)
        if events != 0 {
          connection.proceed(events, buffer: buffer, now: now)
        } else if connection.deadline <= now {
          connection.expire(buffer: buffer, now: now)
        }
      }
      if polled[1].revents != 0 { acceptAll(now) }
      connections.removeAll { if case .closed = $0.phase { true } else { false } }
    }
    for connection in connections { connection.shutDown() }
    connections = []
  }

  private func waitForEvents() {
    polled.removeAll(keepingCapacity: true)
    polled.append(pollfd(fd: wake.event.descriptor.rawValue, events: Int16(POLLIN), revents: 0))
    let now = monotonicNow()
    let accepts = acceptsAgainAt <= now
    var deadline = accepts ? MonotonicTime.max : acceptsAgainAt
    polled.append(pollfd(fd: accepts ? listener.descriptor.rawValue : -1, events: Int16(POLLIN), revents: 0))
    for connection in connections {
      deadline = min(deadline, connection.deadline)
      polled.append(
        pollfd(fd: connection.descriptor.rawValue, events: connection.events, revents: 0))
    }
    // Rounded up, or the last millisecond would spin.
    let milliseconds =
      deadline == .max ? -1 : deadline <= now ? 0 : Int32(clamping: (deadline - now + 999_999) / 1_000_000)
    if poll(&polled, nfds_t(polled.count), milliseconds) < 0 {
      for index in polled.indices { polled[index].revents = 0 }
    }
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
    _ = send(
      descriptor.rawValue, reply.utf8Start, reply.utf8CodeUnitCount,
      Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
  }
}

/// Shares an eventfd between the server and its loop.
final class WakeEventBox: Sendable {
  let event: WakeEvent
  init() throws(SystemCallError) { event = try WakeEvent() }
}
