import CodeRequests
import Documents
import Foundation
import GuestPolicy
import Testing

@Suite struct ReportTests {
  static func object(_ fill: (inout JSONLine) -> Void) throws -> [String: Any] {
    var line = JSONLine()
    fill(&line)
    return try #require(try JSONSerialization.jsonObject(with: Data(line.text.utf8)) as? [String: Any])
  }

  @Test func `method reports the method, the rule and why, with the address redacted`() throws {
    let report = try MethodReport(
      for: EmailAddress("nicole@firstupconsultants.com"), of: Fabrikam.tenant(.disabled), accounts: [],
      redemption: .passcode, now: Fabrikam.after)
    let object = try Self.object(report.fill)
    #expect(object["recipient"] as? String == "n•••@firstupconsultants.com")
    #expect(object["tenantName"] as? String == "Fabrikam")
    #expect(object["tenant"] as? String == Fabrikam.id)
    #expect(object["method"] as? String == "microsoft-account")
    #expect(object["url"] as? String == "https://signup.example")
    #expect(object["rule"] as? String == "redeemed-by-passcode-now-off")
    #expect(object["reason"] as? String == Decision.Rule.redeemedByPasscodeNowOff.explanation)
    #expect(object["passcodes"] as? String == "disabled")
    #expect(object["redeemedBy"] as? String == "passcode")
    #expect(
      report.fields.map(\.label) == [
        "guest", "tenant", "method", "go to", "rule", "because", "passcodes", "redeemed by",
      ])
    #expect(!report.fields.contains { $0.value.contains("nicole") })
  }

  @Test func `a passcode needs no url and no redemption in the report`() throws {
    let report = try MethodReport(
      for: EmailAddress("nicole@firstupconsultants.com"), of: .only, accounts: ["passcode"],
      redemption: .none,
      now: Fabrikam.after)
    let object = try Self.object(report.fill)
    #expect(object["method"] as? String == "passcode")
    #expect(object["url"] == nil && object["redeemedBy"] == nil && object["tenant"] == nil)
    #expect(report.fields.map(\.label) == ["guest", "tenant", "method", "rule", "because", "passcodes"])
  }

  @Test(arguments: ["Microsoft", "", "a b", "google\n"])
  func `an account that is no name is refused rather than overlooked`(_ account: String) throws {
    let address = try EmailAddress("nicole@firstupconsultants.com")
    let fault = #expect(throws: RequestFault.self) {
      try MethodReport(for: address, of: .only, accounts: [account], redemption: .none, now: Fabrikam.after)
    }
    #expect(fault?.field == "accounts")
  }

  @Test func `a tenant reports what the file says and what the switch comes to`() throws {
    let tenants = try Fabrikam.directory().tenants
    let before = TenantReport(tenants[0], now: Fabrikam.before)
    #expect(
      before.cells == [
        "Fabrikam", "off", "default-before-auto-enable", Fabrikam.id,
        "fabrikam.onmicrosoft.com fabrikam.example",
      ])
    #expect(TenantReport.columns.count == before.cells.count)
    let object = try Self.object(TenantReport(tenants[0], now: Fabrikam.after).fill)
    #expect(object["isOn"] as? Bool == true)
    #expect(object["switchState"] as? String == "default-on")
    #expect(object["autoEnableAt"] as? String == "2021-10-01T00:00:00.000Z")
    #expect(object["federatedDomains"] as? [String: String] == ["gmail.com": "google"])
    #expect((object["whenOff"] as? [String: String])?["url"] == "https://signup.example")
    #expect((object["sender"] as? [String: String])?["address"] == "no-reply@fabrikam.example")
    #expect(
      before.fields.map(\.label) == [
        "tenant", "id", "passcodes", "cloud", "on by itself from", "domains", "federates", "when off",
        "locale", "time zone",
        "sender", "app", "accent", "logo", "footer",
      ])
    let contoso = TenantReport(tenants[1], now: Fabrikam.after)
    #expect(contoso.fields.map(\.label) == ["tenant", "id", "passcodes", "cloud", "domains", "when off"])
  }

  @Test func `every key of a tenant in the file is a key of its report`() throws {
    let object = try Self.object(TenantReport(Fabrikam.directory().tenants[0], now: Fabrikam.after).fill)
    #expect(
      Set(object.keys).subtracting(["isOn", "switchState"]) == [
        "id", "name", "domains", "passcodes", "autoEnableAt", "cloud", "federatedDomains", "whenOff",
        "locale", "timeZone",
        "sender", "app", "accent", "logo", "footer",
      ])
  }

  @Test func `resolving reports the tenant or the common endpoint`() throws {
    let directory = try Fabrikam.directory()
    let found = try TenantResolution(
      "https://apps.example/fabrikam.example", in: directory, now: Fabrikam.after)
    #expect(found.tenant?.id == Fabrikam.id && !found.isCommonEndpoint)
    let common = try Self.object(TenantResolution(nil, in: directory, now: Fabrikam.after).fill)
    #expect(common["isCommonEndpoint"] as? Bool == true && common["tenant"] == nil)
    #expect(throws: RequestFault.self) { try TenantResolution("nobody", in: directory, now: Fabrikam.after) }
  }
}
