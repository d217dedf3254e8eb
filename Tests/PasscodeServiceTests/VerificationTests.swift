import CodeRequests
import Foundation
import PasscodeService
import PasscodeVerifier
import Records
import TestSupport
import Testing

@Suite struct VerificationTests {
  /// A code that has reached its mailbox.
  private func mailed(_ rig: ServiceRig) throws -> (id: RequestID, code: String) {
    let id = RequestID.random()
    let records = try rig.records()
    let ticket = try records.admit(id, at: rig.now)
    try records.settle(ticket, .sent, at: rig.now)
    return (id, ticket.passcode.reveal())
  }

  @Test func `signs in once, and the session ends when it is ended`() throws {
    let rig = try ServiceRig()
    let (id, code) = try mailed(rig)
    let answered = Service.Answered.challenge(ChallengeID(id))
    try rig.service.prepareToVerify(answered)
    let wrong = TypedCode(code == "000000" ? "000001" : "000000")
    #expect(try rig.service.verify(wrong, answered) == .incorrect(attemptsLeft: 4))
    guard case .verified(let guest) = try rig.service.verify(TypedCode(code), answered),
      let session = guest.session
    else {
      Issue.record("the right code was not taken")
      return
    }
    #expect(session.expiresAt == rig.now + 24 * 3600)
    #expect(try rig.service.verify(TypedCode(code), answered) == .used)
    guard case .valid(let info) = try rig.service.session(session.token) else {
      Issue.record("the session is not valid")
      return
    }
    #expect(info.expiresAt == session.expiresAt && info.purpose == "sign-in")
    guard case .valid = try rig.service.endSession(session.token) else {
      Issue.record("there was no session to end")
      return
    }
    #expect(try rig.service.session(session.token) == .invalid)
    #expect(try rig.service.endSession(session.token) == .invalid)
  }

  @Test func `goes by the clock it is given`() throws {
    let rig = try ServiceRig()
    let (id, code) = try mailed(rig)
    rig.advance(1801)
    #expect(try rig.service.verify(TypedCode(code), .challenge(ChallengeID(id))) == .expired)
  }

  @Test func `checks by subject, and an unknown one is answered like a known one`() throws {
    let rig = try ServiceRig(keys: "verification: { byAddress: true }")
    let (_, code) = try mailed(rig)
    let anna = try EmailAddress("anna@example.org")
    let nobody = try EmailAddress("nobody@example.org")
    let wrong = TypedCode(code == "000000" ? "000001" : "000000")
    #expect(
      try rig.service.verify(wrong, .subject(anna, tenant: nil, purpose: .signIn))
        == rig.service.verify(wrong, .subject(nobody, tenant: nil, purpose: .signIn)))
    guard
      case .verified = try rig.service.verify(
        TypedCode(code), .subject(anna, tenant: nil, purpose: .signIn))
    else {
      Issue.record("the right code was not taken")
      return
    }
  }

  @Test func `does not ask for a code that would be checked by address alone, where that is off`() throws {
    let rig = try ServiceRig()
    let anna = try EmailAddress("anna@example.org")
    let error = #expect(throws: RecordError.self) {
      try rig.service.prepareToVerify(.subject(anna, tenant: nil, purpose: .signIn))
    }
    #expect(error?.code == .byAddressOff)
  }

  @Test func `takes from the configuration what begins a session, and how many attempts there are`() throws {
    let rig = try ServiceRig(
      keys: """
        purposes: { "sign-in": { session: false } }, passcode: { attempts: 3 }, verification: { byAddress: true }
        """)
    let (id, code) = try mailed(rig)
    let nobody = try EmailAddress("nobody@example.org")
    #expect(
      try rig.service.verify(TypedCode(code), .subject(nobody, tenant: nil, purpose: .signIn))
        == .incorrect(attemptsLeft: 2))
    let expected = Expectations(recipient: nobody)
    #expect(
      try rig.service.verify(TypedCode(code), .challenge(ChallengeID(id), expecting: expected)) == .unknown)
    guard case .verified(let guest) = try rig.service.verify(TypedCode(code), .challenge(ChallengeID(id)))
    else {
      Issue.record("the right code was not taken")
      return
    }
    #expect(guest.session == nil && guest.recipient?.rawValue == "anna@example.org")
  }

  @Test func `a code that a request brings is verified where the configuration says so alone`() throws {
    for (keys, answer) in [("", "unknown"), ("verification: { broughtCodes: 'verify' }", "verified")] {
      let rig = try ServiceRig(keys: keys)
      let request = CodeRequest(
        recipient: try EmailAddress("anna@example.org"), code: try Passcode("482913"))
      let admission = AdmissionRequest(request: request, queuedAt: rig.now, deadline: rig.now + 600)
      let admissions = try rig.records().commit(settlements: [], admissions: [admission], now: rig.now)
      guard case .send = admissions[0] else {
        Issue.record("not sent")
        return
      }
      let said = try rig.service.verify(TypedCode("482913"), .challenge(ChallengeID(request.id)))
      #expect(said.name == answer)
    }
  }

  @Test func `tells a tenant that nobody knows before a code is asked for`() throws {
    let rig = try ServiceRig(
      keys: "verification: { byAddress: true }", tenants: "{ tenants: [{ id: 'f', name: 'Fabrikam' }] }")
    let anna = try EmailAddress("anna@example.org")
    let fault = #expect(throws: RequestFault.self) {
      try rig.service.prepareToVerify(.subject(anna, tenant: "Contoso", purpose: .signIn))
    }
    #expect(fault?.field == "tenant")
    try rig.service.prepareToVerify(.subject(anna, tenant: "Fabrikam", purpose: .signIn))
  }
}
