import CodeRequests
import Configuration
import Foundation
import GuestPolicy
import PasscodeService
import Records
import TestSupport
import Testing

private let fabrikam = """
  {
    // What the operator wrote stays.
    tenants: [ { id: "f", name: "Fabrikam", domains: ["fabrikam.example"], federatedDomains: { "gmail.com": "google" } } ],
  }
  """

@Suite struct GuestTests {
  @Test func `decides the method by tenant, address, accounts and redemption`() throws {
    let rig = try ServiceRig(tenants: fabrikam)
    let teri = try EmailAddress("teri@gmail.com")
    let nicole = try EmailAddress("nicole@firstupconsultants.com")
    func method(_ address: EmailAddress, _ accounts: [String] = []) throws -> MethodReport {
      try rig.service.method(for: address, tenant: "fabrikam.example", accounts: accounts)
    }
    #expect(try method(teri).method == "google")
    #expect(try method(nicole).method == "passcode")
    #expect(try method(nicole, ["directory"]).rule == "directory-account")
    let other = try #require(SignInMethod("other"))
    #expect(try rig.service.redeem(nicole, tenant: "f", by: other).stored == "other")
    #expect(try method(nicole).method == "other")
    // The first sticks.
    let google = try #require(SignInMethod("google"))
    #expect(try rig.service.redeem(nicole, tenant: "f", by: google).stored == "other")
    let guest = try rig.service.guest(nicole, tenant: "Fabrikam")
    #expect(guest.status.redeemedAt == rig.now && guest.tenantID == "f" && guest.tenant.name == "Fabrikam")
    #expect(try rig.service.reset(nicole, tenant: "Fabrikam"))
    #expect(try !rig.service.reset(nicole, tenant: "Fabrikam"))
    #expect(try method(nicole).method == "passcode")
  }

  @Test func `changes a tenant in its file, keeps the comments, and goes by it at once`() throws {
    let rig = try ServiceRig(tenants: fabrikam)
    #expect(try rig.service.allTenants().map(\.isOn) == [true])
    let file = try rig.service.set(
      [try TenantAssignment(parsing: "passcodes=disabled")], ofTenant: "Fabrikam")
    #expect(file == "\(rig.directory.path)/tenants.json5")
    #expect(try String(contentsOfFile: file, encoding: .utf8).contains("What the operator wrote stays."))
    #expect(try rig.service.allTenants().map(\.isOn) == [false])
    #expect(try rig.service.report(on: rig.service.tenant(named: "f")).switchState == "disabled")
    let graph = EmailMethodConfiguration(of: try rig.service.tenant(named: "f")).json
    let enabled = graph.replacing("disabled", with: "enabled")
    _ = try rig.service.apply(
      try EmailMethodConfiguration(json: Array(enabled.utf8), file: "-"), toTenant: nil)
    #expect(try rig.service.allTenants().map(\.isOn) == [true])
  }

  @Test func `has no tenants file to change where none is set`() throws {
    let rig = try ServiceRig()
    let fault = #expect(throws: ConfigurationFault.self) {
      try rig.service.set([try TenantAssignment(parsing: "passcodes=disabled")], ofTenant: "f")
    }
    #expect(fault?.key == "tenants")
    #expect(try rig.service.resolve(nil).tenant?.name == Tenant.only.name)
  }
}
