internal import CodeRequests
internal import FoundationEssentials
internal import GuestPolicy
internal import LinuxSystem

// The second transaction: what follows from the comparison.

extension VerificationRules {
  /// What a batch comes to.
  struct Conclusion {
    var results: [Result<Verification, RecordError>] = []
    var changes = RecordChanges()
    var used: [UsedChallenge] = []
    /// As attempts of this batch have left them.
    fileprivate var guests: [HashKey: Guest] = [:]
    fileprivate var usedRows: Set<Int64> = []
  }

  /// A challenge that was answered, for who must take that back.
  struct UsedChallenge: Sendable {
    let challenge: Challenge
    let now: Int64
    /// What was handed out, and whose place it took.
    let device: Guest.Device?
    let replaced: Guest.Device?
    /// The guest redeemed by it.
    let hasRedeemed: Bool
  }

  func conclude(
    _ attempts: [VerificationDesk.Attempt], _ findings: [Finding],
    _ comparisons: [Result<Comparison, RecordError>], _ facts: [ConclusionFacts], _ secrets: [SignInSecrets]
  ) -> Conclusion {
    var all = Conclusion()
    all.results.reserveCapacity(attempts.count)
    all.used.reserveCapacity(attempts.count)
    all.usedRows.reserveCapacity(attempts.count)
    all.guests.reserveCapacity(attempts.count)
    all.changes.challenges.reserveCapacity(attempts.count)
    all.changes.guests.reserveCapacity(attempts.count)
    all.changes.audit.reserveCapacity(attempts.count)
    for (index, attempt) in attempts.enumerated() {
      switch comparisons[index] {
      case .success(let comparison):
        let answer = conclude(
          attempt, findings[index], comparison, facts[index], secrets[index], &all)
        all.results.append(.success(answer))
      case .failure(let error): all.results.append(.failure(error))
      }
    }
    return all
  }

  private func conclude(
    _ attempt: VerificationDesk.Attempt, _ finding: Finding, _ comparison: Comparison,
    _ facts: ConclusionFacts, _ secrets: SignInSecrets, _ all: inout Conclusion
  ) -> Verification {
    let now = attempt.now
    let guest = all.guests[HashKey(finding.subject)] ?? facts.guest
    switch finding.standing {
    case .answered(let answer): return touch(answer, attempt, finding, &all)
    case .counted(let left):
      guard let challenge = comparison.matched else {
        let answer = Verification.incorrect(attemptsLeft: left)
        guard case .subject = attempt.question else { return touch(answer, attempt, finding, &all) }
        // Noted with the address as well, as it is where there is no challenge: when this one has expired, both are told the
        // same again.
        all.changes.challenges.append(.touch(finding.row))
        noteFailure(attempt, finding, guest, &all)
        return record(answer, attempt, finding, &all)
      }
      var finding = finding
      finding.challenge = challenge
      // Whoever came between the transactions may have used it.
      guard facts.usedAt == nil, all.usedRows.insert(challenge.row).inserted else {
        // A right code is no guess: it gives its attempt back, as the one that was first has done.
        all.changes.challenges.append(.giveBack(challenge.row))
        all.changes.guests.append(.touch(near: finding.subject))
        return record(.used, attempt, finding, &all)
      }
      let session = use(challenge, guest, secrets, now: now, &all)
      let verified = VerifiedGuest(
        recipient: comparison.recipient.flatMap { try? EmailAddress($0) }, tenant: challenge.tenant,
        purpose: challenge.purpose, session: session)
      return record(.verified(verified), attempt, finding, &all)
    case .closed:
      if let answer = comparison.answer { return touch(answer, attempt, finding, &all) }
      guard let left = failClosed(attempt, finding, guest, &all) else {
        return touch(.locked, attempt, finding, &all)
      }
      return record(.incorrect(attemptsLeft: left), attempt, finding, &all)
    }
  }

  /// Where there is nothing to change but the audit trail.
  private func touch(
    _ answer: Verification, _ attempt: VerificationDesk.Attempt, _ finding: Finding, _ all: inout Conclusion
  ) -> Verification {
    if finding.row != 0 {
      all.changes.challenges.append(.touch(finding.row))
      all.changes.guests.append(.touch(near: finding.subject))
    }
    return record(answer, attempt, finding, &all)
  }

  /// Marks a challenge as used; where that is a sign-in, begins its session and notes the device.
  private func use(
    _ challenge: Challenge, _ guest: Guest, _ secrets: SignInSecrets, now: Int64, _ all: inout Conclusion
  ) -> Session? {
    guard sessionPurposes.contains(where: { $0.rawValue == challenge.purpose }) else {
      all.changes.challenges.append(.use(challenge.row, at: now, session: nil))
      all.changes.guests.append(.touch(near: challenge.subject))
      all.used.append(
        UsedChallenge(challenge: challenge, now: now, device: nil, replaced: nil, hasRedeemed: false))
      return nil
    }
    let end = now + sessionLifetime.milliseconds
    let session = NewSession(
      hash: secrets.session.hash, end: end, bootTime: bootTime, recipient: secrets.recipient)
    all.changes.challenges.append(.use(challenge.row, at: now, session: session))
    var guest = guest
    let device = Guest.Device(
      hash: secrets.deviceHash, expiresAt: now + DeviceSettings.lifetime.milliseconds)
    let replaced = guest.add(device, insteadOf: challenge.device)
    let hasRedeemed = guest.redeemedBy == nil
    if hasRedeemed {
      guest.redeemedBy = SignInMethod.passcode.rawValue
      guest.redeemedAt = now
    }
    all.used.append(
      UsedChallenge(
        challenge: challenge, now: now, device: device, replaced: replaced, hasRedeemed: hasRedeemed))
    set(guest, challenge.subject, now: now, &all)
    return Session(
      token: secrets.session.token, expiresAt: Date(unixMilliseconds: end), device: secrets.device)
  }

  private func set(_ guest: Guest, _ subject: [UInt8], now: Int64, _ all: inout Conclusion) {
    let kept = guest.kept(at: now)
    all.changes.guests.append(.set(subject, kept))
    all.guests[HashKey(subject)] = kept
  }

  /// Without an open challenge what was typed for the address alone stands in for a challenge's budget, so that the answers run
  /// 4, 3, 2, 1, 0, locked as they would with one.
  ///
  /// - Returns: how many attempts are left; nil: locked.
  private func failClosed(
    _ attempt: VerificationDesk.Attempt, _ finding: Finding, _ guest: Guest, _ all: inout Conclusion
  ) -> Int? {
    let window = passcode.validity.milliseconds
    let spent = guest.failures.times.count { $0 > attempt.now - window }
    guard spent < passcode.attempts else { return nil }
    all.changes.challenges.append(.touch(finding.row))
    noteFailure(attempt, finding, guest, &all)
    return passcode.attempts - spent - 1
  }

  private func noteFailure(
    _ attempt: VerificationDesk.Attempt, _ finding: Finding, _ guest: Guest, _ all: inout Conclusion
  ) {
    var guest = guest
    // More than any challenge takes.
    guest.failures.add(attempt.now, capacity: 32, window: passcode.validity.milliseconds)
    set(guest, finding.subject, now: attempt.now, &all)
  }

  private func record(
    _ answer: Verification, _ attempt: VerificationDesk.Attempt, _ finding: Finding, _ all: inout Conclusion
  ) -> Verification {
    var line = AuditLine(at: attempt.now, event: AuditLine.check, result: answer.name)
    if let challenge = finding.challenge {
      line.describe(challenge)
    } else if case .subject(let subject, let tenant, _, let recipient) = attempt.question {
      line.address = subject.address
      line.recipient = recipient
      line.tenant = tenant
    }
    all.changes.audit.append(line)
    return answer
  }

  /// What takes an answer back that nobody was told.
  static func takeBack(_ used: UsedChallenge, _ guest: Guest) -> RecordChanges {
    let (challenge, now) = (used.challenge, used.now)
    var changes = RecordChanges()
    changes.challenges.append(.takeBack(challenge.row))
    if let device = used.device {
      var guest = guest
      guest.remove(device, puttingBack: used.replaced)
      if used.hasRedeemed, guest.redeemedAt == now, guest.redeemedBy == SignInMethod.passcode.rawValue {
        (guest.redeemedBy, guest.redeemedAt) = (nil, nil)
      }
      changes.guests.append(.set(challenge.subject, guest.kept(at: now)))
    }
    var line = AuditLine(at: now, event: AuditLine.check, result: "taken back")
    line.describe(challenge)
    changes.audit.append(line)
    return changes
  }
}
