internal import FoundationEssentials
internal import RecordKeys
public import Records

/// What the verifying side of an installation goes by; the same values in every process that verifies.
public struct VerificationSettings: Sendable {
  /// When a subject's wrong codes, whatever the challenge, lock it.
  public var failedAttempts: FailedAttempts
  /// From sign-in to the end of the session.
  public var sessionLifetime: Duration
  /// Whose codes are taken. Where there is a tenants file, a verifier without it would sign in guests whose tenant has
  /// turned passcodes off.
  public var policy: SignInPolicy
  /// Replaced in tests.
  var bootTime: @Sendable () -> Int64? = { BootTime.now() }

  /// Settings; the defaults are 20 failures in an hour, 24 hours, and everybody.
  public init(
    failedAttempts: FailedAttempts = FailedAttempts(), sessionLifetime: Duration = .seconds(24 * 3600),
    policy: SignInPolicy = .everyone
  ) {
    self.failedAttempts = failedAttempts
    self.sessionLifetime = sessionLifetime
    self.policy = policy
  }

  /// The rules of a batch that is answered now.
  func rules(_ keyring: Keyring, now: Date) -> VerificationRules {
    VerificationRules(
      failedAttempts: failedAttempts, sessionLifetime: sessionLifetime,
      tenants: policy.directory(at: now), keyring: keyring, bootTime: bootTime())
  }
}
