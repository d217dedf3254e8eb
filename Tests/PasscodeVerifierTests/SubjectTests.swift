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
      ("anna@example.org", "anna@EXAMPLE.org."), ("Bo.Ek@example.org", "bO.eK@example.org"),
      ("b@xn--bcher-kva.example", "b@bücher.example"),
      ("\u{E9}va@example.org", "e\u{301}va@example.org"), ("\"abc\"@example.org", "abc@example.org"),
      ("a..b@docomo.ne.jp", "\"a..b\"@docomo.ne.jp"), ("\"a b\"@example.org", "\"\\a\\ b\"@example.org"),
    ] {
      let ticket = try store.sent(try request(to: sent))
      #expect(try verifier.verify(ticket.code, recipient: try EmailAddress(typed), now: start).session != nil)
    }
  }

  @Test func `keeps tenants and purposes apart`() throws {
    let installation = try Installation()
    let ticket = try installation.store().sent(try request(), tenant: "fabrikam")
    let policy = try SignInPolicy(tenants: "fabrikam", "contoso")
    let verifier = try installation.verifier(settings: VerificationSettings(byAddress: true, policy: policy))
    let anna = try EmailAddress("anna@example.org")
    for tenant in [nil, "contoso"] {
      #expect(
        try verifier.verify(ticket.code, recipient: anna, tenant: tenant, now: start).name == "incorrect")
    }
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

  @Test func `locks no subject, whoever guesses at it and however often`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let verifier = try installation.verifier()
    var now = start
    for round in 0..<30 {
      now = start + Double(round) * 60
      let request = try request()
      let ticket = try store.sent(request, at: now)
      for _ in 0..<6 { _ = try verifier.verify(ticket.wrong, challenge: request.id.rawValue, now: now) }
    }
    let request = try request()
    let ticket = try store.sent(request, at: now + 60)
    #expect(try verifier.verify(ticket.code, challenge: request.id.rawValue, now: now + 61).session != nil)
  }

  @Test func `counts nothing against anybody where there never was a passcode`() throws {
    let installation = try Installation()
    let store = try installation.store(limits: LimitSettings())
    let verifier = try installation.verifier()
    let asked = try request()
    let ticket = try store.sent(asked)
    // Limited and refused: no passcode was made for them.
    let (limited, refused) = (try request(), try request())
    #expect(
      try store.admit(AdmissionRequest(limited, at: start + 1), now: start + 1).settled.outcome == .limited)
    let policy = AdmissionRequest(refused, at: start + 1) { _ in
      .refused(method: "google", url: nil, rule: "federatedDomains")
    }
    #expect(try store.admit(policy, now: start + 1).settled.outcome == .refused)
    for _ in 0..<40 {
      for request in [limited, refused] {
        _ = try verifier.verify(ticket.wrong, challenge: request.id.rawValue, now: start + 2)
      }
    }
    #expect(
      try verifier.verify(ticket.code, challenge: asked.id.rawValue, now: start + 3).session != nil)
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
