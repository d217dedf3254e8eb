internal import CodeRequests
internal import FoundationEssentials
internal import GuestPolicy
internal import RecordKeys

/// Decides one batch, inside the transaction that records it. In this order: known already, deadline, policy, lock,
/// resend, newer request there, limits; then the passcode is made and its hash written.
///
/// A request that is limited or refused does not supersede an older one: who is refused a second mail still gets the
/// first.
struct AdmissionDesk {
  let store: RecordStore
  let key: Key
  let now: Int64
  /// Rows above it were made by this batch, which goes from the newest to the oldest.
  let lastRow: Int64
  var tallies: TallyBook
  /// The latest end of a passcode made in this batch; nil: none was made.
  private var latestEnd: Int64?
  /// Rows of `RecordStore.unsynced` that this batch sends.
  private var taken: Set<Int64> = []
  /// Older requests of the subject on the desk that are being sent.
  var olderSending: [Int64] = []

  /// A request on the desk, with what is computed once. A reference: it is handed from step to step.
  final class Case {
    let admission: AdmissionRequest
    let id: [UInt8]
    let subject: Subject
    private(set) var queuedAt: Int64
    private(set) var deadline: Int64
    let audited: AuditedRequest
    var known: Known? {
      didSet {
        // What is done with a file since (put off, tried again by hand) moves the time that the kernel keeps of it.
        guard let known, known.wasAdmitted else { return }
        queuedAt = min(queuedAt, known.queuedAt)
        deadline = min(deadline, known.deadline)
      }
    }
    /// The windows of its client and tenant, once they were asked for.
    var scopes: [WindowPlaces.Scope]?
    /// The row that holds the challenge; nil: the request opens one of its own.
    var challenge: Int64?
    var crashes: Int64 = 0
    /// The relay fell silent over an earlier attempt.
    var mayHaveArrived = false

    init(_ admission: AdmissionRequest, key: Key) {
      id = Digest.sha256(admission.request.id.rawValue)
      subject = Subject(admission.request.recipient, tenant: admission.tenant, key: key)
      queuedAt = admission.queuedAt.unixMilliseconds
      deadline = admission.deadline.unixMilliseconds
      audited = AuditedRequest(
        idKey: prefixKey(id), address: subject.address, recipient: admission.request.recipient.redacted,
        tenant: admission.tenant)
      self.admission = admission
    }
  }

  /// A request that the records know.
  struct Known {
    let row: Int64
    let state: RequestState
    let run: Int64
    let crashes: Int64
    var sends: Int64
    let challenge: Int64
    let passcode: Int64?
    let subject: [UInt8]
    let admittedAt: Int64?
    let queuedAt: Int64
    let deadline: Int64
    var wasAdmitted: Bool { admittedAt != nil }
  }

  init(store: RecordStore, key: Key, now: Int64, tallies: TallyBook = TallyBook()) {
    self.tallies = tallies
    self.store = store
    lastRow = store.highestRow
    self.key = key
    self.now = now
  }

  mutating func admit(_ admissions: [AdmissionRequest]) throws(RecordError) -> [Admission] {
    var cases: [Case] = []
    cases.reserveCapacity(admissions.count)
    for admission in admissions { cases.append(Case(admission, key: store.keyring.address)) }
    var results = [Admission?](repeating: nil, count: cases.count)
    for index in Self.order(cases) { results[index] = try admit(cases[index]) }
    try tallies.write(to: store)
    if let latestEnd { try noteKeys(until: latestEnd) }
    return results.map { $0! }
  }

  /// Newest first within a subject, so that the newer one supersedes; otherwise as they came.
  private static func order(_ cases: [Case]) -> [Int] {
    // Most batches hold each subject once: that is told without a list for each of them.
    guard Set(cases.lazy.map(\.subject.key)).count < cases.count else { return Array(cases.indices) }
    var bySubject: [[UInt8]: [Int]] = [:]
    for (index, item) in cases.enumerated() { bySubject[item.subject.hash, default: []].append(index) }
    var order = Array(cases.indices)
    for places in bySubject.values where places.count > 1 {
      let newestFirst = places.sorted { (cases[$0].queuedAt, $0) > (cases[$1].queuedAt, $1) }
      for (place, index) in zip(places, newestFirst) { order[place] = index }
    }
    return order
  }

  private mutating func admit(_ item: Case) throws(RecordError) -> Admission {
    olderSending = []
    item.known = try store.find(id: item.id)
    if let known = item.known {
      if let settled = try standing(known, item) { return settled }
    }
    if item.deadline <= now {
      return try end(item, SettledRequest(outcome: .expired, reason: "its deadline had passed"))
    }
    let guest = try store.connection.guest(item.subject.hash)
    let redemption = Redemption(stored: guest.redeemedBy) ?? .none
    if case .refused(let method, let url, let rule) = item.admission.decide(redemption) {
      return try end(item, SettledRequest(outcome: .refused, reason: rule, method: method, url: url))
    }
    if let settled = lock(on: guest) { return try end(item, settled) }
    if let settled = try join(item) { return try end(item, settled) }
    if let settled = try place(item) { return try end(item, settled) }
    return .send(try issue(item))
  }

  // MARK: Known already

  /// What is to be said about a request that has a row already; nil where it is to be decided (again).
  private mutating func standing(_ known: Known, _ item: Case) throws(RecordError) -> Admission? {
    if known.state.outcome != nil { return .settled(try store.earlierOutcome(of: known)) }
    if known.subject != item.subject.hash {
      // Somebody's resend named an id that is now used for another subject: the challenge is not his to join.
      return .settled(
        SettledRequest(outcome: .rejected, reason: "its id belongs to a request of another subject"))
    }
    // Only what is in flight makes another file of the same id needless. Where the row waits (queued, deferred) its file
    // may be gone, and the file that came is then the last there is: it takes the row over. If both are there, the other
    // one finds the request sending or sent when it comes round.
    item.crashes = known.crashes
    // Before a crash is noted: what was merely in flight then may still be sent twice.
    item.mayHaveArrived = try store.mayHaveArrived(known.row)
    if known.state == .sending {
      if known.run == store.run {
        guard store.unsynced.contains(known.row), !taken.contains(known.row) else {
          return .settled(
            SettledRequest(outcome: nil, isDuplicate: true, reason: "the same id is being sent"))
        }
        // Committed but not synced, so it was never sent: that passcode and that attempt are taken back.
        try store.connection.run(.deleteUnsentPasscode, known.row)
        try store.connection.run(.takeBackAttempt, known.row)
        item.known?.sends -= 1
      } else {
        // The process that was sending it died: the mail may be out, so its passcode stays good.
        item.crashes += 1
        try store.connection.run(.keepPasscode, known.row)
        if try store.isCancelled(known.row) {
          return try end(item, SettledRequest(outcome: .cancelled, reason: RecordStore.cancelledByHand))
        }
      }
      if item.crashes >= 3 {
        return try end(
          item, SettledRequest(outcome: .failed, reason: "in flight when the worker died three times"))
      }
    }
    if item.crashes == 2, !item.admission.isAlone { return .suspect }
    if known.wasAdmitted || known.challenge != known.row { item.challenge = known.challenge }
    return nil
  }

  // MARK: Locks

  private func lock(on guest: Guest) -> SettledRequest? {
    if guest.isLockedForGood {
      return SettledRequest(
        outcome: .refused,
        reason: "locked after \(FailedAttempts.mostInARow) wrong codes in a row; see guest reset")
    }
    guard guest.lockedUntil > now else { return nil }
    return SettledRequest(
      outcome: .limited, reason: "failedAttempts: locked after too many wrong codes",
      retryAfter: Self.wholeSeconds(guest.lockedUntil - now))
  }

  static func wholeSeconds(_ milliseconds: Int64) -> Duration { .seconds((milliseconds + 999) / 1000) }

  // MARK: Ends

  /// Records an outcome reached at the desk.
  private mutating func end(_ item: Case, _ settled: SettledRequest) throws(RecordError) -> Admission {
    let state = RequestState(settled.outcome!)
    if state.isGivenBack, !item.mayHaveArrived, item.crashes == 0, let time = item.known?.admittedAt {
      try tallies.giveBack(places(of: item, at: time), at: now, in: store)
    }
    let row: Int64
    let retryAt = settled.retryAfter.map { now + $0.milliseconds }
    if let known = item.known {
      row = known.row
      let statement = try store.connection.statement(.endRequest)
      statement.bind(1, row)
      statement.bind(2, state.rawValue)
      statement.bind(3, settled.reason)
      statement.bind(4, settled.method)
      statement.bind(5, settled.url)
      statement.bind(6, retryAt)
      statement.bind(7, now)
      statement.bind(8, item.crashes)
      try statement.run()
    } else {
      row = store.makeRow()
      // A rejected resend must not lead into the challenge it named.
      var request = NewRequest(
        row: row, id: item.id, item: item, challenge: item.challenge ?? row, state: state,
        admittedAt: nil, expiresAt: item.queuedAt + store.settings.validity.milliseconds)
      request.settled = settled
      request.retryAt = retryAt
      try store.insert(request, now: now)
    }
    try store.audit(row: row, at: now, "decision", state.name, settled.reason)
    return .settled(settled)
  }

  // MARK: Passcodes

  private mutating func issue(_ item: Case) throws(RecordError) -> Ticket {
    let row = item.known?.row ?? store.makeRow()
    let challenge = item.challenge ?? row
    let purpose = item.admission.request.purpose.rawValue
    let scribe = PasscodeScribe(store: store, key: key, challenge: challenge, purpose: purpose, now: now)
    // A challenge opened by this request has a row only when an earlier attempt or a resend made it.
    let challengeID: [UInt8]
    if item.challenge == nil || challenge == item.known?.row {
      challengeID = item.id
    } else {
      challengeID = try store.connection.challenge(row: challenge)?.id ?? item.id
    }
    let live = item.challenge == nil && item.known == nil ? [] : try store.connection.passcodes(challenge)
    let issued = try scribe.issue(
      for: row, id: challengeID, offered: item.admission.request.code ?? item.admission.reuse, live: live)
    latestEnd = max(latestEnd ?? 0, issued.expiresAt)
    if !store.unsynced.isEmpty { taken.insert(row) }

    if item.known != nil {
      let statement = try store.connection.statement(.resendRequest)
      statement.bind(1, row)
      statement.bind(2, store.run)
      statement.bind(3, issued.number)
      statement.bind(4, item.crashes)
      statement.bind(5, now)
      statement.bind(6, challenge)
      statement.bind(7, item.deadline)
      try statement.run()
    } else {
      var request = NewRequest(
        row: row, id: item.id, item: item, challenge: challenge, state: .sending,
        admittedAt: now, expiresAt: issued.expiresAt)
      request.passcode = issued.number
      try store.insert(request, now: now)
    }
    // Whatever becomes of this request, the same code may have reached the mailbox by the other one.
    if issued.isReused || item.mayHaveArrived { try store.connection.run(.keepPasscode, row) }
    if challenge != row || item.known != nil { try extend(challenge, to: issued.expiresAt) }
    try store.audit(item.audited, at: now, "decision", "send")
    let places = places(of: item, at: item.known?.admittedAt ?? now)
    if !places.scopes.isEmpty { store.placesInFlight[row] = places }
    let id = Array(item.admission.request.id.rawValue.utf8)
    return Ticket(
      requestKey: row, audited: item.audited, passcode: issued.passcode,
      madeAt: Date(unixMilliseconds: issued.madeAt),
      expiresAt: Date(unixMilliseconds: issued.expiresAt),
      validity: .milliseconds(issued.expiresAt - issued.madeAt),
      queuedAt: Date(unixMilliseconds: item.queuedAt), deadline: Date(unixMilliseconds: item.deadline),
      attempt: Int(item.known?.sends ?? 0) + 1,
      crashes: Int(item.crashes), mayHaveArrived: item.mayHaveArrived,
      messageIDToken: hexadecimal(store.keyring.address.mac("message-id", id).prefix(16)),
      entityRef: hexadecimal(store.random.next(12)[...]), older: olderSending)
  }

  private func extend(_ challenge: Int64, to end: Int64) throws(RecordError) {
    let statement = try store.connection.statement(.extendChallenge)
    statement.bind(1, challenge)
    statement.bind(2, end)
    statement.bind(3, end + store.retention.requests.milliseconds)
    try statement.run()
  }

  /// Which keys the records need, and until when: what rotation may delete.
  private func noteKeys(until end: Int64) throws(RecordError) {
    for (key, end) in [
      (key, end + store.retention.requests.milliseconds), (store.keyring.address, Int64.max),
    ] {
      let statement = try store.connection.statement(.noteKey)
      statement.bind(1, Int64(key.version))
      statement.bind(2, key.fingerprint)
      statement.bind(3, end)
      try statement.run()
    }
  }
}

func hexadecimal(_ bytes: ArraySlice<UInt8>) -> String {
  func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }
  return String(unsafeUninitializedCapacity: 2 * bytes.count) { buffer in
    var end = 0
    for byte in bytes {
      buffer[end] = digit(byte >> 4)
      buffer[end + 1] = digit(byte & 15)
      end += 2
    }
    return end
  }
}
