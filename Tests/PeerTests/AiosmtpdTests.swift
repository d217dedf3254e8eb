import Foundation
import TestSupport
import Testing

/// The worker logs in to a server of another make and sends through it.
@Suite(.waits, .enabled(if: AiosmtpdServer.isAvailable, "\(AiosmtpdServer.comment)"))
struct AiosmtpdTests {
  /// With what JSON, SMTP and base64 each take for special.
  private static let password = "pä55 \"w\\=rd"

  private func installation(
    for server: AiosmtpdServer, isImplicit: Bool, mechanism: String?, password: String = password
  ) throws -> Scratch {
    let directory = try TemporaryDirectoryOwner()
    let file = "\(directory.path)/relay.password"
    try Self.write(password, to: file)
    return try Scratch(
      in: directory, relay: "127.0.0.1:\(server.port)", scheme: isImplicit ? "smtps" : "smtp",
      templates: Scratch.templates,
      relayKeys: """
        security: "\(isImplicit ? "implicit" : "starttls")", caFile: "\(server.certificate.certificateFile)",
        username: "mailer", passwordFile: "relay.password",
        \(mechanism.map { "mechanism: \"\($0)\"" } ?? "")
        """)
  }

  private static func write(_ password: String, to file: String) throws {
    try Data((password + "\n").utf8).write(to: URL(fileURLWithPath: file))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
  }

  @Test(arguments: [false, true], ["PLAIN", "LOGIN"])
  func `logs in and sends`(isImplicit: Bool, mechanism: String) throws {
    let server = try AiosmtpdServer(
      isImplicit: isImplicit, mechanism: mechanism, user: "mailer", password: Self.password)
    let scratch = try installation(for: server, isImplicit: isImplicit, mechanism: mechanism)
    let id = try scratch.request(to: "anna@example.org", "--locale", "cs")
    let result = try scratch.run("worker", "--drain")
    #expect(result.status == 0, "\(result)")
    #expect(try scratch.status(id)["outcome"] as? String == "sent")
    let message = try #require(try server.messages().first)
    #expect(message.user == "mailer" && message.isEncrypted)
    #expect(message.recipients == ["anna@example.org"])
    let mail = try #require(try ReadMail.read([try message.content]).first)
    #expect(mail.defects.isEmpty && mail.language == "cs" && mail.to == "anna@example.org")
    #expect(try scratch.verify(id, try #require(mail.code)).status == 0)
    #expect(!result.text.contains(Self.password) && !result.errorText.contains(Self.password))
  }

  @Test(arguments: ["XOAUTH2", "OAUTHBEARER"])
  func `logs in with a token`(mechanism: String) throws {
    let token = "ya29.a0AfB_byC-token~with+signs/="
    let server = try AiosmtpdServer(
      isImplicit: mechanism == "XOAUTH2", mechanism: mechanism, user: "mailer", password: token)
    let scratch = try installation(
      for: server, isImplicit: mechanism == "XOAUTH2", mechanism: mechanism, password: token)
    let id = try scratch.request(to: "anna@example.org")
    let result = try scratch.run("worker", "--drain")
    #expect(result.status == 0, "\(result)")
    #expect(try scratch.status(id)["outcome"] as? String == "sent")
    #expect(try server.messages().map(\.user) == ["mailer"])
    #expect(!result.text.contains(token) && !result.errorText.contains(token))
  }

  @Test(arguments: [false, true])
  func `holds the relay that refuses the password, keeps the mail, and sends it with the right one`(
    isImplicit: Bool
  ) throws {
    let server = try AiosmtpdServer(
      isImplicit: isImplicit, mechanism: "PLAIN", user: "mailer", password: Self.password)
    let scratch = try installation(
      for: server, isImplicit: isImplicit, mechanism: nil, password: "notThePassword")
    let first = try scratch.startWorker()
    let id = try scratch.request(to: "anna@example.org")
    #expect(first.wait(for: "\"event\":\"relay-needs-attention\""), "\(first.text())")
    #expect(first.text().contains("535"), "\(first.text())")
    first.signal(SIGTERM)
    let ended = try first.wait()
    #expect(ended.status == 0)
    #expect(!ended.text.contains("notThePassword") && !ended.errorText.contains("notThePassword"))
    // As if nothing had been tried.
    let status = try scratch.status(id)
    #expect(status["state"] as? String == "queued" && status["attempts"] as? Int == 0, "\(status)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(scratch.spool)/new").count == 1)
    #expect(try server.messages().isEmpty)

    try Self.write(Self.password, to: "\(scratch.path)/relay.password")
    #expect(try scratch.run("worker", "--drain").status == 0)
    #expect(try scratch.status(id)["outcome"] as? String == "sent")
    #expect(try server.messages().map(\.recipients) == [["anna@example.org"]])
  }

  @Test func `holds the relay that offers another mechanism than the pinned one`() throws {
    let server = try AiosmtpdServer(
      isImplicit: false, mechanism: "LOGIN", user: "mailer", password: Self.password)
    let scratch = try installation(for: server, isImplicit: false, mechanism: "PLAIN")
    let worker = try scratch.startWorker()
    let id = try scratch.request(to: "anna@example.org")
    #expect(worker.wait(for: "\"event\":\"relay-needs-attention\""), "\(worker.text())")
    #expect(worker.text().contains("LOGIN"), "\(worker.text())")
    #expect(try scratch.status(id)["outcome"] == nil)
    #expect(try server.messages().isEmpty)
  }
}
