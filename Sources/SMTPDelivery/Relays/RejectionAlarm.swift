/// Tells when a relay refuses so many mails for reputation or policy (5.7.x) that somebody should look: one such
/// refusal is about a mail, many are about us. A value: time comes from outside.
package struct RejectionAlarm: Sendable {
  package static let window = Duration.seconds(60)
  /// As many as these within the window.
  package static let limit = 10

  private var count = 0
  private var startedAt = Duration.zero

  package init() {}

  /// Counts one.
  ///
  /// - Returns: how many there were, at `limit` and at each tenfold of it within one window; nil otherwise.
  package mutating func note(_ now: Duration) -> Int? {
    if count == 0 || now - startedAt >= Self.window { (count, startedAt) = (0, now) }
    count += 1
    var step = Self.limit
    while step < count { step *= 10 }
    return step == count ? count : nil
  }
}
