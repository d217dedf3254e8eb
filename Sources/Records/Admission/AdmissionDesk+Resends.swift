internal import CodeRequests
internal import LinuxSystem

// A request that names the challenge of another, and gets a further passcode of it.
extension AdmissionDesk {
  /// Finds the challenge that the request joins, and whether that is still open.
  mutating func join(_ item: AdmissionCase) -> SettledRequest? {
    if item.challenge == nil, let place = item.joins {
      if let known = facts.requests[place] {
        guard known.subject == item.subject.hash else {
          return SettledRequest(outcome: .rejected, reason: "challenge: belongs to another address")
        }
        item.challenge = known.challenge
      } else {
        // Under overload the newest goes first: the challenge's own request may still be waiting in the spool, and
        // will find its row here and be superseded.
        item.challenge = open(place, for: item)
      }
    }
    guard let row = item.challenge, let challenge = facts.challenges[row]?.challenge else { return nil }
    guard challenge.purpose == item.admission.request.purpose.rawValue else {
      return SettledRequest(outcome: .rejected, reason: "challenge: has another purpose")
    }
    if !challenge.isVerifiedHere, !isMailOnly(item) {
      return SettledRequest(
        outcome: .rejected,
        reason:
          "challenge: was opened with a code of its frontend's, which is not verified here; bring the code")
    }
    if challenge.usedAt != nil {
      // Its own earlier mail did arrive; a resend has nothing to join any more.
      return item.known?.wasAdmitted == true
        ? SettledRequest(outcome: .sent, reason: "a passcode of it has been used")
        : SettledRequest(outcome: .refused, reason: "challenge: is used already")
    }
    if challenge.isVerifiedHere, challenge.tries >= challenge.budget {
      return SettledRequest(outcome: .refused, reason: "challenge: is locked after too many wrong codes")
    }
    // A request's own challenge waits as long as its deadline does; only a resend can come too late.
    if challenge.expiresAt <= now, item.known?.challenge != item.known?.row || item.known == nil {
      return SettledRequest(outcome: .refused, reason: "challenge: has expired")
    }
    return nil
  }

  /// - Parameter place: of the challenge's id in the question.
  private mutating func open(_ place: Int, for item: AdmissionCase) -> Int64 {
    let row = makeRow()
    let request = newRequest(
      row, item, challenge: row, state: .queued, expiresAt: now + rules.settings.validity.milliseconds,
      id: batch.question.ids[place])
    decision.changes.inserted.append(request)
    enter(request, at: place)
    return row
  }
}
