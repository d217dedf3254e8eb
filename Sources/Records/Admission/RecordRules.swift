internal import LinuxSystem

/// What becomes of a code that a request brings.
package enum BroughtCodes: String, CaseIterable, Sendable {
  /// It is mailed. Its frontend verifies it, and nobody else.
  case mail
  /// Who types it is signed in, as by a code that was made here: whoever may enqueue can sign in as anybody.
  case verify
}

/// What all rules of admission go by.
package struct RecordRules: Sendable {
  package let settings: PasscodeSettings
  package let limits: LimitSettings
  package let retention: RetentionSettings
  package let broughtCodes: BroughtCodes

  package init(
    settings: PasscodeSettings = PasscodeSettings(), limits: LimitSettings = LimitSettings(),
    retention: RetentionSettings = RetentionSettings(), broughtCodes: BroughtCodes = .mail
  ) {
    self.settings = settings
    self.broughtCodes = broughtCodes
    self.limits = limits
    // What a window counts must be there as long as the window is.
    self.retention = RetentionSettings(
      requests: max(retention.requests, limits.longestWindow), audit: retention.audit,
      strayChecks: retention.strayChecks)
  }

  /// When a request's row may go.
  func purgeAfter(expiresAt: Int64, deadline: Int64, now: Int64) -> Int64 {
    // A deadline of a careless frontend, years ahead, does not keep a row for years.
    max(expiresAt, min(deadline, now + 30 * 86_400_000), now) + retention.requests.milliseconds
  }

  /// When the row of a challenge may go whose last passcode ends then.
  func purgeAfter(expiresAt: Int64) -> Int64 { expiresAt + retention.requests.milliseconds }
}
