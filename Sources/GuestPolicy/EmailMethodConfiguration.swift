internal import Documents

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

  /// What the resource of a tenant says.
  package init(of tenant: Tenant) {
    state = .enabled
    allowExternalIdToUseEmailOtp = tenant.passcodes
  }

  /// Reads the resource; annotations (`@odata.…`) are let pass, unknown keys are not.
  ///
  /// - Parameter file: what messages call it.
  package init(json bytes: [UInt8], file: String) throws(TenantFaults) {
    var checker = TenantsFileChecker()
    let resource = try checker.document(bytes, file: file).node
    let annotated = { (key: String) in key.contains("@odata.") }
    guard let fields = checker.object(resource, Self.keys, tolerates: annotated) else {
      throw TenantFaults(checker.faults)
    }
    if let node = fields["@odata.type"], let type = checker.text(node), type != Self.type {
      checker.fault(.badValue, "is \(checker.quoted(type)); expected \(Self.type)", of: node)
    }
    if let node = fields["id"], let id = checker.text(node), id.lowercased() != "email" {
      checker.fault(.badValue, "is \(checker.quoted(id)); expected \"Email\"", of: node)
    }
    let state: State? = checker.value(fields["state"])
    let allow: Tenant.Switch? = checker.value(fields["allowExternalIdToUseEmailOtp"])
    if fields["allowExternalIdToUseEmailOtp"] == nil, state != .disabled {
      checker.missing(
        Tenant.Switch.allCases.map(\.rawValue).joined(separator: ", "), "allowExternalIdToUseEmailOtp",
        in: fields)
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
