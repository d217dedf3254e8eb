import Foundation
import TestSupport
import Testing

/// `passcode doctor` against relays that are well and relays that are not: what it saw, and what to do.
@Suite(.waits) struct DoctorTests {
  private struct Row {
    let check: String
    let finding: String
    let detail: String
  }

  private static let starttls: [ScriptedRelayStep] =
    ScriptedRelayStep.greet(["STARTTLS"]) + [.expect("STARTTLS"), .say("220 go"), .startTLS]
  private static let offer = ["PIPELINING", "SIZE 10240000", "8BITMIME", "SMTPUTF8", "AUTH PLAIN LOGIN"]
  private static let login = "username: \"mailer\", passwordFile: \"relay.password\", "

  private func rows(
    of url: String, _ keys: String, password: String = "hunter2-secret"
  ) throws -> (rows: [Row], result: ChildResult) {
    let directory = try TemporaryDirectoryOwner()
    let file = "\(directory.path)/relay.password"
    try Data(password.utf8).write(to: URL(fileURLWithPath: file))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
    let parts = url.components(separatedBy: "://")
    let scratch = try Scratch(in: directory, relay: parts[1], scheme: parts[0], relayKeys: keys)
    let result = try scratch.run("doctor", "--json")
    #expect(!result.text.contains(password) && !result.errorText.contains(password))
    let rows = try result.lines.map { line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String] ?? [:]
      return Row(
        check: object["check"] ?? "", finding: object["finding"] ?? "", detail: object["detail"] ?? "")
    }
    return (rows, result)
  }

  @Test func `prints what it saw of a relay that is well`() throws {
    let certificate = try TestCertificate(validFor: 40 * 86_400 + 3600)
    let relay = try ScriptedRelay(
      [
        Self.starttls + ScriptedRelayStep.answerEHLO(Self.offer) + [
          .expect("AUTH PLAIN"), .say("334 "), .expect(""), .say("235 Ok"), .expect("QUIT"), .say("221 bye"),
        ]
      ], certificate: certificate)
    defer { relay.stop() }
    let (rows, result) = try rows(
      of: relay.url,
      "security: \"starttls\", caFile: \"\(certificate.certificateFile)\", \(Self.login) mechanism: \"PLAIN\""
    )
    #expect(result.status == 0, "\(result)")
    let row = try #require(rows.first { $0.check == "relay 127.0.0.1:\(relay.port)" })
    #expect(row.finding == "ok")
    let facts = row.detail.components(separatedBy: "; ")
    try #require(facts.count == 6, "\(facts)")
    #expect(facts[0] == "127.0.0.1")
    #expect(facts[1] == "greets as \"scripted.example ESMTP\"")
    #expect(facts[2].hasPrefix("TLSv1.3 TLS_"))
    #expect(facts[3] == "offers PIPELINING, SIZE 10240000, 8BITMIME, SMTPUTF8, AUTH PLAIN LOGIN")
    #expect(facts[4] == "authenticated")
    let steps = facts[5].components(separatedBy: ", ")
    #expect(
      steps.map { $0.components(separatedBy: " ").dropLast(2).joined(separator: " ") } == [
        "name look-up", "TCP", "greeting", "EHLO", "STARTTLS", "TLS", "EHLO", "AUTH",
      ])
    #expect(steps.allSatisfy { $0.hasSuffix(" ms") })
    let shown = try #require(rows.first { $0.check == "certificate" })
    #expect(shown.finding == "ok")
    #expect(shown.detail.hasPrefix("localhost, 127.0.0.1, by ") && shown.detail.hasSuffix("40 days left"))
    #expect(relay.failure == nil)
    #expect(!relay.sessions[0].receivedText.contains("MAIL"))
  }

  /// A relay that is not well: from its first byte, and what the row says.
  struct Fault: Sendable, CustomTestStringConvertible {
    let name: String
    var script: [ScriptedRelayStep] = []
    var security = "starttls"
    var certificate = ("DNS:localhost,IP:127.0.0.1", 86_400)
    var keys = ""
    var wantsClientCertificate = false
    let says: [String]
    /// What the row about the certificate says.
    var certificateSays: String?
    var testDescription: String { name }
  }

  static let faults: [Fault] = [
    Fault(
      name: "no STARTTLS", script: ScriptedRelayStep.greet(["PIPELINING"]),
      says: ["STARTTLS is not offered", "somebody in between"]),
    Fault(
      name: "wrong name", script: starttls, certificate: ("DNS:other.example", 86_400),
      says: ["not good for 127.0.0.1", "check its names", "caFile"], certificateSays: "other.example, by"),
    Fault(
      name: "expired", script: starttls, certificate: ("DNS:localhost,IP:127.0.0.1", -3600),
      says: ["check its names, dates and issuer"], certificateSays: "-1 days left"),
    Fault(
      name: "AUTH not offered", script: starttls + ScriptedRelayStep.answerEHLO(["PIPELINING"]), keys: login,
      says: ["does not offer AUTH", "Set mechanism to one it offers"]),
    Fault(
      name: "another mechanism", script: starttls + ScriptedRelayStep.answerEHLO(["AUTH LOGIN"]),
      keys: login + "mechanism: \"CRAM-MD5\", ",
      says: ["offers AUTH LOGIN, not CRAM-MD5", "Set mechanism to one it offers"]),
    Fault(
      name: "535",
      script: starttls + ScriptedRelayStep.answerEHLO(["AUTH PLAIN"]) + [
        .expect("AUTH PLAIN"), .say("334 "), .expect(""), .say("535 5.7.8 no"),
      ], keys: login, says: ["refused username or password", "relay.password", "535 5.7.8 no"]),
    Fault(
      name: "454 to AUTH",
      script: starttls + ScriptedRelayStep.answerEHLO(["AUTH PLAIN"]) + [
        .expect("AUTH PLAIN"), .say("334 "), .expect(""), .say("454 4.7.0 later"),
      ], keys: login, says: ["cannot check logins now", "454 4.7.0 later"]),
    Fault(
      name: "AUTH that wants TLS",
      script: ScriptedRelayStep.greet(["AUTH PLAIN"]) + [
        .expect("AUTH PLAIN"), .say("538 5.7.11 TLS first"),
      ],
      security: "plaintext", keys: login, says: ["wants TLS before AUTH", "starttls or implicit"]),
    Fault(
      name: "a token that has run out",
      script: starttls + ScriptedRelayStep.answerEHLO(["AUTH XOAUTH2"]) + [
        .expect("AUTH XOAUTH2"), .say("334 "), .expect(""), .say("334 eyJzdGF0dXMiOiI0MDEifQ=="),
      ], keys: login + "mechanism: \"XOAUTH2\", ",
      says: ["refused the token in", "the program that refreshes it"]),
    Fault(
      name: "client certificate missing", script: [.startTLS], security: "implicit",
      wantsClientCertificate: true,
      says: ["wants a client certificate", "set clientCertificate and clientKey"]),
    Fault(
      name: "554 for a greeting", script: [.say("554 5.3.2 closed")], security: "plaintext",
      says: ["554 5.3.2 closed", "ask those who run it"]),
    Fault(
      name: "no SMTP", script: [.say("SSH-2.0-OpenSSH_9.2")], security: "plaintext",
      says: ["check that the port is one for SMTP"]),
    Fault(
      name: "454 to STARTTLS",
      script: ScriptedRelayStep.greet(["STARTTLS"]) + [.expect("STARTTLS"), .say("454 4.7.0 no key")],
      says: ["refused STARTTLS", "certificate or key", "454 4.7.0 no key"]),
    Fault(
      name: "plaintext behind a port for TLS", script: [.say("220 hello")], security: "implicit",
      says: ["speaks plaintext first", "set security: \"starttls\""]),
  ]

  @Test(arguments: faults)
  func `says what is wrong and what to do`(_ fault: Fault) throws {
    let certificate = try TestCertificate(names: fault.certificate.0, validFor: fault.certificate.1)
    let relay = try ScriptedRelay(
      [], afterwards: fault.script,
      tls: .init(
        certificate, clientAuthority: fault.wantsClientCertificate ? certificate.certificateFile : nil))
    defer { relay.stop() }
    let scheme = fault.security == "implicit" ? "smtps" : "smtp"
    let (rows, result) = try rows(
      of: "\(scheme)://127.0.0.1:\(relay.port)",
      "security: \"\(fault.security)\", \(fault.keys) caFile: \"\(certificate.certificateFile)\"")
    #expect(result.status == 1, "\(result)")
    let row = try #require(rows.first { $0.finding == "fault" }, "\(result)")
    #expect(row.check == "relay 127.0.0.1:\(relay.port)")
    for part in fault.says { #expect(row.detail.contains(part), "\(row.detail)") }
    // How far it came: at the least the address and the time of the look-up.
    let facts = try #require(rows.first { $0.detail.hasPrefix("came as far as: ") })
    #expect(facts.detail.contains("127.0.0.1; ") && facts.detail.contains("name look-up "))
    if let expected = fault.certificateSays {
      let shown = try #require(rows.first { $0.check == "certificate" }, "\(result)")
      #expect(shown.detail.contains(expected), "\(shown.detail)")
    }
    #expect(relay.sessions.allSatisfy { !$0.receivedText.contains("MAIL") })
  }

  @Test func `says what to do where nothing listens, and where the name does not exist`() throws {
    let relay = try ScriptedRelay([])
    relay.stop()
    let refused = try rows(of: relay.url, "security: \"plaintext\"")
    #expect(refused.result.status == 1)
    #expect(refused.rows.contains { $0.finding == "fault" && $0.detail.contains("check host and port") })
    let unknown = try rows(
      of: "smtp://no-such-host.invalid:25", "security: \"starttls\", connectTimeout: \"2s\"")
    #expect(unknown.result.status == 1)
    // Without DNS the look-up itself runs out of time.
    #expect(
      unknown.rows.contains {
        $0.finding == "fault"
          && ($0.detail.contains("check the relay's url and this machine's DNS")
            || $0.detail.contains("no answer in time"))
      }, "\(unknown.result)")
  }

  @Test func `walks a token: endpoint, life, scope, then AUTH`() throws {
    let server = try TokenServer(.token("t0ken-of-the-endpoint", more: #","scope":"mail.send""#))
    defer { server.stop() }
    let relay = try ScriptedRelay([
      ScriptedRelayStep.greet(["AUTH XOAUTH2"]) + [
        .expect("AUTH XOAUTH2"), .say("334 "), .expect(""), .say("235 Ok"), .expect("QUIT"), .say("221 bye"),
      ]
    ])
    defer { relay.stop() }
    let (rows, result) = try rows(
      of: relay.url,
      """
      security: "plaintext", username: "mailer", oauth: { grant: "client-credentials",
        tokenURL: "\(server.url)", clientID: "c", clientSecretFile: "relay.password", scope: "mail.send mail.read" }
      """, password: "hunter2-secret\r\n")
    #expect(result.status == 0, "\(result)")
    let token = try #require(rows.first { $0.check == "token" }, "\(result)")
    #expect(token.finding == "ok")
    #expect(
      token.detail.hasPrefix("client-credentials at 127.0.0.1; valid for 60 min; for mail.send; "),
      "\(token.detail)")
    #expect(rows.contains { $0.finding == "ok" && $0.detail.contains("authenticated") })
    #expect(rows.contains { $0.finding == "warning" && $0.detail.contains("the line end of Windows") })
    #expect(rows.contains { $0.finding == "warning" && $0.detail.contains("not for mail.read") })
    #expect(!result.text.contains("t0ken"))
    #expect(relay.failure == nil)
  }

  @Test func `says what a token endpoint refused, with the key that is wrong in the configuration`() throws {
    let server = try TokenServer(.error("unauthorized_client", "Client is unauthorized", status: 401))
    defer { server.stop() }
    let relay = try ScriptedRelay([])
    defer { relay.stop() }
    let keys = "security: \"plaintext\", username: \"mailer\", "
    let (rows, result) = try rows(
      of: relay.url,
      """
      \(keys) oauth: { grant: "client-credentials", tokenURL: "\(server.url)", clientID: "c",
        clientSecretFile: "relay.password" }
      """)
    #expect(result.status == 1)
    let fault = try #require(rows.first { $0.finding == "fault" })
    #expect(fault.detail.contains("refused: unauthorized_client (Client is unauthorized)"))
    #expect(relay.sessions.isEmpty)
    let wrong = try self.rows(of: relay.url, keys + "oauth: { grant: \"jwt-bearer\", scope: \"s\" }")
    #expect(wrong.result.text.contains("relays[0].oauth.keyFile: is missing"), "\(wrong.result)")
  }

  @Test func `a token is asked for through the environment's proxy only where the configuration says so`()
    throws
  {
    let proxy = try TokenServer(.bytes("HTTP/1.1 403 Forbidden\r\n\r\n"))
    defer { proxy.stop() }
    let relay = try ScriptedRelay([])
    defer { relay.stop() }
    for (key, count) in [("", 0), ("proxy: \"environment\", ", 1)] {
      let directory = try TemporaryDirectoryOwner()
      let scratch = try Scratch(
        in: directory, relay: "127.0.0.1:\(relay.port)",
        relayKeys: """
          security: "plaintext", username: "mailer", connectTimeout: "1s", replyTimeout: "1s",
          oauth: { grant: "client-credentials", tokenURL: "https://login.invalid/token", clientID: "c", \(key)
            clientSecretFile: "relay.password" }
          """)
      let file = "\(directory.path)/relay.password"
      try Data("hunter2".utf8).write(to: URL(fileURLWithPath: file))
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
      let address = "http://127.0.0.1:\(proxy.port)"
      let result = try ChildProcess.run(
        scratch.command, ["doctor", "--json", "--config", scratch.config],
        environment: [
          "https_proxy": address, "HTTPS_PROXY": address, "ALL_PROXY": address, "no_proxy": nil,
          "NO_PROXY": nil,
        ])
      #expect(result.status == 1 && result.text.contains("the token endpoint login.invalid "), "\(result)")
      #expect(proxy.requests.count == count, "\(result)")
    }
  }

  @Test func `says that passwords are off where the relay says so`() throws {
    let relay = try ScriptedRelay([
      ScriptedRelayStep.greet(["AUTH PLAIN"]) + [
        .expect("AUTH PLAIN"), .say("334 "), .expect(""),
        .say("550 5.7.30 Basic authentication is not supported for Client Submission."), .close,
      ]
    ])
    defer { relay.stop() }
    let (rows, result) = try rows(of: relay.url, "security: \"plaintext\", " + Self.login)
    #expect(result.status == 1)
    let fault = try #require(rows.first { $0.finding == "fault" })
    #expect(fault.detail.contains("takes no passwords any more") && fault.detail.contains("set oauth"))
    #expect(fault.detail.contains("550 5.7.30"))
  }

  @Test func `a secret that others can read is a fault with its remedy`() throws {
    let relay = try ScriptedRelay([])
    defer { relay.stop() }
    let directory = try TemporaryDirectoryOwner()
    try Data("hunter2".utf8).write(to: URL(fileURLWithPath: "\(directory.path)/relay.password"))
    let scratch = try Scratch(
      in: directory, relay: "127.0.0.1:\(relay.port)",
      relayKeys: "security: \"plaintext\", \(Self.login)")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o644], ofItemAtPath: "\(directory.path)/relay.password")
    let result = try scratch.run("doctor", "--json")
    #expect(result.status == 1)
    #expect(result.text.contains("chmod 600"), "\(result)")
    #expect(relay.sessions.isEmpty)
  }

  @Test func `says where a relay takes no mails of our size`() throws {
    let relay = try ScriptedRelay([], afterwards: ScriptedRelayStep.greet(["SIZE 1000"]) + [.serve])
    defer { relay.stop() }
    let (rows, result) = try rows(of: relay.url, "security: \"plaintext\"")
    #expect(result.status == 1)
    #expect(
      rows.contains {
        $0.finding == "fault" && $0.detail.contains("takes mails of at most 1000 bytes (SIZE)")
      },
      "\(result)")
  }
}
