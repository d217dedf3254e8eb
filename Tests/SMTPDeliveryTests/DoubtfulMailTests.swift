import LinuxSystem
import TestSupport
import Testing

@testable import SMTPDelivery

/// Mails that one relay may have taken: it ended the connection, or said nothing that means something, at the final dot.
@Suite(.waits) struct DoubtfulMailTests {
  private static let greet = ScriptedRelayStep.greet()

  private func unsure(_ words: String) throws -> ScriptedRelay {
    try ScriptedRelay(
      [], afterwards: Self.greet + [.serveBy(ScriptedRelayPlan { $0.refusals = [".": words] })])
  }

  @Test(arguments: ["", "199 what", "354 more"])
  func `a relay that is unsure of one mail after the other is paused, and the next gets what follows`(
    _ words: String
  ) throws {
    let (first, second) = (try unsure(words), try ScriptedRelay([]))
    defer {
      first.stop()
      second.stop()
    }
    let long = patience * 3
    let rig = try DeliveryRig(
      plaintext(first) { ($0.firstPause, $0.longestPause) = (long, long) }, plaintext(second))
    for number in 0..<20 { rig.mails.push(try TestMail(to: "guest\(number)@example.org")) }
    let reports = try rig.reports(20)
    #expect(reports.filter { $0.verdict == .ambiguous }.count == RefusalStreak.limit)
    #expect(reports.filter { $0.verdict == .sent }.count == 20 - RefusalStreak.limit)
    let trouble = try rig.waitForEvent { $0.down ?? $0.held ?? $0.backingOff }
    #expect(trouble.stage == .final)
    for outcome in rig.outcomes where outcome.report.verdict == .ambiguous {
      #expect(outcome.mail.withPassage { $0.doubtfulAt } == 0)
    }
  }

  @Test func `with one relay such a mail waits for the end of a pause rather than be spent`() throws {
    let relay = try unsure("")
    defer { relay.stop() }
    let long = patience * 3
    let rig = try DeliveryRig(plaintext(relay) { ($0.firstPause, $0.longestPause) = (long, long) })
    for number in 0..<20 { rig.mails.push(try TestMail(to: "guest\(number)@example.org")) }
    #expect(try rig.waitForEvent(\.down).stage == .final)
    rig.dispatcher.finish(grace: patience)
    #expect(rig.outcomes.filter { $0.report.verdict == .ambiguous }.count == RefusalStreak.limit)
    #expect(rig.outcomes.filter { $0.report.verdict == .untouched }.count == 20 - RefusalStreak.limit)
  }

  @Test(arguments: [0, 1])
  func `the repetition begins at another relay than the one that may have it`(_ place: Int) throws {
    let relays = [try ScriptedRelay([]), try ScriptedRelay([])]
    defer { for relay in relays { relay.stop() } }
    let rig = try DeliveryRig(plaintext(relays[0]), plaintext(relays[1]))
    for number in 0..<20 {
      rig.mails.push(try TestMail(to: "guest\(number)@example.org", doubtfulAt: number < 10 ? place : nil))
    }
    #expect(try rig.reports(20).allSatisfy { $0.verdict == .sent })
    let elsewhere = relays[1 - place].taken
    #expect((0..<10).allSatisfy { elsewhere["guest\($0)@example.org"] == 1 })
    #expect(relays[0].messages + relays[1].messages == 20)
  }

  @Test(arguments: [
    ("554 5.7.1 relay access denied", Verdict.sent), ("451 4.3.0 later", .deferred),
    ("550 5.1.1 no such user", .failed),
  ])
  func `only where the others refuse it for good does it come back to the one that may have it`(
    _ reply: String, _ verdict: Verdict
  ) throws {
    let first = try ScriptedRelay([])
    let second = try ScriptedRelay([], afterwards: Self.greet + [.refuseAll(reply)])
    defer {
      first.stop()
      second.stop()
    }
    let rig = try DeliveryRig(plaintext(first), plaintext(second))
    #expect(try rig.deliver(TestMail(doubtfulAt: 0)).verdict == verdict)
    #expect(first.messages == (verdict == .sent ? 1 : 0))
  }

  @Test func `where no other relay serves, it goes where the doubt is`() throws {
    let first = try ScriptedRelay([])
    let second = try ScriptedRelay([], afterwards: [.close])
    defer {
      first.stop()
      second.stop()
    }
    let long = patience * 3
    let rig = try DeliveryRig(
      plaintext(first), plaintext(second) { ($0.firstPause, $0.longestPause) = (long, long) })
    #expect(try rig.deliver(TestMail(doubtfulAt: 0)).verdict == .sent)
    #expect(first.messages == 1)
    #expect(rig.events.compactMap(\.down).count == 1)
  }
}
