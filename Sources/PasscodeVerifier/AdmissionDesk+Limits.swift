internal import CodeRequests
internal import RecordKeys

// How many codes a subject, a client and a tenant may be sent.
extension AdmissionDesk {
  /// Whether a newer request has taken the place, and whether the limits leave one.
  mutating func place(_ item: Case) throws(RecordError) -> SettledRequest? {
    let capacity = max(store.limits.perSubject.map(\.count).max() ?? 0, 8)
    var times: [Int64] = []
    var isOlderWaiting = false
    let purpose = item.admission.request.purpose.rawValue
    let statement = try store.connection.statement(.recentRequests)
    statement.bind(1, item.subject.key)
    statement.bind(2, item.subject.hash)
    statement.bind(3, Int64(capacity))
    var isNewerThere = false
    while try statement.step() {
      times.append(statement.int(1))
      guard statement.int(0) != item.known?.row, let state = RequestState(rawValue: statement.int(4)),
        statement.text(3) == purpose
      else { continue }
      let isOpen = state == .queued || state == .deferred
      if statement.int(2) > item.queuedAt {
        if isOpen || state == .sending || state == .sent { isNewerThere = true }
      } else if isOpen {
        isOlderWaiting = true
      } else if state == .sending {
        olderSending.append(statement.int(0))
      }
    }
    if isNewerThere { return SettledRequest(outcome: .superseded, reason: "a newer request took its place") }
    if item.known?.wasAdmitted != true, let limited = try limit(item, times.reversed()) { return limited }
    if isOlderWaiting || times.count == capacity { try supersede(item, purpose) }
    return nil
  }

  private mutating func limit(_ item: Case, _ times: [Int64]) throws(RecordError) -> SettledRequest? {
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
    let limits = store.limits
    hold(SlidingWindow(times: times), limits.perSubject, "limits.perSubject")
    var scopes: [(scope: [UInt8], limits: [SendLimit])] = []
    if !limits.perClient.isEmpty, let ip = item.admission.request.client?.ip {
      let scope = store.keyring.address.mac("client", ClientNetwork.bytes(of: ip))
      hold(try tallies.window(scope, in: store), limits.perClient, "limits.perClient")
      scopes.append((scope, limits.perClient))
    }
    if !limits.perTenant.isEmpty {
      let scope = store.keyring.address.mac("tenant", Array((item.admission.tenant ?? "").utf8))
      hold(try tallies.window(scope, in: store), limits.perTenant, "limits.perTenant")
      scopes.append((scope, limits.perTenant))
    }
    if let free {
      return SettledRequest(
        outcome: .limited, reason: free.rule, retryAfter: Self.wholeSeconds(free.at - now))
    }
    for (scope, limits) in scopes { tallies.add(now, to: scope, limits) }
    return nil
  }

  private func supersede(_ item: Case, _ purpose: String) throws(RecordError) {
    let statement = try store.connection.statement(.supersede)
    statement.bind(1, item.subject.key)
    statement.bind(2, item.subject.hash)
    statement.bind(3, purpose)
    statement.bind(4, now)
    statement.bind(5, item.queuedAt)
    statement.bind(6, item.known?.row ?? 0)
    var rows: [Int64] = []
    while try statement.step() { rows.append(statement.int(0)) }
    for row in rows { try store.audit(row: row, at: now, "decision", "superseded") }
  }
}
