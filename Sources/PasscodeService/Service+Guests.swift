package import CodeRequests
package import GuestPolicy
package import Records

// How guests sign in, and what is remembered of them.
extension Service {
  /// What is known about a guest of a tenant.
  package struct GuestReport: Sendable {
    package let tenant: Tenant
    /// Nil without a tenants file.
    package let tenantID: String?
    package let status: RecordStore.GuestStatus
  }

  /// How a guest signs in, and which rule decides it.
  ///
  /// - Parameters:
  ///   - reference: what names the tenant: id, name, verified domain, or a sign-in link.
  ///   - accounts: other ways this guest can sign in.
  package func method(
    for address: EmailAddress, tenant reference: String?, accounts: [String]
  ) throws -> MethodReport {
    let (tenant, id) = try tenant(reference)
    return try MethodReport(
      for: address, of: tenant, accounts: accounts,
      redemption: try records { try $0.redemption(of: address, tenant: id) }, now: now())
  }

  package func guest(_ address: EmailAddress, tenant reference: String?) throws -> GuestReport {
    let (tenant, id) = try tenant(reference)
    let status = try records { try $0.guest(address, tenant: id, now: now()) }
    return GuestReport(tenant: tenant, tenantID: id, status: status)
  }

  /// Other ways to sign in than by passcode that there are here: those that everybody knows, and those of the tenants file.
  package func methods() throws -> [SignInMethod] {
    let named = try tenants().tenants.flatMap { [$0.whenOff.method] + $0.federatedDomains.values }
    let usual = SignInMethod.usual
    return usual
      + Set(named).subtracting(usual + [Tenant.Alternative.administrator.method])
      .sorted { $0.rawValue < $1.rawValue }
  }

  /// Names that requests use for other ways to sign in.
  package func knownAccounts() throws -> [String] {
    try methods().map(\.rawValue) + ["microsoft-account", SignInMethod.passcode.rawValue]
  }

  /// Notes that a guest has signed in another way; the first redemption sticks until it is reset.
  ///
  /// - Returns: what holds now.
  package func redeem(
    _ address: EmailAddress, tenant reference: String?, by method: SignInMethod
  ) throws -> Redemption {
    let (_, id) = try tenant(reference)
    return try records { try $0.redeem(address, tenant: id, by: method, now: now()) }
  }

  /// Forgets how a guest redeemed, opens its windows, and ends its sessions and devices.
  ///
  /// - Returns: false where there was nothing to forget.
  package func reset(_ address: EmailAddress, tenant reference: String?) throws -> Bool {
    let (_, id) = try tenant(reference)
    return try records { try $0.reset(address, tenant: id, now: now()) }
  }
}
