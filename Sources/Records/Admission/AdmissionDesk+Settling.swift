internal import CodeRequests
internal import FoundationEssentials

// Attempts that have ended.
extension AdmissionDesk {
  mutating func settle() {
    var settled: [Int64: Effect] = [:]
    for (index, settlement) in batch.settlements.enumerated() {
      // A settlement of a request that this run is not sending changes nothing.
      guard let known = facts.settlements[index], known.state == .sending, known.run == circumstances.run,
        settled[settlement.requestKey] == nil
      else { continue }
      settled[settlement.requestKey] = settle(settlement, known)
    }
    guard !settled.isEmpty, !batch.cases.isEmpty else { return }
    for place in facts.requests.indices {
      guard var known = facts.requests[place], let now = settled[known.row] else { continue }
      known.state = now.state
      known.reply = now.settlement.reply ?? known.reply
      known.reason = now.state == .cancelled ? Cancellation.byHand : nil
      if now.settlement.result == .released { known.sends -= 1 }
      facts.requests[place] = known
    }
    for subject in facts.subjects.indices {
      for index in facts.subjects[subject].recent.indices {
        guard let now = settled[facts.subjects[subject].recent[index].row] else { continue }
        facts.subjects[subject].recent[index].state = now.state
        facts.subjects[subject].recent[index].isUndelivered = now.isUndelivered
      }
    }
  }

  /// What a settlement has come to.
  private struct Effect {
    let settlement: Settlement
    let state: RequestState
    let isUndelivered: Bool
  }

  private mutating func settle(_ settlement: Settlement, _ known: SettlementFacts) -> Effect {
    let at = settlement.at.unixMilliseconds
    let state: RequestState
    var nextAttempt: Int64?
    switch settlement.result {
    case .sent: state = .sent
    case .failed, .ambiguous(until: nil): state = .failed
    case .deferred(let until), .ambiguous(let until?):
      state = .deferred
      nextAttempt = until.unixMilliseconds
    case .expired: state = .expired
    case .cancelled: state = .cancelled
    case .released: state = .queued
    }
    decision.changes.settled.append(
      SettledAttempt(
        row: settlement.requestKey, run: circumstances.run, state: state, settlement: settlement,
        sentAt: state == .sent ? at : nil, endedAt: state.outcome == nil ? nil : at,
        nextAttempt: nextAttempt, reason: state == .cancelled ? Cancellation.byHand : nil,
        isReleased: settlement.result == .released))

    let place = known.passcode.map { PasscodePlace(challenge: known.challenge, number: $0) }
    var isThere = known.isOwn
    let result: String
    switch settlement.result {
    case .sent: result = "sent"
    case .ambiguous:
      result = "ambiguous"
      if let place { keep(place) }
    default:
      result = state.name
      // One that stands for an earlier one is needed for as long as the request waits.
      if let place, known.arrival == .no || known.arrival == .ofEarlier && state.outcome != nil {
        remove(place)
        isThere = false
      }
    }
    if settlement.result == .released {
      return Effect(settlement: settlement, state: state, isUndelivered: false)
    }
    if settlement.isGivenBack, known.arrival == .no, let places = batch.places[settlement.requestKey] {
      tallies.giveBack(places, at: at)
    }
    if let audited = settlement.audited {
      audit(audited, at: at, "send", result, settlement.auditDetail)
    } else {
      decision.changes.audit.append(
        AuditLine(
          at: at, event: "send", result: result, row: settlement.requestKey, detail: settlement.auditDetail))
    }
    return Effect(
      settlement: settlement, state: state,
      isUndelivered: state.isGivenBack && !isThere && !known.hasOthers)
  }
}

extension Settlement {
  /// The relay's words.
  fileprivate var reply: String? {
    let words = [replyCode.map { String($0) }, enhancedCode, replyText].compactMap { $0 }
    return words.isEmpty ? nil : words.joined(separator: " ")
  }

  fileprivate var auditDetail: String? {
    switch (replyCode, enhancedCode) {
    case (nil, nil): nil
    case (let code?, nil): String(code)
    case (nil, let enhanced?): enhanced
    case (let code?, let enhanced?): "\(code) \(enhanced)"
    }
  }
}
