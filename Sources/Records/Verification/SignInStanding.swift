internal import CodeRequests
package import FoundationEssentials
package import GuestPolicy

/// What the policy comes to for a code that is to be checked.
package enum SignInStanding: Sendable {
  case passcode
  /// For no guest of the tenant.
  case switchedOff
  /// This guest signs in another way.
  case otherMethod
}

extension TenantDirectory {
  /// - Parameters:
  ///   - id: the tenant as the records have it.
  ///   - domain: of the guest's address.
  package func standing(
    ofTenant id: String?, domain: Substring, redemption: Redemption, now: Date
  ) -> SignInStanding {
    let tenant: Tenant
    if let id, hasFile {
      // A tenant that has left the file has nobody to sign in to.
      guard let found = id == Tenant.common.id ? .common : self.tenant(id: id) else { return .switchedOff }
      tenant = found
    } else {
      tenant = .only
    }
    let decision = tenant.decide(forDomain: String(domain), accounts: [], redemption: redemption, now: now)
    if decision.allowsPasscode { return .passcode }
    return decision.switchState.isOn ? .otherMethod : .switchedOff
  }
}
