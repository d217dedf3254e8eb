package import CodeRequests
package import GuestPolicy
package import RecordKeys

/// What a batch of attempts is answered by.
package struct VerificationRules: Sendable {
  package let sessionLifetime: Duration
  /// What a right code must be for to begin a session.
  package let sessionPurposes: Set<Purpose>
  /// How the worker makes passcodes: who has none is answered as if it were so.
  package let passcode: PasscodeSettings
  /// The tenants as they are now: the worker decided when it sent the code, and since then one may have turned passcodes
  /// off, or the guest may have redeemed in another way.
  package let tenants: TenantDirectory
  package let keyring: Keyring
  package let bootTime: Int64?

  package init(
    sessionLifetime: Duration = .seconds(24 * 3600), sessionPurposes: Set<Purpose> = [.signIn],
    passcode: PasscodeSettings = PasscodeSettings(), tenants: TenantDirectory = .single, keyring: Keyring,
    bootTime: Int64?
  ) {
    self.sessionLifetime = sessionLifetime
    self.sessionPurposes = sessionPurposes
    self.passcode = passcode
    self.tenants = tenants
    self.keyring = keyring
    self.bootTime = bootTime
  }

  func isLive(_ record: PasscodeRecord, at now: Int64) -> Bool { record.isLive(at: now, bootTime: bootTime) }

  /// Whether there may be a live passcode in it, by both clocks: one whose mail has not gone out yet has none.
  func isOpen(_ found: ChallengeFacts, at now: Int64) -> Bool {
    found.challenge.usedAt == nil && found.challenge.expiresAt > now
      && (found.passcodes.isEmpty || found.passcodes.contains { isLive($0, at: now) })
  }
}
