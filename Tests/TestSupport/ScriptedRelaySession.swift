internal import CLibssl
internal import CLinux
internal import Glibc

/// One connection of a scripted relay, on a thread of its own.
final class ScriptedRelaySession {
  private struct Failure: Error { let message: String }
  /// The other side is gone; not by itself a failure.
  private struct Gone: Error {}

  let relay: ScriptedRelay
  let index: Int
  private let socket: Int32
  private var tls: OpaquePointer?
  /// What has come; what stands before `start` was read.
  private var bytes: [UInt8] = []
  private var start = 0
  private var chunk = [UInt8](repeating: 0, count: 16384)

  /// How many bytes have come and were not read.
  var waiting: Int { bytes.count - start }

  init(_ relay: ScriptedRelay, index: Int, socket: Int32) {
    self.relay = relay
    self.index = index
    self.socket = socket
    var limit = timeval(tv_sec: Int(patienceMilliseconds / 1000), tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var one: Int32 = 1
    setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
  }

  deinit { SSL_free(tls) }

  func play(_ steps: [ScriptedRelayStep]) {
    var failure: String?
    do {
      for (number, step) in steps.enumerated() {
        do { try play(step) } catch is Gone {
          failure = "the connection ended at step \(number + 1): \(step)"
          break
        } catch let error as Failure {
          failure = "step \(number + 1), \(step): \(error.message)"
          break
        }
      }
    } catch { failure = "\(error)" }
    shutdown(socket, Int32(SHUT_RDWR))
    relay.finished(session: index, failure: failure)
  }

  private func play(_ step: ScriptedRelayStep) throws {
    switch step {
    case .say(let text): try send(Array((text + "\r\n").utf8))
    case .sayBytes(let bytes): try send(bytes)
    case .sayInSingleBytes(let text): for byte in Array((text + "\r\n").utf8) { try send([byte]) }
    case .expect(let start):
      let line = try readLine()
      guard line.starts(with: start.utf8) else {
        throw Failure(message: "got \(String(decoding: line, as: UTF8.self))")
      }
    case .expectMessage: try readMessage()
    case .readBytes(let count): while waiting < count { try receive() }
    case .startTLS: try startTLS()
    case .close:
      if let tls { SSL_shutdown(tls) }
      // FIN, with nothing unread: the kernel would make it RST.
      shutdown(socket, Int32(SHUT_WR))
    case .reset:
      var linger = linger(l_onoff: 1, l_linger: 0)
      setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
      // Unread input makes the close of the last descriptor a reset as well.
      _ = disconnect()
    case .beSilent: waitForEnd()
    case .drip(let text):
      for byte in Array(text.utf8) {
        var polled = pollfd(fd: socket, events: pollPeerClosed, revents: 0)
        if poll(&polled, 1, 100) > 0 { return }
        try send([byte])
      }
    case .pause: _ = poll(nil, 0, 2)
    case .waitFor(let gate):
      if !relay.waitForGate(gate) { throw Failure(message: "nobody opened the gate") }
    case .serve:
      serve(ScriptedRelayPlan { ($0.refusals, $0.refusedStart) = (["RCPT": "550 5.1.1 nobody"], "refused") })
    case .serveBy(let plan): serve(plan)
    case .refuseAll(let reply): serve(ScriptedRelayPlan { $0.refusals = ["RCPT": reply] })
    case .serveDropping(let behindDotAlone):
      serve(ScriptedRelayPlan { ($0.dropsBehindDot, $0.dropsBehindCommands) = (true, !behindDotAlone) })
    case .serveUpTo(let count, let reply, let closes):
      serve(ScriptedRelayPlan { ($0.most, $0.last, $0.closesAfterLast) = (count, reply, closes) })
    case .refuseFrom(let start, let reply):
      serve(ScriptedRelayPlan { ($0.refusals, $0.refusedStart) = (["RCPT": reply], start) })
    case .refuseAt(let place, let reply):
      let command = ["mail": "MAIL", "recipient": "RCPT", "data": "DATA", "final": "."][place]!
      serve(ScriptedRelayPlan { $0.refusals = [command: reply] })
    case .serveOne(let reply): serve(ScriptedRelayPlan { ($0.places, $0.withoutPlace) = (1, reply) })
    case .readNothing:
      _ = poll(nil, 0, 2)
      guard waiting == 0, try !hasMore() else { throw Failure(message: "more has come") }
    }
  }

  /// Connecting a socket to "nowhere" sends RST at once.
  private func disconnect() -> Int32 {
    var nowhere = sockaddr()
    nowhere.sa_family = sa_family_t(AF_UNSPEC)
    return connect(socket, &nowhere, socklen_t(MemoryLayout<sockaddr>.size))
  }

  /// Loses what has come and was not read yet.
  func drop() throws {
    (bytes, start) = ([], 0)
    try withoutWaiting {
      while tls.map({ Int(SSL_read($0, &chunk, Int32(chunk.count))) }) ?? recv(socket, &chunk, chunk.count, 0)
        > 0
      {}
    }
  }

  private func hasMore() throws -> Bool {
    try withoutWaiting {
      var byte: UInt8 = 0
      return tls.map { Int(SSL_peek($0, &byte, 1)) } ?? recv(socket, &byte, 1, Int32(MSG_PEEK)) > 0
    }
  }

  /// OpenSSL may hold bytes that it has decrypted, of which the kernel knows nothing: it is asked itself, on a socket
  /// that does not wait.
  private func withoutWaiting<Result>(_ body: () -> Result) throws -> Result {
    var isOn: Int32 = 1
    guard ioctl(socket, UInt(FIONBIO), &isOn) == 0 else { throw Gone() }
    let result = body()
    isOn = 0
    guard ioctl(socket, UInt(FIONBIO), &isOn) == 0 else { throw Gone() }
    return result
  }

  func readLine() throws -> [UInt8] {
    var searched = start
    while true {
      if let feed = bytes.firstIndex(of: 0x0A, from: searched) {
        defer { start = feed + 1 }
        guard feed > start, bytes[feed - 1] == 0x0D else {
          let line = String(decoding: bytes[start...feed], as: UTF8.self)
          throw Failure(message: "a line ends without CR: \(line)")
        }
        return Array(bytes[start..<(feed - 1)])
      }
      searched = bytes.count - start
      if start > 0 {
        bytes.removeSubrange(..<start)
        start = 0
      }
      try receive()
    }
  }

  func readMessage() throws {
    while try readLine() != [UInt8(ascii: ".")] {}
  }

  private func receive() throws {
    let count =
      tls.map { Int(SSL_read($0, &chunk, Int32(chunk.count))) } ?? recv(socket, &chunk, chunk.count, 0)
    guard count > 0 else { throw Gone() }
    bytes += chunk[..<count]
    relay.received(chunk[..<count], session: index)
  }

  func send(_ bytes: [UInt8]) throws {
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes { buffer -> Int in
        let start = buffer.baseAddress! + offset
        return tls.map { Int(SSL_write($0, start, Int32(bytes.count - offset))) }
          ?? Glibc.send(socket, start, bytes.count - offset, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw Gone() }
      offset += count
    }
  }

  private func startTLS() throws {
    guard let context = relay.tlsContext else { throw Failure(message: "no certificate") }
    tls = SSL_new(context.pointer)
    // No session is resumed: each connection shows its whole handshake.
    withUnsafeBytes(of: index) {
      _ = SSL_set_session_id_context(
        tls, $0.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt32($0.count))
    }
    SSL_set_fd(tls, socket)
    guard SSL_accept(tls) == 1 else { throw Gone() }
  }

  private func waitForEnd() {
    var polled = pollfd(fd: socket, events: pollPeerClosed, revents: 0)
    _ = poll(&polled, 1, patienceMilliseconds)
  }
}

/// Linux' POLLRDHUP, which its headers show only with _GNU_SOURCE.
private let pollPeerClosed: Int16 = 0x2000

extension [UInt8] {
  /// Where `byte` stands first, at `start` or later. By memchr(3): a loop of Swift takes long in a debug build.
  fileprivate func firstIndex(of byte: UInt8, from start: Int) -> Int? {
    withUnsafeBytes { bytes in
      guard start < bytes.count, let base = bytes.baseAddress,
        let found = memchr(base + start, Int32(byte), bytes.count - start)
      else { return nil }
      return base.distance(to: UnsafeRawPointer(found))
    }
  }
}
