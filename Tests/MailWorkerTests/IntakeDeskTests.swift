import CodeRequests
import Foundation
import LinuxSystem
import Records
import RequestSpool
import TestSupport
import Testing

@testable import MailWorker

/// What the intake hands out, on its way to the ledger.
@Suite(.waits) struct IntakeDeskTests {
  private static let json = "\"version\": 1, \"recipient\": \"anna@example.org\""

  @Test func `what is no request is set aside with its reason, told and counted, and the next is read`()
    throws
  {
    let rig = try LedgerRig()
    try rig.drop("{\(Self.json), \"id\": \"short\", \"code\": \"918273\"}", as: "1-bad.json")
    try rig.drop(String(repeating: " ", count: 70 * 1024), as: "2-long.json")
    let good = try rig.ask()
    rig.admit()
    #expect(try rig.next().prepared.request.id == good.id)
    #expect(try rig.names("new").count == 1)
    let kept = try rig.text(in: "rejected")
    #expect(kept.contains("id: ") && kept.contains("bytes") && !kept.contains("918273"))
    let lines = try rig.log.lines(.rejected)
    #expect(lines.map { $0["file"] } == ["1-bad.json", "2-long.json"])
    #expect(lines.map { $0["field"] } == ["id", nil])
    rig.tally.withLock { #expect($0[.rejected] == 2) }
  }

  @Test func `no code is kept of a request that is set aside`() throws {
    let rig = try LedgerRig()
    let id = "\"id\": \"abcdefghijklmnopqrstuvwx\""
    let texts = [
      "bad.json": "{\(Self.json), \(id), \"code\": \"918273\", \"purpose\": \"nothing\"}",
      "worse.json": "{\"code\" : \"918273\", oops", "worst.json": "{\"Code\":\n \"918273\"}",
    ]
    for (name, text) in texts { try rig.drop(text, as: name) }
    rig.take()
    #expect(try rig.names("rejected") == texts.keys.flatMap { [$0, "\($0).reason"] }.sorted())
    #expect(try !rig.text(in: "rejected").contains("918273"))
    #expect(try rig.names("new").isEmpty && rig.inbox.isEmpty)
  }

  @Test func `of many files that are no requests a few are set aside in a turn, and the good ones go first`()
    throws
  {
    let rig = try LedgerRig()
    for number in 0..<300 { try rig.drop("{}", as: "\(rig.time.now.unixMilliseconds).bad\(number).json") }
    rig.time.pass(.seconds(1))
    let good = try rig.ask()
    rig.take()
    #expect(rig.inbox.takeRequests { _ in true }.map(\.request.id) == [good.id])
    #expect(try rig.names("rejected").count == 2 * IntakeDesk.rejectionsBeside)
    for _ in 0..<5 { rig.take() }
    #expect(try rig.names("rejected").count == 2 * 300 && rig.names("new").count == 1)
    #expect(try rig.log.lines(.rejected).count == 300)
  }

  @Test func `what waits to be set aside when the worker stops goes back`() throws {
    let rig = try LedgerRig()
    for number in 0..<100 { try rig.drop("{}", as: "bad\(number).json") }
    rig.take()
    #expect(try rig.names("rejected").count == 2 * IntakeDesk.rejectionsAlone)
    rig.life.stop(givingUpAfter: .seconds(60))
    rig.desk.run(rig.life)
    #expect(try rig.intake.next(max: 100, now: { Date() }, timeout: .zero).count == 36)
  }

  @Test func `takes no more than there is room for`() throws {
    let rig = try LedgerRig()
    for number in 0..<12 { try rig.ask("guest\(number)@example.org") }
    rig.take()
    rig.turn()
    #expect(rig.ledger.inFlight == AdmissionWindow.least && rig.inbox.isEmpty)
    rig.inbox.limit(to: 3)
    rig.take()
    rig.inbox.limit(to: 512)
    let left = rig.inbox.takeRequests { _ in true }
    #expect(left.count == 3)
  }

  @Test func `a file that was cancelled meanwhile is nobody's`() throws {
    let rig = try LedgerRig()
    try rig.ask()
    // Known to the intake, and gone.
    let entries = try rig.intake.next(max: 1, now: rig.time.clock.date, timeout: .zero)
    rig.intake.release(entries[0])
    try FileManager.default.removeItem(atPath: "\(rig.spool.path)/new/\(entries[0].fileName)")
    rig.take()
    #expect(try rig.inbox.isEmpty && rig.log.lines.isEmpty)
    #expect(rig.intake.remainder == [])
  }

  @Test func `what was read when the worker stops goes back`() throws {
    let rig = try LedgerRig()
    try rig.ask()
    #expect(rig.inbox.closeIntake().isEmpty)
    #expect(!rig.desk.turn(rig.life, timeout: .zero))
    // Closed after the room was asked for.
    let open = try LedgerRig()
    try open.ask()
    let (inbox, life) = (open.inbox, open.life)
    let clock = WorkerClock(date: {
      _ = inbox.closeIntake()
      return Date()
    })
    let desk = IntakeDesk(
      intake: open.intake, reader: open.reader, inbox: inbox, tally: open.tally, log: open.log.log,
      clock: clock)
    #expect(!desk.turn(life, timeout: .zero))
    #expect(try open.intake.next(max: 1, now: { Date() }, timeout: .zero).count == 1)
    desk.run(life)
  }

  #if DEBUG
    @Test(arguments: [EIO, ENOTCONN])
    func `a file that cannot be read is left alone for a minute, told once, and holds up nobody`(code: Int32)
      throws
    {
      let rig = try LedgerRig()
      let bad = try rig.ask("bad@example.org")
      rig.time.pass(.milliseconds(5))
      let good = try rig.ask("good@example.org")
      let fails = bad.id.rawValue
      rig.failing("open", fails, with: code) { rig.take() }
      rig.turn()
      #expect(try rig.next().prepared.request.id == good.id)
      #expect(rig.time.pauses == 0)
      #expect(try rig.log.lines(.storageError).count == 1)
      #expect(try rig.log.lines(.storageError).first?["file"]?.hasSuffix(".json") == true)
      rig.time.pass(.seconds(50))
      rig.admit()
      #expect(rig.lanes.waiting == 0)
      rig.time.pass(.seconds(11))
      rig.failing("open", fails, with: code) { rig.take() }
      #expect(try rig.log.lines(.storageError).count == 1)
      rig.time.pass(.seconds(61))
      rig.admit()
      #expect(try rig.next().prepared.request.id == bad.id)
      #expect(try rig.log.events == ["storage-error", "storage-recovered"])
    }

    @Test func `of many files that cannot be read sixteen are told`() throws {
      let rig = try LedgerRig()
      rig.inbox.limit(to: 512)
      for number in 0..<20 { try rig.ask("guest\(number)@example.org") }
      rig.failing("open", ".json", with: EIO) { rig.take() }
      #expect(try rig.log.lines(.storageError).count == 16)
      rig.time.pass(.seconds(61))
      rig.admit()
      #expect(try rig.log.lines(.storageRecovered).count == 16)
      #expect(rig.ledger.inFlight == 20 || rig.ledger.inFlight == AdmissionWindow.least)
    }

    @Test(arguments: [EMFILE, ENOSPC])
    func `trouble with the disk is told once, and all goes back and is tried every second`(code: Int32) throws
    {
      let rig = try LedgerRig()
      let first = try rig.ask("first@example.org")
      rig.time.pass(.milliseconds(5))
      let second = try rig.ask("second@example.org")
      // Those that can be read go on.
      rig.failing("open", first.id.rawValue, with: code) {
        for _ in 0..<3 { rig.take() }
      }
      #expect(rig.time.pauses == 3)
      rig.turn()
      #expect(try rig.next().prepared.request.id == second.id)
      #expect(try rig.log.events == ["storage-error"])
      rig.admit()
      #expect(try rig.next().prepared.request.id == first.id)
      #expect(try rig.log.events == ["storage-error", "storage-recovered"])
      rig.failing("open", with: code) {
        _ = try? rig.ask("third@example.org")
      }
    }

    @Test func `one that cannot be set aside is tried again, and the log says when it is mended`() throws {
      let rig = try LedgerRig()
      try rig.drop("{}", as: "bad.json")
      rig.failing("rename", with: EROFS) {
        for _ in 0..<2 { rig.take() }
      }
      #expect(rig.time.pauses == 2)
      #expect(try rig.names("new") == ["bad.json"] && rig.names("rejected").isEmpty)
      rig.take()
      #expect(try rig.names("new").isEmpty && rig.names("rejected").count == 2)
      #expect(try rig.log.events == ["storage-error", "rejected", "storage-recovered"])
      rig.tally.withLock { #expect($0[.rejected] == 1) }
    }
  #endif

  @Test func `a spool that was taken away is told once, until it is back`() throws {
    let rig = try LedgerRig()
    rig.take()
    let path = rig.spool.path
    try FileManager.default.moveItem(atPath: path, toPath: "\(path).away")
    rig.time.pass(.seconds(61))
    for _ in 0..<3 { rig.take() }
    #expect(rig.time.pauses == 3)
    #expect(try rig.log.events == ["storage-error"])
    try FileManager.default.moveItem(atPath: "\(path).away", toPath: path)
    rig.take()
    #expect(try rig.log.events == ["storage-error", "storage-recovered"])
  }
}
