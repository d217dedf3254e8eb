internal import CodeRequests
package import GuestPolicy
package import RecordKeys

/// What a batch of attempts is answered by.
package struct VerificationRules: Sendable {
  package let sessionLifetime: Duration
  /// The tenants as they are now: the worker decided when it sent the code, and since then one may have turned passcodes
  /// off, or the guest may have redeemed in another way.
  package let tenants: TenantDirectory
  package let keyring: Keyring
  package let bootTime: Int64?

  package init(
    sessionLifetime: Duration = .seconds(24 * 3600),
    tenants: TenantDirectory = .single, keyring: Keyring, bootTime: Int64?
  ) {
    self.sessionLifetime = sessionLifetime
    self.tenants = tenants
    self.keyring = keyring
    self.bootTime = bootTime
  }

  func isLive(_ record: PasscodeRecord, at now: Int64) -> Bool { record.isLive(at: now, bootTime: bootTime) }
}
