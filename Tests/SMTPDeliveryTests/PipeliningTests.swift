import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import SMTPDelivery

/// Relays that offer PIPELINING and lose or mix up what is sent behind a command.
@Suite(.waits) struct PipeliningTests {
  private func mails(_ count: Int) throws -> [TestMail] {
    try (0..<count).map { try TestMail(to: "guest\($0)@example.org") }
  }

  @Test(arguments: Transport.allCases)
  func `a relay that drops what lies behind a dot is spoken to without look-ahead`(_ transport: Transport)
    throws
  {
    let relay = try transport.relay(
      afterwards: transport.greet() + [.serveDropping(behindDotAlone: true)])
    defer { relay.stop() }
    let rig = try DeliveryRig(transport.settings(relay))
    for mail in try mails(20) { rig.mails.push(mail) }
    #expect(try rig.reports(20).allSatisfy { $0.verdict == .sent })
    #expect(rig.events.compactMap(\.pipelining) == [.groups])
    #expect(relay.sessions.count == 2)
    #expect(relay.messages == 20)
  }

  @Test(arguments: Transport.allCases)
  func `a relay that drops what lies behind any command gets one at a time`(_ transport: Transport) throws {
    let relay = try transport.relay(
      afterwards: transport.greet() + [.serveDropping(behindDotAlone: false)])
    defer { relay.stop() }
    let rig = try DeliveryRig(transport.settings(relay))
    for mail in try mails(20) { rig.mails.push(mail) }
    #expect(try rig.reports(20).allSatisfy { $0.verdict == .sent })
    #expect(rig.events.compactMap(\.pipelining).last == .steps)
    #expect(relay.messages == 20)
  }

  @Test(arguments: Transport.each(["503 5.5.1 bad sequence of commands", "500 5.5.2 what", "502 5.5.1 no"]))
  func `a relay that answers groups out of step twice gets one command at a time`(
    _ transport: Transport, _ reply: String
  ) throws {
    let confused = transport.greet() + [.expect("MAIL"), .say(reply)]
    let relay = try transport.relay([confused, confused])
    defer { relay.stop() }
    let rig = try DeliveryRig(transport.settings(relay))
    #expect(try rig.deliver(TestMail()).verdict == .sent)
    #expect(rig.events.compactMap(\.pipelining) == [.steps])
  }

  /// What relays do to a group that they do not want, and how many mails that puts off until it is known.
  static let unwanted: [(ScriptedRelayPlan.Group, deferred: Int)] = [
    (.ends(""), 1), (.ends("421 4.3.2 closing"), 1), (.ends("421 4.7.0 pipelining not allowed here"), 0),
    (.ends("554 SMTP synchronization error"), 0),
    (.ends("550 5.5.0 protocol error: command sent before response"), 0), (.getsOneMore, 0),
  ]

  @Test(arguments: Transport.each(unwanted))
  func `a relay that takes no groups is found out, and gets one command at a time`(
    _ transport: Transport, _ unwanted: (group: ScriptedRelayPlan.Group, deferred: Int)
  ) throws {
    let plan = ScriptedRelayPlan { $0.group = unwanted.group }
    let relay = try transport.relay(afterwards: transport.greet() + [.serveBy(plan)])
    defer { relay.stop() }
    let rig = try DeliveryRig(transport.settings(relay))
    for mail in try mails(20) { rig.mails.push(mail) }
    let reports = try rig.reports(20)
    #expect(reports.filter { $0.verdict == .sent }.count == 20 - unwanted.deferred)
    #expect(reports.filter { $0.verdict == .deferred }.count == unwanted.deferred)
    #expect(rig.events.compactMap(\.pipelining) == [.steps])
    #expect(rig.events.compactMap(\.held).isEmpty)
    #expect(relay.taken.values.allSatisfy { $0 == 1 })
  }

  @Test func `a relay that ends connections for another reason keeps its groups`() throws {
    let ending = ScriptedRelayStep.greet() + [.refuseAt("mail", "421 4.3.2 not now")]
    let relay = try ScriptedRelay([ending, ending, ending, ending])
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay))
    for mail in try mails(20) { rig.mails.push(mail) }
    let reports = try rig.reports(20)
    #expect(reports.filter { $0.verdict == .deferred }.count <= 4)
    #expect(rig.events.compactMap(\.pipelining).isEmpty)
    #expect(rig.dispatcher.board.activities[0].pipeliningLevel == .lookAhead)
  }

  @Test func `suspicion ends with the first group that is answered, and costs more each time it was in vain`()
  {
    var trust = PipeliningTrust(isAllowed: true)
    let first = [trust.suspect(), trust.suspect()]
    #expect(first == [false, true] && trust.level == .steps)
    let isBetter = trust.decide(isBetter: false)
    #expect(!isBetter && trust.level == .lookAhead)
    let second = (0..<4).map { _ in trust.suspect() }
    #expect(second == [false, false, false, true])
    trust.prove()
    #expect(trust.level == .lookAhead && !trust.isOnProbation)
    let third = (0..<100).map { _ in trust.suspect() }
    #expect(!third.contains(true))
  }

  @Test(arguments: Transport.allCases)
  func `pipelining can be turned off`(_ transport: Transport) throws {
    let relay = try transport.relay([
      transport.greet() + [
        .expect("MAIL"), .readNothing, .say("250 Ok"), .expect("RCPT"), .readNothing, .say("250 Ok"),
        .expect("DATA"), .say("354 go"), .expectMessage, .readNothing, .say("250 2.0.0 Ok"), .serve,
      ]
    ])
    defer { relay.stop() }
    let rig = try DeliveryRig(transport.settings(relay, pipelines: false))
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
