internal import CLinux
internal import Glibc
internal import LinuxSystem
internal import SMTPSink
internal import TestSupport
internal import Testing

/// A client that says exactly the bytes it is told to, and reads replies with a bound on the time.
final class RawClient: @unchecked Sendable {
  // Sendable: for a test that sends on one thread and reads on another, which touch different state.
  private let socket: Int32
  private var unread: ArraySlice<UInt8> = []
  /// A server that nobody holds stops.
  private let server: SinkServer

  init(_ server: SinkServer) throws {
    self.server = server
    let port = server.port
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(socket, $0, size) }
    }
    if result != 0 { throw SystemCallError("connect", code: errno) }
    var on: Int32 = 1
    setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
  }

  deinit { close() }

  private var isClosed = false

  func close() {
    if !isClosed { Glibc.close(socket) }
    isClosed = true
  }

  /// Sends a reset instead of an orderly end.
  func abort() {
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
    close()
  }

  func finishSending() { shutdown(socket, Int32(SHUT_WR)) }

  /// Returns false where the other side is gone.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(socket, $0.baseAddress! + offset, bytes.count - offset, Int32(MSG_NOSIGNAL))
      }
      if count < 0 { return false }
      offset += count
    }
    return true
  }

  @discardableResult
  func send(_ text: String) -> Bool { send(Array(text.utf8)) }

  /// Reads one reply, however many lines it has; nil at the end of the connection.
  func reply() -> String? {
    var lines: [String] = []
    while let line = line() {
      lines.append(line)
      if line.utf8.dropFirst(3).first != UInt8(ascii: "-") { return lines.joined(separator: "\n") }
    }
    return nil
  }

  /// Reads so many replies; fewer where the connection ends.
  func replies(_ count: Int) -> [String] {
    var replies: [String] = []
    while replies.count < count, let reply = reply() { replies.append(reply) }
    return replies
  }

  /// Reads so many octets of replies and looks at none; false where the connection ends before.
  func swallow(_ octets: Int) -> Bool {
    var left = octets
    while left > unread.count {
      left -= unread.count
      unread = []
      if !fill() { return false }
    }
    unread = unread.dropFirst(left)
    return true
  }

  /// Sends a line with its CRLF and returns the reply.
  func ask(_ line: String) -> String? {
    send(line + "\r\n")
    return reply()
  }

  /// True when the server closes, and says nothing more before.
  var isAtEnd: Bool { unread.isEmpty && !fill() }

  private func line() -> String? {
    while true {
      if let end = unread.firstIndex(of: 0x0A) {
        let line = unread[..<end]
        unread = unread[(end + 1)...]
        if line.last != 0x0D { Issue.record("a reply line does not end in CRLF") }
        return String(decoding: line.dropLast(), as: UTF8.self)
      }
      if !fill() { return nil }
    }
  }

  private func fill() -> Bool {
    var polled = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    guard poll(&polled, 1, patienceMilliseconds) > 0 else {
      Issue.record("the sink neither answered nor closed in time")
      return false
    }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(socket, &buffer, buffer.count, 0)
    guard count > 0 else { return false }
    unread += buffer[..<count]
    return true
  }
}

extension RawClient {
  /// Connected, greeted, EHLO said.
  static func ready(_ server: SinkServer) throws -> RawClient {
    let client = try RawClient(server)
    #expect(client.reply()?.hasPrefix("220 ") == true)
    #expect(client.ask("EHLO client.example")?.hasPrefix("250-") == true)
    return client
  }

  /// One message, command by command; the codes of the replies to MAIL, RCPT, DATA and the dot, as far as it got.
  func deliver(to recipient: String, _ content: String = "Subject: x\r\n\r\n123456\r\n") -> [String] {
    var replies: [String] = []
    for line in ["MAIL FROM:<a@b.example>", "RCPT TO:<\(recipient)>", "DATA", content + "."] {
      guard let reply = ask(line) else { return replies }
      replies.append(String(reply.prefix(3)))
      guard reply.hasPrefix("2") || reply.hasPrefix("3") else { return replies }
    }
    return replies
  }
}
