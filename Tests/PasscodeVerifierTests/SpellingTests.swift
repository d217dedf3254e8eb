import CodeRequests
import Foundation
import RecordKeys
import RecordsFixture
import TestSupport
import Testing

@testable import PasscodeVerifier
@testable import Records
@testable import SQLiteRecords

/// One mailbox has one set of limits and locks, however its address is written.
@Suite struct SpellingTests {
  /// Addresses that are one subject, and one that is not.
  static let spellings: [(same: [String], other: String)] = [
    (["anna@example.org", "anna@EXAMPLE.ORG", "anna@Example.org.", "anna@eXample.Org."], "Anna@example.org"),
    (
      [
        "b@xn--bcher-kva.example", "b@bücher.example", "b@BÜCHER.example", "b@bu\u{308}cher.example.",
        "b@XN--BCHER-KVA.Example", "b@bücher。example",
      ], "b@buecher.example"
    ),
    (["\u{E9}va@example.org", "e\u{301}va@example.org", "\u{E9}va@EXAMPLE.org."], "eva@example.org"),
    (["a.b@example.org", "a.b@EXAMPLE.org"], "ab@example.org"),
    (["a+x@example.org", "a+x@example.org."], "a@example.org"),
  ]

  @Test(arguments: spellings.indices)
  func `the limits of sending count every spelling as one subject`(_ index: Int) throws {
    let (same, other) = Self.spellings[index]
    let installation = try Installation()
    let limits = LimitSettings(perSubject: [SendLimit(count: 1, window: .seconds(60))], perClient: [])
    let store = try installation.store(limits: limits)
    _ = try store.sent(try request(to: same[0]))
    for address in same {
      let settled = try store.admit(
        AdmissionRequest(try request(to: address), at: start + 1), now: start + 1
      ).settled
      #expect(settled.outcome == .limited && settled.retryAfter == .seconds(59), "\(address)")
    }
    _ = try store.sent(try request(to: other), at: start + 1)
  }

  @Test(arguments: spellings.indices)
  func `wrong codes and locks count every spelling as one subject`(_ index: Int) throws {
    let (same, other) = Self.spellings[index]
    let installation = try Installation()
    let store = try installation.store()
    let rule = FailedAttempts(count: 6, window: .seconds(3600), lockFor: .seconds(900))
    let verifier = try installation.verifier(settings: VerificationSettings(failedAttempts: rule))
    // Two challenges, asked for in two spellings; guesses by address in all of them.
    _ = try store.sent(try request(to: same[0], code: "999999"))
    for guess in 0..<5 {
      let address = try EmailAddress(same[guess % same.count])
      #expect(
        try verifier.verify("000000", recipient: address, now: start) == .incorrect(attemptsLeft: 4 - guess))
    }
    _ = try store.sent(try request(to: same[1], code: "999999"), at: start + 1)
    var answers: [String] = []
    for guess in 0..<5 {
      let address = try EmailAddress(same[guess % same.count])
      answers.append(try verifier.verify("000000", recipient: address, now: start + 2).name)
    }
    #expect(answers == ["incorrect", "locked", "locked", "locked", "locked"])
    for address in same {
      let recipient = try EmailAddress(address)
      #expect(try verifier.verify("999999", recipient: recipient, now: start + 3) == .locked)
    }
    let stranger = try EmailAddress(other)
    #expect(try verifier.verify("000000", recipient: stranger, now: start + 3).name == "incorrect")
  }

  @Test func `retryAfter is right to the second: the request is let through then, and not a second before`()
    throws
  {
    var generator = SplitMix(state: 6)
    let limits = LimitSettings(
      perSubject: [SendLimit(count: 1, window: .seconds(7)), SendLimit(count: 3, window: .seconds(60))],
      perClient: [SendLimit(count: 4, window: .seconds(50))],
      perTenant: [SendLimit(count: 6, window: .seconds(45))])
    for _ in 0..<12 {
      let installation = try Installation()
      let store = try installation.store(limits: limits)
      var now = start
      var limited = 0
      func admission(_ now: Date) throws -> AdmissionRequest {
        let address = "u\(Int.random(in: 0..<3, using: &generator))@example.org"
        let ip = "192.0.2.\(Int.random(in: 0..<2, using: &generator))"
        return AdmissionRequest(try request(to: address, ip: ip), at: now, tenant: "fabrikam")
      }
      for _ in 0..<25 {
        now += Double(Int.random(in: 0..<9000, using: &generator)) / 1000
        var asked = try admission(now)
        guard case .settled(let settled) = try store.admit(asked, now: now) else { continue }
        let wait = Double(try #require(settled.retryAfter).components.seconds)
        limited += 1
        // The same guest once more, a second too early and then in time: times are rounded up to seconds.
        for (seconds, isThrough) in [(wait - 1, false), (wait, true)] {
          asked = AdmissionRequest(
            try request(to: asked.request.recipient.rawValue, ip: asked.request.client?.ip),
            at: now + seconds,
            tenant: "fabrikam")
          let again = try store.admit(asked, now: now + seconds)
          if isThrough {
            #expect(throws: Never.self) { try again.ticket }
          } else {
            #expect(throws: NotSent.self) { try again.ticket }
          }
        }
        now += wait
      }
      #expect(limited > 3)
    }
  }

  @Test func `limits and locks outlive a restart of every process`() throws {
    let installation = try Installation()
    let limits = LimitSettings(perSubject: [SendLimit(count: 2, window: .seconds(600))], perClient: [])
    let rule = FailedAttempts(count: 5, window: .seconds(3600), lockFor: .seconds(900))
    for second in [0.0, 10] {
      let request = try request(code: "999999")
      _ = try installation.store(limits: limits).sent(request, at: start + second)
      let verifier = try installation.verifier(settings: VerificationSettings(failedAttempts: rule))
      for _ in 0..<3 {
        _ = try verifier.verify("000000", challenge: request.id.rawValue, now: start + second)
      }
    }
    let anna = try EmailAddress("anna@example.org")
    let again = try installation.verifier(settings: VerificationSettings(failedAttempts: rule))
    #expect(try again.verify("999999", recipient: anna, now: start + 20) == .locked)
    #expect(try again.verify("999999", recipient: anna, now: start + 10 + 899) == .locked)
    let settled = try installation.store(limits: limits).admit(
      AdmissionRequest(try request(), at: start + 20), now: start + 20
    ).settled
    #expect(settled.retryAfter == .seconds(890))
  }
}
