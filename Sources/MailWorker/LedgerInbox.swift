internal import LinuxSystem
internal import SMTPDelivery

/// What waits for the ledger: prepared requests from the intake, and reports from the lanes.
///
/// Prepared requests are bounded, the intake waits; reports are as many as there are mails in flight.
final class LedgerInbox: Sendable {
  struct Turn: Sendable {
    var requests: [PreparedRequest] = []
    var reports: [(mail: PasscodeMail, report: DeliveryReport)] = []
    var isEmpty: Bool { requests.isEmpty && reports.isEmpty }
  }

  private struct State: Sendable {
    var requests: [PreparedRequest] = []
    var reports: [(mail: PasscodeMail, report: DeliveryReport)] = []
    var isIntakeClosed = false
    var isWoken = false
  }

  private let capacity: Int
  private let state = Monitor(State())

  init(capacity: Int) { self.capacity = capacity }

  /// Adds prepared requests, waiting while there are too many.
  ///
  /// - Returns: false where the intake was closed meanwhile; nothing was added.
  func add(_ requests: [PreparedRequest]) -> Bool {
    let isOpen = state.wait { state -> Bool? in
      if state.isIntakeClosed { return false }
      return state.requests.count < self.capacity ? true : nil
    }
    guard isOpen == true else { return false }
    return state.change { state in
      guard !state.isIntakeClosed else { return false }
      state.requests += requests
      return true
    }
  }

  func add(_ mail: PasscodeMail, _ report: DeliveryReport) {
    state.change { $0.reports.append((mail, report)) }
  }

  /// No prepared requests any more; those that wait are handed back to the caller, untouched.
  func closeIntake() -> [PreparedRequest] {
    state.change { state in
      state.isIntakeClosed = true
      defer { state.requests = [] }
      return state.requests
    }
  }

  /// Makes a waiting `next` return.
  func wake() { state.change { $0.isWoken = true } }

  /// Waits for something to do.
  ///
  /// - Parameter room: how many requests may be admitted now.
  func next(room: () -> Int, max: Int, timeout: Duration) -> Turn {
    let turn = state.wait(timeout: timeout) { state -> Turn? in
      let count = min(room(), max, state.requests.count)
      guard count > 0 || !state.reports.isEmpty || state.isWoken else { return nil }
      state.isWoken = false
      var turn = Turn()
      turn.requests = Array(state.requests.prefix(count))
      state.requests.removeFirst(count)
      turn.reports = state.reports
      state.reports = []
      return turn
    }
    if let turn, !turn.requests.isEmpty { state.change { _ in } }
    return turn ?? Turn()
  }

  var isEmpty: Bool { state.withLock { $0.requests.isEmpty && $0.reports.isEmpty } }
}
