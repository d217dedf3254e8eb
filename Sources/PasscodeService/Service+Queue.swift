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

  /// A request of the queue: what its file says, and what the records know of it.
  package struct QueueEntry: Sendable {
    package let item: QueueItem
    /// Nil where it was never admitted, or the records cannot be read.
    package let status: RequestStatus?
    /// Redacted. Of what was rejected nobody is kept.
    package let recipient: String?
    package let tenant: String?
    package let purpose: String?

    /// Attempts to send that were begun, as `status` counts them.
    package var attempts: Int { status?.attempts ?? item.attempts }
    /// Why it stands so: a rule, a limit, what is wrong with it.
    package var reason: String? { status?.reason ?? (status?.reply == nil ? item.reason : nil) }
    /// A relay's last words.
    package var reply: String? { status?.reply }
  }

  private func entry(_ item: QueueItem, _ status: RequestStatus?) throws -> QueueEntry {
    // The records have what admission took from the file; one that no worker has read is read here.
    let request = status?.recipient == nil ? try spool().request(of: item) : nil
    return QueueEntry(
      item: item, status: status, recipient: status?.recipient ?? request?.recipient.redacted,
      tenant: status?.tenant ?? request?.tenant, purpose: status?.purpose ?? request?.purpose.rawValue)
  }

  /// What waits, the oldest first.
  package func waiting(limit: Int) throws -> [QueueEntry] {
    // Files of requests that have ended are among those that wait: sent ones until they are removed, superseded ones
    // until their next try comes round.
    let items = try spool().items([.queued, .deferred], limit: limit + Sweeper.mostInPlace)
    var entries: [QueueEntry] = []
    for item in items {
      // Without records the files are still told.
      let status = item.id.flatMap { id in try? records { try $0.status(of: id) } }
      if status?.outcome == nil { entries.append(try entry(item, status)) }
      if entries.count == limit { break }
    }
    return entries
  }

  /// What failed or was rejected, the oldest first.
  package func setAside(limit: Int) throws -> [QueueEntry] {
    try spool().items([.failed, .rejected], limit: limit).map { item in
      try entry(item, item.id.flatMap { id in try? records { try $0.status(of: id) } })
    }
  }

  /// How many failed and rejected requests were set aside longer ago than `age`; nil: all.
  package func countSetAside(olderThan age: Duration?) throws -> (failed: Int, rejected: Int) {
    let date = age.map { now().addingTimeInterval(-$0.inSeconds) }
    let spool = try spool()
    return (try spool.count(.failed, before: date), try spool.count(.rejected, before: date))
  }

  /// Removes them. The records and the audit trail keep what is known of them.
  ///
  /// - Returns: how many are gone.
  package func purgeSetAside(olderThan age: Duration?) throws -> Int {
    try spool().purge([.failed, .rejected], before: age.map { now().addingTimeInterval(-$0.inSeconds) })
  }
}
