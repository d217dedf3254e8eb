import Foundation
import TestSupport
import Testing

/// The fixture itself, driven by a client that somebody else wrote.
@Suite(
  .waits,
  .enabled(
    if: PostfixRelay.isAvailable && ExternalTool.has("python3"), "\(PostfixRelay.comment), or no python3"))
struct PostfixRelayTests {
  private static let script = """
    import smtplib, ssl, sys
    port, authority, tls = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    with smtplib.SMTP("localhost", port, timeout=30) as s:
        if tls == "starttls":
            s.starttls(context=ssl.create_default_context(cafile=authority))
        for recipient in sys.argv[4:]:
            s.sendmail("from@example.org", [recipient],
                "From: from@example.org\\r\\nTo: x@example.org\\r\\nSubject: folded\\r\\n here\\r\\n"
                "Message-ID: <1@x.example>\\r\\nDate: Sat, 21 Nov 2026 05:22:47 +0000\\r\\n\\r\\n.\\r\\n123456\\r\\n")
    """

  private func send(
    _ relay: PostfixRelay, authority: String, tls: String = "starttls", to recipients: [String]
  ) throws
    -> ChildResult
  {
    try ChildProcess.run("python3", ["-c", Self.script, "\(relay.port)", authority, tls] + recipients)
  }

  @Test func `takes mail over STARTTLS, verified, and delivers it to the Maildir`() throws {
    let relay = try PostfixRelay(requiresTLS: true)
    let authority = relay.certificate.certificateFile
    let result = try send(relay, authority: authority, to: ["anna@example.org", "bo+x@other.example"])
    #expect(result.status == 0, "\(result)\n\(relay.log)")
    let mails = try relay.mails(count: 2)
    #expect(Set(mails.map(\.recipient)) == ["anna@example.org", "bo+x@other.example"])
    let mail = try #require(mails.first)
    #expect(mail.field("subject") == "folded here")
    #expect(mail.field("Received")?.contains("with ESMTPS") == true)
    #expect(
      String(decoding: mail.original, as: UTF8.self) == """
        From: from@example.org\r
        To: x@example.org\r
        Subject: folded\r
         here\r
        Message-ID: <1@x.example>\r
        Date: Sat, 21 Nov 2026 05:22:47 +0000\r
        \r
        .\r
        123456\r

        """)

    // Another authority does not verify it, and plaintext is refused: the fixture can tell.
    let stranger = try TestCertificate()
    let untrusted = try send(relay, authority: stranger.certificateFile, to: ["c@example.org"])
    #expect(untrusted.errorText.contains("CERTIFICATE_VERIFY_FAILED"))
    let plaintext = try send(relay, authority: authority, tls: "plaintext", to: ["c@example.org"])
    #expect(plaintext.errorText.contains("(530"))
    #expect(try relay.mails().count == 2)

    relay.stop()
    #expect(!isListening(port: relay.port))
    #expect(try relay.mails().count == 2)
  }

  @Test func `runs beside another one`() throws {
    let first = try PostfixRelay()
    let second = try PostfixRelay()
    #expect(first.port != second.port)
    for (relay, recipient) in [(first, "anna@example.org"), (second, "bo@example.org")] {
      let result = try send(relay, authority: "", tls: "plaintext", to: [recipient])
      #expect(result.status == 0, "\(result)\n\(relay.log)")
      #expect(try relay.mails(count: 1).map(\.recipient) == [recipient])
    }
  }
}

@Suite(
  .waits,
  .enabled(
    if: PostfixSink.isAvailable && ExternalTool.has("smtp-source"),
    "Postfix's smtp-sink and smtp-source are missing"))
struct PostfixSinkTests {
  @Test func `takes what smtp-source sends`() throws {
    let sink = try PostfixSink()
    let result = try ChildProcess.run(
      "smtp-source", ["-d", "-m", "100", "-s", "4", "-l", "2400", "127.0.0.1:\(sink.port)"])
    #expect(result.status == 0, "\(result)")
    sink.stop()
  }
}
