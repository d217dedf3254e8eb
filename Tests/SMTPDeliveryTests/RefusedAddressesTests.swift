import CodeRequests
import Foundation
import TestSupport
import Testing

@testable import SMTPDelivery

/// Addresses that a relay refused, remembered for a while.
@Suite(.waits) struct RefusedAddressesTests {
  private static let greet = ScriptedRelayStep.greet()

  @Test func `an address that nobody reads is remembered for a while, and no relay asked`() throws {
    let relay = try ScriptedRelay([])
    defer { relay.stop() }
    let time = TestClock()
    let rig = try DeliveryRig(plaintext(relay), clock: time.clock)
    let unknown = Reply(code: 550, enhanced: .init(5, 1, 1), text: "nobody")
    func asked() -> Int {
      relay.sessions.map { $0.receivedText.components(separatedBy: "RCPT").count - 1 }.reduce(0, +)
    }
    for address in ["refused@example.org", "refused@EXAMPLE.org"] {
      let report = try rig.deliver(TestMail(to: address))
      #expect(report.verdict == .failed && report.meaning == .addressRejected)
      #expect(report.reply == unknown)
      #expect(asked() == 1)
    }
    #expect(try rig.deliver(TestMail()).verdict == .sent)
    time.advance(RefusedAddresses.memory)
    #expect(try rig.deliver(TestMail(to: "refused@example.org")).reply == unknown)
    #expect(asked() == 3, "it may have been made meanwhile")
  }

  @Test(arguments: [
    ("550 5.1.1 unknown", true, Verdict.failed), ("550 5.2.1 disabled", true, .failed),
    ("550 5.1.8 your domain does not exist", false, .deferred),
    ("550 5.1.0 <no-reply@fabrikam.example> sender not allowed to send", false, .deferred),
    ("552 5.2.2 full", false, .failed), ("550 5.7.1 not from you", false, .deferred),
  ])
  func `only what is about the recipient is remembered`(
    _ reply: String, _ isRemembered: Bool, _ verdict: Verdict
  ) throws {
    let relay = try ScriptedRelay([], afterwards: Self.greet + [.refuseAll(reply)])
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay))
    for _ in 0..<2 { #expect(try rig.deliver(TestMail()).verdict == verdict) }
    rig.dispatcher.finish(grace: patience)
    let asked = relay.sessions.map { $0.receivedText.components(separatedBy: "RCPT").count - 1 }.reduce(0, +)
    #expect(asked == (isRemembered ? 1 : 2))
  }

  @Test(arguments: ["550 5.1.1 unknown", "550 5.2.1 disabled"])
  func `what MAIL is refused for is not the recipient's`(_ reply: String) throws {
    let relay = try ScriptedRelay(
      [],
      afterwards: ScriptedRelayStep.greet() + [.serveBy(ScriptedRelayPlan { $0.refusals = ["MAIL": reply] })])
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay))
    for _ in 0..<2 { #expect(try rig.deliver(TestMail()).meaning != .addressRejected) }
    rig.dispatcher.finish(grace: patience)
    #expect(rig.dispatcher.refusedAddresses.reply(for: try TestMail().recipient, now: .zero) == nil)
  }

  @Test func `bounds what it remembers`() throws {
    let addresses = RefusedAddresses()
    let reply = Reply(code: 550, enhanced: .init(5, 1, 1))
    for number in 0..<RefusedAddresses.limit + 1 {
      addresses.note(try EmailAddress("a\(number)@example.org"), reply, now: .seconds(1))
    }
    let (first, last) = (
      try EmailAddress("a0@example.org"), try EmailAddress("a\(RefusedAddresses.limit)@example.org")
    )
    #expect(addresses.reply(for: first, now: .seconds(2)) == reply)
    #expect(addresses.reply(for: last, now: .seconds(2)) == nil)
    // Those that are over make room.
    let later = Duration.seconds(2) + RefusedAddresses.memory
    addresses.note(last, reply, now: later)
    #expect(addresses.reply(for: last, now: later) == reply)
    #expect(addresses.reply(for: first, now: later) == nil)
  }
}
