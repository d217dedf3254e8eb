internal import CodeRequests
internal import LinuxSystem

// How many codes a subject, a mailbox, a client, a tenant and everybody may be sent, and whose request takes whose place.
//
// What fills a place is computed from the requests that are there, not kept: so a place is given back when a challenge is
// answered, without anything written for it, and what a relay never took fills none.
extension AdmissionDesk {
  static let supersededReason = "a newer request took its place"

  /// Whether a newer request has taken the place, and whether the limits leave one.
  mutating func place(_ item: AdmissionCase) -> SettledRequest? {
    var isNewerThere = false
    var waiting: [RecentRequest] = []
    let purpose = item.admission.request.purpose.rawValue
    let challenge = item.challenge ?? item.known?.challenge
    for (index, recent) in facts.mailboxes[item.mailboxPlace].enumerated() {
      guard recent.row != item.known?.row, recent.purpose == purpose, recent.subject == item.subject.hash
      else { continue }
      let isSameChallenge = recent.challenge == challenge
      let isOpen = recent.state == .queued || recent.state == .deferred
      // Admitted before this one was for the first time: it was not newer then, whatever a clock that was set says now.
      let mayBeNewer =
        !future.contains(recent.row)
        && (item.known?.wasAdmitted != true || recent.row > item.known?.row ?? 0)
      // The kernel's clock goes in steps of milliseconds: of two in one of them the batch's order tells which came last.
      let isAsNew = recent.queuedAt == item.queuedAt && recent.isOfBatch
      if mayBeNewer, recent.queuedAt > item.queuedAt || isAsNew {
        guard isSameChallenge || recent.asker.mayReplace(item.asker) else { continue }
        if isOpen || recent.state == .sending || recent.state == .sent { isNewerThere = true }
      } else {
        guard isSameChallenge || item.asker.mayReplace(recent.asker) else { continue }
        if isOpen, recent.queuedAt <= item.queuedAt || future.contains(recent.row) { waiting.append(recent) }
        if recent.state == .sending, index < batch.question.recent { olderSending.append(recent.row) }
      }
    }
    if isNewerThere { return SettledRequest(outcome: .superseded, reason: Self.supersededReason) }
    if item.known?.wasAdmitted != true {
      if let hold = hold(item) {
        return SettledRequest(
          outcome: .limited, reason: hold.rule, retryAfter: Self.wholeSeconds(hold.until - now))
      }
      for scope in item.scopes where !scope.isForUnknown || !item.isKnown { fill(scope) }
    }
    for older in waiting { supersede(older, item) }
    return nil
  }

  /// Takes a place, and says so where few are left for everybody.
  private mutating func fill(_ scope: TallyBook.Scope) {
    let before = tallies.tally(scope)
    tallies.add(at: now, to: scope)
    guard scope.isTotal else { return }
    for limit in scope.limits {
      let length = limit.window.milliseconds
      let (old, new) = (
        before.count(window: length, now: now), tallies.tally(scope).count(window: length, now: now)
      )
      let near = Int64(limit.count) * 4 / 5
      if old < near, new >= near { decision.notices.append(LimitNotice(limit: limit, taken: Int(new))) }
    }
  }

  private mutating func supersede(_ older: RecentRequest, _ item: AdmissionCase) {
    decision.changes.ended.append(
      EndedRequest(row: older.row, state: .superseded, at: now, reason: Self.supersededReason))
    noteSuperseded(older.row, item.mailboxPlace)
    audit(
      AuditedRequest(
        idKey: older.idKey, address: item.audited.address, recipient: item.audited.recipient,
        tenant: item.audited.tenant), at: now, "decision", "superseded")
  }

  // MARK: Limits

  /// The rule that holds a request back for the longest; nil: none does.
  private func hold(_ item: AdmissionCase) -> WindowHold? {
    let recent = facts.mailboxes[item.mailboxPlace]
    let client = item.clientPlace.map { facts.clients[$0] } ?? []
    var holds: [WindowHold] = []
    // As for most this is the first mail that is asked for.
    if !recent.isEmpty || !client.isEmpty || !rules.limits.allowsOne {
      holds = MailWindows(
        subject: item.subject.hash, recent: recent, client: client, limits: rules.limits, now: now
      ).holds(on: item.asker)
    }
    for scope in item.scopes where !scope.isForUnknown || !item.isKnown {
      for limit in scope.limits {
        let length = limit.window.milliseconds
        let free = tallies.tally(scope).freeAt(count: limit.count, window: length, now: now)
        if let free { holds.append(WindowHold(limit, scope.name, until: free)) }
      }
    }
    // Of those that hold as long the first that was looked at.
    return holds.reduce(nil) { $1.until > $0?.until ?? now ? $1 : $0 }
  }
}

/// Four fifths of what everybody together may be sent have gone.
package struct LimitNotice: Sendable {
  package let limit: SendLimit
  package let taken: Int

  package init(limit: SendLimit, taken: Int) {
    self.limit = limit
    self.taken = taken
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
