import SMTPSink
import TestSupport
import Testing

/// A started sink.
func startedSink(
  _ settings: SinkSettings = SinkSettings(), onMessage: (@Sendable (ReceivedMessage) -> Void)? = nil
) throws -> SinkServer {
  let server = try SinkServer(settings: settings, onMessage: onMessage)
  try server.start()
  return server
}

struct SMTPSessionTests {
  @Test func `offers what the contract names and nothing else`() throws {
    let server = try startedSink()
    let client = try RawClient(port: server.port)
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
    #expect(client.ask("STARTTLS") == "502 5.5.1 STARTTLS is not offered here")
    #expect(client.ask("QUIT") == "221 2.0.0 Bye")
    #expect(client.isAtEnd)
  }

  @Test func `takes a message and stores it with what it learned`() throws {
    let directory = try TemporaryDirectory()
    var settings = SinkSettings()
    settings.store = try SinkStore(directory: directory.path + "/mail")
    let server = try startedSink(settings)
    let client = try RawClient.ready(server)
    #expect(client.deliver(to: "anna@example.org") == ["250", "250", "354", "250"])
    let message = try #require(
      try settings.store?.wait(to: "Anna@Example.org", timeout: .seconds(5)))
    #expect(message.code == "123456")
    #expect(message.subject == "x")
    #expect(message.file == directory.path + "/mail/1.eml")
  }
}
