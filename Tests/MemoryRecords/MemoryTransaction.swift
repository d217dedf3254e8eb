internal import Records

/// One transaction: what it changes is its own until it has succeeded.
final class MemoryTransaction: RecordTransaction {
  var tables: MemoryTables
  private let liveRuns: Set<Int64>

  init(_ tables: MemoryTables, liveRuns: Set<Int64>) {
    self.tables = tables
    self.liveRuns = liveRuns
  }

  // MARK: Facts

  func facts(for question: AdmissionQuestion) throws(RecordError) -> AdmissionFacts {
    var facts = AdmissionFacts()
    facts.requests = question.ids.map { tables.request($0).map(tables.facts) }
    for request in facts.requests {
      guard let request else { continue }
      facts.challenges[request.challenge] = tables.challenge(request.challenge)
    }
    facts.guests = question.subjects.map { tables.guests[$0.hash] ?? Guest() }
    facts.mailboxes = question.mailboxes.map { tables.recent(of: $0, question.recent) }
    facts.clients = question.clients.map { tables.recent(ofClient: $0, question.recentOfClient) }
    facts.tallies = question.scopes.map { tables.tallies[$0]?.tally ?? Tally() }
    facts.settlements = question.settlements.map(attempt)
    facts.freeRow = tables.freeRow
    facts.liveRuns = liveRuns.subtracting([question.run])
    return facts
  }

  func recent(of mailbox: Int64, most: Int) throws(RecordError) -> [RecentRequest] {
    tables.recent(of: mailbox, most)
  }

  func mailed(
    from start: Int64, to end: Int64, most: Int
  ) throws(RecordError) -> (mailed: Int, unused: Int) {
    tables.mailed(from: start, to: end, most: most)
  }

  private func attempt(_ question: SettlementQuestion) -> SettlementFacts? {
    guard let request = tables.requests[question.row] else { return nil }
    let passcodes = tables.passcodes[request.challenge] ?? []
    return SettlementFacts(
      state: request.state, run: request.run, challenge: request.challenge, passcode: request.passcode,
      arrival: passcodes.first { $0.number == request.passcode }?.arrival ?? .no,
      isOwn: passcodes.contains { $0.number == request.passcode && $0.request == question.row },
      hasOthers: passcodes.contains { $0.request == question.row && $0.number != request.passcode })
  }

  func facts(for questions: [AttemptQuestion]) throws(RecordError) -> [AttemptFacts] {
    questions.map { question in
      switch question {
      case .id(let id, _): attempt(id)
      case .subject(let subject, _, let purpose, _): attempt(subject, purpose)
      }
    }
  }

  private func attempt(_ id: [UInt8]) -> AttemptFacts {
    let found = tables.request(id)
    guard let request = found ?? tables.requests.values.min(by: { $0.new.row < $1.new.row }),
      let challenge = tables.challenge(request.challenge)
    else { return AttemptFacts(challenges: [], guest: Guest(), isFound: false, standIn: 0) }
    return AttemptFacts(
      challenges: [challenge], guest: tables.guests[challenge.challenge.subject] ?? Guest(),
      isFound: found != nil, standIn: challenge.challenge.row)
  }

  private func attempt(_ subject: Subject, _ purpose: String) -> AttemptFacts {
    var rows: [Int64] = []
    let own = tables.admitted(subject.mailbox).filter {
      $0.request.new.subject == subject.hash && $0.request.new.purpose == purpose && $0.request.budget > 0
    }
    for found in own.prefix(AttemptQuestion.requests) where !rows.contains(found.request.challenge) {
      rows.append(found.request.challenge)
    }
    let challenges = rows.prefix(AttemptQuestion.challenges).compactMap { tables.challenge($0) }
    return AttemptFacts(
      challenges: challenges, guest: tables.guests[subject.hash] ?? Guest(), isFound: !challenges.isEmpty,
      standIn: tables.requests.values.first { $0.admittedAt != nil }?.challenge ?? 0)
  }

  func facts(for questions: [ConclusionQuestion]) throws(RecordError) -> [ConclusionFacts] {
    questions.map {
      ConclusionFacts(
        usedAt: tables.requests[$0.row]?.usedAt, guest: tables.guests[$0.subject] ?? Guest())
    }
  }

  func request(_ id: [UInt8]) throws(RecordError) -> RequestFacts? { tables.request(id).map(tables.facts) }
  func freeRow() throws(RecordError) -> Int64 { tables.freeRow }
  func guest(_ subject: [UInt8]) throws(RecordError) -> Guest? { tables.guests[subject] }
  func sessions(idKey: Int64) throws(RecordError) -> [SessionFacts] { tables.sessions(idKey: idKey) }

  // MARK: Changes

  func apply(_ changes: RecordChanges) throws(RecordError) {
    for (row, ahead) in changes.pulledBack { tables.pullBack(row, by: ahead) }
    changes.settled.forEach(apply)
    for place in changes.removedPasscodes {
      tables.passcodes[place.challenge]?.removeAll { $0.number == place.number }
    }
    for new in changes.inserted { tables.insert(new) }
    changes.ended.forEach(apply)
    changes.resumed.forEach(apply)
    for reopened in changes.reopened {
      change(reopened.row) {
        ($0.state, $0.run, $0.crashes, $0.reason, $0.endedAt) = (.queued, 0, 0, nil, nil)
        ($0.nextAttempt, $0.cancelledAt) = (nil, nil)
        ($0.deadline, $0.queuedAt) = (reopened.deadline, reopened.queuedAt)
        $0.purgeAfter = max($0.purgeAfter, reopened.purgeAfter)
      }
    }
    for (row, at) in changes.cancelled { change(row) { $0.cancelledAt = at } }
    for new in changes.passcodes {
      tables.passcodes[new.challenge, default: []].append(new.record)
      tables.passcodes[new.challenge]?.sort { $0.number < $1.number }
    }
    for place in changes.keptPasscodes {
      let index = tables.passcodes[place.challenge]?.firstIndex { $0.number == place.number }
      if let index { tables.passcodes[place.challenge]?[index].arrival = .possible }
    }
    for extended in changes.extended {
      change(extended.row) {
        $0.expiresAt = max($0.expiresAt, extended.expiresAt)
        $0.purgeAfter = max($0.purgeAfter, extended.purgeAfter)
        $0.sealedRecipient = extended.sealedRecipient ?? $0.sealedRecipient
      }
    }
    for row in changes.lowered { change(row) { $0.budget = min($0.budget, $0.tries + 1) } }
    changes.challenges.forEach(apply)
    for guest in changes.guests {
      switch guest {
      case .set(let subject, let guest): tables.guests[subject] = guest
      case .forget(let subject): tables.guests[subject] = nil
      case .touch: break
      }
    }
    for subject in changes.forgiven {
      for found in tables.admitted(subject.mailbox) where found.request.new.subject == subject.hash {
        change(found.row) { ($0.isForgiven, $0.session) = (true, nil) }
      }
    }
    for (scope, tally, purgeAfter) in changes.tallies { tables.tallies[scope] = (tally, purgeAfter) }
    for row in changes.endedSessions { change(row) { $0.session = nil } }
    for need in changes.keys {
      let known = tables.keys[need.version]
      tables.keys[need.version] = KeyNeed(
        version: need.version, fingerprint: known?.fingerprint ?? need.fingerprint,
        until: max(known?.until ?? 0, need.until))
    }
    for version in changes.forgottenKeys { tables.keys[version] = nil }
    for line in changes.audit { add(line) }
  }

  private func change(_ row: Int64, _ body: (inout MemoryTables.Request) -> Void) {
    tables.change(row, body)
  }

  private func apply(_ settled: SettledAttempt) {
    change(settled.row) { request in
      guard request.state == .sending, request.run == settled.run else { return }
      request.state = settled.state
      let (new, old) = (settled.settlement, request.settlement)
      request.settlement = Settlement(
        requestKey: new.requestKey, audited: new.audited, result: new.result,
        replyCode: new.replyCode ?? old?.replyCode, enhancedCode: new.enhancedCode ?? old?.enhancedCode,
        replyText: new.replyText ?? old?.replyText, relay: new.relay ?? old?.relay,
        locale: new.locale ?? old?.locale, at: new.at)
      (request.sentAt, request.endedAt) = (settled.sentAt, settled.endedAt)
      (request.nextAttempt, request.reason) = (settled.nextAttempt, settled.reason)
      if settled.isReleased { request.sends -= 1 }
    }
  }

  private func apply(_ ended: EndedRequest) {
    change(ended.row) { request in
      (request.state, request.reason, request.method, request.url) = (
        ended.state, ended.reason, ended.method, ended.url
      )
      (request.retryAt, request.endedAt, request.nextAttempt) = (ended.retryAt, ended.at, nil)
      request.crashes = ended.crashes ?? request.crashes
      request.sends = ended.sends ?? request.sends
    }
  }

  private func apply(_ resumed: ResumedRequest) {
    change(resumed.row) { request in
      (request.state, request.nextAttempt, request.run) = (.sending, nil, resumed.run)
      (request.sends, request.passcode, request.crashes) = (resumed.sends, resumed.passcode, resumed.crashes)
      (request.admittedAt, request.challenge) = (resumed.admittedAt, resumed.challenge)
      request.deadline = resumed.deadline
    }
  }

  private func apply(_ change: ChallengeChange) {
    switch change {
    case .count(let row): self.change(row) { $0.tries += 1 }
    case .giveBack(let row): self.change(row) { $0.tries -= 1 }
    case .touch: break
    case .use(let row, let at, let session):
      self.change(row) { request in
        guard request.usedAt == nil else { return }
        (request.usedAt, request.session) = (at, session)
        request.tries -= 1
        request.purgeAfter = max(request.purgeAfter, session?.end ?? request.purgeAfter)
      }
    case .takeBack(let row): self.change(row) { ($0.usedAt, $0.session) = (nil, nil) }
    }
  }

  private func add(_ line: AuditLine) {
    guard let row = line.row else { return tables.audit.append(line) }
    guard let request = tables.requests[row] else { return }
    tables.audit.append(
      AuditLine(
        at: line.at, event: line.event, result: line.result, idKey: prefixKey(request.new.id),
        address: request.new.address, recipient: request.new.recipient, tenant: request.new.tenant,
        detail: line.detail))
  }
}
