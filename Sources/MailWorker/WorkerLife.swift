internal import LinuxSystem

/// Where a worker stands between start and end, as its threads see it.
///
/// On failure: a worker that cannot record what it did gives up two seconds after its grace; it says so by its exit
/// status, and the next start finds that mail as being sent.
final class WorkerLife: Sendable {
  private struct State: Sendable {
    var isStopping = false
    var isEnding = false
    var giveUpAt: ContinuousClock.Instant?
    var hasUnrecorded = false
    /// How often the ledger was asked for a sign of life, and up to which of these it has given one.
    var asked = 0
    var answered = 0
  }

  private let state = Monitor(State())

  /// No new work is taken in.
  var isStopping: Bool { state.withLock { $0.isStopping } }
  /// Nothing is in flight any more.
  var isEnding: Bool { state.withLock { $0.isEnding } }
  /// Whatever cannot be written now stays unwritten.
  var hasGivenUp: Bool { state.withLock { $0.giveUpAt.map { $0 < .now } ?? false } }

  func stop(givingUpAfter grace: Duration) {
    state.change {
      $0.isStopping = true
      $0.giveUpAt = .now + grace
    }
  }

  /// Outcomes were left unrecorded.
  var hasUnrecorded: Bool { state.withLock { $0.hasUnrecorded } }

  func leaveUnrecorded() { state.change { $0.hasUnrecorded = true } }

  /// Asks the ledger for a sign of life, where it has given the last one that it was asked for.
  ///
  /// - Returns: whether it had.
  func ask() -> Bool {
    state.withLock { state in
      guard state.answered >= state.asked else { return false }
      state.asked += 1
      return true
    }
  }

  /// The ledger turns.
  func answer() { state.withLock { if $0.answered < $0.asked { $0.answered = $0.asked } } }

  /// The ledger has come to its end, and nothing more is asked of it.
  func leaveTurning() { state.withLock { $0.answered = .max } }

  func end() { state.change { $0.isEnding = true } }

  /// Waits, but no longer than until the stop begins.
  func pause(_ duration: Duration) { _ = state.wait(timeout: duration) { $0.isStopping ? true : nil } }

  /// Waits while the stop goes on as well, for what must be tried again until it is given up.
  func pauseThroughStop(_ duration: Duration) {
    _ = state.wait(timeout: duration) { $0.giveUpAt.map { $0 < .now } ?? false ? true : nil }
  }
}
