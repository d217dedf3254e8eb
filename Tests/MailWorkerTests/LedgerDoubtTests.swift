import CodeRequests
import Foundation
import LinuxSystem
import MemoryRecords
import Records
import SMTPDelivery
import TestSupport
import Testing

@testable import MailWorker
@testable import SMTPDelivery

/// Mails that may have arrived: sent once more, with the same code, by another relay if there is one; then it ends.
@Suite(.waits) struct LedgerDoubtTests {
  private struct Doubtful {
    let rig: LedgerRig
    let request: CodeRequest
    let code: String

    /// A mail on which relay 1 fell silent after the final dot.
    init() throws {
      rig = try LedgerRig()
      let mail: PasscodeMail
      (request, mail) = try rig.send()
      code = mail.ticket.passcode.reveal()
      #expect(!mail.isRepeated)
      mail.withPassage { $0.noteDoubt(at: 1) }
      rig.end(mail, .ambiguous)
    }

    /// The mail once more, when it is due.
    func again() throws -> PasscodeMail {
      rig.time.pass(.seconds(121))
      rig.admit()
      return try rig.next()
    }

    /// The same mail, told to be doubtful at the relay that fell silent.
    func isRepetition(_ mail: PasscodeMail) -> Bool {
      mail.isRepeated && mail.withPassage { $0.doubtfulAt } == 1 && mail.ticket.passcode.reveal() == code
    }
  }

  @Test func `goes out again with the same code and the word which relay may have it, and is sent`() throws {
    let doubtful = try Doubtful()
    let rig = doubtful.rig
    #expect(try rig.status(doubtful.request).state == .deferred)
    let again = try doubtful.again()
    #expect(doubtful.isRepetition(again) && again.ticket.attempt == 2)
    rig.end(again, .sent)
    #expect(try rig.status(doubtful.request).outcome == .sent)
    #expect(try rig.log.events == ["ambiguous", "sent"])
    rig.tally.withLock { #expect($0.deferrals == 1 && $0[.sent] == 1 && $0.ended == 1) }
    #expect(rig.ledger.ambiguous.isEmpty)
  }

  @Test func `a second silence ends it, and the code stays good`() throws {
    let doubtful = try Doubtful()
    let rig = doubtful.rig
    rig.end(try doubtful.again(), .ambiguous)
    #expect(try rig.status(doubtful.request).outcome == .failed)
    #expect(try rig.text(in: "failed").contains("twice; the mail may have arrived"))
    #expect(rig.engine.tables.passcodes.values.flatMap { $0 }.map(\.arrival) == [.possible])
    #expect(try rig.log.events == ["ambiguous", "failed"])
  }

  @Test(arguments: [Verdict.deferred, .untouched])
  func `what its repetition meets before that counts for nothing`(_ verdict: Verdict) throws {
    let doubtful = try Doubtful()
    let rig = doubtful.rig
    rig.end(try doubtful.again(), verdict, verdict == .deferred ? .later : nil)
    let third = try doubtful.again()
    #expect(doubtful.isRepetition(third))
    rig.end(third, .ambiguous)
    #expect(try rig.status(doubtful.request).outcome == .failed)
  }

  @Test func `a worker that comes after a crash knows of the doubt by the records, and a silence ends it`()
    throws
  {
    let doubtful = try Doubtful()
    let next = try doubtful.rig.successor()
    next.time.pass(.seconds(121))
    next.admit()
    let mail = try next.next()
    #expect(mail.isRepeated && mail.ticket.mayHaveArrived && mail.ticket.crashes == 0)
    next.end(mail, .ambiguous)
    #expect(try next.status(doubtful.request).outcome == .failed)
  }

  @Test func `where the deadline leaves no second try it ends at once`() throws {
    let rig = try LedgerRig()
    let (request, mail) = try rig.send { [time = rig.time] in $0.deadline = time.now + 7 }
    rig.end(mail, .ambiguous)
    #expect(try rig.status(request).outcome == .failed)
    #expect(try rig.text(in: "failed").contains("no second try"))
    #expect(rig.ledger.ambiguous.isEmpty)
  }

  @Test func `one that ends while it waits is forgotten`() throws {
    let doubtful = try Doubtful()
    let rig = doubtful.rig
    #expect(rig.ledger.ambiguous.count == 1)
    #expect(try rig.records.cancel(doubtful.request.id, now: rig.time.now) == .cancelled)
    rig.time.pass(.seconds(121))
    rig.admit()
    #expect(rig.lanes.waiting == 0 && rig.ledger.ambiguous.isEmpty)
    #expect(try rig.status(doubtful.request).outcome == .cancelled)
  }
}
