internal import CodeRequests
internal import Documents
internal import FoundationEssentials
internal import PasscodeService
internal import Records
internal import RequestSpool

extension RequestProgress {
  func fill(_ line: inout JSONLine) {
    line.add("id", id)
    line.add("state", state.name)
    line.add("outcome", outcome?.rawValue)
    line.add("attempts", status?.attempts ?? item?.attempts)
    line.add("reply", status?.reply)
    line.add("reason", status?.reason ?? item?.reason)
    line.add("waiting", waiting?.sentence)
    line.add("recipient", recipient)
    line.add("locale", status?.locale)
    line.add("tenant", status?.tenant)
    line.add("purpose", status?.purpose)
    line.add("relay", status?.relay)
    line.add("queuedAt", (status?.queuedAt ?? item?.queuedAt)?.rfc3339)
    line.add("deadline", status?.deadline.rfc3339)
    line.add("sentAt", status?.sentAt?.rfc3339)
    line.add("endedAt", status?.endedAt?.rfc3339)
    line.add("nextAttemptAt", (status?.nextAttempt ?? item?.dueAt)?.rfc3339)
    line.add("retryAt", status?.retryAt?.rfc3339)
    line.add("method", status?.method)
    line.add("url", status?.url)
    line.add("used", status.map(\.isUsed))
  }

  /// One line for a person.
  var sentence: String {
    var text = state.name
    if let status {
      if let recipient { text += " to \(SpokenDomain.inAddress(recipient))" }
      if let locale = status.locale { text += " in \(locale)" }
      if let relay = status.relay { text += " by \(relay)" }
      if let sent = status.sentAt {
        text += " after \(Int(sent.timeIntervalSince(status.queuedAt) * 1000)) ms"
      }
      if let next = status.nextAttempt, outcome == nil { text += ", next try at \(next.rfc3339)" }
      if let retry = status.retryAt { text += ", ask again after \(retry.rfc3339)" }
      if let method = status.method {
        text += ", sign in with \(method)\(status.url.map { " at \($0)" } ?? "")"
      }
      if let why = status.reason ?? status.reply { text += ": \(why)" }
    } else {
      if let recipient { text += " to \(SpokenDomain.inAddress(recipient))" }
      if let reason = item?.reason { text += ": \(reason)" }
    }
    if let waiting { text += "; \(waiting.sentence)" }
    return text
  }
}

extension RequestProgress.Waiting {
  /// What is wrong and, where it is for who reads it, what to do.
  var sentence: String {
    switch self {
    case .worker: "no worker is running; start passcode worker, and it is sent"
    case .relay(let reason): "it waits for a relay: \(reason)"
    }
  }
}
