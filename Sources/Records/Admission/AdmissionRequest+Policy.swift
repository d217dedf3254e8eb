package import CodeRequests
package import FoundationEssentials
package import GuestPolicy

extension AdmissionRequest {
  /// A request whose guest's tenant decides, by the pure decision of `GuestPolicy`.
  ///
  /// - Parameter now: when the tenant's switch is looked at.
  package convenience init(
    request: CodeRequest, queuedAt: Date, deadline: Date, of tenant: Tenant, reuse: Passcode? = nil,
    isAlone: Bool = false, now: Date
  ) {
    self.init(
      request: request, queuedAt: queuedAt, deadline: deadline,
      tenant: tenant.id == Tenant.only.id ? nil : tenant.id, reuse: reuse, isAlone: isAlone
    ) { redemption in
      let decision = tenant.decide(
        for: request.recipient, accounts: request.accounts, redemption: redemption, now: now)
      return decision.allowsPasscode
        ? .allowed
        : .refused(method: decision.method.rawValue, url: decision.url, rule: decision.rule.rawValue)
    }
  }
}
