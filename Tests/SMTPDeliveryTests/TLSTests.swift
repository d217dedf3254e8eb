import CLibcurl
import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import SMTPDelivery

/// What TLS adds to the ways a relay can be wrong or leave. Wrong names, expired certificates, stripped STARTTLS
/// and injected replies are among the scenarios of `ConnectionTests`.
@Suite(.waits) struct TLSTests {
  private static func start(_ security: RelaySettings.Security) -> [ScriptedRelayStep] {
    security == .implicit
      ? [.startTLS] + ScriptedRelayStep.greet()
      : ScriptedRelayStep.greet(["STARTTLS"]) + [.expect("STARTTLS"), .say("220 go"), .startTLS]
        + ScriptedRelayStep.answerEHLO(["PIPELINING"])
  }

  private func settings(
    _ relay: ScriptedRelay, _ security: RelaySettings.Security, client: TestCertificate? = nil,
    key: TestCertificate? = nil, caFile: String? = nil
  ) throws -> RelaySettings {
    try RelaySettings(
      url: relay.url, security: security, caFile: caFile ?? relay.tls?.certificate.certificateFile,
      clientCertificate: client.map {
        .init(certificateFile: $0.certificateFile, keyFile: (key ?? $0).keyFile)
      }, lanes: 1, timing: testTiming())
  }

  @Test(
    arguments: [RelaySettings.Security.starttls, .implicit], [ScriptedRelay.TLS.Version.tls1_2, .tls1_3])
  func `shows its certificate to a relay that asks for one`(
    _ security: RelaySettings.Security, _ version: ScriptedRelay.TLS.Version
  ) throws {
    let own = try TestCertificate(names: "DNS:mail.fabrikam.example")
    let relay = try ScriptedRelay(
      [Self.start(security) + [.serve]],
      tls: .init(try TestCertificate(), clientAuthority: own.certificateFile, highest: version))
    defer { relay.stop() }
    let rig = try DeliveryRig(settings(relay, security, client: own))
    #expect(try rig.deliver(TestMail()).verdict == .sent)
    #expect(try rig.waitForEvent(\.connected) == true)
    #expect(relay.failure == nil)
  }

  @Test(arguments: [ScriptedRelay.TLS.Version.tls1_2, .tls1_3])
  func `a relay that asks for a certificate and gets none is held, and nothing is sent to it`(
    _ version: ScriptedRelay.TLS.Version
  ) throws {
    let own = try TestCertificate(names: "DNS:mail.fabrikam.example")
    let relay = try ScriptedRelay(
      [], afterwards: [.startTLS, .serve],
      tls: .init(try TestCertificate(), clientAuthority: own.certificateFile, highest: version))
    defer { relay.stop() }
    let rig = try DeliveryRig(settings(relay, .implicit))
    rig.mails.push(try TestMail())
    let trouble = try rig.waitForEvent(\.held)
    #expect(trouble.stage == .tls)
    #expect(trouble.message.contains("client certificate"), "\(trouble)")
    #expect(rig.outcomes.isEmpty)
    #expect(relay.sessions.allSatisfy { $0.received.isEmpty })
  }

  @Test func `a relay that does not know our certificate's authority is held`() throws {
    let (own, other) = (try TestCertificate(), try TestCertificate())
    let relay = try ScriptedRelay(
      [], afterwards: [.startTLS, .serve],
      tls: .init(try TestCertificate(), clientAuthority: other.certificateFile))
    defer { relay.stop() }
    let rig = try DeliveryRig(settings(relay, .implicit, client: own))
    rig.mails.push(try TestMail())
    let trouble = try rig.waitForEvent(\.held)
    #expect(trouble.incident == .certificate)
    #expect(trouble.message.contains("does not accept the client certificate \(own.certificateFile)"))
  }

  @Test func `a client certificate that cannot be used holds the relay`() throws {
    let relay = try ScriptedRelay([], afterwards: [.startTLS, .serve], certificate: try TestCertificate())
    defer { relay.stop() }
    let own = try TestCertificate()
    let another = try TestCertificate()
    // The key of another certificate.
    let rig = try DeliveryRig(settings(relay, .implicit, client: own, key: another))
    rig.mails.push(try TestMail())
    let trouble = try rig.waitForEvent(\.held)
    #expect(trouble.incident == .certificate)
    #expect(trouble.message.contains("client certificate or its key"), "\(trouble)")
  }

  @Test func `a CA file that cannot be read, and an authority that is not trusted, hold the relay`() throws {
    let relay = try ScriptedRelay([], afterwards: [.startTLS, .serve], certificate: try TestCertificate())
    defer { relay.stop() }
    let stranger = try TestCertificate()
    for (caFile, advice) in [
      (stranger.certificateFile, "check its names, dates and issuer"), ("/nowhere/ca.pem", "cannot be read"),
    ] {
      let rig = try DeliveryRig(settings(relay, .implicit, caFile: caFile))
      rig.mails.push(try TestMail())
      let trouble = try rig.waitForEvent(\.held)
      #expect(trouble.incident == .certificate)
      #expect(trouble.message.contains(advice), "\(trouble)")
    }
    #expect(relay.sessions.allSatisfy { $0.received.isEmpty })
  }

  @Test func `TLS 1.1 is not spoken, 1.2 is`() throws {
    let certificate = try TestCertificate()
    let old = try ScriptedRelay(
      [], afterwards: [.startTLS, .serve], tls: .init(certificate, highest: .tls1_1))
    defer { old.stop() }
    let rig = try DeliveryRig(settings(old, .implicit))
    rig.mails.push(try TestMail())
    let trouble = try rig.waitForEvent(\.held)
    #expect(trouble.incident == .handshakeFailed)
    #expect(trouble.message.contains("TLS 1.2"))

    let current = try ScriptedRelay(
      [Self.start(.implicit) + [.serve]], tls: .init(certificate, highest: .tls1_2))
    defer { current.stop() }
    #expect(try DeliveryRig(settings(current, .implicit)).deliver(TestMail()).verdict == .sent)
  }

  @Test(arguments: [RelaySettings.Security.starttls, .implicit], ["", "421 4.4.2 idle for too long"])
  func `a relay that left while idle costs no attempt over TLS either`(
    _ security: RelaySettings.Security, _ farewell: String
  ) throws {
    let leave: [ScriptedRelayStep] = farewell.isEmpty ? [.close] : [.say(farewell), .close]
    let first = ScriptedRelayStep.envelope() + [.expectMessage, .say("250 2.0.0 first")] + leave
    let relay = try ScriptedRelay(
      [Self.start(security) + first], afterwards: Self.start(security) + [.serve],
      certificate: try TestCertificate())
    defer { relay.stop() }
    let rig = try DeliveryRig(settings(relay, security))
    #expect(try rig.deliver(TestMail()).reply?.text == "first")
    relay.wait { $0[0].isFinished }
    let second = try rig.deliver(TestMail())
    #expect(second.verdict == .sent)
    #expect(second.reply?.text == "Ok: queued as SERVED")
    #expect(relay.sessions.count == 2)
    #expect(!rig.events.contains { $0.down != nil || $0.throttled != nil })
    #expect(relay.failure == nil)
  }

  @Test func `no password goes out where STARTTLS was removed and AUTH left in`() throws {
    let directory = try TemporaryDirectory()
    let relay = try ScriptedRelay([], afterwards: ScriptedRelayStep.greet(["AUTH PLAIN LOGIN"]) + [.serve])
    defer { relay.stop() }
    let rig = try DeliveryRig(
      RelaySettings(
        url: relay.url, security: .starttls, username: "mailer",
        passwordFile: try writeSecret("hunter2", in: directory.path), lanes: 1, timing: testTiming()))
    rig.mails.push(try TestMail())
    #expect(try rig.waitForEvent(\.held).incident == .startTLSMissing)
    rig.dispatcher.finish(grace: .zero)
    #expect(relay.sessions.allSatisfy { !$0.receivedText.contains("AUTH") })
  }

  @Test func `the password goes out after STARTTLS, not before`() throws {
    let directory = try TemporaryDirectory()
    // The same word in plaintext and behind TLS: what stands before STARTTLS counts for nothing after it.
    let relay = try ScriptedRelay(
      [
        ScriptedRelayStep.greet(["STARTTLS", "AUTH PLAIN"]) + [
          .expect("STARTTLS"), .say("220 go"), .startTLS,
        ]
          + ScriptedRelayStep.answerEHLO(["PIPELINING", "AUTH PLAIN"]) + [
            .expect("AUTH PLAIN"), .say("334 "), .expect(""), .say("235 Ok"), .serve,
          ],
        ScriptedRelayStep.greet(["STARTTLS", "AUTH PLAIN"]) + [
          .expect("STARTTLS"), .say("220 go"), .startTLS,
        ]
          + ScriptedRelayStep.answerEHLO(["PIPELINING"]) + [.serve],
      ], certificate: try TestCertificate())
    defer { relay.stop() }
    func rig() throws -> DeliveryRig {
      try DeliveryRig(
        RelaySettings(
          url: relay.url, security: .starttls, username: "mailer",
          passwordFile: try writeSecret("hunter2", in: directory.path),
          caFile: relay.tls?.certificate.certificateFile, lanes: 1, timing: testTiming()))
    }
    #expect(try rig().deliver(TestMail()).verdict == .sent)
    #expect(relay.failure == nil)
    // AUTH was offered before STARTTLS alone.
    let second = try rig()
    second.mails.push(try TestMail())
    #expect(try second.waitForEvent(\.held).incident == .authenticationMissing)
    #expect(!relay.sessions[1].receivedText.contains("MAIL"))
  }

  @Test func `caFile takes the place of all the system's authorities`() throws {
    let relay = try ScriptedRelay(
      [], afterwards: [.startTLS] + ScriptedRelayStep.greet() + [.serve], certificate: try TestCertificate())
    defer { relay.stop() }
    func words(_ settings: RelaySettings) throws -> String {
      let words = LibcurlWords()
      var connector = Connector(
        settings, cancel: try CancelFlag(), memory: AddressMemory(), uptime: monotonicTime)
      connector.prepare = { attempt in
        clibcurl_set_debug_callback(
          attempt.handle, noteLibcurlWords, Unmanaged.passUnretained(words).toOpaque())
      }
      _ = try? connector.connect()
      return withExtendedLifetime(words) { $0.text }
    }
    let file = try #require(relay.tls).certificate.certificateFile
    let own = try words(settings(relay, .implicit))
    #expect(own.contains("CAfile: \(file)"), "\(own)")
    #expect(own.contains("CApath: none"), "\(own)")
    let system = try words(RelaySettings(url: relay.url, security: .implicit, timing: testTiming()))
    #expect(system.contains("CApath: /"), "\(system)")
  }
}

private final class LibcurlWords {
  var text = ""
}

private func noteLibcurlWords(
  _: UnsafeMutableRawPointer?, _ type: curl_infotype, _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int,
  _ context: UnsafeMutableRawPointer?
) -> Int32 {
  guard type == CURLINFO_TEXT, let bytes, let context else { return 0 }
  Unmanaged<LibcurlWords>.fromOpaque(context).takeUnretainedValue().text += String(
    decoding: UnsafeRawBufferPointer(start: bytes, count: size), as: UTF8.self)
  return 0
}
