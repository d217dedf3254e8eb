/// The wrong codes and locks of a subject, and how it redeemed.
package struct Guest: Equatable, Sendable {
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

  /// With the time when its row may go: a row without a redemption goes when its failures are old. In a row they count for
  /// a year.
  ///
  /// - Parameter isNobody: no code was ever sent there, so its failures guessed at nothing and count for a day. Else who
  ///   tries addresses that he makes up would fill the disk.
  package func kept(at now: Int64, isNobody: Bool = false) -> Guest {
    var guest = self
    let days: Int64 = inARow == 0 || isNobody ? 1 : 365
    let end = now + days * 86_400_000
    let isLasting = redeemedBy != nil || isLockedForGood
    guest.purgeAfter = isLasting ? nil : inARow == 0 ? end : max(end, purgeAfter ?? 0)
    return guest
  }
}
