package import CodeRequests
internal import Configuration
internal import FoundationEssentials
internal import LinuxSystem
internal import MailWorker
package import Records
package import RequestSpool

// What operators do with requests that wait.
extension Service {
  /// What became of a wish to try a request again.
  package enum Retry: Hashable, Sendable {
    /// It waits, to be tried at once.
    case queued
    /// No request with this id is put off or has failed.
    case unknown
    case ended(Outcome)
    /// The worker has just taken it.
    case taken
  }

  /// What became of a wish to withdraw a request.
  package enum Withdrawal: Hashable, Sendable {
    case cancelled
    /// No request has this id.
    case unknown
    case ended(Outcome)
    /// It is with a relay, and could not be called back while it was waited for.
    case sending
  }

  /// Tries a request again now that was put off or has failed.
  package func retry(_ id: RequestID) throws -> Retry {
    let spool = try spool()
    guard try !spool.items(of: id, in: [.deferred, .failed]).isEmpty else { return .unknown }
    if let outcome = try records({ try $0.status(of: id) })?.outcome, outcome != .failed {
      return .ended(outcome)
    }
    // The records first: a worker that finds the file before them would take it for one that has ended.
    let now = now()
    let deadline = now.addingTimeInterval(installation.settings.delivery.deadline.inSeconds)
    try records { _ = try $0.reopen(id, deadline: deadline, now: now) }
    return try spool.retry(id, now: now) ? .queued : .taken
  }

  /// Withdraws a request that waits. Where a lane has it, the worker is asked to and waited for, three seconds at the
  /// most.
  package func cancel(_ id: RequestID) throws -> Withdrawal {
    guard let progress = try progress(of: id) else { return .unknown }
    if let outcome = progress.outcome { return .ended(outcome) }
    var isAsked = false
    for _ in 0..<20 {
      switch try records({ try $0.cancel(id, now: now()) }) {
      case .cancelled:
        _ = try spool().cancel(id)
        return .cancelled
      case .ended(.cancelled) where isAsked: return .cancelled
      case .sending:
        // The worker looks for it twice a second.
        isAsked = true
        pause(.milliseconds(150))
      case .ended(let outcome): return .ended(outcome)
      }
    }
    return .sending
  }

  /// What waits, the oldest first.
  package func waiting(limit: Int) throws -> [QueueItem] {
    // Files of requests that have ended are among those that wait: sent ones until they are removed, superseded ones
    // until their next try comes round.
    let items = try spool().items([.queued, .deferred], limit: limit + Sweeper.mostInPlace)
    guard !items.isEmpty else { return [] }
    // Without records the files are still told.
    let open = try? records { records in
      Array(
        items.lazy.filter { item in item.id.flatMap { try? records.status(of: $0) }??.outcome == nil }.prefix(
          limit))
    }
    return open ?? Array(items.prefix(limit))
  }

  /// What failed or was rejected, the oldest first.
  package func setAside(limit: Int) throws -> [QueueItem] {
    try spool().items([.failed, .rejected], limit: limit)
  }
}
