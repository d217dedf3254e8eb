internal import JSON5Text
/// The Graph resource `emailAuthenticationMethodConfiguration`, as far as it says who gets a passcode.
///
/// `allowExternalIdToUseEmailOtp` is the tenant's switch. `state` switches the whole method: `disabled` means off,
/// whatever the switch says. Targets name groups of the tenant's own users and say nothing about guests.
/// Source: Microsoft Graph REST API v1.0, emailAuthenticationMethodConfiguration resource type.
package struct EmailMethodConfiguration: Hashable, Sendable {
  /// Whether the method as a whole is on.
  package enum State: String, CaseIterable, Sendable { case enabled, disabled }

  package var state: State
  package var allowExternalIdToUseEmailOtp: Tenant.Switch

  private static let type = "#microsoft.graph.emailAuthenticationMethodConfiguration"
  private static let keys = [
    "id", "state", "allowExternalIdToUseEmailOtp", "includeTargets", "excludeTargets",
  ]

  private struct Resource: Decodable {
    var type: String?
    var id: String?
    var state: String?
    var allowExternalIdToUseEmailOtp: String?

    enum CodingKeys: String, CodingKey {
      case type = "@odata.type"
      case id, state, allowExternalIdToUseEmailOtp
    }
  }

  /// What the resource of a tenant says.
  package init(of tenant: Tenant) {
    state = .enabled
    allowExternalIdToUseEmailOtp = tenant.passcodes
  }

  /// Reads the resource; annotations (`@odata.…`) are let pass, unknown keys are not.
  ///
  /// - Parameter file: what messages call it.
  package init(json bytes: [UInt8], file: String) throws(TenantFaults) {
    let outline: JSON5Outline
    do { outline = try JSON5Outline(bytes) } catch {
      let (line, column) = JSON5Outline.position(of: error.offset, in: bytes)
      throw TenantFaults([
        TenantFault(.syntax, "is not JSON: \(error.message)", file: file, line: line, column: column)
      ])
    }
    var checker = TenantsFileChecker(outline: outline, file: file)
    checker.checkRepeatedKeys()
    let annotations = outline.root.members.map(\.key).filter { $0.contains("@odata.") }
    checker.check(outline.root, [], known: Self.keys, tolerated: annotations)
    guard let resource: Resource = checker.decode() else { throw TenantFaults(checker.faults) }

    if let type = resource.type, type != Self.type {
      checker.fault(
        .badValue, "is \(checker.quoted(type)); expected \(Self.type)", at: [.key("@odata.type")])
    }
    if let id = resource.id, id.lowercased() != "email" {
      checker.fault(.badValue, "is \(checker.quoted(id)); expected \"Email\"", at: [.key("id")])
    }
    let state: State? = checker.value(resource.state, at: [.key("state")])
    let allow: Tenant.Switch? = checker.value(
      resource.allowExternalIdToUseEmailOtp, at: [.key("allowExternalIdToUseEmailOtp")])
    if resource.allowExternalIdToUseEmailOtp == nil, state != .disabled {
      checker.fault(
        .missing, "is missing; expected \(Tenant.Switch.allCases.map(\.rawValue).joined(separator: ", "))",
        at: [.key("allowExternalIdToUseEmailOtp")])
    }
    guard checker.faults.isEmpty else { throw TenantFaults(checker.faults) }
    self.state = state ?? .enabled
    allowExternalIdToUseEmailOtp = allow ?? .disabled
  }

  /// What it makes of a tenant's switch.
  package var passcodes: Tenant.Switch { state == .disabled ? .disabled : allowExternalIdToUseEmailOtp }

  /// The resource as JSON, with a line end.
  package var json: String {
    """
    {
      "@odata.type": "\(Self.type)",
      "id": "Email",
      "state": "\(state.rawValue)",
      "allowExternalIdToUseEmailOtp": "\(allowExternalIdToUseEmailOtp.rawValue)"
    }

    """
  }
}

extension TenantsDocument {
  /// The document with the resource's switch set for a tenant.
  ///
  /// - Parameter tenant: id, name or domain; nil means the only tenant.
  package func applying(
    _ configuration: EmailMethodConfiguration, toTenant tenant: String?
  ) throws(TenantFaults) -> TenantsDocument {
    try setting([TenantAssignment("passcodes", text: configuration.passcodes.rawValue)], ofTenant: tenant)
  }
}
