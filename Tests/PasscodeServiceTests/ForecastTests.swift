import CodeRequests
import Foundation
import PasscodeService
import Records
import TestSupport
import Testing

@Suite struct ForecastTests {
  @Test func `tells before anything is queued which method is to be used`() throws {
    let rig = try ServiceRig(
      tenants: """
        { tenants: [
          { id: "f", name: "Fabrikam", federatedDomains: { "gmail.com": "google" } },
          { id: "o", name: "Off", passcodes: "disabled", whenOff: { method: "microsoft-account", url: "https://signup.example" } },
        ] }
        """)
    func forecast(_ recipient: String, _ tenant: String) throws -> Forecast {
      try rig.service.forecast(try rig.request(recipient, tenant: tenant))
    }
    #expect(
      try forecast("teri@gmail.com", "Fabrikam")
        == .refused(method: "google", url: nil, rule: "federated-domain"))
    #expect(try forecast("anna@example.org", "Fabrikam") == .letThrough)
    #expect(
      try forecast("anna@example.org", "Off")
        == .refused(method: "microsoft-account", url: "https://signup.example", rule: "switch-disabled"))
    #expect(throws: RequestFault.self) { try forecast("anna@example.org", "Contoso") }
  }

  @Test func `tells which limit holds a request up, and until when`() throws {
    let rig = try ServiceRig(
      keys:
        "limits: { perSubject: [{ count: 1, window: \"30s\" }], perClient: [{ count: 1, window: \"1m\" }] },")
    #expect(try rig.service.forecast(try rig.request()) == .letThrough)
    _ = try rig.records().admit(.random(), ip: "192.0.2.7", at: rig.now)
    #expect(
      try rig.service.forecast(try rig.request())
        == .limited(until: rig.now + 30, rule: "limits.perSubject: at most 1 in 30 s"))
    #expect(
      try rig.service.forecast(try rig.request("bo@example.org", ip: "192.0.2.7"))
        == .limited(until: rig.now + 60, rule: "limits.perClient: at most 1 in 60 s"))
    #expect(try rig.service.forecast(try rig.request("bo@example.org", ip: "192.0.2.8")) == .letThrough)
    rig.advance(30)
    #expect(try rig.service.forecast(try rig.request()) == .letThrough)
    #expect(try rig.service.waiting(limit: 10).isEmpty)
  }
}
