internal import FoundationEssentials
internal import RecordKeys
internal import Records

/// What the verifying side of an installation goes by; the same values in every process that verifies.
public struct VerificationSettings: Sendable {
  /// From sign-in to the end of the session.
  public var sessionLifetime: Duration
  /// Whose codes are taken. Where there is a tenants file, a verifier without it would sign in guests whose tenant has
  /// turned passcodes off.
  public var policy: SignInPolicy
  /// Replaced in tests.
  var bootTime: @Sendable () -> Int64? = { BootTime.now() }

  /// Settings; the defaults are 24 hours, and everybody.
  public init(
    sessionLifetime: Duration = .seconds(24 * 3600),
    policy: SignInPolicy = .everyone
  ) {
    self.sessionLifetime = sessionLifetime
    self.policy = policy
  }

  /// The rules of a batch that is answered now.
  func rules(_ keyring: Keyring, now: Date) -> VerificationRules {
    VerificationRules(
      sessionLifetime: sessionLifetime, tenants: policy.directory(at: now), keyring: keyring,
      bootTime: bootTime())
  }
}
