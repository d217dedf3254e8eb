internal import LinuxSystem

/// What all rules of admission go by.
package struct RecordRules: Sendable {
  package var settings: PasscodeSettings
  package var limits: LimitSettings
  package var retention: RetentionSettings

  package init(
    settings: PasscodeSettings = PasscodeSettings(), limits: LimitSettings = LimitSettings(),
    retention: RetentionSettings = RetentionSettings()
  ) {
    self.settings = settings
    self.limits = limits
    self.retention = retention
  }

  /// How many of a subject's last requests decide about the next: as many as its windows count, and as many more as may
  /// be left out of account.
  var recentCount: Int { max(limits.perSubject.map(\.count).max() ?? 0, 8) + UndeliveredMail.most }

  /// When a request's row may go.
  func purgeAfter(expiresAt: Int64, deadline: Int64, now: Int64) -> Int64 {
    // A deadline of a careless frontend, years ahead, does not keep a row for years.
    max(expiresAt, min(deadline, now + 30 * 86_400_000), now) + retention.requests.milliseconds
  }

  /// When the row of a challenge may go whose last passcode ends then.
  func purgeAfter(expiresAt: Int64) -> Int64 { expiresAt + retention.requests.milliseconds }
}
