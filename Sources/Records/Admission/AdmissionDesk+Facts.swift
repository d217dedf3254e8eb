internal import CodeRequests

// How decisions change the facts that later ones of the same batch go by. Most batches hold each id and each subject once,
// and then there is next to nothing to keep.

extension AdmissionDesk {
  // MARK: Passcodes

  func passcode(at place: PasscodePlace) -> PasscodeRecord? {
    facts.challenges[place.challenge]?.passcodes.first { $0.number == place.number }
  }

  /// It may be in the mailbox.
  mutating func keep(_ place: PasscodePlace) {
    decision.changes.keptPasscodes.append(place)
    guard
      let index = facts.challenges[place.challenge]?.passcodes.firstIndex(where: { $0.number == place.number }
      )
    else { return }
    facts.challenges[place.challenge]?.passcodes[index].arrival = .possible
  }

  mutating func remove(_ place: PasscodePlace) {
    // One that this batch has made is not there to be removed.
    let made = decision.changes.passcodes.firstIndex {
      $0.challenge == place.challenge && $0.record.number == place.number
    }
    if let made {
      decision.changes.passcodes.remove(at: made)
    } else {
      decision.changes.removedPasscodes.append(place)
    }
    facts.challenges[place.challenge]?.passcodes.removeAll { $0.number == place.number }
  }

  mutating func add(_ record: PasscodeRecord, to challenge: Int64) {
    decision.changes.passcodes.append(NewPasscode(challenge: challenge, record: record))
    facts.challenges[challenge]?.passcodes.append(record)
  }

  // MARK: Requests

  /// A request that was made, with its challenge where it opened one.
  mutating func note(_ request: NewRequest, of item: AdmissionCase) {
    if batch.idUses[item.place] > 1 { enter(request, at: item.place) }
    if batch.subjectUses[item.subjectPlace] > 1, let admittedAt = request.admittedAt {
      enter(
        RecentRequest(
          row: request.row, idKey: item.audited.idKey, admittedAt: admittedAt, queuedAt: request.queuedAt,
          purpose: request.purpose, state: request.state, isUndelivered: false, isOfBatch: true),
        item.subjectPlace)
    }
  }

  /// - Parameter place: of its id in the question.
  mutating func enter(_ request: NewRequest, at place: Int) {
    facts.requests[place] = RequestFacts(
      row: request.row, state: request.state, run: request.run, crashes: 0, sends: request.sends,
      challenge: request.challenge, passcode: request.passcode, subject: request.subject,
      admittedAt: request.admittedAt, queuedAt: request.queuedAt, deadline: request.deadline,
      reason: request.reason, method: request.method, url: request.url)
    guard request.challenge == request.row else { return }
    let challenge = Challenge(
      row: request.row, idKey: prefixKey(request.id), id: request.id, subject: request.subject,
      address: request.address, recipient: request.recipient, tenant: request.tenant,
      purpose: request.purpose, tries: 0, budget: request.budget, usedAt: nil, expiresAt: request.expiresAt)
    let made = decision.changes.passcodes.lazy.filter { $0.challenge == request.row }.map(\.record)
    facts.challenges[request.row] = ChallengeFacts(challenge: challenge, passcodes: Array(made))
  }

  /// A known request that is sent (again).
  mutating func note(_ resumed: ResumedRequest, of item: AdmissionCase) {
    guard var known = facts.requests[item.place] else { return }
    known.state = .sending
    known.run = resumed.run
    known.sends = resumed.sends
    known.passcode = resumed.passcode
    known.crashes = resumed.crashes
    known.challenge = resumed.challenge
    known.deadline = resumed.deadline
    let isNew = !known.wasAdmitted
    known.admittedAt = resumed.admittedAt
    facts.requests[item.place] = known
    guard batch.subjectUses[item.subjectPlace] > 1 else { return }
    if isNew {
      // A resend that came first has opened its row, with a purpose of its own.
      let opened = facts.challenges[known.row]?.challenge.purpose
      enter(
        RecentRequest(
          row: known.row, idKey: item.audited.idKey, admittedAt: resumed.admittedAt, queuedAt: known.queuedAt,
          purpose: opened ?? item.admission.request.purpose.rawValue, state: .sending, isUndelivered: false),
        item.subjectPlace)
    } else {
      change(item.subjectPlace, row: known.row) { $0.state = .sending }
    }
  }

  /// A known request that has ended.
  mutating func note(_ row: Int64, of item: AdmissionCase, isNow state: RequestState) {
    facts.requests[item.place]?.state = state
    facts.requests[item.place]?.crashes = item.crashes
    guard batch.subjectUses[item.subjectPlace] > 1 else { return }
    let challenge = item.known?.challenge ?? row
    let hasPasscode = facts.challenges[challenge]?.passcodes.contains { $0.request == row } ?? false
    change(item.subjectPlace, row: row) {
      $0.state = state
      $0.isUndelivered = state.isGivenBack && !hasPasscode
    }
  }

  /// A waiting request whose place another took.
  mutating func noteSuperseded(_ row: Int64, _ subjectPlace: Int) {
    change(subjectPlace, row: row) { $0.state = .superseded }
    for place in facts.requests.indices where facts.requests[place]?.row == row {
      facts.requests[place]?.state = .superseded
      facts.requests[place]?.reason = Self.supersededReason
    }
  }

  private mutating func enter(_ request: RecentRequest, _ subjectPlace: Int) {
    let recent = facts.subjects[subjectPlace].recent
    let index = recent.firstIndex { $0.admittedAt <= request.admittedAt } ?? recent.endIndex
    facts.subjects[subjectPlace].recent.insert(request, at: index)
    // As an engine would tell it: not more than were asked for, but for those that have no outcome.
    guard recent.count >= batch.question.recent else { return }
    let all = facts.subjects[subjectPlace].recent
    facts.subjects[subjectPlace].recent =
      all.prefix(batch.question.recent)
      + all.dropFirst(batch.question.recent).filter { $0.state.outcome == nil }
  }

  private mutating func change(_ subjectPlace: Int, row: Int64, _ body: (inout RecentRequest) -> Void) {
    guard let index = facts.subjects[subjectPlace].recent.firstIndex(where: { $0.row == row }) else { return }
    body(&facts.subjects[subjectPlace].recent[index])
  }
}
