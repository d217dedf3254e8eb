/// The wrong codes and locks of a subject, and how it redeemed.
package struct Guest: Equatable {
  package var failures = SlidingWindow()
  package var inARow: Int64 = 0
  package var lockedUntil: Int64 = 0
  package var redeemedBy: String?
  package var redeemedAt: Int64?
  /// When the row may go; nil: never, or there is none.
  package var purgeAfter: Int64?

  package init(
    failures: SlidingWindow = SlidingWindow(), inARow: Int64 = 0, lockedUntil: Int64 = 0,
    redeemedBy: String? = nil, redeemedAt: Int64? = nil, purgeAfter: Int64? = nil
  ) {
    self.failures = failures
    self.inARow = inARow
    self.lockedUntil = lockedUntil
    self.redeemedBy = redeemedBy
    self.redeemedAt = redeemedAt
    self.purgeAfter = purgeAfter
  }

  /// Only an operator opens it again.
  package var isLockedForGood: Bool { inARow >= FailedAttempts.mostInARow }

  package func isLocked(at now: Int64) -> Bool { isLockedForGood || lockedUntil > now }
}
