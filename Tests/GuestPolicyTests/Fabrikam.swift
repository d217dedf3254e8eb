import CodeRequests
import Foundation
import GuestPolicy

/// The example that the tests start from.
enum Fabrikam {
  static let id = "72f988bf-86f1-41af-91ab-2d7cd011db47"
  static let contosoID = "0f3a9c11-7d25-4b3e-9c41-6f1f6a5ce001"
  static let autoEnableAt = Date(rfc3339: "2021-10-01T00:00:00Z")!
  static let before = autoEnableAt.addingTimeInterval(-0.001)
  static let after = autoEnableAt

  static let text = """
    // Who may sign in with a passcode.
    {
      commonEndpoint: "allowed", // or "refused"
      tenants: [ {
        id: "72f988bf-86f1-41af-91ab-2d7cd011db47", name: "Fabrikam", domains: ["fabrikam.onmicrosoft.com", "fabrikam.example"],
        passcodes: "default", autoEnableAt: "2021-10-01T00:00:00Z", cloud: "public",
        federatedDomains: { "gmail.com": "google" },
        whenOff: { method: "microsoft-account", url: "https://signup.example" },
        locale: "sv", timeZone: "UTC", sender: { name: "Fabrikam", address: "no-reply@fabrikam.example" }, app: "Fabrikam",
        accent: "#8a4b00", logo: "FABRIKAM", footer: ["Fabrikam AB", "Storgatan 1"],
      }, {
        id: '0f3a9c11-7d25-4b3e-9c41-6f1f6a5ce001',
        name: 'Contoso Größe', /* a name beyond ASCII */
        domains: ['größe.example'],
      } ],
    }
    """

  static func directory(_ text: String = text) throws(TenantFaults) -> TenantDirectory {
    try TenantDirectory(json5: Array(text.utf8), file: "tenants.json5")
  }

  /// The faults that a text is refused with; none where it loads.
  static func faults(_ text: String) -> [TenantFault] {
    do {
      _ = try directory(text)
      return []
    } catch { return error.faults }
  }

  static func tenant(
    _ passcodes: Tenant.Switch = .default, autoEnableAt: Date? = nil, cloud: Tenant.Cloud = .public,
    federating: [String: SignInMethod] = [:]
  ) -> Tenant {
    Tenant(
      id: id, name: "Fabrikam", passcodes: passcodes, autoEnableAt: autoEnableAt, cloud: cloud,
      federatedDomains: federating,
      whenOff: Tenant.Alternative(method: SignInMethod("microsoft-account")!, url: "https://signup.example"))
  }
}

extension Tenant {
  func decide(
    _ address: String, accounts: [String] = [], redemption: Redemption = .none, now: Date = Fabrikam.after
  ) throws -> Decision {
    decide(for: try EmailAddress(address), accounts: accounts, redemption: redemption, now: now)
  }
}
