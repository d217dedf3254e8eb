import CodeRequests
import Foundation
import GuestPolicy
import PasscodeVerifier
import RecordKeys
import RecordsFixture
import Testing

@testable import Records
@testable import SQLiteRecords

/// A right code says whose it was, and a challenge that is not the one that was meant is none.
@Suite struct VerifiedGuestTests {
  private static let address = "Anna.Berg+x@bücher.example"
  private static let wire = "Anna.Berg+x@xn--bcher-kva.example"

  private func policy() throws -> SignInPolicy {
    try SignInPolicy(
      file: """
        { tenants: [{ id: 'f', name: 'Fabrikam', domains: ['fabrikam.example'] }, { id: 'c', name: 'Contoso' }] }
        """)
  }

  @Test func `a right code names address, tenant and purpose, and so does its session`() throws {
    let installation = try Installation()
    let request = try request(to: Self.address)
    let ticket = try installation.store().sent(request, tenant: "f")
    let verifier = try installation.verifier(settings: VerificationSettings(policy: try policy()))
    let guest = try #require(
      verifier.verify(ticket.code, challenge: request.id.rawValue, now: start).guest)
    #expect(guest.recipient?.rawValue == Self.wire)
    #expect(guest.tenant == "f" && guest.purpose == "sign-in")
    let session = try #require(guest.session)
    guard case .valid(let info) = try installation.verifier().session(session.token, now: start + 9) else {
      Issue.record("the session is not valid")
      return
    }
    #expect(info.recipient == guest.recipient && info.tenant == "f" && info.purpose == "sign-in")
    #expect(info.device == session.device)
    // As everywhere, printing tells neither.
    for said in ["\(guest)", "\(info)"] {
      #expect(!said.contains("Anna") && !said.contains(session.device.reveal()))
    }
  }

  @Test(
    arguments: [
      (Self.wire.lowercased(), nil, nil, true), (Self.address, "f", "sign-in", true),
      (nil, "FABRIKAM.example", nil, true), (nil, "https://apps.example/?tenantid=f", "sign-in", true),
      ("anna.berg@bücher.example", nil, nil, false), ("eva@example.org", "f", "sign-in", false),
      (nil, "Contoso", nil, false), (nil, "no such tenant", nil, false), (nil, "", nil, false),
      (nil, nil, "verify-email", false), (Self.address, "f", "verify-email", false),
      (Self.address, "c", "sign-in", false),
    ] as [(String?, String?, String?, Bool)])
  func `what is expected must fit, else the challenge is unknown and no attempt is counted`(
    recipient: String?, tenant: String?, purpose: String?, fits: Bool
  ) throws {
    let installation = try Installation()
    let request = try request(to: Self.address)
    let ticket = try installation.store().sent(request, tenant: "f")
    let verifier = try installation.verifier(settings: VerificationSettings(policy: try policy()))
    let expected = Expectations(
      recipient: try recipient.map { try EmailAddress($0) }, tenant: tenant,
      purpose: try purpose.map { try Purpose($0) })
    func answer(_ code: String, _ expected: Expectations = Expectations()) throws -> Verification {
      try verifier.verify(code, challenge: request.id.rawValue, expecting: expected, now: start)
    }
    if fits {
      #expect(try answer(ticket.wrong, expected) == .incorrect(attemptsLeft: 4))
      #expect(try answer(ticket.code, expected).session != nil)
    } else {
      for _ in 0..<7 {
        #expect(try answer(ticket.wrong, expected) == .unknown)
        #expect(try answer(ticket.code, expected) == .unknown)
      }
      #expect(try answer(ticket.wrong) == .incorrect(attemptsLeft: 4))
      #expect(try answer(ticket.code).session != nil)
      // Not even that it was used.
      #expect(try answer(ticket.code, expected) == .unknown)
    }
  }

  @Test func `an attacker's own challenge signs in nobody else`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let own = try request(to: "mallory@example.org")
    _ = try store.sent(try request(to: "anna@example.org"))
    let ticket = try store.sent(own)
    let anna = Expectations(recipient: try EmailAddress("anna@example.org"), purpose: .signIn)
    let verifier = try installation.verifier()
    #expect(
      try verifier.verify(ticket.code, challenge: own.id.rawValue, expecting: anna, now: start) == .unknown)
    // Nor where no tenants are, whichever is named.
    let tenant = Expectations(tenant: "no-such-tenant")
    #expect(
      try verifier.verify(ticket.code, challenge: own.id.rawValue, expecting: tenant, now: start) == .unknown)
    let guest = try verifier.verify(ticket.code, challenge: own.id.rawValue, now: start).guest
    #expect(guest?.recipient?.rawValue == "mallory@example.org")
  }

  @Test(arguments: [
    (["sign-in"], "sign-in", true), (["sign-in"], "verify-email", false), ([], "sign-in", false),
    (["portal"], "portal", true), (["portal"], "sign-in", false),
  ])
  func `only purposes that begin a session begin one`(
    purposes: [String], purpose: String, begins: Bool
  ) throws {
    let installation = try Installation()
    let store = try installation.store()
    let request = try request(purpose: purpose)
    let ticket = try store.sent(request)
    let settings = VerificationSettings(sessionPurposes: Set(try purposes.map { try Purpose($0) }))
    let verifier = try installation.verifier(settings: settings)
    let guest = try #require(
      verifier.verify(ticket.code, challenge: request.id.rawValue, now: start).guest)
    #expect(guest.recipient?.rawValue == "anna@example.org" && guest.purpose == purpose)
    #expect((guest.session != nil) == begins)
    // Who did not sign in has not redeemed, and no device of his is known.
    let known = try store.guest(request.recipient, tenant: nil, now: start)
    #expect(known.devices.count == (begins ? 1 : 0))
    #expect((known.redemption == .passcode) == begins)
    #expect(try verifier.verify(ticket.code, challenge: request.id.rawValue, now: start) == .used)
  }

  @Test func `a session tells its device as long as that is known`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let verifier = try installation.verifier()
    var sessions: [Session] = []
    for index in 0...DeviceSettings.most {
      let request = try request()
      let ticket = try store.sent(request, at: start + Double(index))
      sessions.append(
        try #require(verifier.verify(ticket.code, challenge: request.id.rawValue, now: start + 60).session))
    }
    let devices = try sessions.map { session -> DeviceToken? in
      guard case .valid(let info) = try verifier.session(session.token, now: start + 70) else { return nil }
      return info.device
    }
    // The oldest has made room.
    #expect(devices == [nil] + sessions.dropFirst().map(\.device))
  }

  @Test func `an address that was exchanged in the database is an error, and signs nobody in`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let (anna, eva) = (try request(), try request(to: "eva@example.org"))
    let ticket = try store.sent(anna)
    let other = try store.sent(eva)
    let connection = try SQLiteConnection(path: installation.database, busyTimeout: 1000)
    try connection.execute(
      "UPDATE request SET sealedRecipient = (SELECT sealedRecipient FROM request WHERE row = 2) WHERE row = 1"
    )
    let verifier = try installation.verifier()
    #expect(
      try verifier.verify(ticket.wrong, challenge: anna.id.rawValue, now: start)
        == .incorrect(attemptsLeft: 4))
    let error = #expect(throws: RecordError.self) {
      try verifier.verify(ticket.code, challenge: anna.id.rawValue, now: start)
    }
    #expect(error?.code == .key && error?.message.contains("altered") == true)
    #expect(try verifier.verify(other.code, challenge: eva.id.rawValue, now: start).session != nil)
  }

  @Test func `rotated keys take no address away: a resend closes it anew, a session needs none`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let verifier = try installation.verifier()
    let first = try request()
    _ = try store.sent(first)
    _ = try store.rotateKeys(now: start + 60)
    let second = try request(challenge: first.id)
    let ticket = try store.sent(second, at: start + 120)
    let connection = try SQLiteConnection(path: installation.database, busyTimeout: 1000)
    let versions = try connection.prepare(
      "SELECT hex(substr(sealedRecipient, 1, 4)) FROM request WHERE row = 1")
    _ = try versions.step()
    #expect(versions.text(0) == "00000002")
    versions.reset()
    let guest = try #require(
      verifier.verify(ticket.code, challenge: second.id.rawValue, now: start + 180).guest)
    #expect(guest.recipient?.rawValue == "anna@example.org")
    let long = try installation.verifier(
      settings: VerificationSettings(sessionLifetime: .seconds(30 * 86400)))
    let third = try request(to: "bo@example.org")
    let bo = try store.sent(third, at: start + 200)
    let session = try #require(
      long.verify(bo.code, challenge: third.id.rawValue, now: start + 200).session)
    _ = try store.rotateKeys(now: start + 300)
    #expect(try store.deleteUnusedKeys(now: start + 10 * 86400) == [1, 2])
    guard case .valid(let info) = try long.session(session.token, now: start + 10 * 86400) else {
      Issue.record("the session is not valid")
      return
    }
    #expect(info.recipient?.rawValue == "bo@example.org")
  }
}
