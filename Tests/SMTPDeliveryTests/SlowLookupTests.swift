import CInterposed
import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import SMTPDelivery

/// A name look-up that does not end: getaddrinfo cannot be interrupted, and nothing may wait for it.
@Suite(.waits, .serialized) struct SlowLookupTests {
  private func rig(_ change: (inout RelayTiming) -> Void) throws -> DeliveryRig {
    try DeliveryRig(
      RelaySettings(
        url: "smtp://relay.never.invalid:25", security: .starttls, lanes: 1, timing: testTiming(change)))
  }

  private func waitForLookup() {
    let limit = ContinuousClock.now + patience
    while cinterposed_waiting_lookups() == 0, ContinuousClock.now < limit { sched_yield() }
    #expect(cinterposed_waiting_lookups() > 0, "nobody looks the name up")
  }

  @Test func `stopping does not wait for it`() throws {
    defer { cinterposed_end_lookups() }
    let rig = try rig { $0.connect = patience * 2 }
    rig.mails.push(try TestMail())
    waitForLookup()
    let start = ContinuousClock.now
    rig.dispatcher.finish(grace: .zero)
    #expect(ContinuousClock.now - start < patience)
    #expect(cinterposed_waiting_lookups() > 0, "it still goes on")
    #expect(try rig.reports(1).map(\.verdict) == [.untouched])
  }

  @Test func `the time-out for connecting counts it`() throws {
    defer { cinterposed_end_lookups() }
    let relay = try ScriptedRelay([])
    defer { relay.stop() }
    let slow = try RelaySettings(
      url: "smtp://relay.never.invalid:25", security: .starttls, lanes: 1,
      timing: testTiming { ($0.connect, $0.firstPause) = (.seconds(1), .seconds(60)) })
    let rig = try DeliveryRig(slow, plaintext(relay))
    rig.mails.push(try TestMail())
    let trouble = try rig.waitForEvent(\.down)
    #expect(trouble.stage == .connect && trouble.incident == .timedOut)
    // Another relay takes the mail at once.
    #expect(try rig.reports(1)[0].relay == "127.0.0.1:\(relay.port)")
    #expect(cinterposed_waiting_lookups() > 0, "it still goes on")
  }
}
