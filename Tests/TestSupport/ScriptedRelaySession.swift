internal import CLibssl
internal import CLinux
internal import Glibc

/// One connection of a scripted relay, on a thread of its own.
final class ScriptedRelaySession {
  private struct Failure: Error { let message: String }
  /// The other side is gone; not by itself a failure.
  private struct Gone: Error {}

  private let relay: ScriptedRelay
  private let index: Int
  private let socket: Int32
  private var tls: OpaquePointer?
  private var input: [UInt8] = []

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
    case .readBytes(let count): while input.count < count { try receive() }
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
    case .serve: serve(ServePlan(refusals: ["RCPT": "550 5.1.1 nobody"], refusedStart: "refused"))
    case .refuseAll(let reply): serve(ServePlan(refusals: ["RCPT": reply]))
    case .serveDropping(let behindDotAlone):
      serve(ServePlan(dropsBehindDot: true, dropsBehindCommands: !behindDotAlone))
    case .serveUpTo(let count, let reply, let closes):
      serve(ServePlan(most: count, last: reply, closesAfterLast: closes))
    case .refuseFrom(let start, let reply): serve(ServePlan(refusals: ["RCPT": reply], refusedStart: start))
    case .refuseAt(let place, let reply):
      let command = ["mail": "MAIL", "recipient": "RCPT", "data": "DATA", "final": "."][place]!
      serve(ServePlan(refusals: [command: reply]))
    case .serveOne(let reply):
      guard relay.beginServing() else {
        while !(try readLine()).starts(with: "MAIL".utf8) {}
        try send(Array("\(reply)\r\n".utf8))
        return
      }
      defer { relay.endServing() }
      serve(ServePlan())
    case .readNothing:
      _ = poll(nil, 0, 2)
      if tls == nil {
        var byte: UInt8 = 0
        if recv(socket, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) > 0 || !input.isEmpty {
          throw Failure(message: "more has come")
        }
      }
    }
  }

  /// How mails are taken until the end.
  private struct ServePlan {
    /// By command, `.` for the final dot.
    var refusals: [String: String] = [:]
    /// Refused are only recipients whose local part begins so.
    var refusedStart = ""
    var dropsBehindDot = false
    var dropsBehindCommands = false
    var most = Int.max
    var last = ""
    var closesAfterLast = false
  }

  /// Connecting a socket to "nowhere" sends RST at once.
  private func disconnect() -> Int32 {
    var nowhere = sockaddr()
    nowhere.sa_family = sa_family_t(AF_UNSPEC)
    return connect(socket, &nowhere, socklen_t(MemoryLayout<sockaddr>.size))
  }

  private func serve(_ plan: ServePlan) {
    var isRefused = false
    var count = 0
    do {
      while true {
        let line = String(decoding: try readLine(), as: UTF8.self)
        if plan.dropsBehindCommands { drop() }
        let command = String(line.prefix(4).uppercased())
        var reply = plan.refusals[command]
        if command == "RCPT", !line.contains("<\(plan.refusedStart)") { reply = nil }
        if command == "MAIL", count >= plan.most { reply = plan.last }
        if let reply {
          isRefused = true
          try send(Array("\(reply)\r\n".utf8))
          if reply.hasPrefix("421") || command == "MAIL" && plan.closesAfterLast { return }
          continue
        }
        switch command {
        case "RCPT" where isRefused, "DATA" where isRefused:
          if command == "DATA" { isRefused = false }
          try send(Array("503 5.5.1 no\r\n".utf8))
        case "DATA":
          try send(Array("354 go ahead\r\n".utf8))
          try readMessage()
          if plan.dropsBehindDot { drop() }
          count += 1
          if plan.refusals["."] == nil { relay.took(session: index) }
          let refusal = plan.refusals["."]
          try send(Array("\(refusal ?? "250 2.0.0 Ok: queued as SERVED")\r\n".utf8))
          if refusal?.hasPrefix("421") == true { return }
        case "QUIT":
          try send(Array("221 2.0.0 Bye\r\n".utf8))
          return
        default:
          isRefused = false
          try send(Array("250 2.0.0 Ok\r\n".utf8))
        }
      }
    } catch { return }
  }

  /// Loses what has come and was not read yet.
  private func drop() {
    input = []
    guard tls == nil else { return }
    var chunk = [UInt8](repeating: 0, count: 65536)
    while recv(socket, &chunk, chunk.count, Int32(MSG_DONTWAIT)) > 0 {}
  }

  private func readLine() throws -> [UInt8] {
    while true {
      if let feed = input.firstIndex(of: 0x0A) {
        let line = Array(input[...feed])
        input.removeSubrange(...feed)
        guard line.count >= 2, line[line.count - 2] == 0x0D else {
          throw Failure(message: "a line ends without CR: \(String(decoding: line, as: UTF8.self))")
        }
        return Array(line.dropLast(2))
      }
      try receive()
    }
  }

  private func readMessage() throws {
    while try readLine() != [UInt8(ascii: ".")] {}
  }

  private func receive() throws {
    var chunk = [UInt8](repeating: 0, count: 65536)
    let count =
      tls.map { Int(SSL_read($0, &chunk, Int32(chunk.count))) } ?? recv(socket, &chunk, chunk.count, 0)
    guard count > 0 else { throw Gone() }
    input += chunk[..<count]
    relay.received(chunk[..<count], session: index)
  }

  private func send(_ bytes: [UInt8]) throws {
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
    guard let settings = relay.tls,
      let context = clibssl_server_context(
        settings.certificate.certificateFile, settings.certificate.keyFile, settings.clientAuthority,
        settings.highest?.rawValue ?? 0)
    else { throw Failure(message: "no certificate") }
    defer { SSL_CTX_free(context) }
    tls = SSL_new(context)
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
