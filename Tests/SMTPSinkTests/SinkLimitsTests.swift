import LinuxSystem
import TestSupport
import Testing

@testable import SMTPSink

@Suite(.waits) struct SinkLimitsTests {
  /// 64 octets with CRLF.
  private static let line = String(repeating: "x", count: 62) + "\r\n"

  @Test func `takes a message of exactly the limit and refuses one octet more`() throws {
    let received = Received()
    let server = try startedSink(onMessage: received.add)
    let client = try RawClient.ready(server)
    let full = String(repeating: Self.line, count: 1_048_576 / 64)
    #expect(client.deliver(to: "a@b.example", full) == ["250", "250", "354", "250"])
    #expect(client.deliver(to: "a@b.example", "x" + full) == ["250", "250", "354", "552"])
    // Stuffed dots are not part of the message.
    let dots = ".." + full.dropFirst()
    #expect(client.deliver(to: "a@b.example", dots) == ["250", "250", "354", "250"])
    #expect(received.all.map(\.content.count) == [1_048_576, 1_048_576])
  }

  @Test func `swallows a message far beyond the limit`() throws {
    let client = try RawClient.ready(try startedSink(onMessage: { _ in }))
    _ = client.ask("MAIL FROM:<a@b.example>")
    _ = client.ask("RCPT TO:<a@b.example>")
    _ = client.ask("DATA")
    let chunk = Array(String(repeating: Self.line, count: 16384).utf8)
    for _ in 0..<4 { client.send(chunk) }
    #expect(client.ask(".")?.hasPrefix("552 5.3.4 ") == true)
    #expect(client.deliver(to: "a@b.example").last == "250")
  }

  @Test(arguments: [true, false])
  func `holds no more of a message than the limit, and nothing beyond it`(keeping isKept: Bool) {
    let limits = SinkSettings().limits
    let chunk = Array(String(repeating: Self.line, count: 1024).utf8)
    var body = MessageBody(isKept: isKept)
    body.begin()
    for count in 1...64 {
      let (taken, isComplete) = chunk.withUnsafeBytes { body.take($0, limits: limits) }
      #expect(taken == chunk.count && !isComplete)
      let isWithin = count * chunk.count <= limits.messageSize
      #expect(body.bytes.count == (isKept && isWithin ? count * chunk.count : 0))
      #expect(isWithin || body.bytes.capacity == 0)
    }
    #expect(body.size == 64 * chunk.count && body.problem == .tooBig)
  }

  @Test(arguments: [(4094, "250"), (4095, "554"), (8192, "554"), (200_000, "554")])
  func `takes lines of a message of up to 4096 octets`(_ length: Int, _ code: String) throws {
    let client = try RawClient.ready(try startedSink())
    let text = "Subject: x\r\n\r\n" + String(repeating: "x", count: length) + "\r\nend\r\n"
    #expect(client.deliver(to: "a@b.example", text) == ["250", "250", "354", code])
    #expect(client.ask("NOOP")?.hasPrefix("250 ") == true)
  }

  @Test(arguments: [(4094, "250"), (4095, "500"), (100_000, "500")])
  func `takes commands of up to 4096 octets`(_ length: Int, _ code: String) throws {
    let client = try RawClient.ready(try startedSink())
    let reply = client.ask("NOOP " + String(repeating: "x", count: length - 5))
    #expect(reply?.prefix(3) == code[...])
    #expect(client.ask("NOOP")?.hasPrefix("250 ") == true)
  }

  @Test func `swallows 10 MB without a newline`() throws {
    let client = try RawClient.ready(try startedSink())
    let chunk = [UInt8](repeating: 0x61, count: 1 << 20)
    for _ in 0..<10 { client.send(chunk) }
    #expect(client.ask("")?.hasPrefix("500 5.5.6 ") == true)
    #expect(client.ask("NOOP")?.hasPrefix("250 ") == true)
  }

  @Test func `turns the hundred-and-first connection away, and serves again when one has gone`() throws {
    let server = try startedSink()
    var clients = try (0..<100).map { _ in try RawClient.ready(server) }
    for _ in 0..<100 {
      let refused = try RawClient(server)
      #expect(refused.reply() == "421 4.7.0 Too many connections, try again later")
      #expect(refused.isAtEnd)
    }
    for client in clients { #expect(client.deliver(to: "a@b.example").last == "250") }
    let leaving = clients.removeLast()
    #expect(leaving.ask("QUIT")?.hasPrefix("221 ") == true)
    #expect(leaving.isAtEnd)
    leaving.close()
    // Our end of the connection may be gone before the sink has seen it.
    var greeting = ""
    for _ in 0..<1000 where !greeting.hasPrefix("220 ") { greeting = try RawClient(server).reply() ?? "" }
    #expect(greeting.hasPrefix("220 "))
  }

  @Test(arguments: [
    "", "EHLO c.example\r\n", "EHLO",
    "EHLO c\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<a@b.example>\r\nDATA\r\nhalf a",
    "EHLO c\r\nAUTH LOGIN\r\n",
  ])
  func `closes a connection that idles`(_ begun: String) throws {
    var settings = SinkSettings()
    settings.limits.idle = .milliseconds(200)
    let client = try RawClient(try startedSink(settings))
    client.send(begun)
    var last: String?
    while let reply = client.reply() { last = reply }
    #expect(last == "421 4.4.2 Idle for too long, closing")
  }

  @Test func `tells a client that ends its message with bare newlines what is wrong`() throws {
    var settings = SinkSettings()
    // Long enough for the client to say what it says on a busy machine.
    settings.limits.idle = .milliseconds(800)
    let client = try RawClient.ready(try startedSink(settings))
    client.send("MAIL FROM:<a@b.example>\r\nRCPT TO:<a@b.example>\r\nDATA\r\nx\n.\n")
    #expect(
      client.replies(4).last == "421 4.4.2 Idle for too long; lines ended by bare LF do not end a message")
  }

  @Test func `gives up a client that only makes errors`() throws {
    let client = try RawClient.ready(try startedSink())
    client.send(String(repeating: "?\r\n", count: 200))
    let replies = client.replies(200)
    #expect(replies.count == 100)
    #expect(replies.last == "421 4.7.0 Too many errors, closing")
  }

  @Test func `waits for a client that does not read its replies`() throws {
    let server = try startedSink()
    let client = try RawClient.ready(server)
    // Far more replies than sockets hold: the sink has to stop reading, and the client's thread to stop writing.
    let help = try #require(client.ask("HELP"))
    let count = 150_000
    let writer = try LinuxThread("writer") { client.send(String(repeating: "HELP\r\n", count: count)) }
    let other = try RawClient.ready(server)
    #expect(other.deliver(to: "a@b.example").last == "250")
    #expect(client.swallow(count * (help.utf8.count + 2)))
    writer.join()
    #expect(client.ask("QUIT")?.hasPrefix("221 ") == true)
  }

  @Test func `says goodbye when it stops`() throws {
    let server = try startedSink()
    let client = try RawClient.ready(server)
    server.stop()
    #expect(client.reply() == "421 4.3.2 The sink is shutting down")
    #expect(client.isAtEnd)
    #expect(throws: SystemCallError.self) { try RawClient(server) }
    server.stop()
  }

  @Test func `says which address it cannot listen on`() throws {
    let server = try startedSink()
    var settings = SinkSettings()
    settings.port = server.port
    let fault = #expect(throws: SinkFault.self) { try SinkServer(settings: settings) }
    #expect(fault?.code == .listening)
    #expect(
      "\(try #require(fault))".hasPrefix(
        "127.0.0.1:\(server.port): cannot listen: bind: Address already in use"))
    settings.host = "no such host"
    #expect(throws: SinkFault.self) { try SinkServer(settings: settings) }
  }

  @Test func `listens on IPv4 where a name stands for both`() throws {
    var settings = SinkSettings()
    settings.host = "localhost"
    let server = try startedSink(settings)
    #expect(server.address == "localhost:\(server.port)")
    // The client connects to 127.0.0.1.
    #expect(try RawClient.ready(server).deliver(to: "a@b.example").last == "250")
  }

  @Test func `listens on IPv6 where it is told to`() throws {
    var settings = SinkSettings()
    settings.host = "::1"
    do {
      let server = try SinkServer(settings: settings)
      #expect(server.address == "[::1]:\(server.port)")
    } catch {
      // A machine without IPv6 says so in the fault.
      #expect(error.code == .listening)
    }
  }
}
