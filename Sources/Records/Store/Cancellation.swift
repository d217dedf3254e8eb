/// What became of a wish to cancel.
package enum Cancellation: Sendable, Equatable {
  /// It will not be sent.
  case cancelled
  /// It is being sent. The worker has been told: where no lane has begun it, it ends as cancelled in a moment; ask
  /// again.
  case sending
  /// It had ended before.
  case ended(Outcome)

  /// The reason of a request that ended so.
  static let byHand = "cancelled by hand"
}
