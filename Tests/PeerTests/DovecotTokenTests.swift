import Foundation
import TestSupport
import Testing

/// The worker fetches a token, shows it to a real server that checks it by itself, and sends.
@Suite(
  .waits,
  .enabled(
    if: DovecotSubmission.isAvailable && TestKey.isAvailable, "\(DovecotSubmission.comment), or no openssl"))
struct DovecotTokenTests {
  private static let user = "codes@fabrikam.example"

  /// Whose token counts, somebody else's, and ours. To make one costs half a second.
  private static let keys = Result { (issuer: try TestKey(), other: try TestKey(), client: try TestKey()) }

  /// How the endpoint is asked.
  enum Grant: String, Sendable, CaseIterable { case secret, key, serviceAccount }

  /// What the endpoint issues, in turn; the last one stays.
  enum Token: Sendable { case good, expired, ofAnotherKey, ofAnotherUser }

  private struct Rig {
    let server: DovecotSubmission
    let sink: Sink
    let endpoint: TokenServer
    let scratch: Scratch
  }

  private func rig(
    _ grant: Grant = .secret, mechanism: String = "XOAUTH2", _ tokens: Token...
  ) throws -> Rig {
    let directory = try TemporaryDirectoryOwner()
    let (issuer, other, client) = try Self.keys.get()
    let sink = try Sink("--store", "\(directory.path)/mail")
    let onward = try #require(UInt16(sink.address.split(separator: ":").last ?? ""))
    let server = try DovecotSubmission(key: issuer, onward: onward)
    let now = Int(Date().timeIntervalSince1970)
    let made = try tokens.map { token in
      let user = token == .ofAnotherUser ? "eve@fabrikam.example" : Self.user
      return try (token == .ofAnotherKey ? other : issuer).token(
        claims: """
          {"iss":"\(DovecotSubmission.issuer)","sub":"\(user)","iat":\(now - 4000),\
          "exp":\(token == .expired ? now - 400 : now + 3600)}
          """)
    }
    let endpoint = try TokenServer { index, request in
      let form = request.form
      let assertion = form["assertion"] ?? form["client_assertion"]
      let isKnown =
        assertion.map { (try? client.signed($0)) == true } ?? (form["client_secret"] == "open5esame")
      return isKnown ? .token(made[min(index, made.count - 1)]) : .error("invalid_client", status: 401)
    }
    let scratch = try Scratch(
      in: directory, relay: "127.0.0.1:\(server.port)",
      relayKeys: """
        security: "starttls", caFile: "\(server.certificate.certificateFile)", mechanism: "\(mechanism)",
        username: "\(Self.user)", oauth: { \(try Self.keys(grant, endpoint, client, in: directory.path)) }
        """, sink: sink)
    return Rig(server: server, sink: sink, endpoint: endpoint, scratch: scratch)
  }

  private static func keys(
    _ grant: Grant, _ endpoint: TokenServer, _ client: TestKey, in directory: String
  ) throws -> String {
    func write(_ text: String, _ name: String) throws {
      let path = "\(directory)/\(name)"
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }
    switch grant {
    case .secret:
      try write("open5esame\n", "client.secret")
      return """
        grant: "client-credentials", tokenURL: "\(endpoint.url)", clientID: "c", clientSecretFile: "client.secret"
        """
    case .key:
      return """
        grant: "client-credentials", tokenURL: "\(endpoint.url)", clientID: "c",
        clientKeyFile: "\(client.privateFile)", clientThumbprint: "\(String(repeating: "ab", count: 20))"
        """
    case .serviceAccount:
      try write(client.serviceAccount(tokenURL: endpoint.url), "account.json")
      return """
        grant: "jwt-bearer", keyFile: "account.json", subject: "\(user)", scope: "https://mail.google.com/"
        """
    }
  }

  @Test(arguments: zip(Grant.allCases, ["XOAUTH2", "OAUTHBEARER", "XOAUTH2"]))
  func `fetches a token, logs in with it and sends`(_ grant: Grant, _ mechanism: String) throws {
    let rig = try rig(grant, mechanism: mechanism, .good)
    let id = try rig.scratch.request(to: "anna@example.org")
    let result = try rig.scratch.run("worker", "--drain")
    #expect(result.status == 0, "\(result)\n\(rig.server.log)")
    #expect(try rig.scratch.status(id)["outcome"] as? String == "sent")
    #expect(rig.server.log.contains("user=<\(Self.user)>, method=\(mechanism)"), "\(rig.server.log)")
    #expect(try rig.scratch.verify(id, rig.scratch.code(for: "anna@example.org")).status == 0)
    #expect(rig.endpoint.requests.count == 1)
    for secret in ["eyJ", "open5esame"] {
      #expect(!result.text.contains(secret) && !result.errorText.contains(secret))
    }
    let doctor = try rig.scratch.run("doctor", "--json")
    #expect(doctor.status == 0, "\(doctor)")
    #expect(doctor.text.contains("at 127.0.0.1; valid for 60 min") && doctor.text.contains("authenticated"))
    #expect(!doctor.text.contains("eyJ"))
  }

  @Test(arguments: ["XOAUTH2", "OAUTHBEARER"])
  func `a token that the server finds expired is fetched anew, and no mail waits`(_ mechanism: String) throws
  {
    let rig = try rig(mechanism: mechanism, .expired, .good)
    let id = try rig.scratch.request(to: "anna@example.org")
    let result = try rig.scratch.run("worker", "--drain")
    #expect(result.status == 0, "\(result)\n\(rig.server.log)")
    #expect(try rig.scratch.status(id)["outcome"] as? String == "sent")
    #expect(rig.server.log.components(separatedBy: "Token has expired").count == 2, "\(rig.server.log)")
    #expect(rig.endpoint.requests.count == 2)
    #expect(!result.text.contains("relay-needs-attention") && !result.text.contains("relay-down"))
  }

  @Test(arguments: [(Token.ofAnotherKey, "XOAUTH2"), (.ofAnotherUser, "OAUTHBEARER")])
  func `a token that is not for us holds the relay, keeps the mail, and sends it with a good one`(
    _ bad: Token, _ mechanism: String
  ) throws {
    let rig = try rig(mechanism: mechanism, bad, bad, .good)
    let worker = try rig.scratch.startWorker()
    let id = try rig.scratch.request(to: "anna@example.org")
    #expect(worker.wait(for: "\"event\":\"relay-needs-attention\""), "\(worker.text())")
    #expect(worker.text().contains("refused the token from 127.0.0.1, and one that was fetched anew"))
    #expect(worker.text().contains("535"), "\(worker.text())")
    #expect(try rig.scratch.status(id)["outcome"] == nil)
    worker.signal(SIGHUP)
    #expect(try rig.scratch.outcome(id) == "sent", "\(worker.text())\n\(rig.server.log)")
    #expect(rig.endpoint.requests.count == 3)
    #expect(!worker.text().contains("eyJ"))
  }

  @Test func `a client that the endpoint does not know holds the relay with the endpoint's words`() throws {
    let rig = try rig(.secret, .good)
    try Data("wrong".utf8).write(to: URL(fileURLWithPath: "\(rig.scratch.path)/client.secret"))
    let worker = try rig.scratch.startWorker()
    let id = try rig.scratch.request(to: "anna@example.org")
    #expect(worker.wait(for: "\"event\":\"relay-needs-attention\""), "\(worker.text())")
    #expect(worker.text().contains("refused: invalid_client"), "\(worker.text())")
    let doctor = try rig.scratch.run("doctor", "--json")
    #expect(doctor.status == 1 && doctor.text.contains("refused: invalid_client"), "\(doctor)")
    try Data("open5esame".utf8).write(to: URL(fileURLWithPath: "\(rig.scratch.path)/client.secret"))
    worker.signal(SIGHUP)
    #expect(try rig.scratch.outcome(id) == "sent", "\(worker.text())\n\(rig.server.log)")
  }
}
