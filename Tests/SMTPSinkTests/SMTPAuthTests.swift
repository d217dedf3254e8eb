import Foundation
import SMTPSink
import TestSupport
import Testing

/// RFC 4954, RFC 4616 and the LOGIN everybody knows.
@Suite(.waits) struct SMTPAuthTests {
  private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
  private static let right = base64("\0mailer\0s3cret")

  private func fixedSink() throws -> SinkServer {
    var settings = SinkSettings()
    settings.credentials = SinkCredentials(user: "mailer", password: "s3cret")
    return try startedSink(settings)
  }

  @Test(arguments: [
    ["AUTH PLAIN \(right)"], ["AUTH PLAIN", right], ["auth plain \(base64("other\0mailer\0s3cret"))"],
    ["AUTH LOGIN", base64("mailer"), base64("s3cret")], ["AUTH LOGIN \(base64("mailer"))", base64("s3cret")],
  ])
  func `lets the fixed user in`(_ lines: [String]) throws {
    let client = try RawClient.ready(try fixedSink())
    #expect(client.ask("MAIL FROM:<a@b.example>") == "530 5.7.0 Authentication required")
    for line in lines.dropLast() { #expect(client.ask(line)?.hasPrefix("334 ") == true) }
    #expect(client.ask(lines[lines.count - 1]) == "235 2.7.0 Authentication successful")
    #expect(client.ask("AUTH PLAIN \(Self.right)")?.hasPrefix("503 5.5.1 ") == true)
    #expect(client.ask("MAIL FROM:<a@b.example>")?.hasPrefix("250 ") == true)
  }

  @Test(arguments: [
    (["AUTH PLAIN \(base64("\0mailer\0wrong"))"], "535 5.7.8 "),
    (["AUTH PLAIN \(base64("\0other\0s3cret"))"], "535 5.7.8 "),
    (["AUTH PLAIN \(base64("\0mailer\0"))"], "535 5.7.8 "),
    (["AUTH PLAIN \(base64("mailer\0s3cret"))"], "501 5.5.2 "),
    (["AUTH PLAIN ="], "501 5.5.2 "), (["AUTH PLAIN !!!"], "501 5.5.2 "),
    (["AUTH PLAIN", "*"], "501 5.7.0 "),
    (["AUTH LOGIN", "*"], "501 5.7.0 "), (["AUTH LOGIN", base64("mailer"), "*"], "501 5.7.0 "),
    (["AUTH LOGIN", base64("mailer"), base64("wrong")], "535 5.7.8 "),
    (["AUTH LOGIN", "", ""], "535 5.7.8 "),
    (["AUTH CRAM-MD5"], "504 5.5.4 "), (["AUTH"], "504 5.5.4 "),
  ])
  func `refuses everybody else and goes on`(_ lines: [String], _ expected: String) throws {
    let client = try RawClient.ready(try fixedSink())
    for line in lines.dropLast() { #expect(client.ask(line)?.hasPrefix("334 ") == true) }
    let reply = client.ask(lines[lines.count - 1]) ?? ""
    #expect(reply.hasPrefix(expected), "\(reply)")
    #expect(client.ask("MAIL FROM:<a@b.example>")?.hasPrefix("530 5.7.0 ") == true)
    #expect(client.ask("AUTH PLAIN \(Self.right)")?.hasPrefix("235 ") == true)
  }

  @Test func `ends the exchange at a line that is too long`() throws {
    let client = try RawClient.ready(try fixedSink())
    #expect(client.ask("AUTH PLAIN") == "334 ")
    #expect(client.ask(String(repeating: "A", count: 5000))?.hasPrefix("500 5.5.6 ") == true)
    #expect(client.ask("NOOP")?.hasPrefix("250 ") == true)
  }

  @Test func `lets anybody in where no user is fixed, and says who`() throws {
    let received = Received()
    let client = try RawClient.ready(try startedSink(onMessage: received.add))
    #expect(client.ask("AUTH PLAIN \(Self.base64("\0anyone\0anything"))")?.hasPrefix("235 ") == true)
    #expect(client.deliver(to: "a@b.example").last == "250")
    #expect(received.all.first?.user == "anyone")
  }

  @Test func `wants EHLO before and no transaction around it`() throws {
    let server = try startedSink()
    let client = try RawClient(server)
    _ = client.reply()
    #expect(client.ask("AUTH PLAIN \(Self.right)")?.hasPrefix("503 5.5.1 ") == true)
    _ = client.ask("EHLO c.example")
    _ = client.ask("MAIL FROM:<a@b.example>")
    #expect(client.ask("AUTH PLAIN \(Self.right)")?.hasPrefix("503 5.5.1 ") == true)
  }

  @Test func `never prints the password`() {
    let credentials = SinkCredentials(user: "mailer", password: "s3cret")
    var dumped = ""
    dump(credentials, to: &dumped)
    #expect(!"\(credentials) \(String(reflecting: credentials)) \(dumped)".contains("s3cret"))
    #expect("\(credentials)".contains("mailer"))
  }
}
