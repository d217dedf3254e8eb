internal import CodeRequests
internal import FoundationEssentials

/// The tenants of an installation: a checked, immutable `tenants.json5`.
///
/// On failure nothing is loaded; the faults name file, line, column and key, what was found and what is expected.
package struct TenantDirectory: Sendable {
  /// What a request without a tenant comes to.
  package enum CommonEndpoint: String, CaseIterable, Sendable { case allowed, refused }

  /// In the order of the file.
  package let tenants: [Tenant]
  package let commonEndpoint: CommonEndpoint
  /// Hosts (A-labels) that sign-in links may have; nil: any, since a link only names a tenant and is never opened.
  package let signInHosts: Set<String>?
  /// False without a tenants file: there is one tenant, and it is everybody's.
  package let hasFile: Bool

  private let byID: [String: Int]
  private let byName: [String: Int]
  private let byDomain: [String: Int]

  /// Without a tenants file: one tenant, passcodes on.
  package static let single = TenantDirectory(
    tenants: [.only], commonEndpoint: .allowed, signInHosts: nil, hasFile: false)

  /// From tenants that are known to be distinct; the loader has seen to it.
  init(tenants: [Tenant], commonEndpoint: CommonEndpoint, signInHosts: Set<String>?, hasFile: Bool) {
    self.tenants = tenants
    self.commonEndpoint = commonEndpoint
    self.signInHosts = signInHosts
    self.hasFile = hasFile
    var byID: [String: Int] = [:]
    var byName: [String: Int] = [:]
    var byDomain: [String: Int] = [:]
    for (index, tenant) in tenants.enumerated() {
      byID[Self.folded(tenant.id)] = index
      byName[Self.folded(tenant.name)] = index
      for domain in tenant.domains { byDomain[domain] = index }
    }
    self.byID = byID
    self.byName = byName
    self.byDomain = byDomain
  }

  /// The spelling that ids and names are compared in.
  static func folded(_ text: String) -> String { UnicodeSpelling.folded(text) }

  /// Letters of any script, lower case, as A-labels without a trailing dot; nil for what is no full domain name.
  static func canonical(domain: String) -> String? {
    guard domain.utf8.count <= 1024,
      let canonical = try? EmailAddress.canonical(
        domain: domain, { RequestFault(field: "domain", $0) }), canonical.utf8.contains(UInt8(ascii: "."))
    else { return nil }
    return canonical
  }

  /// The tenant with this id, in any case.
  package func tenant(id: String) -> Tenant? { byID[Self.folded(id)].map { tenants[$0] } }

  /// The tenant of this name, in any case.
  package func tenant(name: String) -> Tenant? { byName[Self.folded(name)].map { tenants[$0] } }

  /// The tenant that has verified this domain, in A-labels or U-labels, with or without a trailing dot.
  package func tenant(domain: String) -> Tenant? {
    Self.canonical(domain: domain).flatMap { byDomain[$0] }.map { tenants[$0] }
  }
}
