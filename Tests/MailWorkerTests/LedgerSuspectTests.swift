import CodeRequests
import Foundation
import LinuxSystem
import MemoryRecords
import Records
import SMTPDelivery
import TestSupport
import Testing

@testable import MailWorker

/// Workers that die with mails in flight, one after the other over the same records and spool.
@Suite(.waits) struct LedgerSuspectTests {
  /// The second worker: what the first had in flight has been in flight at one crash.
  private func second(_ recipients: [String]) throws -> (LedgerRig, [CodeRequest]) {
    let first = try LedgerRig()
    let requests = try recipients.map { try first.ask($0) }
    first.admit()
    #expect(first.lanes.waiting == requests.count)
    return (try first.successor(), requests)
  }

  /// The third: what was in flight under both is a suspect.
  private func third(_ recipients: String...) throws -> (LedgerRig, [CodeRequest]) {
    let (rig, requests) = try second(recipients)
    rig.admit()
    #expect(rig.lanes.waiting == requests.count)
    return (try rig.successor(), requests)
  }

  private func mails(_ rig: LedgerRig) -> [PasscodeMail] {
    var mails: [PasscodeMail] = []
    while let mail = rig.lanes.next() { mails.append(mail) }
    return mails
  }

  @Test func `what was in flight at one crash is sent again with a further code, a few at a time`() throws {
    let names = (0..<8).map { "guest\($0)@example.org" }
    let (rig, requests) = try second(names)
    rig.admit()
    let doubtful = mails(rig)
    #expect(doubtful.count == 8 && doubtful.allSatisfy { $0.ticket.crashes == 1 && $0.ticket.attempt == 2 })
    #expect(doubtful.allSatisfy { $0.isRepeated == false })
    #expect(rig.ledger.doubtful == 8)
    // The relay takes them fast, so that many would be let in.
    for mail in doubtful.dropFirst() { rig.lanes.report(mail, .sent) }
    rig.turn()
    #expect(rig.ledger.doubtful == 1)
    for number in 0..<20 { try rig.ask("fresh\(number)@example.org") }
    rig.admit()
    #expect(rig.lanes.waiting == 7, "eight in all, as long as one of them is in doubt")
    rig.end(doubtful[0], .sent)
    #expect(rig.ledger.doubtful == 0)
    rig.turn()
    #expect(rig.lanes.waiting > 8)
    for request in requests { #expect(try rig.status(request).outcome == .sent) }
  }

  @Test func `what was in flight at two crashes is tried alone, one after the other, with nothing beside it`()
    throws
  {
    let (rig, requests) = try third("anna@example.org", "bo@example.org")
    let other = try rig.ask("fresh@example.org")
    rig.take()
    // Whatever came with them goes first.
    rig.turn()
    let fresh = try rig.next()
    #expect(fresh.prepared.request.id == other.id)
    #expect(rig.lanes.waiting == 0 && rig.ledger.suspects.count == 2)
    rig.turn()
    #expect(rig.lanes.waiting == 0, "something is in flight")
    try rig.ask("late@example.org")
    rig.admit()
    #expect(rig.lanes.waiting == 0, "suspects go before what comes now")
    rig.end(fresh, .sent)
    for left in [1, 0] {
      rig.turn()
      let trial = try rig.next()
      #expect(trial.ticket.crashes == 2 && rig.ledger.isTrying && rig.ledger.suspects.count == left)
      rig.turn()
      #expect(rig.lanes.waiting == 0 && rig.ledger.inFlight == 1, "nothing beside it")
      rig.end(trial, .sent)
      #expect(!rig.ledger.isTrying)
    }
    rig.turn()
    #expect(try rig.next().prepared.request.recipient.rawValue == "late@example.org")
    for request in requests { #expect(try rig.status(request).outcome == .sent) }
  }

  @Test func `what was in flight alone at the third crash fails as its cause`() throws {
    let (rig, requests) = try third("anna@example.org")
    rig.admit()
    rig.turn()
    #expect(try rig.next().ticket.crashes == 2)
    let next = try rig.successor()
    next.admit()
    next.turn()
    #expect(next.lanes.waiting == 0)
    #expect(try next.status(requests[0]).outcome == .failed)
    #expect(try next.text(in: "failed").contains("in flight when the worker died three times"))
    #expect(try next.names("new").isEmpty)
    #expect(try next.log.lines(.failed).count == 1)
    next.tally.withLock { #expect($0[.failed] == 1) }
  }

  @Test func `no suspect is tried while no relay is served, but for one whose deadline has passed`() throws {
    let (rig, requests) = try third("anna@example.org")
    rig.lanes.serve(false)
    rig.admit()
    rig.turn()
    #expect(rig.lanes.waiting == 0 && rig.ledger.suspects.count == 1)
    #expect(try rig.status(requests[0]).state == .sending)
    rig.time.pass(.seconds(601))
    rig.turn()
    rig.turn()
    #expect(rig.ledger.suspects.isEmpty)
    #expect(try rig.status(requests[0]).outcome == .expired)
  }

  @Test func `no suspect is tried while the worker stops; its file stays for the next`() throws {
    let (rig, _) = try third("anna@example.org")
    rig.life.stop(givingUpAfter: patience)
    rig.inbox.interrupt()
    #expect(rig.desk.turn(rig.life, timeout: .zero))
    for _ in 0..<3 { rig.turn() }
    #expect(rig.ledger.suspects.count == 1 && rig.lanes.waiting == 0)
    #expect(try rig.names("new").count == 1)
  }

  @Test func `what another machine has in hand waits five seconds at a time`() throws {
    let first = try LedgerRig()
    let (request, _) = try first.send()
    let run = try #require(first.engine.tables.requests.values.first?.run)
    first.engine.setLiveRuns([run])
    let rig = try first.successor()
    rig.admit()
    #expect(rig.lanes.waiting == 0 && rig.ledger.inFlight == 0)
    first.engine.setLiveRuns([])
    rig.time.pass(.seconds(2))
    rig.admit()
    #expect(rig.lanes.waiting == 0, "not asked again before")
    rig.time.pass(.seconds(4))
    rig.admit()
    #expect(try rig.next().ticket.crashes == 1)
    #expect(try rig.status(request).state == .sending)
    #expect(try rig.log.lines.isEmpty)
  }
}
