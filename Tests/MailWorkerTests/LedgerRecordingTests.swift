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

/// Records that cannot be written: nothing is sent or told that does not stand, and nothing is lost.
@Suite(.waits) struct LedgerRecordingTests {
  private static func error(_ code: RecordError.Code) -> RecordError {
    RecordError(code, "records", "cannot be used")
  }

  @Test func `a turn that cannot be committed is tried every second, told once, and nothing of it goes out`()
    throws
  {
    let rig = try LedgerRig()
    let request = try rig.ask()
    rig.take()
    rig.engine.fail(with: Self.error(.full), Self.error(.busy), Self.error(.io))
    let (lanes, engine) = (rig.lanes, rig.engine)
    rig.time.onPause { _ in #expect(lanes.waiting == 0 && engine.tables.requests.isEmpty) }
    rig.turn()
    #expect(rig.time.pauses == 3)
    #expect(try rig.log.events == ["storage-error", "storage-recovered"])
    #expect(try rig.log.lines(.storageError).first?["code"] == "full")
    rig.time.onPause(nil)
    let mail = try rig.next()
    #expect(mail.ticket.attempt == 1)
    #expect(try rig.status(request).attempts == 1)
    // The next trouble is told again.
    rig.engine.fail(with: Self.error(.busy))
    rig.end(mail, .sent)
    #expect(
      try rig.log.events == [
        "storage-error", "storage-recovered", "storage-error", "storage-recovered", "sent",
      ])
    #expect(try rig.status(request).outcome == .sent)
  }

  @Test func `an outcome that is recorded late is the one that was judged first; a deadline counts anew`()
    throws
  {
    let rig = try LedgerRig()
    let (first, mail) = try rig.send()
    let second = try rig.ask("bo@example.org") { [time = rig.time] in $0.deadline = time.now + 30 }
    rig.take()
    rig.lanes.report(mail, .deferred, .later)
    let before = rig.time.now
    rig.engine.fail(with: Self.error(.busy), Self.error(.busy))
    rig.time.onPause { [time = rig.time] _ in time.pass(.seconds(20)) }
    rig.turn()
    let due = try #require(try rig.status(first).nextAttempt)
    #expect(due.timeIntervalSince(before) < 30, "\(due.timeIntervalSince(before))")
    #expect(try rig.status(second).outcome == .expired)
    #expect(rig.lanes.waiting == 0)
  }

  @Test
  func `what was committed and not synced is written again, as the same attempt, with no second passcode`()
    throws
  {
    let rig = try LedgerRig()
    let request = try rig.ask()
    rig.take()
    rig.engine.failSyncs(2)
    let lanes = rig.lanes
    rig.time.onPause { _ in #expect(lanes.waiting == 0) }
    rig.turn()
    #expect(rig.time.pauses == 2)
    #expect(rig.engine.commits == 4, "with that of the upkeep")
    #expect(try rig.next().ticket.attempt == 1)
    #expect(try rig.status(request).attempts == 1)
    #expect(rig.engine.tables.passcodes.values.map(\.count) == [1])
    #expect(try rig.log.events == ["storage-error", "storage-recovered"])
  }

  /// One turn is committed and being synced by its thread, with four mails in it; then a report comes.
  private struct Overlap {
    let rig: LedgerRig
    let first: CodeRequest
    let mail: PasscodeMail

    /// - Parameters:
    ///   - further: transactions that its sync waits for.
    ///   - turn: makes it.
    init(
      untilFurther further: Int, syncs: Int = 0, logs: Int = 0,
      turn: (LedgerRig) -> Void = { $0.turn() }
    ) throws {
      let rig = try LedgerRig()
      rig.ledger.syncer = RecordSyncer { [inbox = rig.inbox] in inbox.interrupt() }
      let (first, mail) = try rig.send()
      for number in 0..<3 { try rig.ask("early\(number)@example.org") }
      rig.admit()
      for number in 0..<8 { try rig.ask("guest\(number)@example.org") }
      rig.take()
      for _ in 0..<3 { _ = try rig.next() }
      rig.engine.failSyncs(syncs, logs: logs)
      rig.engine.holdLogs(untilFurther: 1 + further)
      // The window lets in four of the eight, so the next turn waits already.
      turn(rig)
      self.rig = rig
      self.first = first
      self.mail = mail
    }
  }

  @Test
  func `while one turn is synced the next is written, and nothing of either is acted on before its own sync`()
    throws
  {
    let overlap = try Overlap(untilFurther: 1)
    let rig = overlap.rig
    #expect(rig.ledger.open != nil)
    #expect(rig.lanes.waiting == 0 && rig.ledger.inFlight == 4)
    rig.end(overlap.mail, .sent)
    #expect(rig.lanes.waiting >= 4)
    while rig.ledger.open != nil { rig.turn() }
    #expect(try rig.status(overlap.first).outcome == .sent)
    #expect(try rig.log.events == ["sent"])
    #expect(rig.time.pauses == 0)
  }

  @Test func `a sync that failed on its thread is made in another way, and nobody is told`() throws {
    let overlap = try Overlap(untilFurther: 1, logs: 1)
    let rig = overlap.rig
    let commits = rig.engine.commits
    rig.end(overlap.mail, .sent)
    #expect(rig.engine.commits == commits + 1)
    while rig.ledger.open != nil { rig.turn() }
    #expect(try rig.log.events == ["sent"])
    #expect(rig.lanes.waiting >= 4)
  }

  @Test func `where a sync fails in every way its turn is written again, and so is the one behind it`() throws
  {
    let overlap = try Overlap(untilFurther: 1, syncs: 1, logs: 1)
    let rig = overlap.rig
    let commits = rig.engine.commits
    rig.lanes.report(overlap.mail, .sent)
    rig.turn()
    #expect(rig.engine.commits == commits + 3, "the second, then both again")
    while rig.ledger.open != nil { rig.turn() }
    #expect(try rig.log.events == ["storage-error", "storage-recovered", "sent"])
    #expect(try rig.status(overlap.first).outcome == .sent)
    var mails: [PasscodeMail] = []
    while let mail = rig.lanes.next() { mails.append(mail) }
    #expect(Set(mails.map(\.ticket.requestKey)).count == mails.count && mails.count >= 4)
    #expect(mails.allSatisfy { $0.ticket.attempt == 1 })
    #expect(rig.engine.tables.requests.values.filter { $0.admittedAt != nil }.allSatisfy { $0.sends == 1 })
    for (challenge, passcodes) in rig.engine.tables.passcodes {
      #expect(passcodes.count == 1, "\(challenge)")
    }
  }

  @Test func `a turn that cannot be written while another is synced waits for that first`() throws {
    let overlap = try Overlap(untilFurther: 1)
    let rig = overlap.rig
    rig.engine.fail(with: Self.error(.busy))
    rig.lanes.report(overlap.mail, .sent)
    let lanes = rig.lanes
    rig.time.onPause { _ in #expect(lanes.waiting == 4, "the first turn is acted on") }
    rig.turn()
    #expect(rig.time.pauses == 1)
    #expect(try rig.status(overlap.first).outcome == .sent)
    #expect(try rig.log.events == ["storage-error", "storage-recovered", "sent"])
  }

  @Test func `a turn that is being synced is not put off by others that stand in the records' place`() throws
  {
    let overlap = try Overlap(untilFurther: 1)
    let rig = overlap.rig
    rig.engine.replace()
    rig.lanes.report(overlap.mail, .sent)
    rig.turn()
    #expect(rig.lanes.waiting >= 4)
    #expect(try rig.log.lines(.reloaded).count == 1)
    while rig.ledger.open != nil { rig.turn() }
    #expect(try rig.log.events == ["reloaded", "sent"])
  }

  @Test func `a turn that is being synced is ended before the upkeep, which syncs too`() throws {
    let overlap = try Overlap(untilFurther: 0) { $0.pass(.seconds(1)) }
    #expect(overlap.rig.ledger.open == nil && overlap.rig.lanes.waiting == 4)
    let failing = try Overlap(untilFurther: 0, syncs: 9, logs: 9) { rig in
      rig.life.stop(givingUpAfter: .zero)
      rig.time.pass(.seconds(1))
      #expect(rig.ledger.turn(rig.life) == false)
    }
    #expect(failing.rig.lanes.waiting == 0)
  }

  // MARK: Damage

  @Test(arguments: [true, false])
  func `damaged records hold everything back until others stand in their place, or they can be opened anew`(
    isReplaced: Bool
  ) throws {
    let rig = try LedgerRig()
    let request = try rig.ask()
    rig.take()
    rig.engine.damage()
    let (lanes, engine) = (rig.lanes, rig.engine)
    rig.time.onPause { count in
      #expect(lanes.waiting == 0)
      if count == 4 { if isReplaced { engine.replace() } else { engine.mend() } }
    }
    rig.turn()
    #expect(rig.time.pauses == (isReplaced ? 4 : 5))
    #expect(try rig.log.lines(.storageError).map { $0["code"] } == ["corrupt"])
    #expect(try rig.log.lines(.storageRecovered).count == 1)
    #expect(try rig.next().prepared.request.id == request.id)
  }

  @Test func `records that were put in the place of others are told and used`() throws {
    let rig = try LedgerRig()
    rig.engine.replace()
    let (request, mail) = try rig.send()
    #expect(try rig.log.lines.map { $0["records"] } == [rig.settings.recordsPath])
    rig.end(mail, .sent)
    #expect(try rig.status(request).outcome == .sent)
    #expect(try rig.log.events == ["reloaded", "sent"])
  }

  // MARK: The end

  @Test func `what cannot be recorded is given up when the stop has taken too long, and stays as it was`()
    throws
  {
    let rig = try LedgerRig()
    let (request, mail) = try rig.send()
    rig.lanes.report(mail, .sent)
    rig.engine.fail(with: Self.error(.full), Self.error(.full))
    rig.time.onPause { [life = rig.life] _ in life.stop(givingUpAfter: .zero) }
    #expect(rig.ledger.turn(rig.life) == false)
    #expect(rig.time.pauses == 1)
    #expect(try rig.status(request).state == .sending)
    #expect(try rig.log.events == ["storage-error"])
  }

  @Test(arguments: [true, false])
  func `so is a turn that is being synced`(hasReport: Bool) throws {
    let overlap = try Overlap(untilFurther: 0, syncs: 9, logs: 9)
    let rig = overlap.rig
    rig.life.stop(givingUpAfter: .zero)
    if hasReport { rig.lanes.report(overlap.mail, .sent) }
    _ = try eventually { rig.ledger.syncer?.isDone == true ? true : nil }
    #expect(rig.ledger.turn(rig.life) == false)
    #expect(rig.lanes.waiting == 0)
    #expect(try rig.status(overlap.first).state == .sending)
  }

  @Test func `ends when nothing is in flight, and gives up on what no lane reports`() throws {
    let rig = try LedgerRig()
    let (_, mail) = try rig.send()
    rig.life.end()
    rig.turn()
    rig.lanes.report(mail, .sent)
    #expect(rig.ledger.turn(rig.life) == true)

    let silent = try LedgerRig()
    _ = try silent.send()
    silent.life.stop(givingUpAfter: patience)
    silent.turn()
    silent.life.stop(givingUpAfter: .zero)
    #expect(silent.ledger.turn(silent.life) == false)
  }

  @Test func `gives a sign of life with each turn, and in each pause`() throws {
    let rig = try LedgerRig()
    #expect(rig.life.ask())
    #expect(!rig.life.ask(), "not answered yet")
    rig.turn()
    #expect(rig.life.ask())
    _ = try rig.ask()
    rig.take()
    rig.engine.fail(with: Self.error(.busy), Self.error(.busy))
    rig.time.onPause { [life = rig.life] _ in #expect(life.ask()) }
    rig.turn()
    #expect(rig.time.pauses == 2)
  }

  // MARK: Upkeep

  @Test func `trouble with the upkeep is told once, until that works again`() throws {
    let rig = try LedgerRig()
    rig.engine.fail(with: Self.error(.busy), Self.error(.busy))
    for _ in 0..<3 { rig.pass(.seconds(10)) }
    #expect(try rig.log.events == ["storage-error", "storage-recovered"])
  }

  @Test func `trouble with the keys is told once until it is over, and holds up nothing`() throws {
    let rig = try LedgerRig()
    rig.turn()
    let keys = rig.settings.keysPath
    try FileManager.default.moveItem(atPath: keys, toPath: "\(keys).away")
    for _ in 0..<3 { rig.pass(.seconds(31)) }
    let (request, mail) = try rig.send()
    rig.end(mail, .sent)
    #expect(try rig.status(request).outcome == .sent)
    #expect(try rig.log.events == ["storage-error", "sent"])
    #expect(try rig.log.lines(.storageError).first?["code"] == "key")
    // Whoever looked for keys has made the folder.
    try FileManager.default.removeItem(atPath: keys)
    try FileManager.default.moveItem(atPath: "\(keys).away", toPath: keys)
    rig.pass(.seconds(31))
    try FileManager.default.moveItem(atPath: keys, toPath: "\(keys).away")
    rig.pass(.seconds(20))
    #expect(try rig.log.lines(.storageError).count == 1, "looked at every 30 s")
    rig.pass(.seconds(11))
    #expect(try rig.log.lines(.storageError).count == 2)
  }
}
