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
    // Most challenges are new, and not among the facts.
    if let place = facts.challenges.index(forKey: challenge) {
      facts.challenges.values[place].passcodes.append(record)
    }
  }

  // MARK: Requests

  /// A request that was made, with its challenge where it opened one.
  mutating func note(_ request: NewRequest, of item: AdmissionCase) {
    if batch.idUses[item.place] > 1 { enter(request, at: item.place) }
    if let admittedAt = request.admittedAt {
      enter(
        item, row: request.row, challenge: request.challenge, admittedAt, queuedAt: request.queuedAt,
        purpose: request.purpose, state: request.state, isOfBatch: true)
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
      address: request.address, recipient: request.recipient, sealedRecipient: request.sealedRecipient,
      tenant: request.tenant, purpose: request.purpose, device: request.asker.device, tries: 0,
      budget: request.budget,
      usedAt: nil, expiresAt: request.expiresAt)
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
    if isNew {
      // A resend that came first has opened its row, with a purpose of its own.
      let opened = facts.challenges[known.row]?.challenge.purpose
      enter(
        item, row: known.row, challenge: resumed.challenge, resumed.admittedAt, queuedAt: known.queuedAt,
        purpose: opened ?? item.admission.request.purpose.rawValue, state: .sending)
    } else {
      change(item.mailboxPlace, row: known.row) { $0.state = .sending }
    }
  }

  /// A known request that has ended.
  mutating func note(_ row: Int64, of item: AdmissionCase, isNow state: RequestState) {
    facts.requests[item.place]?.state = state
    facts.requests[item.place]?.crashes = item.crashes
    guard batch.mailboxUses[item.mailboxPlace] > 1 || item.clientPlace != nil else { return }
    let challenge = item.known?.challenge ?? row
    let hasPasscode = facts.challenges[challenge]?.passcodes.contains { $0.request == row } ?? false
    let isUndelivered = state.isGivenBack && !hasPasscode
    change(item.mailboxPlace, row: row) {
      $0.state = state
      $0.isUndelivered = isUndelivered
    }
    noteUndelivered(row, isUndelivered)
  }

  /// A waiting request whose place another took.
  mutating func noteSuperseded(_ row: Int64, _ mailboxPlace: Int) {
    change(mailboxPlace, row: row) { $0.state = .superseded }
    for place in facts.requests.indices where facts.requests[place]?.row == row {
      facts.requests[place]?.state = .superseded
      facts.requests[place]?.reason = Self.supersededReason
    }
  }

  /// In the windows of clients, too, a mail that nobody got fills no place.
  mutating func noteUndelivered(_ row: Int64, _ isUndelivered: Bool) {
    for client in facts.clients.indices {
      guard let index = facts.clients[client].firstIndex(where: { $0.row == row }) else { continue }
      facts.clients[client][index].isUndelivered = isUndelivered
    }
  }

  private mutating func enter(
    _ item: AdmissionCase, row: Int64, challenge: Int64, _ admittedAt: Int64, queuedAt: Int64,
    purpose: String, state: RequestState, isOfBatch: Bool = false
  ) {
    let isUsed = facts.challenges[challenge]?.challenge.usedAt != nil
    if batch.mailboxUses[item.mailboxPlace] > 1 {
      enter(
        RecentRequest(
          row: row, idKey: item.audited.idKey, subject: item.subject.hash, challenge: challenge,
          admittedAt: admittedAt, queuedAt: queuedAt, purpose: purpose, state: state, asker: item.asker,
          isUsed: isUsed, isMailOnly: isMailOnly(item), isOfBatch: isOfBatch), item.mailboxPlace)
    }
    if let place = item.clientPlace, batch.clientUses[place] > 1 {
      let request = ClientRequest(
        row: row, admittedAt: admittedAt, isUsed: isUsed, hasDevice: item.asker.device != nil)
      let index = facts.clients[place].firstIndex { $0.admittedAt <= admittedAt }
      facts.clients[place].insert(request, at: index ?? facts.clients[place].endIndex)
    }
  }

  private mutating func enter(_ request: RecentRequest, _ mailboxPlace: Int) {
    let recent = facts.mailboxes[mailboxPlace]
    let index = recent.firstIndex { $0.admittedAt <= request.admittedAt } ?? recent.endIndex
    facts.mailboxes[mailboxPlace].insert(request, at: index)
    // As an engine would tell it: not more than were asked for, but for those that have no outcome.
    guard recent.count >= batch.question.recent else { return }
    let all = facts.mailboxes[mailboxPlace]
    facts.mailboxes[mailboxPlace] =
      all.prefix(batch.question.recent)
      + all.dropFirst(batch.question.recent).filter { $0.state.outcome == nil }
  }

  private mutating func change(_ mailboxPlace: Int, row: Int64, _ body: (inout RecentRequest) -> Void) {
    guard let index = facts.mailboxes[mailboxPlace].firstIndex(where: { $0.row == row }) else { return }
    body(&facts.mailboxes[mailboxPlace][index])
  }
}
