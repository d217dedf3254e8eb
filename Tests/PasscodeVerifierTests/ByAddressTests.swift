import CodeRequests
import Foundation
import PasscodeVerifier
import Records
import RecordsFixture
import SQLiteRecords
import Testing

/// Codes that are typed for an address alone.
@Suite struct ByAddressTests {
  private let anna = try! EmailAddress("anna@example.org")

  @Test func `is off unless it is switched on, and says how`() throws {
    let installation = try Installation()
    let ticket = try installation.store().sent(try request())
    let verifier = try installation.verifier(settings: VerificationSettings())
    let error = #expect(throws: RecordError.self) {
      try verifier.verify(ticket.code, recipient: anna, now: start)
    }
    #expect(error?.code == .byAddressOff)
    #expect(error?.message.contains("verification: { byAddress: true }") == true)
  }

  @Test func `takes the code of every open mail, and counts a wrong one at each`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let requests = try (0..<4).map { _ in try request() }
    let tickets = try requests.enumerated().map { try store.sent($1, at: start + Double($0)) }
    let verifier = try installation.verifier()
    let wrong = try #require(
      ["000000", "111111", "222222", "333333", "444444"].first { code in
        !tickets.contains { $0.code == code }
      })
    #expect(try verifier.verify(wrong, recipient: anna, now: start + 9) == .incorrect(attemptsLeft: 4))
    #expect(
      try verifier.verify(wrong, challenge: requests[3].id.rawValue, now: start + 9)
        == .incorrect(attemptsLeft: 3))
    // What is told is how often one may still try: with the others there is one attempt more than with the last.
    #expect(try verifier.verify(wrong, recipient: anna, now: start + 9) == .incorrect(attemptsLeft: 3))
    // The first mail's code, whatever came after it.
    #expect(try verifier.verify(tickets[0].code, recipient: anna, now: start + 9).session != nil)
    #expect(try verifier.verify(tickets[2].code, recipient: anna, now: start + 9).session != nil)
    for (request, left) in zip(requests, [nil, 0, nil, nil] as [Int?]) {
      guard let left else { continue }
      #expect(
        try verifier.verify(wrong, challenge: request.id.rawValue, now: start + 9)
          == .incorrect(attemptsLeft: left))
    }
  }

  @Test func `strangers who ask as often as they are let push no open mail out`() throws {
    let installation = try Installation()
    let store = try installation.store(limits: LimitSettings())
    let asked = try store.sent(try request(ip: "192.0.2.1"))
    var sent = 1
    for index in 1...40 {
      let stranger = try request(ip: "198.51.\(index).1")
      let admission = try store.admit(
        AdmissionRequest(stranger, at: start + Double(index) * 40), now: start + Double(index) * 40)
      guard case .send(let ticket) = admission else { continue }
      try store.settle(ticket, .sent, at: start + Double(index) * 40)
      sent += 1
    }
    #expect(sent == 12)
    #expect(
      try installation.verifier().verify(asked.code, recipient: anna, now: start + 1700).session != nil)
  }

  @Test func `has locked when each open challenge has taken all its wrong codes`() throws {
    let installation = try Installation()
    let store = try installation.store(settings: PasscodeSettings(attempts: 2))
    let verifier = try installation.verifier(
      settings: VerificationSettings(byAddress: true, passcode: PasscodeSettings(attempts: 2)))
    let first = try store.sent(try request())
    func answer(_ code: String) throws -> Verification {
      try verifier.verify(code, recipient: anna, now: start + 5)
    }
    #expect(try [1, 2, 3].map { _ in try answer(first.wrong).name } == ["incorrect", "incorrect", "locked"])
    #expect(try answer(first.code) == .locked)
    // A new mail is a new challenge.
    let second = try store.sent(try request(), at: start + 4)
    #expect(try answer(first.code == second.code ? first.wrong : first.code).name == "incorrect")
    #expect(try answer(second.code).session != nil)
  }
}
