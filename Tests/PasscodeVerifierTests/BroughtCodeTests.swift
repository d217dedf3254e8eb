import CodeRequests
import Foundation
import PasscodeVerifier
import RecordsFixture
import Testing

@testable import Records
@testable import SQLiteRecords

/// Codes that a request brings are mail: who may enqueue must not thereby be able to sign in as anybody.
@Suite struct BroughtCodeTests {
  private func number(_ sql: String, _ installation: borrowing Installation) throws -> Int64 {
    try SQLiteConnection(path: installation.database, busyTimeout: 1000).number(sql)
  }

  @Test func `nothing verifies them, and no hash of them is kept`() throws {
    let installation = try Installation()
    let store = try installation.store(broughtCodes: .mail)
    let request = try request(code: "482913")
    let ticket = try store.sent(request)
    #expect(ticket.code == "482913")
    let verifier = try installation.verifier()
    for code in ["482913", "000000"] {
      #expect(try verifier.verify(code, challenge: request.id.rawValue, now: start) == .unknown)
    }
    #expect(
      try verifier.verify("482913", recipient: request.recipient, now: start)
        == .incorrect(attemptsLeft: 4))
    #expect(try number("SELECT sum(tries) FROM request", installation) == 0)
    #expect(try number("SELECT count(*) FROM passcode WHERE length(mac) > 0", installation) == 0)
    let status = try #require(try store.status(of: request.id))
    #expect(status.state == .sent && status.attempts == 1 && !status.isUsed)
  }

  @Test func `are verified where the configuration says so`() throws {
    let installation = try Installation()
    let request = try request(code: "482913")
    _ = try installation.store(broughtCodes: .verify).sent(request)
    let answer = try installation.verifier().verify("482913", challenge: request.id.rawValue, now: start)
    #expect(answer.session != nil)
  }

  @Test func `are sent again as they were, and a second silence still ends the request`() throws {
    let installation = try Installation()
    let store = try installation.store(broughtCodes: .mail)
    let request = try request(code: "482913")
    let first = try store.ticket(request)
    try store.settle(first, .ambiguous(until: start + 5))
    let second = try store.ticket(request, at: start + 5)
    #expect(second.mayHaveArrived && second.code == "482913" && second.end == first.end)
    try store.settle(second, .deferred(until: start + 10), at: start + 6)
    let third = try store.ticket(request, at: start + 10)
    #expect(third.mayHaveArrived && third.code == "482913" && third.attempt == 3)
    #expect(try number("SELECT count(*) FROM passcode", installation) == 1)
  }

  @Test func `a resend brings its own, and one without is rejected`() throws {
    let installation = try Installation()
    let store = try installation.store(broughtCodes: .mail)
    let opened = try request(code: "482913")
    _ = try store.sent(opened)
    let again = try request(challenge: opened.id, code: "482914")
    #expect(try store.sent(again, at: start + 1).code == "482914")
    let without = try request(challenge: opened.id)
    let settled = try store.admit(AdmissionRequest(without, at: start + 2), now: start + 2).settled
    #expect(settled.outcome == .rejected && settled.reason?.contains("bring the code") == true)
    // And beside a code that was made here, one that was brought is none.
    let made = try request(to: "bo@example.org")
    let ticket = try store.sent(made)
    _ = try store.sent(
      try request(to: "bo@example.org", challenge: made.id, code: ticket.wrong), at: start + 1)
    let verifier = try installation.verifier()
    #expect(
      try verifier.verify(ticket.wrong, challenge: made.id.rawValue, now: start + 2)
        == .incorrect(attemptsLeft: 4))
    #expect(try verifier.verify(ticket.code, challenge: made.id.rawValue, now: start + 2).session != nil)
  }

  @Test func `make no code of ours longer, however many there are`() throws {
    let installation = try Installation()
    let store = try installation.store(broughtCodes: .mail)
    for index in 0..<40 { _ = try store.sent(try request(code: "482913"), at: start + Double(index)) }
    #expect(try store.sent(try request(), at: start + 3600).code.count == 6)
    #expect(try store.sent(try request(to: "bo@example.org"), at: start + 3600).code.count == 6)
  }
}
