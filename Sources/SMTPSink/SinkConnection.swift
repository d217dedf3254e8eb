internal import LinuxSystem

/// One client: its socket, its conversation, and what was read of it but not yet taken.
final class SinkConnection {
  enum Phase {
    case open
    /// A recipient asked for a slow reply; nothing is read meanwhile.
    case paused
    /// All was said and our direction is shut. What still comes is thrown away until the client closes as well:
    /// closing at once would answer it with a reset, and that can destroy a reply on its way.
    case lingering
    case closed
  }

  let descriptor: FileDescriptor
  var session: SMTPSession
  private(set) var phase = Phase.open
  /// When `expire` is due unless something happens before.
  private(set) var deadline: MonotonicTime
  private var carry: [UInt8] = []
  private var sent = 0
  private let idle: UInt64
  private static let lingering: UInt64 = 1_000_000_000

  init(_ descriptor: consuming FileDescriptor, room: Mailroom, now: MonotonicTime) {
    StreamSocket.sendAtOnce(on: descriptor.rawValue)
    idle = room.settings.limits.idle.nanosecondsAhead
    deadline = now + idle
    session = SMTPSession(
      room: room,
      client: room.keepsContent || room.onRefusal != nil
        ? SocketAddress(peerOfSocket: descriptor.rawValue)?.withPort ?? "" : "",
      connectedAt: now)
    self.descriptor = descriptor
  }

  /// What to wait for.
  var events: PollEvents {
    switch phase {
    case .open: hasOutput ? .output : .input
    case .lingering: .input
    case .paused, .closed: []
    }
  }

  private var hasOutput: Bool { sent < session.output.count }

  /// The socket is ready for what `events` asked for, or is broken.
  ///
  /// - Parameter buffer: room to read into, for the time of the call.
  func proceed(_ events: PollEvents, buffer: UnsafeMutableRawBufferPointer, now: MonotonicTime) {
    switch phase {
    case .closed: break
    case .paused: if !events.isDisjoint(with: [.hangUp, .error]) { phase = .closed }
    case .lingering: if case .moved = receive(into: buffer, from: 0) {} else { phase = .closed }
    case .open:
      deadline = now + idle
      if events.contains(.output) || hasOutput {
        flush(now)
        // What was left because the client would not read can be taken now.
        if !hasOutput, !carry.isEmpty {
          take(UnsafeRawBufferPointer(buffer), filled: unload(into: buffer), now)
        }
      } else {
        let start = unload(into: buffer)
        switch receive(into: buffer, from: start) {
        case .moved(let count): take(UnsafeRawBufferPointer(buffer), filled: start + count, now)
        case .ended: phase = .closed
        case .wouldBlock: carry.append(contentsOf: buffer[..<start])
        }
      }
    }
  }

  /// The deadline is over: end a pause, or give up a client that is idle or does not close.
  func expire(buffer: UnsafeMutableRawBufferPointer, now: MonotonicTime) {
    switch phase {
    case .paused:
      phase = .open
      deadline = now + idle
      session.resume()
      take(UnsafeRawBufferPointer(buffer), filled: unload(into: buffer), now)
    case .open:
      // A client that does not even read gets no farewell.
      guard !hasOutput else {
        phase = .closed
        return
      }
      session.timeOut()
      flush(now)
    case .lingering, .closed: phase = .closed
    }
  }

  /// Says goodbye as far as that is possible without waiting.
  func shutDown() {
    guard case .open = phase, !hasOutput else { return }
    session.reply("421", " 4.3.2", "The sink is shutting down")
    flush(0)
  }

  /// Sends the greeting.
  func greet(_ now: MonotonicTime) { flush(now) }

  // MARK: Bytes

  /// What was carried goes in front of what will be read.
  private func unload(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = carry.count
    if count > 0 {
      buffer.copyBytes(from: carry)
      carry.removeAll(keepingCapacity: count <= 4096)
    }
    return count
  }

  private func receive(into buffer: UnsafeMutableRawBufferPointer, from start: Int) -> StreamSocket.Transfer {
    let end = min(start + Self.readSize, buffer.count)
    return StreamSocket.receive(
      from: descriptor.rawValue, into: UnsafeMutableRawBufferPointer(rebasing: buffer[start..<end]))
  }

  /// A connection carries at most what one read brought and a line.
  static let readSize = 65_536

  private func take(_ buffer: UnsafeRawBufferPointer, filled: Int, _ now: MonotonicTime) {
    var taken = 0
    while true {
      let rest = UnsafeRawBufferPointer(rebasing: buffer[taken..<filled])
      let count = session.receive(rest)
      taken += count
      flush(now)
      // Stopped by its own replies, which are gone now: there may be whole lines left.
      guard case .open = phase, !hasOutput, count > 0, taken < filled, session.takesInput else { break }
    }
    guard case .open = phase else { return }
    if let pause = session.pause {
      deadline = now + pause.nanosecondsAhead
      phase = .paused
    }
    if taken < filled { carry.append(contentsOf: buffer[taken..<filled]) }
  }

  private func flush(_ now: MonotonicTime) {
    if session.ending == .drop {
      // The replies before the drop were given; the one that is dropped was never written.
      transmit()
      phase = .closed
      return
    }
    transmit()
    guard !hasOutput else { return }
    session.output.removeAll(keepingCapacity: session.output.capacity <= 4096)
    sent = 0
    // A reply that is held back comes first.
    if session.ending == .close, session.pause == nil, case .open = phase {
      StreamSocket.endSending(on: descriptor.rawValue)
      phase = .lingering
      deadline = now + Self.lingering
    }
  }

  private func transmit() {
    while hasOutput {
      let transfer = session.output.withUnsafeBytes { bytes in
        StreamSocket.send(UnsafeRawBufferPointer(rebasing: bytes[sent...]), on: descriptor.rawValue)
      }
      switch transfer {
      case .moved(let count): sent += count
      case .wouldBlock: return
      case .ended:
        phase = .closed
        sent = session.output.count
      }
    }
  }
}
