import CodeRequests
import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import SMTPDelivery

/// Relays that leave, come back, hold or say nothing, and the mails that go to others meanwhile.
@Suite(.waits) struct DispatcherTests {
  private static let greet = ScriptedRelayStep.greet()
  private static let envelope = ScriptedRelayStep.envelope()

  @Test func `fails over to the next relay and returns`() throws {
    let first = try ScriptedRelay([[.say("421 4.3.2 not now")], [.waitFor("back"), .say("554 no")]])
    let second = try ScriptedRelay([])
    defer {
      first.stop()
      second.stop()
    }
    let rig = try DeliveryRig(plaintext(first), plaintext(second))
    #expect(try rig.deliver(TestMail()).relay == "127.0.0.1:\(second.port)")
    // While the first is being tried again, mail flows through the second.
    #expect(first.wait { $0.count == 2 })
    #expect(try rig.deliver(TestMail()).relay == "127.0.0.1:\(second.port)")
    first.open("back")
    try rig.waitForEvent(\.recovered)
    #expect(try rig.deliver(TestMail()).relay == "127.0.0.1:\(first.port)")
  }

  @Test func `a relay that accepts and says nothing delays no mail that another can take`() throws {
    let first = try ScriptedRelay([], afterwards: [.beSilent])
    let second = try ScriptedRelay([])
    defer {
      first.stop()
      second.stop()
    }
    let rig = try DeliveryRig(plaintext(first) { $0.stall = .milliseconds(500) }, plaintext(second))
    let start = ContinuousClock.now
    #expect(try rig.deliver(TestMail()).relay == "127.0.0.1:\(second.port)")
    #expect(ContinuousClock.now - start < patience / 2)
  }

  @Test(arguments: ["FIN", "NOOP", "MAIL"])
  func `a relay that left while idle and does not come back delays no mail that another can take`(
    _ noticed: String
  ) throws {
    let leave: [ScriptedRelayStep] =
      switch noticed {
      case "FIN": [.close]
      case "NOOP": [.expect("NOOP"), .beSilent]
      default: [.expect("MAIL"), .reset]
      }
    let first = try ScriptedRelay(
      [Self.greet + Self.envelope + [.expectMessage, .say("250 2.0.0 first")] + leave],
      afterwards: [.beSilent])
    let second = try ScriptedRelay([])
    defer {
      first.stop()
      second.stop()
    }
    let time = TestClock()
    let clock = DeliveryClock(
      date: { Date() }, uptime: { time.clock.uptime() + monotonicTime() })
    let rig = try DeliveryRig(
      plaintext(first) { ($0.stall, $0.probeAfter) = (.seconds(1), .seconds(2)) }, plaintext(second),
      clock: clock)
    #expect(try rig.deliver(TestMail()).reply?.text == "first")
    if noticed == "FIN" { first.wait { $0[0].isFinished } }
    if noticed == "NOOP" { time.advance(.seconds(3)) }
    let start = ContinuousClock.now
    #expect(try rig.deliver(TestMail(to: "bo@example.org")).relay == "127.0.0.1:\(second.port)")
    #expect(ContinuousClock.now - start < patience / 2)
    #expect(first.sessions[0].receivedText.hasSuffix("NOOP\r\n") == (noticed == "NOOP"))
    #expect(first.sessions[0].receivedText.contains("bo@example.org") == (noticed == "MAIL"))
  }

  @Test(arguments: ["530 5.7.0 authentication required", "550 5.4.5 daily quota exceeded", "535 5.7.8 no"])
  func `an answer that is about the account holds the relay and spares the mail`(_ reply: String) throws {
    let no = "503 5.5.1 no"
    let first = try ScriptedRelay([
      Self.greet + ScriptedRelayStep.envelope(mail: reply, recipient: no, data: no) + [
        .expect("RSET"), .say("250 Ok"),
      ]
    ])
    let second = try ScriptedRelay([])
    defer {
      first.stop()
      second.stop()
    }
    let rig = try DeliveryRig(plaintext(first) { $0.holdPause = .seconds(300) }, plaintext(second))
    let report = try rig.deliver(TestMail())
    #expect(report.verdict == .sent)
    #expect(report.relay == "127.0.0.1:\(second.port)")
    #expect(try rig.waitForEvent(\.held).reply?.code == Int(reply.prefix(3)))
    // Told to, it tries again at once.
    rig.dispatcher.board.retryNow(0)
    try rig.waitForEvent(\.recovered)
    #expect(try rig.deliver(TestMail()).relay == "127.0.0.1:\(first.port)")
  }

  @Test func `deadlines pass while no relay is there`() throws {
    let relay = try ScriptedRelay([], afterwards: [.say("421 4.3.2 closed")])
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay))
    rig.mails.push(try TestMail(deadline: Date().addingTimeInterval(0.3)))
    rig.mails.push(try TestMail())
    #expect(try rig.reports(1).map(\.verdict) == [.expired])
    rig.dispatcher.finish(grace: .zero)
    #expect(try rig.reports(2).map(\.verdict) == [.expired, .untouched])
  }

  @Test func `settles each of many mails once, over several lanes and a relay that leaves now and then`()
    throws
  {
    let leaving =
      Self.greet + Self.envelope + [.expectMessage, .say("250 Ok")]
      + Self.envelope + [.expectMessage, .say("250 Ok"), .close]
    let relay = try ScriptedRelay([leaving, leaving, leaving, leaving])
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay, lanes: 3))
    let count = 500
    for number in 0..<count { rig.mails.push(try TestMail(to: "guest\(number)@example.org")) }
    let reports = try rig.reports(count)
    #expect(reports.allSatisfy { $0.verdict == .sent })
    #expect(Set(rig.outcomes.map(\.mail.recipient)).count == count)
    rig.dispatcher.finish(grace: patience)
    #expect(rig.outcomes.count == count)
    let taken = relay.sessions.map { $0.receivedText.components(separatedBy: "\r\n.\r\n").count - 1 }.reduce(
      0, +)
    #expect(taken == count)
  }

  @Test func `a failed trial ends beside a connection that still stands`() throws {
    let board = RelayBoard([
      try RelaySettings(url: "smtp://127.0.0.1:9", security: .plaintext, timing: testTiming())
    ])
    let trouble = RelayTrouble(stage: .connect, incident: .refused, reply: nil, message: "refused")
    func isTrial(_ now: Duration) -> Bool {
      if case .trial = board.order(relay: 0, lane: 0, now: now) { true } else { false }
    }
    // Another lane is parked and keeps its connection while the relay pauses.
    board.activities[0].opened()
    #expect(board.pause(0, .relayDown, trouble, now: .seconds(1)) != nil)
    #expect(isTrial(.seconds(2)))
    #expect(board.limitLanes(of: 0, to: 1, for: nil, now: .seconds(2)) == nil)
    #expect(board.pause(0, .relayDown, trouble, now: .seconds(2)) != nil)
    #expect(isTrial(.seconds(3)), "it is tried again")
  }

  @Test func `a relay that connects and answers no mail pauses for longer each time`() throws {
    let settings = try RelaySettings(
      url: "smtp://127.0.0.1:9", security: .plaintext,
      timing: testTiming { ($0.firstPause, $0.longestPause) = (.seconds(1), .seconds(60)) })
    let board = RelayBoard([settings, settings])
    let trouble = RelayTrouble(stage: .mail, incident: .timedOut, reply: nil, message: "silent")
    var now = Duration.seconds(1)
    func pause() -> Duration? {
      guard case .down(_, _, let pause)? = board.pause(0, .relayDown, trouble, now: now) else { return nil }
      now += pause
      guard case .trial = board.order(relay: 0, lane: 0, now: now) else { return nil }
      _ = board.connected(0, now: now)
      return pause
    }
    #expect((0..<4).map { _ in pause() } == [.seconds(1), .seconds(2), .seconds(4), .seconds(8)])
    board.noteAnswer(0)
    #expect(pause() == .seconds(1))
    board.succeed(0, now: now)
    #expect(pause() == .seconds(1))
  }

  @Test func `many refusals for policy are told once, and again at tenfold`() throws {
    let relay = try ScriptedRelay([], afterwards: Self.greet + [.refuseAll("550 5.7.1 not from you")])
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay))
    for _ in 0..<RejectionAlarm.limit - 1 {
      #expect(try rig.deliver(TestMail()).meaning == .policyRejected)
    }
    #expect(!rig.events.contains { $0.rejecting != nil })
    for _ in 0..<5 { #expect(try rig.deliver(TestMail()).verdict == .deferred) }
    #expect(rig.events.compactMap(\.rejecting) == [RejectionAlarm.limit])

    var alarm = RejectionAlarm()
    let first = (0..<1000).compactMap { alarm.note(.milliseconds($0)) }
    #expect(first == [10, 100, 1000])
    let later = (0..<20).compactMap { alarm.note(RejectionAlarm.window + .milliseconds($0)) }
    #expect(later == [10])
    let rare = (3..<100).compactMap { alarm.note(RejectionAlarm.window * $0) }
    #expect(rare.isEmpty)
  }
}
