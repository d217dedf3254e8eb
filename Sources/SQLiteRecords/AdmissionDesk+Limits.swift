internal import CodeRequests
internal import RecordKeys
internal import Records

// How many codes a subject, a client and a tenant may be sent.
extension AdmissionDesk {
  /// Whether a newer request has taken the place, and whether the limits leave one.
  mutating func place(_ item: Case) throws(RecordError) -> SettledRequest? {
    // So many more as may be left out of account.
    let capacity = max(store.limits.perSubject.map(\.count).max() ?? 0, 8) + RefusedMail.most
    var times: [Int64] = []
    var refused: [Int64] = []
    var seen = 0
    var isOlderWaiting = false
    let purpose = item.admission.request.purpose.rawValue
    let statement = try store.connection.statement(.recentRequests)
    statement.bind(1, item.subject.key)
    statement.bind(2, item.subject.hash)
    statement.bind(3, Int64(capacity))
    var isNewerThere = false
    while try statement.step() {
      let (row, admittedAt) = (statement.int(0), statement.int(1))
      seen += 1
      if statement.int(5) != 0 { refused.append(admittedAt) } else { times.append(admittedAt) }
      guard row != item.known?.row, let state = RequestState(number: statement.int(4)),
        statement.text(3) == purpose
      else { continue }
      let isOpen = state == .queued || state == .deferred
      // Admitted in a time to come: the clock was set back since, and what comes now is newer. Admitted before this one
      // was for the first time: it was not newer then, whatever a clock that was set says now.
      let mayBeNewer = admittedAt <= now && (item.known?.wasAdmitted != true || row > item.known?.row ?? 0)
      // The kernel's clock goes in steps of milliseconds: of two in one of them the batch's order tells which came last.
      let isAsNew = statement.int(2) == item.queuedAt && row > lastRow
      if mayBeNewer, statement.int(2) > item.queuedAt || isAsNew {
        if isOpen || state == .sending || state == .sent { isNewerThere = true }
      } else if isOpen {
        isOlderWaiting = true
      } else if state == .sending {
        olderSending.append(statement.int(0))
      }
    }
    if isNewerThere { return SettledRequest(outcome: .superseded, reason: "a newer request took its place") }
    if RefusedMail.counts(refused, now: now, limits: store.limits.perSubject) {
      times = (times + refused).sorted(by: >)
    }
    if item.known?.wasAdmitted != true, let limited = try limit(item, times.reversed()) { return limited }
    if isOlderWaiting || seen == capacity { try supersede(item, purpose) }
    return nil
  }

  /// The places that a request fills in windows of clients and tenants.
  func places(of item: Case, at time: Int64) -> WindowPlaces {
    if let scopes = item.scopes { return WindowPlaces(scopes: scopes, time: time) }
    var scopes: [WindowPlaces.Scope] = []
    let limits = store.limits
    if !limits.perClient.isEmpty, let ip = item.admission.request.client?.ip {
      let key = store.keyring.address.mac("client", ClientNetwork.bytes(of: ip))
      scopes.append(WindowPlaces.Scope(name: "limits.perClient", key: key, limits: limits.perClient))
    }
    if !limits.perTenant.isEmpty {
      let key = store.keyring.address.mac("tenant", Array((item.admission.tenant ?? "").utf8))
      scopes.append(WindowPlaces.Scope(name: "limits.perTenant", key: key, limits: limits.perTenant))
    }
    item.scopes = scopes
    return WindowPlaces(scopes: scopes, time: time)
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
    let places = places(of: item, at: now)
    for scope in places.scopes {
      hold(try tallies.window(scope.key, in: store), scope.limits, scope.name)
    }
    if let free {
      return SettledRequest(
        outcome: .limited, reason: free.rule, retryAfter: Self.wholeSeconds(free.at - now))
    }
    for scope in places.scopes { tallies.add(now, to: scope.key, scope.limits) }
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

/// Mails to one address that a relay refused, or that waited for one in vain until their deadline. Nobody got them, so
/// they fill no place in the windows; but where one address is refused again and again they count like any other, so that
/// nobody hammers a relay with it.
enum RefusedMail {
  /// From so many on they count.
  static let most = 3

  /// - Parameter times: when they were admitted.
  static func counts(_ times: [Int64], now: Int64, limits: [SendLimit]) -> Bool {
    // At least a day, whatever the windows are.
    let window = max(limits.map(\.window.milliseconds).max() ?? 0, 86_400_000)
    return times.count { $0 + window > now } >= most
  }
}
