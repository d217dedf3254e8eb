import CodeRequests
import Foundation
import LinuxSystem
import Records
import RequestSpool
import SMTPDelivery
import TestSupport
import Testing

@testable import MailWorker

/// What a ledger makes of what lanes report: records, files, counts and log lines of one request.
@Suite(.waits) struct LedgerOutcomeTests {
  /// What a lane reports on a mail that it has begun.
  struct Ending: Sendable, CustomTestStringConvertible {
    let verdict: Verdict
    var reply: Reply?
    let outcome: Outcome
    let event: LogEvent.Name
    let folder: String?
    let told: String?
    var testDescription: String { "\(verdict)" }
  }

  private static let endings = [
    Ending(
      verdict: .sent, reply: Reply(code: 250, text: "queued"), outcome: .sent, event: .sent, folder: nil,
      told: "250 queued"),
    Ending(
      verdict: .failed, reply: .unknown, outcome: .failed, event: .failed, folder: "failed",
      told: "550 5.1.1 nobody"),
    Ending(
      verdict: .unsendable(reason: "no such variable"), outcome: .failed, event: .failed, folder: "failed",
      told: "no such variable"),
    Ending(verdict: .expired, outcome: .expired, event: .expired, folder: nil, told: nil),
  ]

  @Test(arguments: endings)
  func `an end is recorded, told and counted, and the file goes where it says`(_ ending: Ending) throws {
    let rig = try LedgerRig()
    let (request, mail) = try rig.send()
    #expect(try rig.state(request) == "sending" && rig.ledger.inFlight == 1)
    rig.end(mail, ending.verdict, ending.reply)
    #expect(rig.ledger.inFlight == 0)
    let status = try rig.status(request)
    #expect(status.outcome == ending.outcome && status.attempts == 1)
    #expect((status.reply ?? status.reason) == ending.told)
    #expect((status.reply != nil) == (ending.reply != nil))
    try rig.sweep()
    #expect(try rig.names("new").isEmpty && rig.names("deferred").isEmpty)
    let kept = try rig.names("failed")
    #expect(kept.count == (ending.folder == nil ? 0 : 2))
    if ending.folder != nil { #expect(try rig.text(in: "failed").contains(try #require(ending.told))) }
    #expect(try rig.log.lines(ending.event).count == 1 && rig.log.lines.count == 1)
    rig.tally.withLock { #expect($0[ending.outcome] == 1 && $0.ended == 1 && $0.deferrals == 0) }
  }

  @Test
  func `what is put off comes again after the first delay, then after the second, each time with a new code`()
    throws
  {
    let rig = try LedgerRig()
    var (request, mail) = try rig.send()
    var codes = [mail.ticket.passcode.reveal()]
    for (attempt, delay) in [(1, 10.0), (2, 100), (3, 100)] {
      #expect(mail.ticket.attempt == attempt)
      let before = rig.time.now
      rig.end(mail, .deferred, .later)
      let status = try rig.status(request)
      #expect(status.state == .deferred && status.attempts == attempt)
      let due = try #require(status.nextAttempt)
      #expect((0.8 * delay - 1...1.2 * delay + 60).contains(due.timeIntervalSince(before)), "\(attempt)")
      let name = try #require(try rig.names("deferred").first)
      #expect(name.hasPrefix("\(due.unixMilliseconds).\(attempt)-"), "\(name)")
      #expect(try rig.names("new").isEmpty)
      rig.time.pass(.seconds(0.5 * delay))
      rig.admit()
      #expect(rig.lanes.waiting == 0, "it is not due")
      rig.time.pass(.seconds(0.7 * delay + 1))
      rig.admit()
      mail = try rig.next()
      codes.append(mail.ticket.passcode.reveal())
      // What it was queued at goes with it.
      #expect(mail.ticket.queuedAt == status.queuedAt)
    }
    rig.end(mail, .sent)
    #expect(try rig.status(request).outcome == .sent)
    #expect(Set(codes).count == codes.count)
    rig.tally.withLock { #expect($0.deferrals == 3 && $0[.sent] == 1) }
    #expect(try rig.log.events == ["deferred", "deferred", "deferred", "sent"])
  }

  @Test func `what no try is left for before its deadline ends as expired`() throws {
    let rig = try LedgerRig()
    let (request, mail) = try rig.send { [time = rig.time] in $0.deadline = time.now + 7 }
    rig.end(mail, .deferred, .later, meaning: .greylisted)
    #expect(try rig.status(request).outcome == .expired)
    #expect(try rig.log.lines(.expired).first?["reply"] == "451 4.7.1 later")
    #expect(try rig.log.lines(.expired).first?["meaning"] == "greylisted")
    try rig.sweep()
    #expect(try rig.names("new").isEmpty && rig.names("deferred").isEmpty && rig.names("failed").isEmpty)
  }

  @Test func `what no lane began counts for no attempt and is told to nobody, and comes again`() throws {
    let rig = try LedgerRig()
    let (request, mail) = try rig.send()
    rig.end(mail, .untouched)
    let status = try rig.status(request)
    #expect(status.state == .queued && status.attempts == 0)
    #expect(try rig.log.lines.isEmpty)
    rig.admit()
    let again = try rig.next()
    #expect(again.ticket.attempt == 1 && !again.isRepeated)
  }

  @Test func `a mail that waits for a lane has a deadline too`() throws {
    let rig = try LedgerRig()
    let request = try rig.ask()
    rig.admit()
    rig.pass(.seconds(599))
    #expect(rig.lanes.waiting == 1)
    rig.pass(.seconds(2))
    #expect(rig.lanes.waiting == 0)
    rig.turn()
    #expect(try rig.status(request).outcome == .expired)
    #expect(rig.ledger.inFlight == 0)
  }

  @Test func `a second file of an id that is being sent is told as a duplicate and goes`() throws {
    let rig = try LedgerRig()
    let (request, mail) = try rig.send()
    rig.time.pass(.milliseconds(5))
    try rig.spool.enqueue(request, now: rig.time.now)
    rig.admit()
    #expect(rig.lanes.waiting == 0)
    rig.end(mail, .sent)
    #expect(try rig.status(request).outcome == .sent)
    #expect(try rig.log.events == ["duplicate", "sent"])
    rig.tally.withLock { #expect($0.ended == 1) }
    try rig.sweep()
    #expect(try rig.names("new").isEmpty)
  }

  @Test func `one that is cancelled after its file was read is told as cancelled, and not as a duplicate`()
    throws
  {
    let rig = try LedgerRig()
    let request = try rig.ask()
    rig.take()
    #expect(try rig.records.cancel(request.id, now: rig.time.now) == .cancelled)
    rig.turn()
    #expect(try rig.log.events == ["cancelled"] && rig.lanes.waiting == 0)
    #expect(try rig.status(request).outcome == .cancelled)
  }

  @Test func `a resend of somebody else's challenge is rejected, told and kept without its code`() throws {
    let rig = try LedgerRig()
    let (request, mail) = try rig.send()
    rig.end(mail, .sent)
    let resend = try rig.ask("bo@example.org") {
      $0.challenge = request.id
      $0.code = try Passcode("918273")
    }
    rig.admit()
    #expect(rig.lanes.waiting == 0)
    #expect(try rig.status(resend).outcome == .rejected)
    #expect(try rig.names("new").count == 1, "that of the first, which is not swept yet")
    #expect(try rig.names("rejected").count == 2)
    let kept = try rig.text(in: "rejected")
    #expect(kept.contains("challenge: belongs to another address") && kept.contains(resend.id.rawValue))
    #expect(!kept.contains("918273") && !kept.contains("sealedCode") && !kept.contains("bo@example.org"))
    #expect(try rig.log.lines(.rejected).first?["reason"] == "challenge: belongs to another address")
    rig.tally.withLock { #expect($0[.rejected] == 1) }
  }

  @Test func `a resend of one's own challenge is sent, and its rejection by the relay is its own`() throws {
    let rig = try LedgerRig()
    let (request, mail) = try rig.send()
    rig.end(mail, .sent)
    let (resend, second) = try rig.send { $0.challenge = request.id }
    #expect(second.ticket.passcode.reveal() != mail.ticket.passcode.reveal())
    rig.end(second, .failed, .unknown)
    #expect(try rig.status(request).outcome == .sent && rig.status(resend).outcome == .failed)
  }

  @Test func `a language without templates is told with the mail that is in another`() throws {
    let rig = try LedgerRig()
    let (_, mail) = try rig.send { $0.locale = LocalePreference(acceptLanguage: "xx") }
    rig.end(mail, .sent)
    #expect(try rig.log.events == ["locale-fallback", "sent"])
    #expect(try rig.log.lines(.localeFallback).first?["asked"] == "xx")
  }
}
