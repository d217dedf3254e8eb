public import CodeRequests
internal import FoundationEssentials
internal import RecordKeys
public import Records

/// What the verifying side of an installation goes by; the same values in every process that verifies.
public struct VerificationSettings: Sendable {
  /// From sign-in to the end of the session.
  public var sessionLifetime: Duration
  /// What a code must have been asked for to begin a session. A right code of another purpose proves that somebody reads a
  /// mailbox, and signs nobody in.
  public var sessionPurposes: Set<Purpose>
  /// Codes are also taken by address alone, without a challenge's id. Anybody who knows an address can then use up its
  /// attempts.
  public var byAddress: Bool
  /// As the worker makes passcodes: an address that never had one is answered as if it had.
  public var passcode: PasscodeSettings
  /// Whose codes are taken. Where there is a tenants file, a verifier without it would sign in guests whose tenant has
  /// turned passcodes off.
  public var policy: SignInPolicy
  /// Replaced in tests.
  var bootTime: @Sendable () -> Int64? = { BootTime.now() }

  /// Settings; the defaults are 24 hours, `sign-in` alone, by id alone, 5 attempts in 30 minutes, and everybody.
  public init(
    sessionLifetime: Duration = .seconds(24 * 3600), sessionPurposes: Set<Purpose> = [.signIn],
    byAddress: Bool = false, passcode: PasscodeSettings = PasscodeSettings(),
    policy: SignInPolicy = .everyone
  ) {
    self.sessionLifetime = sessionLifetime
    self.sessionPurposes = sessionPurposes
    self.byAddress = byAddress
    self.passcode = passcode
    self.policy = policy
  }

  /// The rules of a batch that is answered now.
  func rules(_ keyring: Keyring, now: Date) -> VerificationRules {
    VerificationRules(
      sessionLifetime: sessionLifetime, sessionPurposes: sessionPurposes, passcode: passcode,
      tenants: policy.directory(at: now), keyring: keyring, bootTime: bootTime())
  }
}
