import CodeRequests
import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import SMTPDelivery

/// Several relays, stopping, and speed limits.
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

  @Test func `a limit on connections costs lanes, not the relay`() throws {
    let relay = try ScriptedRelay(
      [Self.greet + [.serve]], afterwards: [.say("421 4.7.0 too many connections from you"), .close])
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay, lanes: 4))
    #expect(try rig.deliver(TestMail()).verdict == .sent)
    for _ in 0..<200 { rig.mails.push(try TestMail()) }
    #expect(try rig.reports(201).allSatisfy { $0.verdict == .sent })
    #expect(!rig.events.contains { $0.down != nil || $0.backingOff != nil })
    if relay.sessions.count > 1 { #expect(rig.events.compactMap(\.throttled).allSatisfy { $0 == 1 }) }
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

  @Test func `a throttled relay is reported and asked by fewer lanes`() throws {
    let no = "503 5.5.1 no"
    let relay = try ScriptedRelay([
      Self.greet + ScriptedRelayStep.envelope(recipient: "450 4.7.28 slow down, anna@example.org", data: no)
        + [
          .expect("RSET"), .say("250 Ok"), .serve,
        ]
    ])
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay, lanes: 4))
    #expect(try rig.deliver(TestMail()).meaning == .throttled)
    #expect(try rig.waitForEvent(\.throttled) == 2)
    let said = try rig.waitForEvent(\.throttlingReply)
    #expect(said == Reply(code: 450, enhanced: .init(4, 7, 28), text: "slow down, ••••"))
  }

  @Test func `a relay that complains of a few and takes the others is not slowed down further`() {
    var pace = RelayPace(lanes: 4, maxPerSecond: nil)
    for second in stride(from: 10, to: 16, by: 2) { _ = pace.throttle(now: .seconds(second)) }
    #expect(pace.interval == RelayPace.firstInterval * 4 && pace.lanes == 1)
    // Three mails for each complaint at a recipient, which may be the recipient's.
    for second in 20..<40 {
      for _ in 0..<3 { pace.succeed(now: .seconds(second)) }
      _ = pace.throttle(now: .seconds(second), isWeak: true)
    }
    #expect(pace.interval <= RelayPace.firstInterval && pace.lanes == 4)
    // The same of the sender, or many complaints, are the pace's.
    let slow = pace.interval
    for _ in 0..<9 { pace.succeed(now: .seconds(50)) }
    _ = pace.throttle(now: .seconds(50))
    #expect(pace.interval > slow && pace.lanes == 2)
    let slower = pace.interval
    for _ in 0..<30 { pace.succeed(now: .seconds(50)) }
    for _ in 0..<20 { _ = pace.throttle(now: .milliseconds(50_500), isWeak: true) }
    _ = pace.throttle(now: .seconds(52), isWeak: true)
    #expect(pace.interval > slower && pace.lanes == 1)
  }

  @Test func `a throttling relay is asked less, and more again after a calm`() {
    var pace = RelayPace(lanes: 8, maxPerSecond: nil)
    let unlimited = pace.reserve(now: .seconds(1))
    #expect(unlimited == .zero)
    // The second complaint is the one that the other lanes hear.
    let changes = [10, 10.5, 12].map { pace.throttle(now: .seconds($0)) }
    #expect(changes == [true, false, true])
    #expect(pace.lanes == 2)
    #expect(pace.interval == .milliseconds(40))
    pace.succeed(now: .seconds(13))
    #expect(pace.lanes == 2)
    for second in stride(from: 17, to: 60, by: 5) { pace.succeed(now: .seconds(second)) }
    #expect(pace.lanes == 8)
    #expect(!pace.isLimited)
    for second in stride(from: 100, to: 200, by: 2) { _ = pace.throttle(now: .seconds(second)) }
    #expect(pace.lanes == 1)
    #expect(pace.interval == RelayPace.longestInterval)
  }

  @Test func `maxPerSecond spaces mails evenly`() {
    var pace = RelayPace(lanes: 4, maxPerSecond: 10)
    let waits = (0..<5).map { _ in pace.reserve(now: .seconds(1)) }
    #expect(waits == [.zero, .milliseconds(100), .milliseconds(200), .milliseconds(300), .milliseconds(400)])
    let later = pace.reserve(now: .seconds(9))
    #expect(later == .zero)
  }

  @Test func `maxPerSecond holds over all lanes`() throws {
    let relay = try ScriptedRelay([])
    defer { relay.stop() }
    let rig = try DeliveryRig(
      RelaySettings(url: relay.url, security: .plaintext, lanes: 4, maxPerSecond: 20, timing: testTiming()))
    let start = ContinuousClock.now
    for _ in 0..<9 { rig.mails.push(try TestMail()) }
    #expect(try rig.reports(9).allSatisfy { $0.verdict == .sent })
    #expect(ContinuousClock.now - start >= .milliseconds(400))
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

  @Test func `a throttled relay gets its lanes back on a calm line`() throws {
    let no = "503 5.5.1 no"
    let relay = try ScriptedRelay([
      Self.greet + ScriptedRelayStep.envelope(recipient: "450 4.7.28 slow down", data: no) + [
        .expect("RSET"), .say("250 Ok"), .serve,
      ]
    ])
    defer { relay.stop() }
    let time = TestClock()
    let rig = try DeliveryRig(plaintext(relay, lanes: 4), clock: time.clock)
    #expect(try rig.deliver(TestMail()).verdict == .deferred)
    var lanes = [rig.dispatcher.board.laneLimit(of: 0)]
    for _ in 0..<2 {
      time.advance(.seconds(6))
      #expect(try rig.deliver(TestMail()).verdict == .sent)
      lanes.append(rig.dispatcher.board.laneLimit(of: 0))
    }
    #expect(lanes == [2, 3, 4])
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
