import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import SMTPDelivery

/// How a dispatcher stops: what is in flight, what was not begun, and how long that takes.
@Suite(.waits) struct StoppingTests {
  private static let greet = ScriptedRelayStep.greet()
  private static let envelope = ScriptedRelayStep.envelope()

  @Test func `QUIT is not waited for`() throws {
    let relay = try ScriptedRelay([
      Self.greet + Self.envelope + [.expectMessage, .say("250 Ok"), .expect("QUIT"), .beSilent]
    ])
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay))
    #expect(try rig.deliver(TestMail()).verdict == .sent)
    let start = ContinuousClock.now
    rig.dispatcher.finish(grace: patience)
    #expect(ContinuousClock.now - start < patience / 2)
    #expect(relay.sessions[0].receivedText.hasSuffix("QUIT\r\n"))
  }

  @Test func `finishes the mail in flight, leaves the rest untouched, and says QUIT`() throws {
    let relay = try ScriptedRelay([
      Self.greet + Self.envelope + [
        .expectMessage, .waitFor("stopping"), .say("250 2.0.0 taken"), .expect("QUIT"),
      ]
    ])
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay))
    rig.mails.push(try TestMail())
    relay.wait { $0.first?.receivedText.hasSuffix("\r\n.\r\n") == true }
    for _ in 0..<3 { rig.mails.push(try TestMail()) }
    let finisher = try LinuxThread("finisher") { rig.dispatcher.finish(grace: patience) }
    // The queue is closed once stopping began.
    rig.dispatcher.board.rest(for: patience)
    relay.open("stopping")
    finisher.join()
    #expect(try rig.reports(4).map(\.verdict) == [.sent, .untouched, .untouched, .untouched])
    #expect(relay.failure == nil)
  }

  @Test func `after the grace, a mail before its dot is untouched and one after it ambiguous`() throws {
    for (script, verdict) in [
      ([.expect("MAIL"), .beSilent], Verdict.untouched),
      (Self.envelope + [.expectMessage, .beSilent], .ambiguous),
    ] as [([ScriptedRelayStep], Verdict)] {
      let relay = try ScriptedRelay([Self.greet + script])
      defer { relay.stop() }
      let rig = try DeliveryRig(plaintext(relay))
      rig.mails.push(try TestMail())
      let end = verdict == .untouched ? "DATA\r\n" : "\r\n.\r\n"
      relay.wait { $0.first?.receivedText.hasSuffix(end) == true }
      rig.dispatcher.finish(grace: .milliseconds(10))
      #expect(try rig.reports(1).map(\.verdict) == [verdict])
    }
  }

  @Test func `stops in time while it connects`() throws {
    let relay = try ScriptedRelay([], afterwards: [.beSilent])
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay))
    rig.mails.push(try TestMail())
    relay.wait { $0.count == 1 }
    let start = ContinuousClock.now
    rig.dispatcher.finish(grace: .zero)
    #expect(ContinuousClock.now - start < patience / 2)
    #expect(try rig.reports(1).map(\.verdict) == [.untouched])
  }
}
