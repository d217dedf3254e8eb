import CodeRequests
import Foundation
import GuestPolicy
import PasscodeVerifier
import Records
import SQLiteRecords
import RecordKeys
import RecordsFixture
import Testing

@Suite struct SubjectTests {
  @Test func `verifies by address, in any spelling of it`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let verifier = try installation.verifier()
    for (sent, typed) in [
      ("anna@example.org", "anna@EXAMPLE.org."), ("b@xn--bcher-kva.example", "b@bücher.example"),
      ("\u{E9}va@example.org", "e\u{301}va@example.org"), ("\"abc\"@example.org", "abc@example.org"),
      ("a..b@docomo.ne.jp", "\"a..b\"@docomo.ne.jp"), ("\"a b\"@example.org", "\"\\a\\ b\"@example.org"),
    ] {
      let ticket = try store.sent(try request(to: sent))
      #expect(try verifier.verify(ticket.code, recipient: try EmailAddress(typed), now: start).session != nil)
    }
  }

  @Test func `keeps local parts, tenants and purposes apart`() throws {
    let installation = try Installation()
    let ticket = try installation.store().sent(try request(), tenant: "fabrikam")
    let policy = try SignInPolicy(tenants: "fabrikam", "contoso")
    let verifier = try installation.verifier(settings: VerificationSettings(policy: policy))
    let anna = try EmailAddress("anna@example.org")
    for tenant in [nil, "contoso"] {
      #expect(
        try verifier.verify(ticket.code, recipient: anna, tenant: tenant, now: start).name == "incorrect")
    }
    #expect(
      try verifier.verify(
        ticket.code, recipient: try EmailAddress("Anna@example.org"), tenant: "fabrikam", now: start
      ).name == "incorrect")
    #expect(
      try verifier.verify(
        ticket.code, recipient: anna, tenant: "fabrikam", purpose: try Purpose("reset"), now: start
      ).name == "incorrect")
    #expect(try verifier.verify(ticket.code, recipient: anna, tenant: "fabrikam", now: start).session != nil)
  }

  @Test func `answers the same for an address that is not there`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let verifier = try installation.verifier()
    let ticket = try store.sent(try request())
    var known: [Verification] = []
    var unknown: [Verification] = []
    for _ in 0..<7 {
      known.append(
        try verifier.verify(ticket.wrong, recipient: try EmailAddress("anna@example.org"), now: start))
      unknown.append(
        try verifier.verify("123456", recipient: try EmailAddress("nobody@example.org"), now: start))
    }
    #expect(known == unknown)
    #expect(known.map(\.name) == Array(repeating: "incorrect", count: 5) + ["locked", "locked"])
  }

  @Test func `tells expired and used only to who has the code`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let verifier = try installation.verifier()
    let (anna, bert) = (try EmailAddress("anna@example.org"), try EmailAddress("bert@example.org"))
    let late = try store.sent(try request())
    let used = try store.sent(try request(to: "bert@example.org"))
    _ = try verifier.verify(used.code, recipient: bert, now: start)
    #expect(try verifier.verify(late.code, recipient: anna, now: start + 1800) == .expired)
    #expect(try verifier.verify(late.wrong, recipient: anna, now: start + 1800).name == "incorrect")
    #expect(try verifier.verify(used.code, recipient: bert, now: start) == .used)
    #expect(try verifier.verify(used.wrong, recipient: bert, now: start).name == "incorrect")
  }

  private static let quick = VerificationSettings(
    failedAttempts: FailedAttempts(count: 7, window: .seconds(3600), lockFor: .seconds(900)))

  @Test func `locks a subject whose challenges took too many wrong codes`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let verifier = try installation.verifier(settings: Self.quick)
    let first = try request()
    let firstTicket = try store.sent(first)
    for _ in 0..<5 { _ = try verifier.verify(firstTicket.wrong, challenge: first.id.rawValue, now: start) }
    let second = try request()
    let ticket = try store.sent(second, at: start + 60)
    for _ in 0..<2 { _ = try verifier.verify(ticket.wrong, challenge: second.id.rawValue, now: start + 60) }
    // Two of the second challenge's five are spent, and still no more are taken, here or elsewhere.
    #expect(try verifier.verify(ticket.code, challenge: second.id.rawValue, now: start + 61) == .locked)
    let again = try installation.verifier(settings: Self.quick)
    #expect(try again.verify(ticket.code, challenge: second.id.rawValue, now: start + 61) == .locked)
    let limited = try store.admit(AdmissionRequest(try request(), at: start + 61), now: start + 61).settled
    #expect(limited.outcome == .limited)
    #expect(limited.retryAfter == .seconds(899))
    #expect(
      try again.verify(ticket.code, challenge: second.id.rawValue, now: start + 60 + 900).session != nil)
  }

  @Test func `locks for good after a hundred in a row, until an operator resets`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let rule = FailedAttempts(count: 1000, window: .seconds(60), lockFor: .seconds(1))
    let verifier = try installation.verifier(settings: VerificationSettings(failedAttempts: rule))
    var now = start
    for round in 0..<20 {
      now = start + Double(round) * 3600
      let request = try request()
      let ticket = try store.sent(request, at: now)
      for _ in 0..<5 { _ = try verifier.verify(ticket.wrong, challenge: request.id.rawValue, now: now) }
    }
    let address = try EmailAddress("anna@example.org")
    let later = now + 30 * 86400
    #expect(try store.guest(address, tenant: nil, now: later).isLockedForGood)
    #expect(
      try store.admit(AdmissionRequest(try request(), at: later), now: later).settled.outcome == .refused)
    #expect(try verifier.verify("123456", recipient: address, now: later) == .locked)
    #expect(try store.reset(address, tenant: nil, now: later))
    let request = try request()
    let ticket = try store.sent(request, at: later)
    #expect(try verifier.verify(ticket.code, challenge: request.id.rawValue, now: later).session != nil)
  }

  @Test func `remembers how a guest redeemed until it is reset`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let verifier = try installation.verifier()
    let address = try EmailAddress("anna@example.org")
    #expect(try store.redemption(of: address, tenant: "t") == .none)
    let request = try request()
    let ticket = try store.sent(request, tenant: "t")
    _ = try verifier.verify(ticket.code, challenge: request.id.rawValue, now: start)
    #expect(try store.redemption(of: address, tenant: "t") == .passcode)
    #expect(try store.redemption(of: address, tenant: "other") == .none)
    try store.reset(address, tenant: "t", now: start)
    #expect(try store.redemption(of: address, tenant: "t") == .none)
    try store.redeem(address, tenant: "t", by: SignInMethod("google")!, now: start)
    #expect(try store.redemption(of: address, tenant: "t") == .other(SignInMethod("google")!))
  }
}
