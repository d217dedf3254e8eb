import TestSupport
import Testing

@testable import SMTPSink

/// What no client should send.
@Suite(.waits) struct HostileInputTests {
  @Test(arguments: [
    ("bare LF", "x\ny\r\n", "550 5.5.2 "), ("bare CR", "x\ry\r\n", "550 5.5.2 "),
    ("CR CR LF", "x\r\r\n", "550 5.5.2 "),
    ("NUL", "x\0y\r\n", "554 5.6.0 "),
    ("LF dot CRLF", "x\n.\r\nMAIL FROM:<evil@b.example>\r\n", "550 5.5.2 "),
    ("CRLF dot LF", "x\r\n.\nMAIL FROM:<evil@b.example>\r\n", "550 5.5.2 "),
    ("CR dot CR", "x\r.\rMAIL FROM:<evil@b.example>\r\n", "550 5.5.2 "),
    ("CRLF dot CR CRLF", "x\r\n.\r\r\nRSET\r\n", "550 5.5.2 "), ("LF dot LF", "x\n.\nRSET\r\n", "550 5.5.2 "),
    ("LF at the start", "\n.\r\nRSET\r\n", "550 5.5.2 "),
  ])
  func `lets nothing be smuggled out of a message`(_ name: String, _ content: String, _ expected: String)
    throws
  {
    let received = Received()
    let client = try RawClient.ready(try startedSink(onMessage: received.add))
    client.send("MAIL FROM:<a@b.example>\r\nRCPT TO:<a@b.example>\r\nDATA\r\n" + content + ".\r\nQUIT\r\n")
    let replies = client.replies(5)
    // Whatever got out of the message would have been answered before QUIT.
    #expect(replies.map { $0.prefix(3) } == ["250", "250", "354", expected.prefix(3), "221"])
    #expect(replies[3].hasPrefix(expected))
    #expect(received.all.isEmpty)
  }

  @Test(arguments: ["NOOP\n", "NOOP\rNOOP\r\n", "NOOP\r\r\n", "NO\0OP\r\n", "\n", "\r\r\n"])
  func `refuses a command line with a bare CR, LF or NUL`(_ line: String) throws {
    let client = try RawClient.ready(try startedSink())
    client.send(line + "NOOP\r\n")
    let replies = client.replies(2)
    #expect(replies.first?.hasPrefix("500 5.5.2 ") == true)
    #expect(replies.last?.hasPrefix("250 ") == true)
  }

  private static let conversation = """
    EHLO c.example\r
    AUTH LOGIN\r
    dXNlcg==\r
    cGFzcw==\r
    MAIL FROM:<a@b.example> BODY=8BITMIME\r
    RCPT TO:<a@b.example>\r
    RCPT TO:<rcpt-550@b.example>\r
    DATA\r
    Subject: x\r
    \r
    ..dot\r
    .\r
    RSET\r
    QUIT\r

    """

  @Test func `answers the same wherever the stream is cut`() throws {
    let bytes = Array(Self.conversation.utf8)
    let received = Received()
    let room = try Mailroom(settings: SinkSettings(), onMessage: received.add)
    /// Feeds the pieces as a connection would: what is not taken comes again with the next.
    func output(_ pieces: [ArraySlice<UInt8>]) -> String {
      var session = SMTPSession(room: room, client: "", connectedAt: 0)
      var carry: [UInt8] = []
      for piece in pieces {
        carry += piece
        let taken = carry.withUnsafeBytes { session.receive($0) }
        carry.removeFirst(taken)
      }
      #expect(session.ending == .close)
      return String(decoding: session.output, as: UTF8.self)
    }
    func normal(_ text: String) -> String {
      text.split(separator: "\r\n").map { $0.contains("queued as") ? "250 queued" : $0 }.joined(
        separator: "\n")
    }
    let whole = normal(output([bytes[...]]))
    #expect(whole.hasSuffix("250 queued\n250 2.0.0 Ok\n221 2.0.0 Bye"))
    for cut in 1..<bytes.count {
      #expect(normal(output([bytes[..<cut], bytes[cut...]])) == whole, "cut at \(cut)")
    }
    #expect(normal(output(bytes.indices.map { bytes[$0...$0] })) == whole)
    #expect(received.all.count == bytes.count + 1)
    #expect(received.all.allSatisfy { $0.text == "Subject: x\r\n\r\n.dot\r\n" })
  }

  @Test func `reads a conversation that comes byte by byte`() throws {
    let client = try RawClient(try startedSink())
    for byte in Self.conversation.utf8 { client.send([byte]) }
    #expect(client.replies(13).last == "221 2.0.0 Bye")
  }

  @Test func `survives clients that go away at any point, in order or not`() throws {
    let received = Received()
    let server = try startedSink(onMessage: received.add)
    let bytes = Array(Self.conversation.utf8)
    for end in stride(from: 0, to: bytes.count, by: 3) {
      let polite = try RawClient(server)
      polite.send(Array(bytes[..<end]))
      polite.finishSending()
      while polite.reply() != nil {}
      let rude = try RawClient(server)
      rude.send(Array(bytes[..<end]))
      rude.abort()
    }
    #expect(try RawClient.ready(server).deliver(to: "a@b.example").last == "250")
    #expect(received.all.allSatisfy { $0.text.hasSuffix("\r\n") })
  }

  @Test func `survives a client that goes away during a slow reply`() throws {
    let received = Received()
    let server = try startedSink(onMessage: received.add)
    let client = try RawClient.ready(server)
    client.send("MAIL FROM:<a@b.example>\r\nRCPT TO:<slow-1ms@b.example>\r\nDATA\r\nx\r\n.\r\n")
    _ = client.replies(3)
    client.abort()
    #expect(try RawClient.ready(server).deliver(to: "a@b.example").last == "250")
    #expect(received.all.count == 2)
  }

  @Test(arguments: 0..<20) func `survives garbage`(_ seed: UInt64) throws {
    let server = try startedSink()
    let client = try RawClient.ready(server)
    var state = seed &+ 1
    func random() -> UInt64 {
      // Knuth's MMIX generator: the same garbage on every run.
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 33
    }
    let words = [
      "MAIL FROM:<", "RCPT TO:<", ">", "DATA\r\n", "\r\n", "\n", "\0", ".", "AUTH ", "EHLO ", "\"", "@",
      " SIZE=",
    ]
    for _ in 0..<300 {
      if random() % 2 == 0 {
        client.send(words[Int(random() % UInt64(words.count))])
      } else {
        client.send((0..<Int(random() % 64)).map { _ in UInt8(truncatingIfNeeded: random()) })
      }
    }
    client.finishSending()
    while let reply = client.reply() { #expect(reply.utf8.first.map { (0x32...0x35).contains($0) } == true) }
    #expect(try RawClient.ready(server).deliver(to: "a@b.example").last == "250")
  }
}
