import CodeRequests
import Foundation
import RecordKeys
import Records
import SMTPDelivery
import TestSupport
import Testing

@testable import MailWorker

/// A code that came with a request, in plain text or sealed, is in nothing that is kept of the request when it ends.
@Suite(.waits) struct KeptCodeTests {
  private static let code = "918273"

  /// How the code stands in the file that is put in the spool.
  enum Form: String, CaseIterable { case plain, sealed }

  /// Each way into `failed/`.
  enum Way: String, CaseIterable {
    case refused, unsendable, silentTwice, silentAtTheEnd, crashedThrice
    /// Its file could not be moved, and came round.
    case duplicate
  }

  private static let cases = Way.allCases.flatMap { way in Form.allCases.map { (way, $0) } }

  /// Puts a request with a code in the spool, and returns what of it must not be kept.
  private func ask(_ rig: LedgerRig, _ form: Form, _ fields: String = "") throws -> (RequestID, [String]) {
    let id = try RequestID("abcdefghijklmnopqrstuvwx")
    let sealed = rig.keyring.seal(try Passcode(Self.code), for: id)
    let field = form == .plain ? "\"code\": \"\(Self.code)\"" : "\"sealedCode\": \"\(sealed)\""
    try rig.drop(
      "{\"version\": 1, \"id\": \"\(id.rawValue)\", \"recipient\": \"anna@example.org\", \(field)\(fields)}",
      as: "\(rig.time.now.unixMilliseconds).\(id.rawValue).json")
    return (id, [Self.code, sealed, "ode\""])
  }

  private func take(_ way: Way, _ rig: LedgerRig) throws -> LedgerRig {
    rig.admit()
    let mail = try rig.next()
    #expect(mail.ticket.passcode.reveal() == Self.code)
    switch way {
    case .refused: rig.end(mail, .failed, .unknown)
    case .unsendable: rig.end(mail, .unsendable(reason: "no such variable"))
    case .silentTwice:
      rig.end(mail, .ambiguous)
      rig.time.pass(.seconds(13))
      rig.admit()
      rig.end(try rig.next(), .ambiguous)
    case .silentAtTheEnd: rig.end(mail, .ambiguous)
    case .crashedThrice:
      var last = rig
      for _ in 0..<3 {
        last = try last.successor()
        last.admit()
        last.turn()
      }
      return last
    case .duplicate:
      _ = try rig.records.commit(
        settlements: [Settlement(requestKey: mail.ticket.requestKey, result: .failed, at: rig.time.now)],
        admissions: [], now: rig.time.now)
      let next = try rig.successor()
      next.admit()
      return next
    }
    return rig
  }

  @Test(arguments: cases)
  func `no code is kept in failed`(_ way: Way, _ form: Form) throws {
    let rig = try LedgerRig()
    let (id, secrets) = try ask(
      rig, form,
      way == .silentAtTheEnd ? ", \"deadline\": \"\((rig.time.now + 7).formatted(.iso8601))\"" : "")
    let last = try take(way, rig)
    #expect(try last.records.status(of: id)?.outcome == .failed)
    #expect(try last.names("failed").count == 2)
    let kept = try last.text(in: "failed")
    #expect(kept.contains(id.rawValue) && kept.contains("anna@example.org"), "\(kept)")
    for secret in secrets { #expect(!kept.contains(secret), "\(kept)") }
    for folder in ["new", "deferred", "rejected", "tmp"] {
      #expect(try last.names(folder).isEmpty, "\(folder)")
    }
  }

  @Test(arguments: Form.allCases)
  func `none is kept in rejected, of a request that the records reject`(_ form: Form) throws {
    let rig = try LedgerRig()
    let (other, mail) = try rig.send("bo@example.org")
    rig.end(mail, .sent)
    let (id, secrets) = try ask(rig, form, ", \"challenge\": \"\(other.id.rawValue)\"")
    rig.admit()
    #expect(try rig.records.status(of: id)?.outcome == .rejected)
    let kept = try rig.text(in: "rejected")
    #expect(kept.contains(id.rawValue), "\(kept)")
    for secret in secrets { #expect(!kept.contains(secret), "\(kept)") }
  }

  @Test func `what was sealed waits sealed in deferred, and what was never given is nowhere`() throws {
    let rig = try LedgerRig()
    try rig.ask { $0.code = try Passcode(Self.code) }
    try rig.ask("bo@example.org")
    rig.admit()
    let mails = [try rig.next(), try rig.next()]
    for mail in mails { rig.end(mail, .deferred, .later) }
    #expect(try rig.names("deferred").count == 2)
    let kept = try rig.text(in: "deferred")
    #expect(kept.contains("sealedCode"))
    for mail in mails { #expect(!kept.contains(mail.ticket.passcode.reveal())) }
  }
}
