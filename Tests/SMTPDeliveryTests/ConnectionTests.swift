import CodeRequests
import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import SMTPDelivery

private let featuresWithAuth = ["PIPELINING", "AUTH PLAIN LOGIN CRAM-MD5 XOAUTH2 OAUTHBEARER"]

/// A connection that cannot be made: what is reported, and how.
struct ConnectScenario: Sendable, CustomTestStringConvertible {
  enum State: Sendable { case down, held, backingOff }
  let name: String
  /// The first connection, from its first byte; further ones serve.
  let script: [ScriptedRelayStep]
  let state: State
  let stage: DeliveryStage
  var incident: Incident?
  var security = RelaySettings.Security.plaintext
  var mechanism: String?
  var certificate: (names: String, validFor: Int)?
  var isImpatient = false
  /// The relay goes on refusing; otherwise the mail is sent once it recovers.
  var staysBad = false
  var testDescription: String { name }
}

private let connectScenarios: [ConnectScenario] = [
  .init(
    name: "554 for a greeting", script: [.say("554 5.3.2 no service")], state: .down, stage: .connect,
    incident: .reply(code: 554, enhanced: .init(5, 3, 2))),
  .init(
    name: "421 for a greeting", script: [.say("421 4.3.2 too many connections")], state: .down,
    stage: .connect,
    incident: .reply(code: 421, enhanced: .init(4, 3, 2))),
  .init(
    name: "no greeting", script: [.beSilent], state: .down, stage: .connect, incident: .timedOut,
    isImpatient: true),
  .init(
    name: "a greeting in drops", script: [.drip(String(repeating: "220-hello ", count: 20))], state: .down,
    stage: .connect, incident: .timedOut, isImpatient: true),
  .init(name: "no SMTP", script: [.say("SSH-2.0-OpenSSH_9.2")], state: .down, stage: .connect),
  .init(name: "closed at once", script: [.close], state: .down, stage: .connect, incident: .connectionLost),
  .init(
    name: "EHLO and HELO refused",
    script: [.say("220 x"), .expect("EHLO"), .say("502 no"), .expect("HELO"), .say("550 no")], state: .down,
    stage: .connect),
  .init(
    name: "504 to EHLO and HELO for our name",
    script: [
      .say("220 x"), .expect("EHLO"),
      .say("504 5.5.2 <vm>: Helo command rejected: need fully-qualified hostname"),
      .expect("HELO"), .say("504 5.5.2 <vm>: Helo command rejected: need fully-qualified hostname"),
    ], state: .held, stage: .connect,
    incident: .reply(code: 504, enhanced: .init(5, 5, 2), about: .hello)),
  .init(
    name: "a greeting that wants a PTR record", script: [.say("554 5.7.1 no PTR record found for 127.0.0.1")],
    state: .held, stage: .connect, incident: .reply(code: 554, enhanced: .init(5, 7, 1), about: .hello)),
  .init(
    name: "421 to EHLO", script: [.say("220 x"), .expect("EHLO"), .say("421 4.4.5 busy"), .close],
    state: .down,
    stage: .connect),

  .init(
    name: "closed at EHLO", script: [.say("220 x"), .expect("EHLO"), .close], state: .down, stage: .connect,
    incident: .connectionLost),
  .init(
    name: "reset at EHLO", script: [.say("220 x"), .expect("EHLO"), .reset], state: .down, stage: .connect,
    incident: .connectionLost),
  .init(
    name: "silent at EHLO", script: [.say("220 x"), .expect("EHLO"), .beSilent], state: .down,
    stage: .connect,
    incident: .timedOut, isImpatient: true),
  .init(
    name: "garbage to EHLO", script: [.say("220 x"), .expect("EHLO"), .say("\u{0}\u{7F}what?")], state: .down,
    stage: .connect),
  .init(
    name: "a greeting of 600 KB",
    script: [.say(String(repeating: "220-hello\r\n", count: 60_000))], state: .down, stage: .connect),

  .init(
    name: "STARTTLS is not offered", script: ScriptedRelayStep.greet(), state: .held, stage: .tls,
    incident: .startTLSMissing, security: .starttls, staysBad: true),
  .init(
    name: "454 to STARTTLS",
    script: ScriptedRelayStep.greet(["STARTTLS"]) + [.expect("STARTTLS"), .say("454 4.7.0 not now")],
    state: .backingOff, stage: .tls, security: .starttls, staysBad: true),
  .init(
    name: "554 to STARTTLS",
    script: ScriptedRelayStep.greet(["STARTTLS"]) + [.expect("STARTTLS"), .say("554 5.7.3 no TLS here")],
    state: .held, stage: .tls, incident: .reply(code: 554, enhanced: .init(5, 7, 3)), security: .starttls,
    staysBad: true),
  .init(
    name: "421 to STARTTLS",
    script: ScriptedRelayStep.greet(["STARTTLS"]) + [.expect("STARTTLS"), .say("421 4.3.2 bye"), .close],
    state: .down, stage: .tls, incident: .reply(code: 421, enhanced: .init(4, 3, 2)), security: .starttls,
    staysBad: true),
  .init(
    name: "silent at STARTTLS",
    script: ScriptedRelayStep.greet(["STARTTLS"]) + [.expect("STARTTLS"), .beSilent], state: .down,
    stage: .connect,
    incident: .timedOut, security: .starttls, isImpatient: true, staysBad: true),
  .init(
    name: "silent in the handshake",
    script: ScriptedRelayStep.greet(["STARTTLS"]) + [
      .expect("STARTTLS"), .say("220 go"), .readBytes(10), .beSilent,
    ], state: .down, stage: .tls, incident: .timedOut, security: .starttls, isImpatient: true, staysBad: true),
  .init(
    name: "silent behind TLS",
    script: ScriptedRelayStep.greet(["STARTTLS"]) + [
      .expect("STARTTLS"), .say("220 go"), .startTLS, .beSilent,
    ], state: .down, stage: .tls, incident: .timedOut, security: .starttls,
    certificate: ("DNS:localhost,IP:127.0.0.1", 3600), isImpatient: true, staysBad: true),
  .init(
    name: "plaintext injected behind STARTTLS",
    script: ScriptedRelayStep.greet(["STARTTLS"]) + [
      .expect("STARTTLS"), .say("220 go\r\n250-evil\r\n250 AUTH PLAIN"),
    ],
    state: .held, stage: .tls, incident: .handshakeFailed, security: .starttls, staysBad: true),
  .init(
    name: "a certificate for another host",
    script: ScriptedRelayStep.greet(["STARTTLS"]) + [.expect("STARTTLS"), .say("220 go"), .startTLS],
    state: .held,
    stage: .tls, incident: .certificate, security: .starttls, certificate: ("DNS:other.example", 86_400),
    staysBad: true),
  .init(
    name: "a certificate for another host, implicit TLS", script: [.startTLS], state: .held,
    stage: .tls, incident: .certificate, security: .implicit, certificate: ("DNS:other.example", 86_400),
    staysBad: true),
  .init(
    name: "an expired certificate",
    script: ScriptedRelayStep.greet(["STARTTLS"]) + [.expect("STARTTLS"), .say("220 go"), .startTLS],
    state: .held,
    stage: .tls, incident: .certificate, security: .starttls,
    certificate: ("DNS:localhost,IP:127.0.0.1", -3600),
    staysBad: true),
  .init(
    name: "an expired certificate, implicit TLS", script: [.startTLS], state: .held,
    stage: .tls, incident: .certificate, security: .implicit,
    certificate: ("DNS:localhost,IP:127.0.0.1", -3600),
    staysBad: true),
  .init(
    name: "implicit TLS to a plaintext port", script: [.say("220 hello")], state: .held, stage: .tls,
    incident: .handshakeFailed, security: .implicit, staysBad: true),
  .init(
    name: "closed in the handshake",
    script: ScriptedRelayStep.greet(["STARTTLS"]) + [
      .expect("STARTTLS"), .say("220 go"), .readBytes(10), .reset,
    ],
    state: .down, stage: .tls, incident: .connectionLost, security: .starttls, staysBad: true),

  .init(
    name: "AUTH is not offered", script: ScriptedRelayStep.greet(["PIPELINING"]), state: .held,
    stage: .authentication, incident: .authenticationMissing, mechanism: "PLAIN", staysBad: true),
  .init(
    name: "the mechanism is not offered", script: ScriptedRelayStep.greet(["AUTH LOGIN"]), state: .held,
    stage: .authentication, incident: .authenticationMissing, mechanism: "PLAIN", staysBad: true),
  .init(
    name: "a token and only PLAIN offered", script: ScriptedRelayStep.greet(["AUTH PLAIN LOGIN"]),
    state: .held,
    stage: .authentication, incident: .authenticationMissing, mechanism: "XOAUTH2", staysBad: true),
  .init(
    name: "535 to AUTH",
    script: ScriptedRelayStep.greet(featuresWithAuth) + [
      .expect("AUTH PLAIN"), .say("334 "), .expect(""), .say("535 5.7.8 bad credentials"),
    ], state: .held, stage: .authentication, incident: .reply(code: 535, enhanced: .init(5, 7, 8)),
    mechanism: "PLAIN", staysBad: true),
  .init(
    name: "454 to AUTH",
    script: ScriptedRelayStep.greet(featuresWithAuth) + [
      .expect("AUTH PLAIN"), .say("334 "), .expect(""), .say("454 4.7.0 later"),
    ], state: .backingOff, stage: .authentication, incident: .reply(code: 454, enhanced: .init(4, 7, 0)),
    mechanism: "PLAIN", staysBad: true),
  .init(
    name: "530 to AUTH",
    script: ScriptedRelayStep.greet(featuresWithAuth) + [.expect("AUTH PLAIN"), .say("530 5.7.0 TLS first")],
    state: .held, stage: .authentication, incident: .reply(code: 530, enhanced: .init(5, 7, 0)),
    mechanism: "PLAIN", staysBad: true),
  .init(
    name: "538 to AUTH",
    script: ScriptedRelayStep.greet(featuresWithAuth) + [
      .expect("AUTH LOGIN"), .say("538 5.7.11 encryption needed"),
    ],
    state: .held, stage: .authentication, incident: .reply(code: 538, enhanced: .init(5, 7, 11)),
    mechanism: "LOGIN", staysBad: true),
  .init(
    name: "a challenge that is none",
    script: ScriptedRelayStep.greet(featuresWithAuth) + [
      .expect("AUTH CRAM-MD5"), .say("334 !!not base64!!"), .expect("*"), .say("501 5.7.0 cancelled"),
    ], state: .held, stage: .authentication, mechanism: "CRAM-MD5", staysBad: true),
  .init(
    name: "a challenge with the reason after a bad token",
    script: ScriptedRelayStep.greet(featuresWithAuth) + [
      .expect("AUTH XOAUTH2"), .say("334 "), .expect(""), .say("334 eyJzdGF0dXMiOiI0MDEifQ=="),
    ], state: .held, stage: .authentication, incident: .authenticationRefused, mechanism: "XOAUTH2",
    staysBad: true),
  .init(
    name: "silent at AUTH",
    script: ScriptedRelayStep.greet(featuresWithAuth) + [.expect("AUTH PLAIN"), .beSilent], state: .down,
    stage: .authentication, incident: .timedOut, mechanism: "PLAIN", isImpatient: true, staysBad: true),
  .init(
    name: "closed in AUTH",
    script: ScriptedRelayStep.greet(featuresWithAuth) + [.expect("AUTH PLAIN"), .close], state: .down,
    stage: .authentication, mechanism: "PLAIN", staysBad: true),
]

@Suite(.waits) struct ConnectionTests {
  @Test(arguments: connectScenarios)
  func `a relay that cannot be used pauses, and the mail is untouched`(_ scenario: ConnectScenario) throws {
    let directory = try TemporaryDirectory()
    let secret = try writeSecret("hunter2-secret", in: directory.path)
    let certificate = try scenario.certificate.map {
      try TestCertificate(names: $0.names, validFor: $0.validFor)
    }
    let relay = try ScriptedRelay(
      [scenario.script],
      afterwards: scenario.staysBad ? scenario.script : ScriptedRelayStep.greet() + [.serve],
      certificate: certificate)
    defer { relay.stop() }
    let settings = try RelaySettings(
      url: relay.url, security: scenario.security, username: scenario.mechanism == nil ? nil : "mailer",
      passwordFile: scenario.mechanism == nil ? nil : secret, mechanism: scenario.mechanism,
      caFile: certificate?.certificateFile, lanes: 1,
      timing: testTiming {
        if scenario.isImpatient { ($0.connect, $0.reply) = (.seconds(1), .seconds(1)) }
      })
    let rig = try DeliveryRig(settings)
    rig.mails.push(try TestMail())
    let trouble = try rig.waitForEvent {
      switch scenario.state {
      case .down: $0.down
      case .held: $0.held
      case .backingOff: $0.backingOff
      }
    }
    #expect(trouble.stage == scenario.stage)
    if let incident = scenario.incident { #expect(trouble.incident == incident) }
    #expect(trouble.message.hasPrefix(settings.name))
    #expect(!trouble.message.contains("hunter2"))
    if scenario.staysBad {
      #expect(rig.outcomes.isEmpty)
      rig.dispatcher.finish(grace: .zero)
      #expect(try rig.reports(1).map(\.verdict) == [.untouched])
      #expect(!relay.sessions.contains { $0.receivedText.contains("MAIL") })
    } else {
      #expect(!relay.sessions[0].receivedText.contains("MAIL"))
      #expect(try rig.reports(1).map(\.verdict) == [.sent])
      try rig.waitForEvent(\.recovered)
    }
  }

  @Test(arguments: [RelaySettings.Security.starttls, .implicit, .opportunistic])
  func `mail goes over TLS`(_ security: RelaySettings.Security) throws {
    let certificate = try TestCertificate()
    let start: [ScriptedRelayStep] =
      security == .implicit
      ? [.startTLS]
      : ScriptedRelayStep.greet(["STARTTLS"]) + [.expect("STARTTLS"), .say("220 go"), .startTLS]
    let greet =
      security == .implicit ? ScriptedRelayStep.greet() : ScriptedRelayStep.answerEHLO(["PIPELINING"])
    // Replies in single records: libcurl holds decrypted bytes that poll knows nothing of.
    let first: [ScriptedRelayStep] = [
      .expect("MAIL"), .expect("RCPT"), .expect("DATA"),
      .sayInSingleBytes("250 Ok\r\n250 Ok\r\n354 go"), .expectMessage, .say("250 2.0.0 taken"), .serve,
    ]
    let relay = try ScriptedRelay([start + greet + first], certificate: certificate)
    defer { relay.stop() }
    let rig = try DeliveryRig(
      RelaySettings(
        url: relay.url, security: security,
        caFile: security == .opportunistic ? nil : certificate.certificateFile, lanes: 1, timing: testTiming()
      ))
    #expect(try rig.deliver(TestMail()).verdict == .sent)
    #expect(
      try rig.deliver(TestMail(text: String(repeating: "0123456789\r\n", count: 20_000))).verdict == .sent)
    #expect(try rig.waitForEvent(\.connected) == true)
    rig.dispatcher.finish(grace: patience)
    #expect(relay.failure == nil)
    #expect(relay.sessions.count == 1)
  }

  @Test func `a connection cut over TLS after the dot is ambiguous, before it deferred`() throws {
    let certificate = try TestCertificate()
    let greet = [.startTLS] + ScriptedRelayStep.greet() + ScriptedRelayStep.envelope()
    let relay = try ScriptedRelay(
      [greet + [.expectMessage, .reset], greet + [.readBytes(50_000), .reset]], certificate: certificate)
    defer { relay.stop() }
    let rig = try DeliveryRig(
      RelaySettings(
        url: relay.url, security: .implicit, caFile: certificate.certificateFile, lanes: 1,
        timing: testTiming()))
    #expect(try rig.deliver(TestMail()).verdict == .ambiguous)
    let large = String(repeating: "0123456789abcdef\r\n", count: 500_000)
    #expect(try rig.deliver(TestMail(text: large)).verdict == .deferred)
  }

  @Test func `opportunistic goes on in plaintext where TLS is not offered`() throws {
    let relay = try ScriptedRelay([])
    defer { relay.stop() }
    let rig = try DeliveryRig(
      RelaySettings(url: relay.url, security: .opportunistic, lanes: 1, timing: testTiming()))
    #expect(try rig.deliver(TestMail()).verdict == .sent)
    #expect(try rig.waitForEvent(\.connected) == false)
  }

  @Test func `a host name that does not exist is a relay down`() throws {
    let rig = try DeliveryRig(
      RelaySettings(
        url: "smtp://no-such-host.invalid:25", security: .starttls, lanes: 1,
        timing: testTiming { $0.connect = .seconds(2) }))
    rig.mails.push(try TestMail())
    #expect(try rig.waitForEvent(\.down).stage == .connect)
  }

  @Test func `a port where nothing listens is a relay down`() throws {
    let relay = try ScriptedRelay([])
    let settings = try plaintext(relay)
    relay.stop()
    let rig = try DeliveryRig(settings)
    rig.mails.push(try TestMail())
    #expect(try rig.waitForEvent(\.down).incident == .refused)
    #expect(rig.outcomes.isEmpty)
  }
}
