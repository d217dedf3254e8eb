import LinuxSystem
import TestSupport
import Testing

@testable import SMTPDelivery

/// How fast a relay is asked, and by how many lanes.
@Suite(.waits) struct RelayPaceTests {
  private static let greet = ScriptedRelayStep.greet()

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
}
