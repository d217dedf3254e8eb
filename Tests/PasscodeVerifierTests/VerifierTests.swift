import CodeRequests
import Foundation
import PasscodeVerifier
import Records
import SQLiteRecords
import RecordKeys
import RecordsFixture
import Testing

@Suite struct VerifierTests {
  @Test func `verifies a code once`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let verifier = try installation.verifier()
    let request = try request()
    let ticket = try store.sent(request)
    let id = request.id.rawValue
    #expect(try verifier.verify(ticket.wrong, challenge: id, now: start) == .incorrect(attemptsLeft: 4))
    let answer = try verifier.verify(ticket.code, challenge: id, now: start)
    let session = try #require(answer.session)
    #expect(session.expiresAt == start.addingTimeInterval(86400))
    #expect(try verifier.verify(ticket.code, challenge: id, now: start) == .used)
    #expect(try store.status(of: request.id)?.state == .sent)
    #expect(try store.status(of: request.id)?.isUsed == true)
  }

  @Test(arguments: [
    "12 34-56", " 123456\n", "１２３４５６", "١٢٣٤٥٦", "१२३४५६", "12\u{200D}34\u{200B}56", "\u{FEFF}123456",
    "123–456", "123\u{A0}456",
  ])
  func `takes a code as people type it`(typed: String) throws {
    let installation = try Installation()
    let request = try request(code: "123456")
    _ = try installation.store().sent(request)
    let answer = try installation.verifier().verify(typed, challenge: request.id.rawValue, now: start)
    #expect(answer.session != nil)
  }

  @Test(arguments: [
    "", " ", "12345", "1234567", "123456\0", "12345６７", "' OR 1=1 --", "123456'; DROP TABLE request; --",
    "１２３４５\u{0301}", "½23456", String(repeating: "1", count: 1_048_576),
    String(repeating: "\u{200B}", count: 300) + "123456",
  ])
  func `counts anything else as a wrong code`(typed: String) throws {
    let installation = try Installation()
    let request = try request(code: "123456")
    _ = try installation.store().sent(request)
    let verifier = try installation.verifier()
    #expect(
      try verifier.verify(typed, challenge: request.id.rawValue, now: start) == .incorrect(attemptsLeft: 4))
    #expect(try verifier.verify("123456", challenge: request.id.rawValue, now: start).session != nil)
  }

  @Test func `tells letters of a frontend's code apart by case`() throws {
    let installation = try Installation()
    let request = try request(code: "aBc4")
    _ = try installation.store().sent(request)
    let verifier = try installation.verifier()
    #expect(
      try verifier.verify("abc4", challenge: request.id.rawValue, now: start) == .incorrect(attemptsLeft: 4))
    #expect(try verifier.verify("aBc4", challenge: request.id.rawValue, now: start).session != nil)
  }

  @Test(arguments: [
    "", "short", "' OR '1'='1' --aaaaaaaaaa", "AAAAAAAAAAAAAAAAAAAAAA",
    String(repeating: "x", count: 100_000),
  ])
  func `knows no challenge under any other id`(id: String) throws {
    let installation = try Installation()
    _ = try installation.store().sent(try request())
    #expect(try installation.verifier().verify("123456", challenge: id, now: start) == .unknown)
  }

  @Test func `takes five wrong codes and then none at all, also not the right one`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let verifier = try installation.verifier()
    let request = try request()
    let ticket = try store.sent(request)
    for left in [4, 3, 2, 1, 0] {
      #expect(
        try verifier.verify(ticket.wrong, challenge: request.id.rawValue, now: start)
          == .incorrect(attemptsLeft: left))
    }
    #expect(try verifier.verify(ticket.code, challenge: request.id.rawValue, now: start) == .locked)
    // Another process, later: the count is on disk.
    let other = try installation.verifier()
    #expect(try other.verify(ticket.code, challenge: request.id.rawValue, now: start + 60) == .locked)
  }

  @Test func `holds a passcode good for thirty minutes and not a millisecond longer`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let verifier = try installation.verifier()
    let (late, early) = (try request(to: "late@example.org"), try request(to: "early@example.org"))
    let (lateTicket, earlyTicket) = (try store.sent(late), try store.sent(early))
    #expect(lateTicket.madeAt == start && lateTicket.validity == .seconds(1800))
    #expect(try verifier.verify(lateTicket.code, challenge: late.id.rawValue, now: start + 1800) == .expired)
    #expect(
      try verifier.verify(earlyTicket.code, challenge: early.id.rawValue, now: start + 1799.999).session
        != nil)
  }

  @Test(arguments: [-3600.0, 3600.0])
  func `gives nobody more attempts or a second use when the clock moves`(seconds: Double) throws {
    let installation = try Installation()
    let store = try installation.store()
    let verifier = try installation.verifier()
    let (tried, used) = (try request(to: "tried@example.org"), try request(to: "used@example.org"))
    let (triedTicket, usedTicket) = (try store.sent(tried), try store.sent(used))
    for _ in 0..<5 { _ = try verifier.verify(triedTicket.wrong, challenge: tried.id.rawValue, now: start) }
    _ = try verifier.verify(usedTicket.code, challenge: used.id.rawValue, now: start)
    #expect(
      try verifier.verify(triedTicket.code, challenge: tried.id.rawValue, now: start + seconds) == .locked)
    #expect(try verifier.verify(usedTicket.code, challenge: used.id.rawValue, now: start + seconds) == .used)
  }

  @Test func `refuses where the policy has switched passcodes off, and counts nothing`() throws {
    let installation = try Installation()
    let request = try request()
    let ticket = try installation.store().sent(request, tenant: "fabrikam")
    let policy = try SignInPolicy(
      file: "{ tenants: [{ id: 'fabrikam', name: 'Fabrikam', passcodes: 'disabled' }] }")
    let off = try installation.verifier(settings: VerificationSettings(policy: policy))
    for _ in 0..<9 {
      #expect(try off.verify(ticket.wrong, challenge: request.id.rawValue, now: start) == .refused)
    }
    #expect(
      try installation.verifier().verify(ticket.code, challenge: request.id.rawValue, now: start).session
        != nil)
  }

  @Test func `answers about a refused request as about a sent one`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let verifier = try installation.verifier()
    let request = try request()
    let admission = AdmissionRequest(request, at: start) { _ in
      .refused(method: "google", url: nil, rule: "federation")
    }
    _ = try store.admit(admission, now: start)
    for left in [4, 3, 2, 1, 0] {
      #expect(
        try verifier.verify("123456", challenge: request.id.rawValue, now: start)
          == .incorrect(attemptsLeft: left))
    }
    #expect(try verifier.verify("123456", challenge: request.id.rawValue, now: start) == .locked)
  }

  @Test func `hides codes and tokens from printing`() throws {
    let installation = try Installation()
    let request = try request(code: "135790")
    let ticket = try installation.store().sent(request)
    let session = try #require(
      installation.verifier().verify("135790", challenge: request.id.rawValue, now: start).session)
    var dumped = ""
    dump(ticket, to: &dumped)
    dump(session, to: &dumped)
    #expect(!"\(ticket) \(session) \(dumped)".contains("135790"))
    #expect(!"\(session) \(dumped)".contains(session.token.reveal()))
  }
}
