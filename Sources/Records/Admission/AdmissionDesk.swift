internal import CodeRequests
internal import FoundationEssentials
internal import GuestPolicy
internal import LinuxSystem
package import RecordKeys

/// Decides one batch from its facts. First what attempts came to that have ended; then each request, in this order: known
/// already, deadline, policy, resend, newer request there, limits; then its passcode is made.
///
/// A request that is limited or refused does not supersede an older one: who is refused a second mail still gets the
/// first.
///
/// The desk keeps the facts as its decisions change them, so that requests of one batch that have to do with each other
/// are decided as if each had come alone.
package struct AdmissionDesk {
  /// What decisions go by beside the facts.
  package struct Circumstances {
    package let rules: RecordRules
    package let keyring: Keyring
    /// Makes new passcodes.
    package let key: Key
    package let now: Int64
    package let bootTime: Int64?
    /// The run that the batch is decided for.
    package let run: Int64
    /// Requests that it has committed as being sent and could not make durable: none of them was sent.
    package let unsynced: Set<Int64>
    /// Very many codes are mailed and not used: everybody's are longer.
    package let isFlooded: Bool

    package init(
      rules: RecordRules, keyring: Keyring, key: Key, now: Int64, bootTime: Int64?, run: Int64,
      unsynced: Set<Int64>, isFlooded: Bool = false
    ) {
      self.rules = rules
      self.keyring = keyring
      self.key = key
      self.now = now
      self.bootTime = bootTime
      self.run = run
      self.unsynced = unsynced
      self.isFlooded = isFlooded
    }
  }

  /// What is decided.
  package struct Decision: Sendable {
    /// One for each request, in their order.
    package var admissions: [Admission] = []
    package var changes = RecordChanges()
    package var notices: [LimitNotice] = []
  }

  let batch: AdmissionBatch
  let circumstances: Circumstances
  var facts: AdmissionFacts
  var random: RandomBytes
  var tallies = TallyBook()
  var decision = Decision()
  /// Rows of requests that a clock which ran ahead has admitted.
  var future: Set<Int64> = []
  /// Older requests of the subject on the desk that are being sent.
  var olderSending: [Int64] = []
  /// The latest end of a passcode made in this batch; nil: none was made.
  private var latestEnd: Int64?
  /// Those of `unsynced` that this batch sends.
  private var taken: Set<Int64> = []

  var now: Int64 { circumstances.now }
  /// Read in place: it is asked for several times for each mail.
  var rules: RecordRules {
    _read { yield circumstances.rules }
  }

  private init(
    _ batch: AdmissionBatch, _ facts: consuming AdmissionFacts, _ circumstances: Circumstances,
    _ random: RandomBytes
  ) {
    self.batch = batch
    self.facts = facts
    self.circumstances = circumstances
    self.random = random
  }

  /// Decides a batch.
  package static func decide(
    _ batch: AdmissionBatch, facts: consuming AdmissionFacts, _ circumstances: Circumstances,
    random: inout RandomBytes
  ) -> Decision {
    // Taken out, so that it is not copied.
    let own = random
    random = RandomBytes()
    let tallies = facts.tallies
    var desk = AdmissionDesk(batch, facts, circumstances, own)
    desk.tallies.lay(batch.question.scopes, tallies)
    desk.decide()
    random = desk.random
    return desk.decision
  }

  private mutating func decide() {
    pullBack()
    settle()
    var results = [Admission?](repeating: nil, count: batch.cases.count)
    for index in batch.order { results[index] = admit(batch.cases[index]) }
    decision.admissions = results.map { $0! }
    tallies.write(to: &decision.changes, at: now)
    if let latestEnd { noteKeys(until: latestEnd) }
  }

  private mutating func admit(_ item: AdmissionCase) -> Admission {
    olderSending = []
    item.queuedAt = min(item.queuedAt, now)
    item.known = facts.requests[item.place]
    if let known = item.known, let settled = standing(known, item) { return settled }
    if item.deadline <= now {
      return end(item, SettledRequest(outcome: .expired, reason: "its deadline had passed"))
    }
    let guest = facts.guests[item.subjectPlace]
    item.recognise(guest, at: now)
    let redemption = Redemption(stored: guest.redeemedBy) ?? .none
    if case .refused(let method, let url, let rule) = item.admission.decide(redemption) {
      return end(item, SettledRequest(outcome: .refused, reason: rule, method: method, url: url))
    }
    if let settled = join(item) { return end(item, settled) }
    if let settled = place(item) { return end(item, settled) }
    return .send(issue(item))
  }

  // MARK: Known already

  /// What is to be said about a request that is known; nil where it is to be decided (again).
  private mutating func standing(_ known: RequestFacts, _ item: AdmissionCase) -> Admission? {
    if let outcome = known.state.outcome {
      return .settled(
        SettledRequest(
          outcome: outcome, isDuplicate: true, reason: known.reason ?? known.reply, method: known.method,
          url: known.url))
    }
    if known.subject != item.subject.hash {
      // Somebody's resend named an id that is now used for another address: the challenge is not his to join.
      return .settled(
        SettledRequest(outcome: .rejected, reason: "its id belongs to a request for another address"))
    }
    if known.run != circumstances.run, facts.liveRuns.contains(known.run) { return .postponed }
    // Only what is in flight makes another file of the same id needless. Where the row waits (queued, deferred) its file
    // may be gone, and the file that came is then the last there is: it takes the row over. If both are there, the other
    // one finds the request sending or sent when it comes round.
    item.crashes = known.crashes
    let place = known.passcode.map { PasscodePlace(challenge: known.challenge, number: $0) }
    let arrival = place.flatMap { passcode(at: $0)?.arrival } ?? .no
    // Before a crash is noted: what was merely in flight then may still be sent twice.
    item.mayHaveArrived = arrival != .no
    if known.state != .sending, arrival == .ofEarlier { item.unsent = place }
    if known.state == .sending {
      if known.run == circumstances.run {
        guard circumstances.unsynced.contains(known.row), !taken.contains(known.row) else {
          return .settled(
            SettledRequest(outcome: nil, isDuplicate: true, reason: "the same id is being sent"))
        }
        // Committed but not synced, so it was never sent: that passcode and that attempt are taken back.
        if arrival != .possible { item.unsent = place }
        item.known?.sends -= 1
      } else {
        // The process that was sending it died: the mail may be out, so its passcode stays good.
        item.crashes += 1
        if let place { keep(place) }
      }
      if known.cancelledAt == nil, item.crashes >= 3 {
        return end(
          item, SettledRequest(outcome: .failed, reason: "in flight when the worker died three times"))
      }
    }
    // The mail that was under way when somebody asked for its end did not end it.
    if known.cancelledAt != nil {
      return end(item, SettledRequest(outcome: .cancelled, reason: Cancellation.byHand))
    }
    if item.crashes == 2, !item.admission.isAlone { return .suspect }
    if known.wasAdmitted || known.challenge != known.row { item.challenge = known.challenge }
    return nil
  }

  static func wholeSeconds(_ milliseconds: Int64) -> Duration { .seconds((milliseconds + 999) / 1000) }

  // MARK: Ends

  /// Records an outcome reached at the desk.
  private mutating func end(_ item: AdmissionCase, _ settled: SettledRequest) -> Admission {
    let state = RequestState(settled.outcome!)
    if let unsent = item.unsent { remove(unsent) }
    let retryAt = settled.retryAfter.map { now + $0.milliseconds }
    if let known = item.known {
      decision.changes.ended.append(
        EndedRequest(
          row: known.row, state: state, at: now, reason: settled.reason, method: settled.method,
          url: settled.url, retryAt: retryAt, crashes: item.crashes, sends: known.sends))
      note(known.row, of: item, isNow: state)
    } else {
      let row = makeRow()
      // A rejected resend must not lead into the challenge it named.
      let challenge = settled.outcome == .rejected ? row : item.challenge ?? row
      var request = newRequest(
        row, item, challenge: challenge, state: state,
        expiresAt: item.queuedAt + rules.settings.validity.milliseconds)
      request.reason = settled.reason
      request.method = settled.method
      request.url = settled.url
      request.retryAt = retryAt
      request.endedAt = now
      note(request, of: item)
      decision.changes.inserted.append(request)
    }
    if var known = facts.requests[item.place] {
      (known.reason, known.method, known.url) = (settled.reason, settled.method, settled.url)
      facts.requests[item.place] = known
    }
    audit(item.audited, at: now, "decision", state.name, settled.reason)
    return .settled(settled)
  }

  // MARK: Passcodes

  private mutating func issue(_ item: AdmissionCase) -> Ticket {
    let row = item.known?.row ?? makeRow()
    let challenge = item.challenge ?? row
    // A challenge opened by this request has a row only when an earlier attempt or a resend made it.
    let opened =
      item.challenge == nil || challenge == item.known?.row
      ? nil : facts.challenges[challenge]?.challenge
    if let unsent = item.unsent { remove(unsent) }
    let isLongerDue = isLongerDue(item)
    let live = item.challenge == nil && item.known == nil ? [] : facts.challenges[challenge]?.passcodes ?? []
    let issued = issue(
      for: row, item, challenge: challenge, id: opened?.id ?? item.id, live: live, isLongerDue)
    latestEnd = max(latestEnd ?? 0, issued.record.expiresAt)
    if !circumstances.unsynced.isEmpty { taken.insert(row) }

    let sealed = sealedRecipient(of: item, facts.challenges[challenge]?.challenge)

    if let known = item.known {
      let resumed = ResumedRequest(
        row: row, run: circumstances.run, sends: known.sends + 1, passcode: issued.record.number,
        crashes: item.crashes, admittedAt: known.admittedAt ?? now, challenge: challenge,
        deadline: item.deadline)
      decision.changes.resumed.append(resumed)
      note(resumed, of: item)
    } else {
      var request = newRequest(
        row, item, challenge: challenge, state: .sending, expiresAt: issued.record.expiresAt)
      request.admittedAt = now
      request.run = circumstances.run
      request.sends = 1
      request.passcode = issued.record.number
      if challenge == row { request.sealedRecipient = sealed }
      if isLongerDue, rules.settings.isLengthFixed { request.budget = min(request.budget, 1) }
      note(request, of: item)
      decision.changes.inserted.append(request)
    }
    // Whatever becomes of this request, the same code may have reached the mailbox by the other one.
    if issued.isReused {
      keep(PasscodePlace(challenge: challenge, number: issued.record.number))
    }
    if challenge != row || item.known != nil { extend(challenge, to: issued.record.expiresAt, sealed) }
    if isLongerDue, rules.settings.isLengthFixed, challenge != row || item.known != nil {
      decision.changes.lowered.append(challenge)
    }
    audit(item.audited, at: now, "decision", "send")
    return ticket(row, item, issued)
  }

  private mutating func ticket(_ row: Int64, _ item: AdmissionCase, _ issued: Issued) -> Ticket {
    let record = issued.record
    let id = Array(item.admission.request.id.rawValue.utf8)
    return Ticket(
      requestKey: row, audited: item.audited, passcode: issued.passcode,
      madeAt: Date(unixMilliseconds: record.madeAt),
      validity: .milliseconds(record.expiresAt - record.madeAt),
      queuedAt: Date(unixMilliseconds: item.queuedAt),
      deadline: Date(unixMilliseconds: item.deadline), attempt: Int(item.known?.sends ?? 0) + 1,
      crashes: Int(item.crashes), mayHaveArrived: item.mayHaveArrived,
      messageIDToken: hexadecimal(circumstances.keyring.address.mac("message-id", id).prefix(16)),
      entityRef: hexadecimal(random.next(12)[...]), older: olderSending)
  }

  /// Closes the address under the key that passcodes are made with now, whose end `noteKeys` notes: it is opened as long as
  /// a passcode of its challenge is good, and no longer.
  ///
  /// - Parameter challenge: where the records have it already; nil: the request opens it.
  private mutating func sealedRecipient(of item: AdmissionCase, _ challenge: Challenge?) -> [UInt8] {
    let seal =
      challenge?.seal
      ?? RowSeal(
        row: item.id, tenant: item.audited.tenant, purpose: item.admission.request.purpose.rawValue)
    return seal.close(
      item.admission.request.recipient.rawValue, key: circumstances.key, salt: random.next(RowSeal.saltSize))
  }

  private mutating func extend(_ challenge: Int64, to end: Int64, _ sealedRecipient: [UInt8]) {
    decision.changes.extended.append(
      ExtendedChallenge(
        row: challenge, expiresAt: end, purgeAfter: rules.purgeAfter(expiresAt: end),
        sealedRecipient: sealedRecipient))
    guard let known = facts.challenges[challenge]?.challenge.expiresAt else { return }
    facts.challenges[challenge]?.challenge.expiresAt = max(known, end)
  }

  /// Which keys the records need, and until when: what rotation may delete.
  private mutating func noteKeys(until end: Int64) {
    for (key, until) in [
      (circumstances.key, rules.purgeAfter(expiresAt: end)), (circumstances.keyring.address, Int64.max),
    ] {
      decision.changes.keys.append(
        KeyNeed(version: key.version, fingerprint: key.fingerprint, until: until))
    }
  }

  // MARK: Rows

  mutating func makeRow() -> Int64 {
    defer { facts.freeRow += 1 }
    return facts.freeRow
  }

  /// A row of the request on the desk.
  func newRequest(
    _ row: Int64, _ item: AdmissionCase, challenge: Int64, state: RequestState, expiresAt: Int64,
    id: [UInt8]? = nil
  ) -> NewRequest {
    let request = item.admission.request
    var new = NewRequest(
      row: row, id: id ?? item.id, challenge: challenge, subject: item.subject.hash,
      address: item.subject.address, mailbox: item.subject.mailbox, asker: item.asker,
      recipient: item.audited.recipient, tenant: item.audited.tenant,
      purpose: request.purpose.rawValue, queuedAt: item.queuedAt, deadline: item.deadline,
      state: state, budget: isMailOnly(item) ? 0 : Int64(rules.settings.attempts), expiresAt: expiresAt,
      purgeAfter: rules.purgeAfter(expiresAt: expiresAt, deadline: item.deadline, now: now))
    new.shortID = (id == nil ? request.id : request.challenge)?.short
    return new
  }

  mutating func audit(
    _ request: AuditedRequest, at: Int64, _ event: String, _ result: String, _ detail: String? = nil
  ) {
    var line = AuditLine(at: at, event: event, result: result)
    line.describe(request)
    line.detail = detail
    decision.changes.audit.append(line)
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
