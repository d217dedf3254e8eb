internal import Branding
package import CodeRequests
package import Documents
package import FoundationEssentials

/// One tenant as `tenant list`, `show` and `resolve` print it, with what its switch comes to at a moment. Its JSON is
/// the verb's, under the keys of the tenants file.
package struct TenantReport: Hashable, Sendable {
  package struct WhenOff: Hashable, Sendable {
    package let method: String
    package let url: String?
  }

  package struct Sender: Hashable, Sendable {
    package let name: String?
    package let address: String
  }

  package let id: String
  package let name: String
  package let domains: [String]
  package let passcodes: String
  /// RFC 3339.
  package let autoEnableAt: String?
  package let cloud: String
  package let federatedDomains: [String: String]
  package let whenOff: WhenOff
  package let locale: String?
  package let timeZone: String?
  package let sender: Sender?
  package let app: String?
  package let accent: String?
  package let logo: String?
  package let footer: String?
  /// Whether guests get passcodes now.
  package let isOn: Bool
  /// Why: `default-on`, `enabled`, `disabled`, …
  package let switchState: String

  package init(_ tenant: Tenant, now: Date) {
    id = tenant.id
    name = tenant.name
    domains = tenant.domains
    passcodes = tenant.passcodes.rawValue
    autoEnableAt = tenant.autoEnableAt?.rfc3339
    cloud = tenant.cloud.rawValue
    federatedDomains = tenant.federatedDomains.mapValues(\.rawValue)
    whenOff = WhenOff(method: tenant.whenOff.method.rawValue, url: tenant.whenOff.url)
    locale = tenant.locale?.rawValue
    timeZone = tenant.timeZone
    sender = tenant.sender.map { Sender(name: $0.name, address: $0.address.rawValue) }
    app = tenant.app
    accent = tenant.brand.accent?.description
    logo = tenant.brand.logo
    footer = tenant.brand.footer
    let state = tenant.switchState(at: now)
    isOn = state.isOn
    switchState = state.rawValue
  }

  package func fill(_ line: inout JSONLine) {
    line.add("accent", accent)
    line.add("app", app)
    line.add("autoEnableAt", autoEnableAt)
    line.add("cloud", cloud)
    line.add("domains", domains)
    line.add("federatedDomains") { line in
      for (domain, provider) in federatedDomains.sorted(by: { $0.key < $1.key }) {
        line.add(domain, provider)
      }
    }
    line.add("footer", footer)
    line.add("id", id)
    line.add("isOn", isOn)
    line.add("locale", locale)
    line.add("logo", logo)
    line.add("name", name)
    line.add("passcodes", passcodes)
    if let sender {
      line.add("sender") { line in
        line.add("address", sender.address)
        line.add("name", sender.name)
      }
    }
    line.add("switchState", switchState)
    line.add("timeZone", timeZone)
    line.add("whenOff") { line in
      line.add("method", whenOff.method)
      line.add("url", whenOff.url)
    }
  }

  /// The columns of `tenant list`.
  package static let columns = ["tenant", "passcodes", "why", "id", "domains"]

  /// This tenant's cells under `columns`.
  package var cells: [String] {
    [name, isOn ? "on" : "off", switchState, id, domains.map(SpokenDomain.of).joined(separator: " ")]
  }

  /// Labels and values of `tenant show`; what the tenant does not say is left out.
  package var fields: [(label: String, value: String)] {
    var fields = [
      ("tenant", name), ("id", id), ("passcodes", "\(isOn ? "on" : "off") (\(switchState))"),
      ("cloud", cloud),
    ]
    if let autoEnableAt { fields.append(("on by itself from", autoEnableAt)) }
    if !domains.isEmpty { fields.append(("domains", domains.map(SpokenDomain.of).joined(separator: " "))) }
    for (domain, provider) in federatedDomains.sorted(by: { $0.key < $1.key }) {
      fields.append(("federates", "\(SpokenDomain.of(domain)) with \(provider)"))
    }
    fields.append(("when off", ([whenOff.method] + (whenOff.url.map { [$0] } ?? [])).joined(separator: " ")))
    if let locale { fields.append(("locale", locale)) }
    if let timeZone { fields.append(("time zone", timeZone)) }
    if let sender {
      let address = SpokenDomain.inAddress(sender.address)
      fields.append(("sender", sender.name.map { "\($0) <\(address)>" } ?? address))
    }
    if let app { fields.append(("app", app)) }
    if let accent { fields.append(("accent", accent)) }
    if let logo { fields.append(("logo", logo)) }
    if let footer { fields.append(("footer", footer.replacing("\n", with: " / "))) }
    return fields.map { (label: $0.0, value: $0.1) }
  }
}

/// What a reference leads to: the output of `tenant resolve`.
package struct TenantResolution: Hashable, Sendable {
  /// True where no tenant is named and the common endpoint answers.
  package let isCommonEndpoint: Bool
  /// Nil at the common endpoint.
  package let tenant: TenantReport?

  /// - Throws: a fault of the field `tenant`.
  package init(_ reference: String?, in directory: TenantDirectory, now: Date) throws(RequestFault) {
    let found = try directory.resolve(reference)
    isCommonEndpoint = found == .common
    tenant = isCommonEndpoint ? nil : TenantReport(found, now: now)
  }

  package func fill(_ line: inout JSONLine) {
    line.add("isCommonEndpoint", isCommonEndpoint)
    if let tenant { line.add("tenant", tenant.fill) }
  }
}
