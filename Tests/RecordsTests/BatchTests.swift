import CodeRequests
import Foundation
import RecordKeys
import RecordsFixture
import Testing

@testable import PasscodeVerifier
@testable import Records
@testable import SQLiteRecords

/// Attempts that share their two transactions: each gets the answer that it would have had alone.
@Suite struct BatchTests {
  private func answers(
    _ installation: borrowing Installation, _ attempts: [(code: String, id: String)]
  ) throws -> [Result<Verification, RecordError>] {
    try installation.verifier().answers(
      to: attempts.map {
        VerificationDesk.Attempt(
          code: TypedCode($0.code), question: .id(Digest.sha256($0.id)), now: start.unixMilliseconds)
      })
  }

  @Test func `answers each attempt of a batch as if it came alone`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let anna = try request(to: "anna@example.org", code: "111111")
    let bert = try request(to: "bert@example.org", code: "222222")
    for request in [anna, bert] { _ = try store.sent(request) }
    let (a, b) = (anna.id.rawValue, bert.id.rawValue)
    let answers = try answers(
      installation,
      [("111111", a), ("000000", b), ("111111", a), ("222222", "nobody"), ("222222", b), ("000000", b)])
    let names = try answers.map { try $0.get().name }
    #expect(names == ["verified", "incorrect", "used", "unknown", "verified", "incorrect"])
  }

  @Test func `counts every attempt of a batch before it compares any`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let request = try request(code: "999999")
    _ = try store.sent(request)
    let id = request.id.rawValue
    // The right one stands behind the budget's end, so nothing is compared for it.
    let answers = try answers(
      installation, (0..<5).map { ("00000\($0)", id) } + [("999999", id)])
    let all = try answers.map { try $0.get() }
    #expect(all == (0..<5).map { .incorrect(attemptsLeft: 4 - $0) } + [.locked])
  }

  @Test func `fails only the attempts whose key is missing`() throws {
    let installation = try Installation()
    let (lost, kept) = (try request(to: "anna@example.org"), try request(to: "bert@example.org"))
    _ = try installation.store().sent(lost)
    try installation.keyring.rotate()
    let ticket = try installation.store().sent(kept)
    try FileManager.default.removeItem(atPath: "\(installation.path)/keys/1.key")
    let answers = try installation.verifier().answers(
      to: [(lost, "123456"), (kept, ticket.code)].map { request, code in
        VerificationDesk.Attempt(
          code: TypedCode(code), question: .id(Digest.sha256(request.id.rawValue)),
          now: start.unixMilliseconds)
      })
    #expect(throws: RecordError.self) { try answers[0].get() }
    #expect(try answers[1].get().session != nil)
  }
}
