import Foundation
import SMTPSink
import TestSupport
import Testing

/// A client that somebody else wrote: Python's smtplib, and its email package to write and to read the message.
@Suite(.waits, .enabled(if: ExternalTool.has("python3"), "python3 is not installed"))
struct PythonClientTests {
  private static let script = """
    import smtplib, sys
    from email.message import EmailMessage
    from email.headerregistry import Address

    host, port, user, recipient = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
    m = EmailMessage()
    m["From"] = Address("Kalle Åberg", addr_spec="kalle@example.org")
    m["To"] = recipient
    m["Subject"] = "Din inloggningskod är här, och ämnet är långt nog att brytas på flera rader i huvudet"
    m.set_content("Hej!\\n\\n.\\n..punkter\\n\\n482913\\n\\nÅterkom gärna\\n")
    m.add_alternative("<p>111111</p>\\n<p>\\n222222\\n</p>", subtype="html")
    with smtplib.SMTP(host, port, timeout=20) as s:
        s.ehlo("python.example")
        if user != "-":
            s.login(user, "secret")
        s.send_message(m, mail_options=["SMTPUTF8"] if not recipient.isascii() else [])
    """

  private func send(_ server: SinkServer, user: String = "-", to recipient: String) throws -> ChildResult {
    try ChildProcess.run(
      "python3", ["-c", Self.script, "127.0.0.1", "\(server.port)", user, recipient],
      environment: ["PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"])
  }

  @Test func `receives what smtplib sends`() throws {
    let received = Received()
    var settings = SinkSettings()
    settings.credentials = SinkCredentials(user: "mailer", password: "secret")
    let server = try startedSink(settings, onMessage: received.add)
    let result = try send(server, user: "mailer", to: "anna@example.org")
    #expect(result.status == 0, "\(result)")
    let message = try #require(received.all.first)
    #expect(message.helo == "python.example")
    #expect(message.user == "mailer")
    #expect(message.sender == "kalle@example.org")
    #expect(MessageReader(message.content).code?.code == "482913")
    #expect(
      message.subject
        == "Din inloggningskod är här, och ämnet är långt nog att brytas på flera rader i huvudet")
    #expect(!message.text.contains("\r\n...punkter"))
  }

  @Test func `takes an address beyond ASCII over SMTPUTF8`() throws {
    let received = Received()
    let server = try startedSink(onMessage: received.add)
    let result = try send(server, to: "åsa@example.org")
    #expect(result.status == 0, "\(result)")
    #expect(received.all.first?.recipients == ["åsa@example.org"])
    #expect(received.all.first?.usesSMTPUTF8 == true)
  }

  @Test(arguments: [
    ("rcpt-550-5.1.1@example.org", "SMTPRecipientsRefused"),
    ("data-451-4.7.1@example.org", "SMTPDataError: (451"),
    ("drop-dot@example.org", "SMTPServerDisconnected"),
  ])
  func `shows smtplib the faults that a recipient asks for`(_ recipient: String, _ expected: String) throws {
    let server = try startedSink()
    let result = try send(server, to: recipient)
    #expect(result.status == 1)
    #expect(result.errorText.contains(expected), "\(result)")
  }
}
