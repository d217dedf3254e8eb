internal import LinuxSystem
internal import SMTPDelivery

/// What waits for the ledger: prepared requests from the intake, and reports from the lanes.
///
/// Prepared requests are bounded, the intake waits; reports are as many as there are mails in flight.
///
/// On failure: what is closed hands its requests back, so that they are released; reports are always taken, since
/// each of them is a mail that may be out.
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
    var isInterrupted = false
    var limit: Int
  }

  private let capacity: Int
  private let batch: Int
  private let most: Int
  private let state: Monitor<State>

  /// - Parameters:
  ///   - capacity: how many prepared requests may wait.
  ///   - batch: how many of each make a turn worth its fsync.
  ///   - most: how many requests a turn takes where more have gathered behind a slow disk.
  init(capacity: Int, batch: Int, most: Int) {
    self.capacity = capacity
    self.batch = batch
    self.most = most
    state = Monitor(State(limit: min(capacity, AdmissionWindow.least)))
  }

  /// Waits until there is room for requests. Asked before they are chosen: what is chosen cannot be overtaken.
  ///
  /// - Returns: how many; nil where the intake was closed.
  func waitForRoom() -> Int? {
    let room = state.wait { state -> Int? in
      if state.isIntakeClosed { return 0 }
      return state.requests.count < state.limit ? state.limit - state.requests.count : nil
    }
    return room == 0 ? nil : room
  }

  /// At most so many requests wait, in place of the capacity where that is more.
  func limit(to count: Int) {
    let limit = min(capacity, count)
    let isWider = state.withLock { state in
      defer { state.limit = limit }
      return limit > state.limit
    }
    if isWider { state.change { _ in } }
  }

  /// Takes out the requests that fit, whatever room the lanes have.
  func takeRequests(where isWanted: (PreparedRequest) -> Bool) -> [PreparedRequest] {
    state.change { state in
      let taken = state.requests.filter(isWanted)
      if !taken.isEmpty { state.requests.removeAll(where: isWanted) }
      return taken
    }
  }

  /// Adds prepared requests.
  ///
  /// - Returns: false where the intake was closed meanwhile; nothing was added.
  func add(_ requests: [PreparedRequest]) -> Bool {
    state.change { state in
      guard !state.isIntakeClosed else { return false }
      state.requests += requests
      return true
    }
  }

  func add(_ mail: PasscodeMail, _ report: DeliveryReport) {
    let count = state.withLock { state in
      state.reports.append((mail, report))
      return state.reports.count
    }
    // The first begins the gathering and a full batch ends it; waking the ledger for each in between would cost more
    // than the report itself.
    if count == 1 || count == batch { state.change { _ in } }
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

  /// Makes a waiting `next` return with nothing: what waits goes on gathering.
  func interrupt() { state.change { $0.isInterrupted = true } }

  /// What the lanes can take, asked for with the inbox locked.
  struct LaneRoom {
    /// How many more requests may be admitted.
    var admissible: Int
    /// The lanes have little left.
    var isLow: Bool
  }

  /// Waits for something to do.
  ///
  /// Each turn costs an fsync, so a turn begins at once only where somebody would wait for it: the lanes have little
  /// left while requests are there, or a batch is full. Anything else is gathered for up to `gathering`.
  func next(lanes: () -> LaneRoom, gathering: Duration, timeout: Duration) -> Turn {
    let isAnything = state.wait(timeout: timeout) { state -> Bool? in
      state.isInterrupted || state.isWoken || !state.reports.isEmpty
        || (!state.requests.isEmpty && lanes().admissible > 0) ? true : nil
    }
    guard isAnything != nil else { return Turn() }
    _ = state.wait(timeout: gathering) { state -> Bool? in
      let room = lanes()
      let admissible = min(room.admissible, state.requests.count)
      let isWorth = admissible >= batch || state.reports.count >= batch || (admissible > 0 && room.isLow)
      return state.isInterrupted || state.isWoken || isWorth ? true : nil
    }
    let turn = state.withLock { state -> Turn in
      if state.isInterrupted {
        state.isInterrupted = false
        return Turn()
      }
      let count = max(0, min(lanes().admissible, most, state.requests.count))
      state.isWoken = false
      var turn = Turn()
      turn.requests = Array(state.requests.prefix(count))
      state.requests.removeFirst(count)
      turn.reports = state.reports
      state.reports = []
      return turn
    }
    // The intake may be waiting for room.
    if !turn.requests.isEmpty { state.change { _ in } }
    return turn
  }

  var isEmpty: Bool { state.withLock { $0.requests.isEmpty && $0.reports.isEmpty } }
}
