import Foundation
import TestSupport
import Testing

/// The worker logs in to a real Exim over TLS and sends through it.
@Suite(
  .waits,
  .enabled(
    if: EximServer.isAvailable && ExternalTool.has("python3"), "\(EximServer.comment); or no python3"))
struct EximTests {
  private func installation(
    for server: EximServer, isImplicit: Bool = false, mechanism: String?, password: String = "open5esame"
  ) throws -> Scratch {
    let directory = try TemporaryDirectoryOwner()
    let file = "\(directory.path)/relay.password"
    try Data(password.utf8).write(to: URL(fileURLWithPath: file))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
    return try Scratch(
      in: directory, relay: "127.0.0.1:\(server.port)", scheme: isImplicit ? "smtps" : "smtp",
      templates: Scratch.templates,
      relayKeys: """
        security: "\(isImplicit ? "implicit" : "starttls")", caFile: "\(server.certificate.certificateFile)",
        username: "mailer", passwordFile: "relay.password",
        \(mechanism.map { "mechanism: \"\($0)\"" } ?? "")
        """)
  }

  @Test(arguments: [
    (false, "PLAIN"), (false, "LOGIN"), (false, "CRAM-MD5"), (true, "PLAIN"), (true, "LOGIN"),
    (true, "CRAM-MD5"),
  ])
  func `logs in and sends`(isImplicit: Bool, mechanism: String) throws {
    let server = try EximServer(isImplicit: isImplicit, user: "mailer", password: "open5esame")
    let scratch = try installation(for: server, isImplicit: isImplicit, mechanism: mechanism)
    let id = try scratch.request(to: "anna@example.org", "--locale", "de")
    let result = try scratch.run("worker", "--drain")
    #expect(result.status == 0, "\(result)\n\(server.log)")
    #expect(try scratch.status(id)["outcome"] as? String == "sent")
    let mail = try #require(try server.mails(count: 1).first)
    #expect(mail.recipient == "anna@example.org")
    let authenticator = mechanism == "CRAM-MD5" ? "cram" : mechanism.lowercased()
    #expect(server.log.contains("P=esmtpsa") && server.log.contains("A=\(authenticator):mailer"))
    let read = try #require(try ReadMail.read([mail.original]).first)
    #expect(read.defects.isEmpty && read.language == "de" && read.to == "anna@example.org")
    #expect(try scratch.verify(id, try #require(read.code)).status == 0)
  }

  @Test func `holds the relay that refuses the password, and keeps the mail`() throws {
    let server = try EximServer(isImplicit: false, user: "mailer", password: "open5esame")
    let scratch = try installation(for: server, mechanism: nil, password: "another")
    let worker = try scratch.startWorker()
    let id = try scratch.request(to: "anna@example.org")
    #expect(worker.wait(for: "\"event\":\"relay-needs-attention\""), "\(worker.text())")
    #expect(worker.text().contains("535"), "\(worker.text())")
    worker.signal(SIGTERM)
    #expect(try worker.wait().status == 0)
    let status = try scratch.status(id)
    #expect(status["state"] as? String == "queued" && status["attempts"] as? Int == 0, "\(status)")
    #expect(!server.log.contains("<="))
  }
}
