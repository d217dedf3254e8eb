import Foundation
import TestSupport
import Testing

/// The worker logs in to a real Postfix, by each mechanism that Debian's libcurl has, over STARTTLS and implicit TLS.
@Suite(
  .waits,
  .enabled(
    if: PostfixRelay.isAvailable && ExternalTool.has("python3"), "\(PostfixRelay.comment), or no python3"))
struct PostfixLoginTests {
  private static let all = ["PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2", "OAUTHBEARER"]

  private struct Rig {
    let relay: PostfixRelay
    let scratch: Scratch
    /// What the relay wants, and what we have.
    let (theirs, ours): (String, String)
  }

  private func rig(
    isImplicit: Bool, mechanism: String, secret: String, offered: [String] = all
  ) throws -> Rig {
    let directory = try TemporaryDirectoryOwner()
    let (theirs, ours) = ("\(directory.path)/theirs", "\(directory.path)/relay.password")
    try Self.write(secret, to: theirs)
    try Self.write(secret, to: ours)
    let daemon = try AuthenticationDaemon(user: "mailer", secretFile: theirs, mechanisms: offered)
    let relay = try PostfixRelay(requiresTLS: !isImplicit, isImplicit: isImplicit, authentication: daemon)
    let scratch = try Scratch(
      in: directory, relay: "127.0.0.1:\(relay.port)", scheme: isImplicit ? "smtps" : "smtp",
      relayKeys: """
        security: "\(isImplicit ? "implicit" : "starttls")", caFile: "\(relay.certificate.certificateFile)",
        username: "mailer", passwordFile: "relay.password", mechanism: "\(mechanism)"
        """)
    return Rig(relay: relay, scratch: scratch, theirs: theirs, ours: ours)
  }

  /// As a program that refreshes tokens does it: written beside, renamed over.
  private static func write(_ secret: String, to file: String) throws {
    let fresh = file + ".fresh"
    try Data((secret + "\n").utf8).write(to: URL(fileURLWithPath: fresh))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: fresh)
    guard rename(fresh, file) == 0 else { throw Unexpected("rename", file) }
  }

  @Test(arguments: [false, true])
  func `logs in by each mechanism and sends`(isImplicit: Bool) throws {
    let rig = try rig(isImplicit: isImplicit, mechanism: Self.all[0], secret: "open5esame")
    for (index, mechanism) in Self.all.enumerated() {
      let text = try String(contentsOfFile: rig.scratch.config, encoding: .utf8)
      try text.replacing("mechanism: \"\(Self.all[max(0, index - 1)])\"", with: "mechanism: \"\(mechanism)\"")
        .write(toFile: rig.scratch.config, atomically: true, encoding: .utf8)
      let id = try rig.scratch.request(to: "anna+\(index)@example.org")
      let result = try rig.scratch.run("worker", "--drain")
      #expect(result.status == 0, "\(result)\n\(rig.relay.log)")
      #expect(try rig.scratch.status(id)["outcome"] as? String == "sent")
      let login = "sasl_method=\(mechanism), sasl_username=mailer"
      #expect(rig.relay.log.components(separatedBy: login).count == 2, "\(rig.relay.log)")
      #expect(!result.text.contains("open5esame") && !result.errorText.contains("open5esame"))
    }
    let recipients = try rig.relay.mails(count: Self.all.count).compactMap(\.recipient)
    #expect(Set(recipients) == Set(Self.all.indices.map { "anna+\($0)@example.org" }))
  }

  @Test(arguments: ["XOAUTH2", "OAUTHBEARER"])
  func `holds the relay whose token has run out, and sends once another program has refreshed it`(
    mechanism: String
  ) throws {
    let rig = try rig(isImplicit: false, mechanism: mechanism, secret: "first-token")
    try Self.write("second-token", to: rig.theirs)
    let worker = try rig.scratch.startWorker()
    let id = try rig.scratch.request(to: "anna@example.org")
    #expect(worker.wait(for: "\"event\":\"relay-needs-attention\""), "\(worker.text())")
    #expect(worker.text().contains("refused the token in"), "\(worker.text())")
    #expect(try rig.scratch.status(id)["outcome"] == nil)
    try Self.write("second-token", to: rig.ours)
    worker.signal(SIGHUP)
    #expect(try rig.scratch.outcome(id) == "sent")
    #expect(try rig.relay.mails(count: 1).count == 1)
    #expect(!worker.text().contains("-token"))
  }

  @Test func `a mechanism that is not offered is a hold, not a login by another`() throws {
    let rig = try rig(
      isImplicit: false, mechanism: "CRAM-MD5", secret: "open5esame", offered: ["PLAIN", "LOGIN"])
    let worker = try rig.scratch.startWorker()
    let id = try rig.scratch.request(to: "anna@example.org")
    #expect(worker.wait(for: "\"event\":\"relay-needs-attention\""), "\(worker.text())")
    #expect(worker.text().contains("offers AUTH PLAIN LOGIN, not CRAM-MD5"), "\(worker.text())")
    #expect(try rig.scratch.status(id)["outcome"] == nil)
    #expect(!rig.relay.log.contains("sasl_method"))
    #expect(try rig.relay.mails().isEmpty)
  }
}
