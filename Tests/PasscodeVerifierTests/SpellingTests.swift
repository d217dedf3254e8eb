import CodeRequests
import Foundation
import RecordKeys
import RecordsFixture
import TestSupport
import Testing

@testable import PasscodeVerifier
@testable import Records
@testable import SQLiteRecords

/// One person is one subject, and one mailbox, however its address is written.
@Suite struct SpellingTests {
  /// Addresses that are one subject, and one that is not.
  static let spellings: [(same: [String], other: String)] = [
    (
      [
        "anna@example.org", "anna@EXAMPLE.ORG", "Anna@Example.org.", "aNNA@eXample.Org.",
        "\"ANNA\"@example.org",
      ],
      "annb@example.org"
    ),
    (
      [
        "b@xn--bcher-kva.example", "b@bücher.example", "b@BÜCHER.example", "b@bu\u{308}cher.example.",
        "b@XN--BCHER-KVA.Example", "b@bücher。example",
      ], "b@buecher.example"
    ),
    (
      [
        "\u{E9}va@example.org", "e\u{301}va@example.org", "\u{C9}VA@EXAMPLE.org.", "E\u{301}va@example.org",
      ], "eva@example.org"
    ),
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

  /// Addresses of one mailbox, as subjects of their own, and one of another mailbox.
  static let mailboxes: [(same: [String], other: String)] = [
    (["a@example.org", "A+x@example.org", "a+y+z@example.org", "\"a+q\"@example.org"], "b+a@example.org"),
    (
      [
        "ab.c@gmail.com", "abc@gmail.com", "a.b.c+tag@googlemail.com", "A.BC@Gmail.com",
        "\"a..bc\"@gmail.com",
      ],
      "a.b.c@example.org"
    ),
    (["+x@example.org", "+X@example.org"], "+y@example.org"),
  ]

  @Test(arguments: mailboxes.indices)
  func `one mailbox is bombed once, however its address is spelled and whichever tenants are asked`(
    _ index: Int
  ) throws {
    let (same, other) = Self.mailboxes[index]
    let installation = try Installation()
    let limits = LimitSettings(
      perSubject: [], perMailbox: [SendLimit(count: 1, window: .seconds(60))], perClient: [])
    let store = try installation.store(limits: limits)
    _ = try store.sent(try request(to: same[0]))
    for (number, address) in same.enumerated() {
      let asked = AdmissionRequest(try request(to: address), at: start + 1, tenant: "tenant\(number)")
      let settled = try store.admit(asked, now: start + 1).settled
      #expect(settled.outcome == .limited && settled.retryAfter == .seconds(59), "\(address)")
    }
    _ = try store.sent(try request(to: other), at: start + 1)
  }

  @Test func `64 spellings of an address bring one mail in half a minute, each as it was given`() throws {
    let installation = try Installation()
    let store = try installation.store(limits: LimitSettings())
    let asked = try (0..<64).map { number in
      let name = "victim".enumerated().map { number >> $0 & 1 == 1 ? $1.uppercased() : String($1) }.joined()
      return try request(to: "\(name)@example.org")
    }
    #expect(asked[63].recipient.rawValue == "VICTIM@example.org")
    let admissions = try store.commit(
      settlements: [], admissions: asked.map { AdmissionRequest($0, at: start) }, now: start)
    #expect(admissions.count { (try? $0.ticket) != nil } == 1)
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

  @Test func `limits outlive a restart of every process`() throws {
    let installation = try Installation()
    let limits = LimitSettings(perSubject: [SendLimit(count: 4, window: .seconds(600))], perClient: [])
    for second in [0.0, 10] {
      _ = try installation.store(limits: limits).sent(try request(), at: start + second)
    }
    // Two of four are the most for one client.
    let settled = try installation.store(limits: limits).admit(
      AdmissionRequest(try request(), at: start + 20), now: start + 20
    ).settled
    #expect(settled.retryAfter == .seconds(580))
  }
}
