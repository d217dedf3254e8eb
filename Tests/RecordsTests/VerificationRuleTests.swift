import CodeRequests
import Foundation
import GuestPolicy
import RecordKeys
import RecordsFixture
import TestSupport
import Testing

@testable import Records

/// The rules of verification, over facts that are written down.
@Suite struct VerificationRuleTests {
  private let keys: KeyFolder
  private var keyring: Keyring { keys.keyring }
  private let rules: VerificationRules

  init() throws {
    keys = try KeyFolder()
    rules = VerificationRules(
      keyring: keys.keyring, bootTime: nil)
  }

  private func challenge(
    _ row: Int64 = 1, tries: Int64 = 0, usedAt: Int64? = nil, expiresAt: Int64 = now + 60_000
  ) -> ChallengeFacts {
    let id = hash(UInt8(row))
    let mac = passcodeMAC(
      keyring.current, purpose: Array("sign-in".utf8), challenge: id, salt: [1], code: Array("123456".utf8))
    return ChallengeFacts(
      challenge: Challenge(
        row: row, idKey: row, id: id, subject: hash(1), address: 1, recipient: "a•••@example.org",
        tenant: nil,
        purpose: "sign-in", tries: tries, budget: 5, usedAt: usedAt, expiresAt: expiresAt),
      passcodes: [
        PasscodeRecord(
          number: 1, request: row, madeAt: now - 1000, expiresAt: expiresAt, keyVersion: 1, salt: [1],
          mac: mac,
          arrival: .possible, bootTime: nil)
      ])
  }

  private func attempt(_ code: String, bySubject: Bool = false) -> VerificationDesk.Attempt {
    let question: AttemptQuestion =
      bySubject
      ? .subject(
        Subject(hash: hash(1), address: 1), tenant: nil, purpose: "sign-in", recipient: "a@example.org")
      : .id(hash(1))
    return VerificationDesk.Attempt(code: TypedCode(code), question: question, now: now)
  }

  /// Both transactions over the same facts.
  private func answer(
    _ attempts: [VerificationDesk.Attempt], _ facts: AttemptFacts, usedAt: Int64? = nil, guest: Guest? = nil
  ) throws -> (answers: [Verification], counting: RecordChanges, concluding: RecordChanges) {
    let (findings, counting) = rules.count(attempts, attempts.map { _ in facts })
    let comparisons = zip(attempts, findings).map { attempt, finding in
      Result { () throws(RecordError) in try rules.compare(attempt, finding) }
    }
    let concluded = rules.conclude(
      attempts, findings, comparisons,
      attempts.map { _ in ConclusionFacts(usedAt: usedAt, guest: guest ?? facts.guest) },
      attempts.map { _ in SignInSecrets(idKey: 1, random: [UInt8](repeating: 1, count: 64)[...]) })
    return (try concluded.results.map { try $0.get() }, counting, concluded.changes)
  }

  private func facts(
    _ challenges: [ChallengeFacts], guest: Guest = Guest(), isFound: Bool = true
  ) -> AttemptFacts {
    AttemptFacts(challenges: challenges, guest: guest, isFound: isFound, standIn: 1)
  }

  @Test(arguments: [
    ("123456", "verified"), ("654321", "incorrect"), ("", "incorrect"), ("123456 used", "used"),
    ("123456 locked", "locked"), ("123456 expired", "expired"),
    ("123456 unknown", "unknown"),
  ])
  func `answers by what the challenge and its guest are`(given: String, name: String) throws {
    let parts = given.split(separator: " ").map { String($0) }
    let kind = parts.count == 2 ? parts[1] : ""
    let found = challenge(
      tries: kind == "locked" ? 5 : 0, usedAt: kind == "used" ? now : nil,
      expiresAt: kind == "expired" ? now : now + 60_000)
    let answered = try answer([attempt(parts.first ?? "")], facts([found], isFound: kind != "unknown"))
    #expect(answered.answers.map(\.name) == [name])
    // Whatever it is: a row of a challenge in both transactions, in the second one a guest's and a line.
    #expect(answered.counting.challenges.count == 1)
    #expect(answered.concluding.challenges.count == 1)
    #expect(answered.concluding.guests.count == 1)
    #expect(answered.concluding.audit.map(\.result) == [name])
  }

  @Test func `attempts of one batch share the budget`() throws {
    let answered = try answer((0..<7).map { _ in attempt("000000") }, facts([challenge()]))
    #expect(answered.answers == (0..<5).map { .incorrect(attemptsLeft: 4 - $0) } + [.locked, .locked])
    let counted = answered.counting.challenges.filter { if case .count = $0 { true } else { false } }
    #expect(counted.count == 5)
    // Nothing is counted against the guest: five guesses cost a mail, and mails are limited.
    for guest in answered.concluding.guests { if case .touch = guest {} else { Issue.record("set") } }
  }

  @Test func `of two right codes in one batch one signs in, and the other gives its attempt back`() throws {
    let answered = try answer([attempt("123456"), attempt("123456")], facts([challenge()]))
    #expect(answered.answers.map(\.name) == ["verified", "used"])
    guard case .use(1, at: now, let session)? = answered.concluding.challenges.first else {
      Issue.record("not used")
      return
    }
    #expect(session?.end == now + 86_400_000)
    if case .giveBack(1) = answered.concluding.challenges[1] {} else { Issue.record("not given back") }
  }

  @Test
  func `a challenge that was used between the transactions is told as such`() throws {
    #expect(try answer([attempt("123456")], facts([challenge()]), usedAt: now).answers == [.used])
  }

  @Test func `a sign-in redeems and notes its device; what was typed by address stays in its window`() throws
  {
    let before = Guest(failures: SlidingWindow(times: [now - 1]))
    let answered = try answer([attempt("123456")], facts([challenge()], guest: before))
    guard case .set(_, let guest)? = answered.concluding.guests.first else {
      Issue.record("no guest")
      return
    }
    #expect(guest.failures == before.failures)
    #expect(guest.devices.map(\.expiresAt) == [now + 90 * 86_400_000])
    let device = try #require(answered.answers.first?.session?.device)
    #expect(guest.device(device, at: now) == guest.devices[0])
    #expect(guest.device(device, at: now + 90 * 86_400_000) == nil)
    #expect(guest.device(DeviceToken("made up"), at: now) == nil)
    #expect(guest.redeemedBy == "passcode" && guest.redeemedAt == now && guest.purgeAfter == nil)
  }

  @Test func `by address, who has no challenge is answered as who has one that is dead`() throws {
    let dead = challenge(expiresAt: now)
    for found in [[], [dead]] {
      let answered = try answer([attempt("000000", bySubject: true)], facts(found))
      #expect(answered.answers == [.incorrect(attemptsLeft: 4)])
      #expect(answered.counting.challenges.count == AttemptQuestion.challenges)
      #expect(answered.concluding.challenges.count == 1)
    }
    #expect(try answer([attempt("123456", bySubject: true)], facts([dead])).answers == [.expired])
  }

  @Test func `a missing key fails the attempt that needs it, and no other`() throws {
    let found = challenge()
    let record = found.passcodes[0]
    let lost = ChallengeFacts(
      challenge: found.challenge,
      passcodes: [
        PasscodeRecord(
          number: 1, request: 1, madeAt: now, expiresAt: now + 9, keyVersion: 9, salt: record.salt,
          mac: record.mac,
          arrival: .possible, bootTime: nil)
      ])
    let attempts = [attempt("123456"), attempt("123456")]
    let (findings, _) = rules.count(attempts, [facts([lost]), facts([found])])
    #expect(throws: RecordError.self) { try rules.compare(attempts[0], findings[0]) }
    #expect(try rules.compare(attempts[1], findings[1]).matched != nil)
  }
}
