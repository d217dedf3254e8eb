#if DEBUG
  import CodeRequests
  import Foundation
  import LinuxSystem
  import Records
  import SMTPDelivery
  import TestSupport
  import Testing

  @testable import MailWorker

  /// Files that cannot be moved after their outcome is recorded: they stay, come round as duplicates, and no mail goes out
  /// twice for them.
  @Suite(.waits) struct LedgerFileTests {
    @Test(arguments: [EIO, EACCES, EROFS, ENOSPC])
    func `a failed request that cannot be kept stays, is told once, and is kept when it can`(code: Int32)
      throws
    {
      let rig = try LedgerRig()
      let mails = try (0..<2).map { try rig.send("guest\($0)@example.org") }
      rig.failing("rename", with: code) {
        for (_, mail) in mails { rig.lanes.report(mail, .failed, .unknown) }
        rig.turn()
        // The outcome is recorded and told all the same.
        for (request, _) in mails { #expect((try? rig.status(request))?.outcome == .failed) }
        rig.admit()
        #expect(rig.lanes.waiting == 0, "left alone for a second")
        // They come round, and the disk is as it was.
        rig.pass(.milliseconds(1100))
        rig.admit()
      }
      #expect(try rig.names("new").count == 2 && rig.names("failed").isEmpty)
      #expect(rig.ledger.misplaced.count == 2)
      #expect(try rig.log.lines(.storageError).count == 1)
      #expect(try rig.log.lines(.failed).count == 2)
      #expect(try rig.log.lines(.storageRecovered).isEmpty)
      rig.pass(.milliseconds(1100))
      rig.admit()
      #expect(rig.lanes.waiting == 0)
      #expect(try rig.names("new").isEmpty && rig.names("failed").count == 4)
      #expect(try rig.text(in: "failed").contains("550 5.1.1 nobody"))
      #expect(try rig.log.lines(.storageRecovered).count == 1 && rig.log.lines(.storageError).count == 1)
      #expect(try rig.log.lines(.failed).count == 2)
      rig.tally.withLock { #expect($0[.failed] == 2) }
    }

    @Test func `is mended when the last of them is where it belongs`() throws {
      let rig = try LedgerRig()
      let (_, first) = try rig.send("first@example.org")
      let (second, mail) = try rig.send("second@example.org")
      rig.failing("rename", with: EROFS) {
        for mail in [first, mail] { rig.lanes.report(mail, .failed, .unknown) }
        rig.turn()
      }
      rig.failing("rename", with: EROFS) {
        // Only what is about the second fails now: its name is in no call, so it comes round later.
        rig.ledger.stuck[1].until += .seconds(10)
      }
      rig.pass(.milliseconds(1100))
      rig.admit()
      #expect(rig.ledger.misplaced.count == 1)
      #expect(try rig.log.lines(.storageRecovered).isEmpty)
      rig.pass(.seconds(11))
      rig.admit()
      #expect(rig.ledger.misplaced.isEmpty)
      #expect(try rig.log.lines(.storageRecovered).count == 1)
      #expect(try rig.status(second).outcome == .failed)
    }

    @Test(arguments: [EIO, EROFS])
    func `a deferral that cannot be renamed is told, and tried when it is due`(code: Int32) throws {
      let rig = try LedgerRig()
      let (request, mail) = try rig.send()
      rig.failing("rename", with: code) { rig.end(mail, .deferred, .later) }
      #expect(try rig.names("new").count == 1 && rig.names("deferred").isEmpty)
      #expect(try rig.status(request).state == .deferred)
      #expect(try rig.log.events == ["storage-error", "deferred"])
      rig.pass(.seconds(5))
      rig.admit()
      #expect(rig.lanes.waiting == 0, "no sooner than it would have been")
      rig.pass(.seconds(8))
      rig.admit()
      let again = try rig.next()
      #expect(again.ticket.attempt == 2)
      rig.end(again, .deferred, .later)
      #expect(try rig.names("deferred").count == 1)
      #expect(try rig.log.events.suffix(2) == ["storage-recovered", "deferred"])
    }

    @Test(arguments: [EIO, EROFS])
    func `a request that the records reject and that cannot be kept comes round as such`(code: Int32) throws {
      let rig = try LedgerRig()
      let (request, mail) = try rig.send()
      rig.end(mail, .sent)
      let resend = try rig.ask("bo@example.org") { $0.challenge = request.id }
      rig.take()
      rig.failing("rename", with: code) { rig.turn() }
      #expect(try rig.names("rejected").isEmpty)
      #expect(try rig.status(resend).outcome == .rejected)
      rig.pass(.milliseconds(1100))
      rig.admit()
      #expect(try rig.names("rejected").count == 2)
      #expect(try rig.log.lines(.rejected).count == 1 && rig.log.lines(.duplicate).count == 1)
    }

    @Test func `a crash between the commit and the file is the same`() throws {
      let rig = try LedgerRig()
      let (sent, first) = try rig.send("sent@example.org")
      let (failed, second) = try rig.send("failed@example.org")
      rig.lanes.report(first, .sent)
      rig.lanes.report(second, .failed, .unknown)
      // What is committed and not acted on.
      _ = try rig.records.commit(
        settlements: rig.inbox.next(
          lanes: { LedgerInbox.LaneRoom(admissible: 0, isLow: false) }, gathering: .zero, timeout: .zero
        ).reports.map {
          Settled($0.mail, $0.report, schedule: rig.ledger.schedule, at: rig.time.now).settlement
        }, admissions: [], now: rig.time.now)
      let next = try rig.successor()
      next.admit()
      #expect(next.lanes.waiting == 0)
      #expect(try next.status(sent).outcome == .sent && next.status(failed).outcome == .failed)
      #expect(try next.text(in: "failed").contains("550 5.1.1 nobody"))
      #expect(try next.log.events == ["duplicate", "duplicate"])
      try next.sweep()
      #expect(try next.names("new").isEmpty)
    }
  }
#endif
