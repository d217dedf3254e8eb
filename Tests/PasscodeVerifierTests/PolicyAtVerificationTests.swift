import CodeRequests
import Foundation
import GuestPolicy
import RecordKeys
import RecordsFixture
import Testing

@testable import PasscodeVerifier
@testable import Records
@testable import SQLiteRecords

/// What the tenant's decision is when the code comes back, which may be another than when it was sent.
@Suite struct PolicyAtVerificationTests {
  private let google = SignInMethod("google")!

  private func settings(_ tenant: String) throws -> VerificationSettings {
    let file =
      "{ tenants: [{ id: 'f', name: 'Fabrikam', domains: ['fabrikam.example'], \(tenant) }, { id: 'c', name: 'C' }] }"
    return VerificationSettings(byAddress: true, policy: try SignInPolicy(file: file))
  }

  @Test(arguments: [
    ("passcodes: 'enabled'", true), ("passcodes: 'disabled'", false), ("passcodes: 'default'", true),
    ("passcodes: 'default', cloud: 'government'", false),
    ("passcodes: 'enabled', cloud: 'government'", true),
    // `start` lies in November 2026.
    ("passcodes: 'default', autoEnableAt: '2027-01-01T00:00:00Z'", false),
    ("passcodes: 'default', autoEnableAt: '2026-01-01T00:00:00Z'", true),
    ("passcodes: 'enabled', federatedDomains: { 'other.example': 'google' }", true),
    ("passcodes: 'enabled', federatedDomains: { 'example.org': 'google' }", false),
  ])
  func `takes a code only where the decision is still a passcode`(_ tenant: String, _ isTaken: Bool) throws {
    let installation = try Installation()
    let request = try request()
    let ticket = try installation.store().sent(request, tenant: "f")
    let verifier = try installation.verifier(settings: try settings(tenant))
    let answer = try verifier.verify(ticket.code, challenge: request.id.rawValue, now: start)
    #expect(isTaken ? answer.session != nil : answer == .refused)
  }

  @Test func `a federation that comes later leaves who redeemed by passcode with passcodes`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let before = try installation.verifier(settings: try settings("passcodes: 'enabled'"))
    let after = try installation.verifier(
      settings: try settings("federatedDomains: { 'example.org': 'google' }"))
    let first = try request()
    let firstTicket = try store.sent(first, tenant: "f")
    #expect(try before.verify(firstTicket.code, challenge: first.id.rawValue, now: start).session != nil)
    let second = try request()
    let ticket = try store.sent(second, at: start + 60, tenant: "f")
    #expect(try after.verify(ticket.code, challenge: second.id.rawValue, now: start + 61).session != nil)
  }

  @Test func `refuses who has redeemed in another way since the code was sent, and counts nothing`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let verifier = try installation.verifier(settings: try settings("passcodes: 'enabled'"))
    let request = try request()
    let ticket = try store.sent(request, tenant: "f")
    try store.redeem(request.recipient, tenant: "f", by: google, now: start)
    for _ in 0..<7 {
      #expect(try verifier.verify(ticket.wrong, challenge: request.id.rawValue, now: start) == .refused)
    }
    try store.reset(request.recipient, tenant: "f", now: start)
    #expect(try verifier.verify(ticket.code, challenge: request.id.rawValue, now: start).session != nil)
  }

  @Test func `does not tell by address how a guest signs in`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let verifier = try installation.verifier(settings: try settings("passcodes: 'enabled'"))
    let request = try request()
    let ticket = try store.sent(request, tenant: "f")
    try store.redeem(request.recipient, tenant: "f", by: google, now: start)
    let nobody = try EmailAddress("nobody@example.org")
    for _ in 0..<7 {
      let known = try verifier.verify(
        ticket.code, recipient: request.recipient, tenant: "Fabrikam", now: start)
      let unknown = try verifier.verify(ticket.code, recipient: nobody, tenant: "Fabrikam", now: start)
      #expect(known == unknown)
      #expect(known.session == nil && known != .refused)
    }
  }

  @Test func `refuses everybody alike where the tenant is off, has gone, or was never there`() throws {
    let installation = try Installation()
    let request = try request()
    let ticket = try installation.store().sent(request, tenant: "f")
    let off = try installation.verifier(settings: try settings("passcodes: 'disabled'"))
    let gone = try installation.verifier(
      settings: VerificationSettings(byAddress: true, policy: try SignInPolicy(tenants: "c", "d")))
    for address in ["anna@example.org", "nobody@example.org"] {
      let recipient = try EmailAddress(address)
      #expect(try off.verify(ticket.code, recipient: recipient, tenant: "f", now: start) == .refused)
      #expect(try gone.verify(ticket.code, recipient: recipient, tenant: "f", now: start) == .refused)
      #expect(try off.verify(ticket.code, recipient: recipient, tenant: "no such", now: start) == .refused)
    }
    #expect(try gone.verify(ticket.code, challenge: request.id.rawValue, now: start) == .refused)
  }

  @Test(arguments: ["f", "fabrikam", "FABRIKAM.example.", "https://apps.example/?tenantid=f"])
  func `takes any name of the tenant by address`(_ reference: String) throws {
    let installation = try Installation()
    let ticket = try installation.store().sent(try request(), tenant: "f")
    let verifier = try installation.verifier(settings: try settings("passcodes: 'enabled'"))
    let anna = try EmailAddress("anna@example.org")
    #expect(try verifier.verify(ticket.code, recipient: anna, tenant: reference, now: start).session != nil)
  }

  @Test func `without a tenants file a tenant that is named means nothing, as for the worker`() throws {
    let installation = try Installation()
    let ticket = try installation.store().sent(try request())
    let anna = try EmailAddress("anna@example.org")
    let answer = try installation.verifier().verify(
      ticket.code, recipient: anna, tenant: "Fabrikam", now: start)
    #expect(answer.session != nil)
  }

  @Test func `follows the tenants file, and keeps the last good one where it breaks`() throws {
    let installation = try Installation()
    let path = "\(installation.path)/tenants.json5"
    func write(_ text: String) throws { try text.write(toFile: path, atomically: true, encoding: .utf8) }
    try write("{ tenants: [{ id: 'f', name: 'F', passcodes: 'disabled' }] }")
    let policy = try SignInPolicy(tenantsFile: path)
    let verifier = try installation.verifier(settings: VerificationSettings(policy: policy))
    let request = try request()
    let ticket = try installation.store().sent(request, tenant: "f")
    func answer() throws -> Verification {
      try verifier.verify(ticket.code, challenge: request.id.rawValue, now: start)
    }
    #expect(try answer() == .refused)
    try write("{ tenants: [ oops")
    #expect(try answer() == .refused)
    try write("{ tenants: [{ id: 'f', name: 'F', passcodes: 'enabled' }] }")
    #expect(try answer().session != nil)
  }

  @Test func `a faulty tenants file at the start is an error with its place`() throws {
    let installation = try Installation()
    let path = "\(installation.path)/tenants.json5"
    try "{ tenants: [\n  { id: 'f', nam: 'F' } ] }".write(toFile: path, atomically: true, encoding: .utf8)
    let error = #expect(throws: TenantsFileError.self) { try SignInPolicy(tenantsFile: path) }
    #expect(error?.description.contains("tenants.json5:2:") == true)
    #expect(error?.description.contains("did you mean name") == true)
  }
}
