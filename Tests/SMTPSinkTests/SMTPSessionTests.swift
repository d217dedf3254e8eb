import SMTPSink
import TestSupport
import Testing

/// A started sink.
func startedSink(
  _ settings: SinkSettings = SinkSettings(), onMessage: (@Sendable (ReceivedMessage) -> Void)? = nil,
  onRefusal: (@Sendable (SinkRefusal) -> Void)? = nil
) throws -> SinkServer {
  let server = try SinkServer(settings: settings, onMessage: onMessage, onRefusal: onRefusal)
  try server.start()
  return server
}

@Suite(.waits) struct SMTPSessionTests {
  @Test func `offers what the contract names and nothing else`() throws {
    let server = try startedSink()
    let client = try RawClient(server)
    #expect(client.reply() == "220 sink.localhost ESMTP Passcode Mailer sink, for tests only")
    #expect(
      client.ask("EHLO me.example") == """
        250-sink.localhost
        250-PIPELINING
        250-SIZE 1048576
        250-8BITMIME
        250-SMTPUTF8
        250-ENHANCEDSTATUSCODES
        250 AUTH PLAIN LOGIN
        """)
    #expect(client.ask("QUIT") == "221 2.0.0 Bye")
    #expect(client.isAtEnd)
  }

  @Test func `withholds what a test of a client wants withheld`() throws {
    var settings = SinkSettings()
    settings.extensions = [.size]
    let server = try startedSink(settings)
    let client = try RawClient(server)
    _ = client.reply()
    #expect(client.ask("EHLO me.example") == "250-sink.localhost\n250 SIZE 1048576")
    #expect(client.ask("AUTH PLAIN AGEAYg==")?.prefix(4) == "502 ")
    #expect(client.ask("MAIL FROM:<a@b.example> BODY=8BITMIME")?.prefix(4) == "555 ")
    #expect(client.ask("MAIL FROM:<a@b.example> SMTPUTF8")?.prefix(4) == "555 ")
    #expect(client.ask("MAIL FROM:<a@b.example>") == "250 Ok")
  }

  struct Dialogue: Sendable, CustomTestStringConvertible {
    let name: String
    /// Lines to send, each with the beginning of the reply it gets.
    let lines: [(String, String)]
    var testDescription: String { name }

    init(_ name: String, greets: Bool = true, _ lines: [(String, String)]) {
      self.name = name
      self.lines = (greets ? [("EHLO c.example", "250-")] : []) + lines
    }
  }

  @Test(arguments: [
    Dialogue("MAIL before EHLO", greets: false, [("MAIL FROM:<a@b.example>", "503 5.5.1 ")]),
    Dialogue(
      "HELO is enough", greets: false,
      [("HELO c.example", "250 sink"), ("MAIL FROM:<a@b.example>", "250 2.1.0 ")]),
    Dialogue("EHLO without a name", greets: false, [("EHLO", "501 5.5.4 "), ("EHLO ", "501 5.5.4 ")]),
    Dialogue(
      "commands that need no order", greets: false,
      [
        ("NOOP", "250 2.0.0 "), ("NOOP anything", "250 2.0.0 "), ("RSET", "250 2.0.0 "),
        ("HELP", "214 2.0.0 "),
        ("VRFY anna", "252 2.0.0 "), ("VRFY", "501 5.5.4 "), ("rset", "250 2.0.0 "), ("nOoP", "250 2.0.0 "),
      ]),
    Dialogue(
      "unknown and refused commands",
      [
        ("STARTTLS", "502 5.5.1 STARTTLS is not offered"), ("EXPN list", "502 5.5.1 "),
        ("BDAT 3 LAST", "502 5.5.1 "),
        ("GET / HTTP/1.1", "500 5.5.2 "), ("", "500 5.5.2 "), (" ", "500 5.5.2 "),
        ("MAILFROM:<a@b>", "500 5.5.2 "),
        ("RSET now", "501 5.5.4 "), ("QUIT now", "501 5.5.4 "), ("NOOP", "250 "),
      ]),
    Dialogue(
      "RCPT and DATA out of order",
      [
        ("RCPT TO:<a@b.example>", "503 5.5.1 "), ("DATA", "503 5.5.1 "), ("MAIL FROM:<>", "250 "),
        ("DATA", "503 5.5.1 "), ("MAIL FROM:<a@b.example>", "503 5.5.1 Nested"),
        ("RCPT TO:<rcpt-550@b.example>", "550 "), ("DATA", "554 5.5.1 No valid recipients"),
        ("DATA now", "501 5.5.4 "), ("RCPT TO:<a@b.example>", "250 2.1.5 "), ("DATA", "354 "),
      ]),
    Dialogue(
      "RSET and EHLO end the transaction",
      [
        ("MAIL FROM:<a@b.example>", "250 "), ("RCPT TO:<a@b.example>", "250 "), ("RSET", "250 "),
        ("DATA", "503 "),
        ("MAIL FROM:<a@b.example>", "250 "), ("RCPT TO:<a@b.example>", "250 "), ("EHLO c.example", "250-"),
        ("DATA", "503 "), ("RCPT TO:<a@b.example>", "503 "),
      ]),
    Dialogue(
      "parameters of MAIL",
      [
        ("MAIL FROM:<a@b.example> SIZE=1048577", "552 5.3.4 "),
        ("MAIL FROM:<a@b.example> SIZE=x", "555 5.5.4 "),
        ("MAIL FROM:<a@b.example> SIZE=99999999999999999999", "552 5.3.4 "),
        ("MAIL FROM:<a@b.example> SIZE", "555 5.5.4 "),
        ("MAIL FROM:<a@b.example> BODY=BINARYMIME", "555 5.5.4 "),
        ("MAIL FROM:<a@b.example> NOTIFY=NEVER", "555 5.5.4 "),
        ("MAIL FROM:<a@b.example>  SIZE=1", "555 5.5.4 "),
        ("mail from:<a@b.example> size=1048576 body=8bitmime smtputf8 auth=<>", "250 2.1.0 "),
        ("RCPT TO:<a@b.example> NOTIFY=NEVER", "555 5.5.4 "),
      ]),
    Dialogue(
      "paths",
      [
        ("MAIL FROM:a@b.example", "501 5.5.4 "), ("MAIL FROM: a@b.example", "501 5.5.4 "),
        ("MAIL FROM:<a@b.example", "501 5.5.4 "), ("MAIL FROM:<a@b.example>SIZE=1", "501 5.5.4 "),
        ("MAIL a@b.example", "501 5.5.4 "), ("MAIL FROM:<a b@c.example>", "501 5.1.3 "),
        ("MAIL FROM:<a>", "501 5.1.3 "), ("MAIL FROM:<@b.example>", "501 5.1.3 "),
        ("MAIL FROM:<a@>", "501 5.1.3 "),
        ("MAIL FROM:<a@b@c.example>", "501 5.1.3 "), ("MAIL FROM:<..@b.example>", "501 5.1.3 "),
        ("MAIL FROM:<@x.example:>", "501 5.1.3 "), ("MAIL FROM:<@x.example>", "501 5.1.3 "),
        ("MAIL FROM:<@x y:a@b.example>", "501 5.1.3 "), ("MAIL FROM:<a\tb@c.example>", "501 5.1.3 "),
        ("MAIL FROM:<\(String(repeating: "a", count: 250))@b.cd>", "501 5.1.3 "),
        ("MAIL FROM:<\"a@b.example>", "501 5."),
        ("MAIL FROM:<\"a >\\\" b\"@[127.0.0.1]>", "250 "), ("RCPT TO:<>", "501 5.1.3 "),
        ("RCPT TO:<Postmaster>", "250 "),
        ("RCPT TO:<a@b.example>", "250 "), ("RCPT FROM:<a@b.example>", "501 5.5.4 "), ("RCPT", "501 5.5.4 "),
      ]),
    Dialogue(
      "addresses as they exist",
      [
        ("MAIL FROM: <a@b.example> SIZE=1", "250 "), ("RCPT TO:  <a@b.example>", "250 "),
        ("RCPT TO:<@relay.example:a@b.example>", "250 "),
        ("RCPT TO: <@a.example,@[IPv6:::1]:a@b.example>", "250 "),
        ("RCPT TO:<\"a b\"@b.example>", "250 "), ("RCPT TO:<\"a> NOTIFY=NEVER\"@b.example>", "250 "),
        ("RCPT TO:<@r.example:\"a@b\"@b.example>", "250 "), ("RCPT TO:<a..b@b.example>", "250 "),
        ("RCPT TO:<a.@b.example>", "250 "), ("RCPT TO:<.a@b.example>", "250 "),
        ("RCPT TO:<\"a\" b@b.example>", "501 5.1.3 "), ("RCPT TO:<\"a\"> NOTIFY=NEVER", "501 5.1.3 "),
        ("RCPT TO:<\"rcpt-550-5.1.1+a b\"@b.example>", "550 5.1.1 "),
        ("RCPT TO:<\"rcpt-552\"@b.example>", "552 "),
      ]),
    Dialogue(
      "addresses beyond ASCII",
      [
        ("MAIL FROM:<åsa@b.example>", "550 5.6.7 "), ("MAIL FROM:<a@b.example>", "250 "),
        ("RCPT TO:<åsa@b.example>", "553 5.6.7 "), ("RSET", "250 "),
        ("MAIL FROM:<åsa@b.example> SMTPUTF8", "250 "),
        ("RCPT TO:<łukasz@b.example>", "250 "),
      ]),
  ])
  func `answers as RFC 5321 asks`(_ dialogue: Dialogue) throws {
    let server = try startedSink()
    let client = try RawClient(server)
    _ = client.reply()
    for (line, expected) in dialogue.lines {
      let reply = client.ask(line) ?? "(closed)"
      #expect(reply.hasPrefix(expected), "to \(line): \(reply)")
    }
  }

  @Test func `refuses an address that is not UTF-8`() throws {
    let server = try startedSink()
    let client = try RawClient.ready(server)
    client.send(Array("MAIL FROM:<a".utf8) + [0xC3, 0x41] + Array("@b.example> SMTPUTF8\r\n".utf8))
    #expect(client.reply()?.hasPrefix("501 5.5.2 ") == true)
  }

  @Test func `takes messages one after the other, dots unstuffed`() throws {
    let received = Received()
    let server = try startedSink(onMessage: received.add)
    let client = try RawClient.ready(server)
    #expect(client.deliver(to: "a@b.example", "..\r\n...x\r\n.y\r\n\r\n") == ["250", "250", "354", "250"])
    #expect(client.deliver(to: "b@b.example", "") == ["250", "250", "354", "250"])
    let messages = received.all
    #expect(messages.map(\.text) == [".\r\n..x\r\ny\r\n\r\n", ""])
    #expect(messages.map(\.recipients) == [["a@b.example"], ["b@b.example"]])
    #expect(messages.map(\.number) == [1, 2])
    #expect(messages.first?.helo == "client.example")
    #expect(messages.first?.sender == "a@b.example")
    #expect(messages.map(\.content.count).reduce(0, +) == 13)
  }

  @Test func `answers pipelined commands in order, also behind a final dot`() throws {
    let server = try startedSink()
    let client = try RawClient(server)
    let message =
      "MAIL FROM:<a@b.example>\r\nRCPT TO:<a@b.example>\r\nRCPT TO:<rcpt-550@b.example>\r\nDATA\r\nx\r\n.\r\n"
    client.send("EHLO c.example\r\n" + message + message + "QUIT\r\n")
    let codes = client.replies(13).map { String($0.prefix(3)) }
    let each = ["250", "250", "550", "354", "250"]
    #expect(codes == ["220", "250"] + each + each + ["221"])
    #expect(client.isAtEnd)
  }

  @Test func `takes as many recipients as it says and no more`() throws {
    let received = Received()
    let server = try startedSink(onMessage: received.add)
    let client = try RawClient.ready(server)
    let commands = (1...1001).map { "RCPT TO:<user\($0)@b.example>\r\n" }.joined()
    client.send("MAIL FROM:<a@b.example>\r\n" + commands)
    let replies = client.replies(1002)
    #expect(replies.dropLast().allSatisfy { $0.hasPrefix("250 ") })
    #expect(replies.last?.hasPrefix("452 4.5.3 ") == true)
    #expect(client.ask("DATA")?.hasPrefix("354 ") == true)
    #expect(client.ask(".")?.hasPrefix("250 ") == true)
    #expect(received.all.first?.recipients == (1...1000).map { "user\($0)@b.example" })
  }
}
