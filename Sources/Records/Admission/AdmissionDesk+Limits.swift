internal import CodeRequests
internal import LinuxSystem

// How many codes a subject, a client and a tenant may be sent.
extension AdmissionDesk {
  static let supersededReason = "a newer request took its place"

  /// Whether a newer request has taken the place, and whether the limits leave one.
  mutating func place(_ item: AdmissionCase) -> SettledRequest? {
    var times: [Int64] = []
    var undelivered: [Int64] = []
    var isNewerThere = false
    var waiting: [RecentRequest] = []
    let purpose = item.admission.request.purpose.rawValue
    for (index, recent) in facts.subjects[item.subjectPlace].recent.enumerated() {
      if recent.isUndelivered {
        undelivered.append(recent.admittedAt)
      } else {
        times.append(recent.admittedAt)
      }
      guard recent.row != item.known?.row, recent.purpose == purpose else { continue }
      let isOpen = recent.state == .queued || recent.state == .deferred
      if isOpen { waiting.append(recent) }
      // Admitted in a time to come: the clock was set back since, and what comes now is newer. Admitted before this one
      // was for the first time: it was not newer then, whatever a clock that was set says now.
      let mayBeNewer =
        recent.admittedAt <= now && (item.known?.wasAdmitted != true || recent.row > item.known?.row ?? 0)
      // The kernel's clock goes in steps of milliseconds: of two in one of them the batch's order tells which came last.
      let isAsNew = recent.queuedAt == item.queuedAt && recent.isOfBatch
      if mayBeNewer, recent.queuedAt > item.queuedAt || isAsNew {
        if isOpen || recent.state == .sending || recent.state == .sent { isNewerThere = true }
      } else if recent.state == .sending, index < batch.question.recent {
        olderSending.append(recent.row)
      }
    }
    if isNewerThere { return SettledRequest(outcome: .superseded, reason: Self.supersededReason) }
    if UndeliveredMail.counts(undelivered, now: now, limits: rules.limits.perSubject) {
      times = (times + undelivered).sorted(by: >)
    }
    if item.known?.wasAdmitted != true, let limited = limit(item, times.reversed()) { return limited }
    for older in waiting where older.queuedAt <= item.queuedAt || older.admittedAt > now {
      supersede(older, item)
    }
    return nil
  }

  private mutating func limit(_ item: AdmissionCase, _ times: [Int64]) -> SettledRequest? {
    var free: (at: Int64, rule: String)?
    func hold(_ window: SlidingWindow, _ limits: [SendLimit], _ name: String) {
      for limit in limits {
        let length = limit.window.milliseconds
        guard let at = window.freeAt(count: limit.count, window: length, now: now), at > free?.at ?? now
        else {
          continue
        }
        free = (at, "\(name): at most \(limit.count) in \(length / 1000) s")
      }
    }
    hold(SlidingWindow(times: times), rules.limits.perSubject, "limits.perSubject")
    for scope in item.scopes { hold(tallies.window(scope.key), scope.limits, scope.name) }
    if let free {
      return SettledRequest(
        outcome: .limited, reason: free.rule, retryAfter: Self.wholeSeconds(free.at - now))
    }
    for scope in item.scopes { tallies.add(now, to: scope.key, scope.limits) }
    return nil
  }

  private mutating func supersede(_ older: RecentRequest, _ item: AdmissionCase) {
    decision.changes.ended.append(
      EndedRequest(row: older.row, state: .superseded, at: now, reason: Self.supersededReason))
    noteSuperseded(older.row, item.subjectPlace)
    audit(
      AuditedRequest(
        idKey: older.idKey, address: item.audited.address, recipient: item.audited.recipient,
        tenant: item.audited.tenant), at: now, "decision", "superseded")
  }
}

/// Mails to one address that a relay refused, or that waited for one in vain until their deadline. Nobody got them, so
/// they fill no place in the windows; but where one address is refused again and again they count like any other, so that
/// nobody hammers a relay with it.
enum UndeliveredMail {
  /// From so many on they count.
  static let most = 3

  /// - Parameter times: when they were admitted.
  static func counts(_ times: [Int64], now: Int64, limits: [SendLimit]) -> Bool {
    guard times.count >= most else { return false }
    // At least a day, whatever the windows are.
    let window = max(limits.map(\.window.milliseconds).max() ?? 0, 86_400_000)
    return times.count { $0 + window > now } >= most
  }
}
