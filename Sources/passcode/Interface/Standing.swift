internal import CodeRequests
internal import Configuration
internal import FoundationEssentials
internal import LinuxSystem
internal import MailWorker
internal import PasscodeService
internal import PasscodeVerifier
internal import Records
internal import RequestSpool

/// Where a request stands, from records and spool together: the records know what was admitted, the spool what
/// still waits or was rejected.
struct Standing: Sendable {
  let id: RequestID
  let state: String
  let outcome: String?
  let status: RequestStatus?
  let item: QueueItem?
  /// What it waits for, where the worker says that no relay takes mail.
  var waiting: String?

  /// Nil where neither knows the id.
  static func find(_ id: RequestID, _ records: RecordStore, _ spool: Spool) throws -> Standing? {
    if let status = try records.status(of: id) {
      return Standing(
        id: id, state: status.state, outcome: status.outcome?.rawValue, status: status, item: nil)
    }
    guard let item = try spool.items(of: id).first else { return nil }
    let isEnded = item.state == .rejected || item.state == .failed
    return Standing(
      id: id, state: item.state.rawValue, outcome: isEnded ? item.state.rawValue : nil, status: nil,
      item: item)
  }

  /// Waits for the outcome; where the time is over, tells how far it came.
  static func wait(for id: RequestID, _ installation: Installation, timeout: Duration) throws -> Standing {
    let records = try installation.records()
    let spool = try installation.spool()
    let deadline = ContinuousClock.now + timeout
    var pause = 0.02
    while true {
      // The records answer by an index; the spool's directories are read, so less and less often.
      let isLate = ContinuousClock.now >= deadline
      if let status = try records.status(of: id), status.outcome != nil || isLate {
        return Standing(
          id: id, state: status.state, outcome: status.outcome?.rawValue, status: status, item: nil)
      }
      if pause >= 0.1 || isLate, let standing = try find(id, records, spool),
        standing.outcome != nil || isLate
      {
        return standing
      }
      if isLate { return Standing(id: id, state: "queued", outcome: nil, status: nil, item: nil) }
      LinuxThread.sleep(for: .seconds(pause))
      pause = min(pause * 1.2, 0.25)
    }
  }

  /// Adds what a request without an outcome waits for.
  func explained(_ installation: Installation) -> Standing {
    var standing = self
    if outcome == nil { standing.waiting = RelayOutage.reason(in: installation.settings.state) }
    return standing
  }

  var json: JSONLine {
    var line = JSONLine()
    line.add("id", id.rawValue)
    line.add("state", state)
    line.add("outcome", outcome)
    line.add("attempts", status?.attempts ?? item?.attempts)
    line.add("reply", status?.reply ?? item?.reason)
    line.add("waiting", waiting)
    line.add("recipient", status?.recipient)
    line.add("locale", status?.locale)
    line.add("tenant", status?.tenant)
    line.add("purpose", status?.purpose)
    line.add("relay", status?.relay)
    line.add("queuedAt", (status?.queuedAt ?? item?.queuedAt)?.rfc3339)
    line.add("deadline", status?.deadline.rfc3339)
    line.add("sentAt", status?.sentAt?.rfc3339)
    line.add("endedAt", status?.endedAt?.rfc3339)
    line.add("nextAttempt", (status?.nextAttempt ?? item?.dueAt)?.rfc3339)
    line.add("retryAt", status?.retryAt?.rfc3339)
    line.add("method", status?.method)
    line.add("url", status?.url)
    line.add("used", status.map(\.isUsed))
    return line
  }

  /// One line for a person.
  var sentence: String {
    var text = state
    if let status {
      if let recipient = status.recipient { text += " to \(recipient)" }
      if let locale = status.locale { text += " in \(locale)" }
      if let relay = status.relay { text += " by \(relay)" }
      if let sent = status.sentAt {
        text += " after \(Int(sent.timeIntervalSince(status.queuedAt) * 1000)) ms"
      }
      if let next = status.nextAttempt, status.outcome == nil { text += ", next try at \(next.rfc3339)" }
      if let retry = status.retryAt { text += ", ask again after \(retry.rfc3339)" }
      if let method = status.method {
        text += ", sign in with \(method)\(status.url.map { " at \($0)" } ?? "")"
      }
      if let reply = status.reply { text += ": \(reply)" }
    } else if let reason = item?.reason {
      text += ": \(reason)"
    }
    if let waiting { text += ", waits for a relay: \(waiting)" }
    return text
  }
}
