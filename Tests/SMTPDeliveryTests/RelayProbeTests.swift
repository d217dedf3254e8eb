import Foundation
import TestSupport
import Testing

@testable import SMTPDelivery

@Suite(.waits) struct RelayProbeTests {
  private static let keywords = ["PIPELINING", "SIZE 10240000", "AUTH PLAIN LOGIN"]
  private static let starttls: [ScriptedRelayStep] =
    ScriptedRelayStep.greet(["STARTTLS"]) + [.expect("STARTTLS"), .say("220 go"), .startTLS]

  @Test func `walks to the end of AUTH and tells what it saw`() throws {
    let directory = try TemporaryDirectory()
    let certificate = try TestCertificate(validFor: 10 * 86_400 + 3600)
    let relay = try ScriptedRelay(
      [
        Self.starttls + ScriptedRelayStep.answerEHLO(Self.keywords) + [
          .expect("AUTH PLAIN"), .say("334 "), .expect(""), .say("235 Ok"), .expect("QUIT"), .say("221 bye"),
        ]
      ], certificate: certificate)
    defer { relay.stop() }
    let probe = RelayProbe(
      try RelaySettings(
        url: relay.url, security: .starttls, username: "mailer",
        passwordFile: try writeSecret("hunter2", in: directory.path), caFile: certificate.certificateFile,
        timing: testTiming()))
    #expect(probe.trouble == nil)
    #expect(probe.address == "127.0.0.1")
    #expect(probe.greeting == "scripted.example ESMTP")
    #expect(
      probe.steps.map(\.name) == [
        .nameLookup, .tcp, .greeting, .ehlo, .starttls, .tls, .ehlo, .authentication,
      ])
    #expect(probe.tlsVersion == "TLSv1.3")
    #expect(probe.cipher?.hasPrefix("TLS_") == true)
    #expect(probe.certificates.first?.names == ["localhost", "127.0.0.1"])
    #expect(probe.certificates.first?.subject.contains("scripted relay") == true)
    #expect(probe.certificates.first?.daysLeft(now: Date()) == 10)
    #expect(probe.warnings == ["the certificate ends in 10 days; renew it"])
    #expect(probe.features.mechanisms == ["PLAIN", "LOGIN"])
    #expect(probe.features.maxSize == 10_240_000)
    #expect(probe.isAuthenticated)
    #expect(relay.failure == nil)
    #expect(!relay.sessions[0].receivedText.contains("MAIL"))
    #expect(!"\(probe)".contains("hunter2"))
  }

  @Test func `shows a certificate that was refused, and what to do`() throws {
    let certificate = try TestCertificate(validFor: -3 * 86_400 + 3600)
    let relay = try ScriptedRelay(
      [], afterwards: Self.starttls + ScriptedRelayStep.answerEHLO(Self.keywords) + [.serve],
      certificate: certificate)
    defer { relay.stop() }
    // It was valid from two days ago until three days ago: libcurl refuses it by its end.
    let probe = RelayProbe(
      try RelaySettings(
        url: relay.url, security: .starttls, caFile: certificate.certificateFile, timing: testTiming()))
    #expect(probe.trouble?.incident == .certificate)
    #expect(probe.trouble?.message.contains("check its names, dates and issuer") == true)
    #expect(probe.certificates.first?.daysLeft(now: Date()) == -3)
    #expect(probe.warnings.contains("the certificate ended 3 days ago; renew it"))
  }

  @Test func `says what to do where nothing listens, and where TLS is missing`() throws {
    let relay = try ScriptedRelay([ScriptedRelayStep.greet([])])
    let settings = try RelaySettings(url: relay.url, security: .starttls, timing: testTiming())
    let stripped = RelayProbe(settings)
    #expect(stripped.trouble?.incident == .startTLSMissing)
    #expect(stripped.steps.map(\.name) == [.nameLookup, .tcp, .greeting, .ehlo])
    relay.stop()
    let gone = RelayProbe(settings)
    #expect(gone.trouble?.incident == .refused)
    #expect(gone.trouble?.message.contains("check host and port") == true)
  }

  @Test func `warns where it works but should not stay so`() throws {
    let relay = try ScriptedRelay([ScriptedRelayStep.greet([]) + [.serve]])
    defer { relay.stop() }
    let probe = RelayProbe(try RelaySettings(url: relay.url, security: .plaintext, timing: testTiming()))
    #expect(probe.trouble == nil)
    #expect(probe.tlsVersion == nil)
    #expect(probe.warnings == ["PIPELINING is not offered: each mail takes four round trips in place of one"])
  }
}
