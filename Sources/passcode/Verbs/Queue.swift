internal import CodeRequests
internal import CommandVerbs
internal import Configuration
internal import FoundationEssentials
internal import LinuxSystem
internal import MailWorker
internal import PasscodeService
internal import PasscodeVerifier
internal import Records
internal import RequestSpool

extension Verbs {
  private static let limit = Verb.Option.value(
    "limit", "N", "at most so many, the oldest first; default 1000")

  static let queueList = Verb(
    path: ["queue", "list"], summary: "list what waits, the oldest first", options: [limit]
  ) { invocation in
    try list(invocation, [.queued, .deferred], empty: "nothing waits")
  }

  static let queueFailed = Verb(
    path: ["queue", "failed"], summary: "list what failed or was rejected, and why", options: [limit]
  ) { invocation in
    try list(invocation, [.failed, .rejected], empty: "nothing failed")
  }

  static let queueRetry = Verb(
    path: ["queue", "retry"], summary: "try a deferred or failed request again now", operands: ["ID"]
  ) { invocation in
    let installation = try Installation(invocation)
    let id = try RequestID(invocation.operands[0])
    let spool = try installation.spool()
    guard try !spool.items(of: id, in: [.deferred, .failed]).isEmpty else {
      throw CommandFault(.notFound, "no deferred or failed request has this id")
    }
    let records = try installation.records()
    if let outcome = try records.status(of: id)?.outcome, outcome != .failed {
      throw CommandFault(.notFound, "it has ended: \(outcome.rawValue)")
    }
    // The records first: a worker that finds the file before them would take it for one that has ended.
    let now = Date()
    let deadline = now.addingTimeInterval(installation.settings.delivery.deadline.inSeconds)
    _ = try records.reopen(id, deadline: deadline, now: now)
    guard try spool.retry(id, now: now) else {
      throw CommandFault(.tryAgain, "the worker has just taken it")
    }
    report(id, "queued", invocation)
    return .done
  }

  static let queueCancel = Verb(
    path: ["queue", "cancel"], summary: "withdraw a request that waits", operands: ["ID"],
    discussion: """
      Exit status 66 where no request has this id or it has ended, 75 where it is with a relay right now: the worker
      could not withdraw it within three seconds.
      """
  ) { invocation in
    let installation = try Installation(invocation)
    let id = try RequestID(invocation.operands[0])
    let records = try installation.records()
    let spool = try installation.spool()
    guard let standing = try Standing.find(id, records, spool) else {
      throw CommandFault(.notFound, "no request has this id")
    }
    if let outcome = standing.outcome { throw CommandFault(.notFound, "it has ended: \(outcome)") }
    var isAsked = false
    for _ in 0..<20 {
      switch try records.cancel(id, now: Date()) {
      case .cancelled:
        _ = try spool.cancel(id)
        report(id, "cancelled", invocation)
        return .done
      case .ended(.cancelled) where isAsked:
        report(id, "cancelled", invocation)
        return .done
      case .sending:
        // The worker looks for it twice a second.
        isAsked = true
        LinuxThread.sleep(for: .milliseconds(150))
      case .ended(let outcome): throw CommandFault(.notFound, "it has ended: \(outcome.rawValue)")
      }
    }
    throw CommandFault(.tryAgain, "it is with a relay right now and cannot be called back")
  }

  private static func report(_ id: RequestID, _ state: String, _ invocation: Invocation) {
    guard invocation.isJSON else { return Terminal.print(state) }
    var line = JSONLine()
    line.add("id", id.rawValue)
    line.add("state", state)
    Terminal.print(line.text)
  }

  private static func list(
    _ invocation: Invocation, _ states: [QueueItem.State], empty: String
  ) throws -> ExitStatus {
    let limit = try invocation.integer("limit", in: 1...1_000_000) ?? 1000
    let installation = try Installation(invocation)
    // Files of requests that have ended are among those that wait: sent ones until they are removed, superseded ones until
    // their next try comes round.
    let isWaiting = states.contains(.queued)
    let most = isWaiting ? limit + Sweeper.mostInPlace : limit
    var items = try installation.spool().items(states, limit: most)
    if isWaiting, !items.isEmpty, let records = try? installation.records() {
      items = Array(
        items.lazy.filter { item in item.id.flatMap { try? records.status(of: $0) }??.outcome == nil }.prefix(
          limit))
    }
    let now = Date()
    if items.isEmpty, !invocation.isJSON { Terminal.print(empty) }
    for item in items {
      if invocation.isJSON {
        var line = JSONLine()
        line.add("id", item.id?.rawValue)
        line.add("file", item.fileName)
        line.add("state", item.state.rawValue)
        line.add("queuedAt", item.queuedAt.rfc3339)
        line.add("nextAttempt", item.dueAt?.rfc3339)
        line.add("attempts", item.attempts)
        line.add("reason", item.reason)
        Terminal.print(line.text)
      } else {
        var text = Help.padded(item.state.rawValue, 10) + (item.id?.rawValue ?? item.fileName)
        text += "  queued \(age(now.timeIntervalSince(item.queuedAt))) ago"
        if let due = item.dueAt { text += ", next try in \(age(due.timeIntervalSince(now)))" }
        if item.attempts > 0 { text += ", tried \(item.attempts) times" }
        if let reason = item.reason { text += ": \(reason)" }
        Terminal.print(text)
      }
    }
    return .done
  }

  private static func age(_ seconds: TimeInterval) -> String {
    let seconds = max(0, Int(seconds))
    if seconds < 120 { return "\(seconds) s" }
    return seconds < 7200 ? "\(seconds / 60) min" : "\(seconds / 3600) h"
  }
}
