internal import CodeRequests
package import Records
package import RequestSpool

/// Where a request stands, from records and spool together: the records know what was admitted, the spool what
/// still waits or was rejected.
package struct RequestProgress: Sendable {
  /// The whole id, or where only that is known its first 8 characters and `…`, as the log has it.
  package let id: String
  package let state: RequestState
  /// Nil where the records do not know it.
  package let status: RequestStatus?
  /// Nil where the records know it.
  package let item: QueueItem?
  /// Redacted; nil where it is not known.
  package let recipient: String?
  /// What it waits for, where that is not its turn alone.
  package internal(set) var waiting: Waiting?

  /// What keeps every request from going on.
  package enum Waiting: Hashable, Sendable {
    case worker
    /// No relay takes mail: why.
    case relay(String)
  }

  /// Nil while it has not ended.
  package var outcome: Outcome? { state.outcome }

  /// One that neither records nor spool show yet, or that moves from one to the other this moment.
  init(justQueued id: RequestID) {
    self.id = id.rawValue
    state = .queued
    status = nil
    item = nil
    recipient = nil
  }

  init(_ id: RequestID, _ status: RequestStatus, _ waiting: Waiting? = nil) {
    self.id = id.rawValue
    self.status = status
    item = nil
    recipient = status.recipient
    state = status.state
    self.waiting = state.outcome == nil ? waiting : nil
  }

  /// One whose whole id is not known.
  init(_ found: FoundRequest, waiting: Waiting?) {
    id = (found.shortID ?? "") + "…"
    status = found.status
    item = nil
    recipient = found.status.recipient
    state = found.status.state
    self.waiting = state.outcome == nil ? waiting : nil
  }

  init(_ progress: RequestProgress, _ waiting: Waiting?) {
    self = progress
    self.waiting = outcome == nil ? waiting : nil
  }

  /// - Parameter request: what its file asks for, where that can be read.
  init(_ id: RequestID, _ item: QueueItem, of request: CodeRequest? = nil) {
    self.id = id.rawValue
    self.item = item
    status = nil
    recipient = request?.recipient.redacted
    state =
      switch item.state {
      case .queued: .queued
      case .deferred: .deferred
      case .failed: .failed
      case .rejected: .rejected
      }
  }
}
