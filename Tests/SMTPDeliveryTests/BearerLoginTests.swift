import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import SMTPDelivery

/// AUTH with tokens that are fetched, against scripted relays: what is said on the wire, and what a refusal leads to.
@Suite(.waits) struct BearerLoginTests {
  private static let greet = ScriptedRelayStep.greet(["PIPELINING", "AUTH PLAIN XOAUTH2 OAUTHBEARER"])
  private static let refusal = Data(#"{"status":"invalid_token","schemes":"bearer"}"#.utf8)
    .base64EncodedString()

  private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

  private static func offer(_ token: String) -> [ScriptedRelayStep] {
    greet + [
      .expect("AUTH XOAUTH2"), .say("334 "),
      .expect(base64("user=codes@fabrikam.example\u{1}auth=Bearer \(token)\u{1}\u{1}")),
    ]
  }

  private static func refuse(_ token: String) -> [ScriptedRelayStep] {
    offer(token) + [.say("535 5.7.3 Authentication unsuccessful"), .close]
  }

  private func settings(
    _ relay: ScriptedRelay, _ server: TokenServer, in directory: String, mechanism: String? = nil,
    lanes: Int = 1
  ) throws -> RelaySettings {
    try RelaySettings(
      url: relay.url, security: .plaintext, username: "codes@fabrikam.example", mechanism: mechanism,
      lanes: lanes, timing: testTiming(), oauth: TokenRig.withSecret(server.url, directory))
  }

  @Test(arguments: [nil, "XOAUTH2", "OAUTHBEARER"])
  func `fetches a token and logs in with it, on each connection with the same`(_ mechanism: String?) throws {
    let directory = try TemporaryDirectory()
    let server = try TokenServer(.token("t0k.en"))
    defer { server.stop() }
    let name = mechanism ?? "XOAUTH2"
    let script =
      Self.greet + [.expect("AUTH \(name)"), .say("334 "), .expect(""), .say("235 2.7.0 welcome")]
      + ScriptedRelayStep.envelope() + [.expectMessage, .say("250 Ok"), .close]
    let relay = try ScriptedRelay([script, script])
    defer { relay.stop() }
    let rig = try DeliveryRig(settings(relay, server, in: directory.path, mechanism: mechanism))
    for index in 0..<2 {
      #expect(try rig.deliver(TestMail()).verdict == .sent)
      #expect(relay.wait { $0[index].isFinished })
    }
    #expect(relay.failure == nil)
    #expect(server.requests.count == 1)
    let response =
      name == "XOAUTH2"
      ? "user=codes@fabrikam.example\u{1}auth=Bearer t0k.en\u{1}\u{1}"
      : "n,a=codes@fabrikam.example,\u{1}host=127.0.0.1\u{1}port=\(relay.port)\u{1}auth=Bearer t0k.en\u{1}\u{1}"
    for session in relay.sessions {
      #expect(session.receivedText.contains("AUTH \(name)\r\n\(Self.base64(response))\r\n"))
    }
  }

  @Test func `a refused token is fetched anew once and at once, and nobody hears of it`() throws {
    let directory = try TemporaryDirectory()
    let server = try TokenServer(.token("first"), .token("second"))
    defer { server.stop() }
    let relay = try ScriptedRelay([
      Self.refuse("first"), Self.offer("second") + [.say("235 Ok"), .serve],
    ])
    defer { relay.stop() }
    let rig = try DeliveryRig(settings(relay, server, in: directory.path))
    #expect(try rig.deliver(TestMail()).verdict == .sent)
    #expect(relay.failure == nil && relay.sessions.count == 2 && server.requests.count == 2)
    #expect(!rig.events.contains { $0.held != nil || $0.down != nil || $0.backingOff != nil })
  }

  @Test func `the connection whose token was refused is gone before the next is made`() throws {
    let directory = try TemporaryDirectory()
    let server = try TokenServer(.token("first"), .token("second"))
    defer { server.stop() }
    let relay = try ScriptedRelay([
      Self.offer("first") + [.say("535 5.7.3 no"), .beSilent],
      [.waitFor("first is gone")] + Self.offer("second") + [.say("235 Ok"), .serve],
    ])
    defer { relay.stop() }
    let rig = try DeliveryRig(settings(relay, server, in: directory.path))
    rig.mails.push(try TestMail())
    #expect(relay.wait { $0.count == 2 && $0[0].isFinished })
    relay.open("first is gone")
    #expect(try rig.reports(1)[0].verdict == .sent)
  }

  @Test func `a second refusal holds the relay, and says what to look at`() throws {
    let directory = try TemporaryDirectory()
    let server = try TokenServer(.token("first"), .token("second"), .token("third"))
    defer { server.stop() }
    let relay = try ScriptedRelay([
      Self.refuse("first"), Self.refuse("second"), Self.offer("third") + [.say("235 Ok"), .serve],
    ])
    defer { relay.stop() }
    let rig = try DeliveryRig(settings(relay, server, in: directory.path))
    rig.mails.push(try TestMail())
    let trouble = try rig.waitForEvent(\.held)
    #expect(trouble.stage == .authentication && trouble.reply?.code == 535)
    for part in [
      "refused the token from 127.0.0.1, and one that was fetched anew", "535 5.7.3", "SMTP.SendAsApp",
    ] { #expect(trouble.message.contains(part), "\(trouble)") }
    // The trial after the pause begins with a token that the relay has not seen.
    #expect(try rig.reports(1)[0].verdict == .sent)
    #expect(relay.failure == nil && relay.sessions.count == 3 && server.requests.count == 3)
  }

  @Test(arguments: [("XOAUTH2", ""), ("OAUTHBEARER", "AQ==")])
  func `a refusal by challenge is answered, so that the relay says its reply`(
    _ mechanism: String, _ answer: String
  ) throws {
    let directory = try TemporaryDirectory()
    let server = try TokenServer(.token("first"))
    defer { server.stop() }
    let script =
      Self.greet + [
        .expect("AUTH \(mechanism)"), .say("334 "), .expect(""), .say("334 \(Self.refusal)"),
        .expect(answer), .say("535 5.7.8 first is not valid"), .close,
      ]
    let relay = try ScriptedRelay([script, script], afterwards: script)
    defer { relay.stop() }
    let rig = try DeliveryRig(settings(relay, server, in: directory.path, mechanism: mechanism))
    rig.mails.push(try TestMail())
    let trouble = try rig.waitForEvent(\.held)
    #expect(trouble.message.contains("status invalid_token: 535 5.7.8 •••• is not valid"), "\(trouble)")
    #expect(relay.sessions[0].receivedText.hasSuffix("\r\n\(answer)\r\n"))
    #expect(relay.failure == nil)
  }

  @Test func `a relay that leaves behind its challenge has refused the token all the same`() throws {
    let directory = try TemporaryDirectory()
    let server = try TokenServer(.token("first"))
    defer { server.stop() }
    let relay = try ScriptedRelay(
      [], afterwards: Self.offer("first") + [.say("334 \(Self.refusal)"), .close])
    defer { relay.stop() }
    let rig = try DeliveryRig(settings(relay, server, in: directory.path))
    rig.mails.push(try TestMail())
    let trouble = try rig.waitForEvent(\.held)
    #expect(trouble.incident == .authenticationRefused)
    #expect(trouble.message.contains("refused the token from 127.0.0.1"))
  }

  @Test(arguments: [
    ("454 4.7.0 Temporary authentication failure", false), ("421 4.3.2 shutting down", false),
    ("504 5.7.4 Unrecognized authentication type", true), ("538 5.7.11 Encryption required", true),
  ])
  func `what is no refusal of the token keeps it`(_ reply: String, _ isHold: Bool) throws {
    let directory = try TemporaryDirectory()
    let server = try TokenServer(.token("first"), .token("second"))
    defer { server.stop() }
    let relay = try ScriptedRelay([
      Self.greet + [.expect("AUTH XOAUTH2"), .say(reply), .close],
      Self.offer("first") + [.say("235 Ok"), .serve],
    ])
    defer { relay.stop() }
    let rig = try DeliveryRig(settings(relay, server, in: directory.path))
    rig.mails.push(try TestMail())
    let trouble = try rig.waitForEvent { event in
      isHold ? event.held : event.backingOff ?? event.down
    }
    #expect(trouble.message.contains(reply))
    #expect(try rig.reports(1)[0].verdict == .sent)
    #expect(relay.failure == nil && server.requests.count == 1)
  }

  @Test func `no token is fetched in vain for a relay that does not take it, nor sent`() throws {
    let directory = try TemporaryDirectory()
    let server = try TokenServer(.token("first"))
    defer { server.stop() }
    let relay = try ScriptedRelay([], afterwards: ScriptedRelayStep.greet(["AUTH PLAIN LOGIN"]) + [.serve])
    defer { relay.stop() }
    let rig = try DeliveryRig(settings(relay, server, in: directory.path))
    rig.mails.push(try TestMail())
    let trouble = try rig.waitForEvent(\.held)
    #expect(trouble.incident == .authenticationMissing)
    #expect(trouble.message.contains("offers AUTH PLAIN LOGIN, not XOAUTH2"))
    #expect(
      relay.sessions.allSatisfy { !$0.receivedText.contains("AUTH") && !$0.receivedText.contains("MAIL") })
  }

  @Test func `an endpoint that fails pauses the relay: held where somebody is needed`() throws {
    let directory = try TemporaryDirectory()
    // The first may go to the lane that fetches a token before there is mail, and that nobody hears of.
    let down = TokenServer.Answer.http(503, "down", type: "text/plain")
    let server = try TokenServer(
      down, down, .error("invalid_client", "The client secret is expired."), .token("good"))
    defer { server.stop() }
    let relay = try ScriptedRelay([Self.offer("good") + [.say("235 Ok"), .serve]])
    defer { relay.stop() }
    let rig = try DeliveryRig(settings(relay, server, in: directory.path))
    rig.mails.push(try TestMail())
    #expect(try rig.waitForEvent(\.backingOff).message.contains("HTTP 503"))
    let held = try rig.waitForEvent(\.held)
    #expect(held.incident == .secretUnreadable && held.stage == .authentication)
    #expect(held.message.contains("invalid_client (The client secret is expired.)"))
    #expect(try rig.reports(1)[0].verdict == .sent)
    #expect(relay.sessions.count == 1, "no connection without a token")
  }

  @Test
  func `lanes that connect at once share one fetch, and one that refused them all is fetched anew once`()
    throws
  {
    let directory = try TemporaryDirectory()
    let server = try TokenServer(.token("first"), .token("second"))
    defer { server.stop() }
    let settings = try settings(
      ScriptedRelay([]), server, in: directory.path, lanes: 8)
    let cancel = try CancelFlag()
    let read = Monitor<[String]>([])
    let threads = try (0..<8).map { index in
      try LinuxThread("lane-\(index)") {
        for _ in 0..<2 {
          guard let token = try? settings.credentials?.secret.read(cancel: cancel) else { return }
          read.change { $0.append(String(decoding: token, as: UTF8.self)) }
          if token == Array("first".utf8) { _ = settings.credentials?.secret.refused(token) }
        }
      }
    }
    for thread in threads { thread.join() }
    #expect(read.withLock { $0.count } == 16)
    #expect(server.requests.count == 2)
  }

  @Test func `a probe shows endpoint, life and scope, and then AUTH`() throws {
    let directory = try TemporaryDirectory()
    let server = try TokenServer(.token("first", more: #","scope":"other https://more.example/x""#))
    defer { server.stop() }
    let relay = try ScriptedRelay([Self.offer("first") + [.say("235 Ok"), .expect("QUIT"), .say("221 bye")]])
    defer { relay.stop() }
    let probe = RelayProbe(
      try RelaySettings(
        url: relay.url, security: .plaintext, username: "codes@fabrikam.example", timing: testTiming(),
        oauth: TokenSettings(
          grant: .clientCredentials, tokenURL: server.url, clientID: "c",
          clientSecretFile: try writeSecret(" s3cret-of-it \n", in: directory.path), scope: "wanted other")))
    #expect(probe.trouble == nil && probe.isAuthenticated)
    #expect(probe.steps.last?.name == .authentication)
    let token = try #require(probe.token)
    #expect(token.endpoint == "127.0.0.1" && token.lifetime == .seconds(3600))
    #expect(token.scope == "other https://more.example/x" && token.missingScopes == ["wanted"])
    #expect(probe.warnings.contains { $0.contains("ends in a blank, which is left out") })
    #expect(probe.warnings.contains { $0.contains("not for wanted, which oauth.scope asks for") })
    #expect(relay.failure == nil && server.requests.count == 1)
    #expect(!"\(probe)".contains("first"))
  }

  @Test(arguments: [
    (#""aud":"https://outlook.office365.com","roles":["Mail.Send"]"#, true),
    (#""aud":"https://outlook.office365.com""#, true),
    (#""aud":"https://outlook.office365.com","roles":["SMTP.SendAsApp"]"#, false),
    (#""aud":"https://outlook.office.com","scp":"SMTP.Send"#, false),
    (#""aud":"https://mail.example","roles":[]"#, false),
  ])
  func `a probe warns of a token of Microsoft's without the permission to send`(
    _ claims: String, _ lacks: Bool
  )
    throws
  {
    let directory = try TemporaryDirectory()
    let part = SignedAssertion.base64URL(Array("{\(claims)}".utf8))
    let server = try TokenServer(.token("e30.\(part).c2ln"))
    defer { server.stop() }
    let relay = try ScriptedRelay([Self.greet + [.expect("AUTH"), .say("535 5.7.3 no"), .close]])
    defer { relay.stop() }
    let probe = RelayProbe(try settings(relay, server, in: directory.path))
    #expect(probe.token?.lacksSendAsApp == lacks)
    #expect(probe.warnings.contains { $0.contains("lacks the permission SMTP.SendAsApp") } == lacks)
  }

  @Test func `a probe tells what the endpoint said, and of a refused token at the relay`() throws {
    let directory = try TemporaryDirectory()
    let server = try TokenServer(.error("invalid_scope"), .token("first"))
    defer { server.stop() }
    let relay = try ScriptedRelay([Self.refuse("first")])
    defer { relay.stop() }
    let first = RelayProbe(try settings(relay, server, in: directory.path))
    #expect(first.trouble?.message.contains("invalid_scope") == true && first.token == nil)
    #expect(relay.sessions.isEmpty)
    let second = RelayProbe(try settings(relay, server, in: directory.path))
    #expect(second.trouble?.message.contains("refused the token from 127.0.0.1") == true)
    #expect(second.token != nil && second.greeting == "scripted.example ESMTP")
    #expect(relay.sessions.count == 1)
  }
}
