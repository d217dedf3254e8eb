import CodeRequests
import Configuration
import Foundation
import LinuxSystem
import MemoryRecords
import Records
import SMTPDelivery
import TestSupport
import Testing

@testable import MailWorker
@testable import SMTPDelivery

/// What waits for a lane belongs to the queue: it goes back while no relay is served, and can be cancelled or superseded.
@Suite(.waits) struct LedgerHoldTests {
  private let trouble = RelayTrouble(
    stage: .connect, incident: .connectionLost, reply: nil, message: "relay.example:25: refused")

  private func outage(_ rig: LedgerRig) -> String? { RelayOutage.reason(in: rig.settings.state) }

  @Test func `while no relay is served what no lane has begun goes back, and status can say why`() throws {
    let rig = try LedgerRig()
    let (begun, mail) = try rig.send("begun@example.org")
    let waiting = try rig.ask()
    rig.admit()
    #expect(rig.lanes.waiting == 1 && outage(rig) == nil)
    rig.lanes.tell(.down(relay: "relay.example:25", trouble, pause: .seconds(1)))
    rig.lanes.serve(false)
    rig.turn()
    #expect(rig.lanes.waiting == 0)
    rig.turn()
    #expect(try rig.status(waiting).state == .queued && rig.status(begun).state == .sending)
    #expect(rig.ledger.inFlight == 1)
    #expect(outage(rig) == "relay.example:25: refused")
    // It comes round, and nothing is admitted.
    rig.admit()
    #expect(rig.lanes.waiting == 0)
    #expect(try rig.status(waiting).state == .queued)
    rig.end(mail, .sent)
    rig.lanes.serve(true)
    rig.turn()
    #expect(outage(rig) == nil)
    rig.turn()
    let again = try rig.next()
    #expect(again.prepared.request.id == waiting.id && again.ticket.attempt == 1)
  }

  @Test func `while no relay is served only what has passed its deadline is admitted`() throws {
    let rig = try LedgerRig()
    rig.lanes.serve(false)
    rig.turn()
    let late = try rig.ask("late@example.org") { [time = rig.time] in $0.deadline = time.now + 60 }
    let other = try rig.ask("other@example.org")
    rig.admit()
    #expect(rig.engine.tables.requests.isEmpty)
    rig.pass(.seconds(61))
    #expect(try rig.status(late).outcome == .expired)
    #expect(try rig.records.status(of: other.id) == nil)
    #expect(rig.lanes.waiting == 0)
    rig.lanes.serve(true)
    rig.turn()
    rig.turn()
    #expect(try rig.next().prepared.request.id == other.id)
  }

  @Test
  func `a mail that is cancelled while it waits for a lane is withdrawn; one that a lane has begun is not`()
    throws
  {
    let rig = try LedgerRig()
    let (begun, mail) = try rig.send("begun@example.org")
    let waiting = try rig.ask()
    let kept = try rig.ask("kept@example.org")
    rig.admit()
    #expect(rig.lanes.waiting == 2)
    for request in [begun, waiting] {
      #expect(try rig.records.cancel(request.id, now: rig.time.now) == .sending)
    }
    rig.pass(.seconds(1))
    #expect(rig.lanes.waiting == 1)
    rig.turn()
    #expect(try rig.status(waiting).outcome == .cancelled)
    #expect(try rig.log.events == ["cancelled"])
    rig.end(mail, .sent)
    #expect(try rig.status(begun).outcome == .sent)
    #expect(try rig.next().prepared.request.id == kept.id)
    rig.tally.withLock { #expect($0[.cancelled] == 1 && $0[.sent] == 1) }
    try rig.sweep()
    #expect(try rig.names("new").count == 1)
  }

  @Test func `one that was cancelled while it was sent in vain ends when it comes round`() throws {
    let rig = try LedgerRig()
    let (request, mail) = try rig.send()
    _ = try rig.records.cancel(request.id, now: rig.time.now)
    rig.end(mail, .deferred, .later)
    rig.time.pass(.seconds(13))
    rig.admit()
    #expect(rig.lanes.waiting == 0)
    #expect(try rig.status(request).outcome == .cancelled)
    #expect(try rig.log.events == ["deferred", "cancelled"])
  }

  @Test func `of two that waited for a relay only the newer is sent`() throws {
    let rig = try LedgerRig()
    let older = try rig.ask()
    rig.admit()
    rig.lanes.serve(false)
    rig.turn()
    rig.turn()
    rig.time.pass(.milliseconds(20))
    let newer = try rig.ask()
    rig.admit()
    #expect(rig.lanes.waiting == 0)
    #expect(try rig.status(older).state == .queued)
    rig.lanes.serve(true)
    rig.turn()
    rig.turn()
    let mail = try rig.next()
    #expect(mail.prepared.request.id == newer.id && rig.lanes.waiting == 0)
    rig.end(mail, .sent)
    #expect(try rig.status(older).outcome == .superseded && rig.status(newer).outcome == .sent)
    #expect(outage(rig) == nil)
  }

  @Test func `a newer request takes the place of one that waits for a lane, and not of one that is begun`()
    throws
  {
    let rig = try LedgerRig()
    let (begun, mail) = try rig.send("bo@example.org")
    let older = try rig.ask()
    rig.admit()
    rig.time.pass(.milliseconds(20))
    let newer = try rig.ask()
    let second = try rig.ask("bo@example.org")
    rig.admit()
    #expect(rig.lanes.waiting == 2)
    rig.turn()
    #expect(try rig.status(older).state == .queued)
    rig.admit()
    #expect(try rig.status(older).outcome == .superseded)
    #expect(Set([try rig.next(), try rig.next()].map(\.prepared.request.id)) == [newer.id, second.id])
    rig.end(mail, .sent)
    #expect(try rig.status(begun).outcome == .sent)
    #expect(try rig.log.events == ["superseded", "sent"])
    rig.tally.withLock { #expect($0[.superseded] == 1) }
  }

  @Test func `what is admitted when the lanes' queue is closed already goes back`() throws {
    let rig = try LedgerRig()
    let request = try rig.ask()
    rig.take()
    rig.lanes.finish(grace: .zero)
    rig.turn()
    rig.turn()
    #expect(try rig.status(request).state == .queued)
    #expect(rig.ledger.inFlight == 0)
  }

  @Test func `no more is admitted than the lanes' queue holds beside what they may put back`() throws {
    let rig = try LedgerRig(capacity: 6)
    for number in 0..<8 { try rig.ask("guest\(number)@example.org") }
    rig.admit()
    #expect(rig.lanes.waiting == 4)
    rig.turn()
    #expect(rig.lanes.waiting == 4)
    _ = try rig.next()
    rig.turn()
    #expect(rig.lanes.waiting == 4 && rig.ledger.inFlight == 5)
  }

  @Test func `starts with a few, and lets in more as mails are settled`() throws {
    let rig = try LedgerRig()
    for number in 0..<30 { try rig.ask("guest\(number)@example.org") }
    rig.admit()
    #expect(rig.ledger.inFlight == AdmissionWindow.least)
    rig.admit()
    #expect(rig.ledger.inFlight == AdmissionWindow.least)
    let mails = try (0..<4).map { _ in try rig.next() }
    for mail in mails { rig.lanes.report(mail, .sent) }
    rig.turn()
    rig.admit()
    #expect(rig.ledger.inFlight == AdmissionWindow.least + 2 * mails.count)
  }
}
