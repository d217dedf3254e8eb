package import CodeRequests
package import PasscodeVerifier
package import RequestSpool

/// Where a request stands, from records and spool together: the records know what was admitted, the spool what
/// still waits or was rejected.
package struct RequestStanding: Sendable {
  /// How far it has come.
  package enum Stage: Hashable, Sendable {
    case queued, deferred, sending
    case ended(Outcome)

    /// As every front end says it: `queued`, `deferred`, `sending`, or the outcome.
    package var name: String {
      switch self {
      case .queued: "queued"
      case .deferred: "deferred"
      case .sending: "sending"
      case .ended(let outcome): outcome.rawValue
      }
    }
  }

  package let id: RequestID
  package let stage: Stage
  /// Nil where the records do not know it.
  package let status: RequestStatus?
  /// Nil where the records know it.
  package let item: QueueItem?
  /// What it waits for, where the worker says that no relay takes mail.
  package internal(set) var waiting: String?

  /// Nil while it has not ended.
  package var outcome: Outcome? { if case .ended(let outcome) = stage { outcome } else { nil } }

  /// One that neither records nor spool show yet, or that moves from one to the other this moment.
  init(justQueued id: RequestID) {
    self.id = id
    stage = .queued
    status = nil
    item = nil
  }

  init(_ id: RequestID, _ status: RequestStatus) {
    self.id = id
    self.status = status
    item = nil
    stage = Stage(status)
  }

  init(_ id: RequestID, _ item: QueueItem) {
    self.id = id
    self.item = item
    status = nil
    stage =
      switch item.state {
      case .queued: .queued
      case .deferred: .deferred
      case .failed: .ended(.failed)
      case .rejected: .ended(.rejected)
      }
  }
}

extension RequestStanding.Stage {
  fileprivate init(_ status: RequestStatus) {
    if let outcome = status.outcome {
      self = .ended(outcome)
      return
    }
    switch status.state {
    case "queued": self = .queued
    case "deferred": self = .deferred
    case "sending": self = .sending
    default: preconditionFailure("a request is in the state \(status.state)")
    }
  }
}
