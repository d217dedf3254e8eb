import CInterposed
import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import SMTPDelivery

/// A name look-up that does not end: getaddrinfo cannot be interrupted, and nothing may wait for it.
@Suite(.serialized) struct SlowLookupTests {
  private func rig(_ change: (inout RelayTiming) -> Void) throws -> DeliveryRig {
    try DeliveryRig(
      RelaySettings(
        url: "smtp://relay.never.invalid:25", security: .starttls, lanes: 1, timing: testTiming(change)))
  }

  private func waitForLookup() {
    let limit = ContinuousClock.now + .seconds(10)
    while cinterposed_waiting_lookups() == 0, ContinuousClock.now < limit { sched_yield() }
    #expect(cinterposed_waiting_lookups() > 0, "nobody looks the name up")
  }

  @Test func `stopping does not wait for it`() throws {
    defer { cinterposed_end_lookups() }
    let rig = try rig { $0.connect = .seconds(25) }
    rig.mails.push(try TestMail())
    waitForLookup()
    let start = ContinuousClock.now
    rig.dispatcher.finish(grace: .zero)
    #expect(ContinuousClock.now - start < .seconds(5))
    #expect(cinterposed_waiting_lookups() > 0, "it still goes on")
    #expect(try rig.reports(1).map(\.verdict) == [.untouched])
  }

  @Test func `the time-out for connecting counts it`() throws {
    defer { cinterposed_end_lookups() }
    let relay = try ScriptedRelay([])
    defer { relay.stop() }
    let slow = try RelaySettings(
      url: "smtp://relay.never.invalid:25", security: .starttls, lanes: 1,
      timing: testTiming { ($0.connect, $0.firstPause) = (.milliseconds(300), .seconds(60)) })
    let rig = try DeliveryRig(slow, plaintext(relay))
    let start = ContinuousClock.now
    rig.mails.push(try TestMail())
    let trouble = try rig.waitForEvent(\.down)
    #expect(trouble.stage == .connect && trouble.incident == .timedOut)
    // Another relay takes the mail at once.
    #expect(try rig.reports(1)[0].relay == "127.0.0.1:\(relay.port)")
    #expect(ContinuousClock.now - start < .seconds(8))
    #expect(cinterposed_waiting_lookups() > 0, "it still goes on")
  }
}

/// How much memory replies cost.
@Suite struct ReplyAllocationTests {
  @Test func `a reply of many lines allocates no more than a reply of one`() throws {
    let lines =
      String(repeating: "250-2.0.0 a line of a reply that goes on\r\n", count: 200) + "250 2.0.0 end"
    let relay = try ScriptedRelay([
      ScriptedRelayStep.greet() + [.expect("NOOP"), .say(lines), .expect("NOOP"), .say("250 2.0.0 Ok")]
        + [.expect("NOOP"), .say(lines), .serve]
    ])
    defer { relay.stop() }
    let open = try RelayConnection.connect(plaintext(relay), cancel: CancelFlag(), uptime: monotonicTime)
    let noop = Array("NOOP\r\n".utf8)
    var counts: [UInt] = []
    for _ in 0..<3 {
      #expect(open.send(noop, timeout: .seconds(5)) == nil)
      let before = cinterposed_allocations()
      let failure = open.readReply(timeout: .seconds(5))
      counts.append(cinterposed_allocations() - before)
      #expect(failure == nil && open.parser.code == 250)
    }
    #expect(counts[2] <= counts[1], "\(counts)")
    // The counter counts: a reply that is kept is memory.
    let before = cinterposed_allocations()
    let reply = ReplyRedaction().reply(open.parser)
    #expect(reply.code == 250 && cinterposed_allocations() > before)
    open.quit(timeout: .seconds(5))
  }

  @Test func `the parser allocates nothing`() {
    let bytes = Array(String(repeating: "250-2.0.0 a line\r\n250 2.0.0 end\r\n", count: 100).utf8)
    var parser = ReplyParser()
    var (offset, replies) = (0, 0)
    let before = cinterposed_allocations()
    bytes.withUnsafeBytes { buffer in
      while offset < buffer.count, parser.consume(buffer, from: &offset) == .reply { replies += 1 }
    }
    #expect(cinterposed_allocations() == before)
    #expect(replies == 100)
  }
}
