import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import SMTPDelivery

/// Relays that offer PIPELINING and lose or mix up what is sent behind a command.
@Suite(.waits) struct PipeliningTests {
  private static let greet = ScriptedRelayStep.greet()

  /// Takes what comes command by command; what came with a command and lies behind it is dropped.
  private static func dropping(behindDotAlone: Bool) -> [ScriptedRelayStep] {
    greet + [.serveDropping(behindDotAlone: behindDotAlone)]
  }

  private func mails(_ count: Int) throws -> [TestMail] {
    try (0..<count).map { try TestMail(to: "guest\($0)@example.org") }
  }

  @Test func `a relay that drops what lies behind a dot is spoken to without look-ahead`() throws {
    let relay = try ScriptedRelay([], afterwards: Self.dropping(behindDotAlone: true))
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay))
    for mail in try mails(20) { rig.mails.push(mail) }
    #expect(try rig.reports(20).allSatisfy { $0.verdict == .sent })
    #expect(rig.events.compactMap(\.pipelining) == [.groups])
    #expect(relay.sessions.count == 2)
    #expect(relay.messages == 20)
  }

  @Test func `a relay that drops what lies behind any command gets one at a time`() throws {
    let relay = try ScriptedRelay([], afterwards: Self.dropping(behindDotAlone: false))
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay))
    for mail in try mails(20) { rig.mails.push(mail) }
    #expect(try rig.reports(20).allSatisfy { $0.verdict == .sent })
    #expect(rig.events.compactMap(\.pipelining).last == .steps)
    #expect(relay.messages == 20)
  }

  @Test func `a relay that answers groups out of step twice gets one command at a time`() throws {
    let confused = Self.greet + [.expect("MAIL"), .say("503 5.5.1 bad sequence of commands")]
    let relay = try ScriptedRelay([confused, confused])
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay))
    #expect(try rig.deliver(TestMail()).verdict == .sent)
    #expect(rig.events.compactMap(\.pipelining) == [.steps])
  }

  @Test func `pipelining can be turned off`() throws {
    let relay = try ScriptedRelay([
      Self.greet + [
        .expect("MAIL"), .readNothing, .say("250 Ok"), .expect("RCPT"), .readNothing, .say("250 Ok"),
        .expect("DATA"), .say("354 go"), .expectMessage, .readNothing, .say("250 2.0.0 Ok"), .serve,
      ]
    ])
    defer { relay.stop() }
    let rig = try DeliveryRig(
      RelaySettings(url: relay.url, security: .plaintext, lanes: 1, pipelines: false, timing: testTiming()))
    for mail in try mails(3) { rig.mails.push(mail) }
    #expect(try rig.reports(3).allSatisfy { $0.verdict == .sent })
    #expect(relay.failure == nil)
  }

  @Test func `a relay that was only slow is trusted again, and more patiently`() {
    var trust = PipeliningTrust(isAllowed: true)
    let silences = [true, true, false, false].map { trust.noteSilence(wasBehindMessage: $0) }
    #expect(silences == [true, false, true, false])
    #expect(trust.level == .steps)
    let changes = [trust.noteSlowness(), trust.noteSlowness()]
    #expect(changes == [true, false])
    #expect(trust.level == .lookAhead && trust.isSlow)
    var off = PipeliningTrust(isAllowed: false)
    let isChanged = off.noteSlowness()
    #expect(!isChanged && off.level == .steps)
  }
}
