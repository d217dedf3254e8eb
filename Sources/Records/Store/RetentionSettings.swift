/// How long records are kept after they have served.
package struct RetentionSettings: Hashable, Sendable {
  /// Requests and challenges, counted from their deadline or their last passcode's end. At least the longest window of
  /// the limits, or these would forget.
  package var requests: Duration
  /// The audit trail.
  package var audit: Duration

  package init(requests: Duration = .seconds(24 * 3600), audit: Duration = .seconds(7 * 24 * 3600)) {
    self.requests = requests
    self.audit = audit
  }
}
