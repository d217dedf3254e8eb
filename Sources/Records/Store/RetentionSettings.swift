/// How long records are kept after they have served.
package struct RetentionSettings: Hashable, Sendable {
  /// Requests and challenges, counted from their deadline or their last passcode's end. At least the longest window of
  /// the limits, or these would forget.
  package var requests: Duration
  /// The audit trail.
  package var audit: Duration
  /// The most lines of the trail that are of stray checks (`AuditLine.isStrayCheck`), 128 bytes each: anybody can make as
  /// many as he likes. The oldest of them go first, and no other line goes for them: what is decided, sent and counted is
  /// bounded by the limits of mails.
  package var strayChecks: Int

  package init(
    requests: Duration = .seconds(24 * 3600), audit: Duration = .seconds(7 * 24 * 3600),
    strayChecks: Int = 10_000
  ) {
    self.requests = requests
    self.audit = audit
    self.strayChecks = strayChecks
  }
}
