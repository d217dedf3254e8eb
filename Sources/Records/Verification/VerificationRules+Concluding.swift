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
    /// The challenges that were used, and when.
    var used: [(challenge: Challenge, now: Int64)] = []
    /// As attempts of this batch have left them.
    fileprivate var guests: [HashKey: Guest] = [:]
    fileprivate var usedRows: Set<Int64> = []
  }

  func conclude(
    _ attempts: [VerificationDesk.Attempt], _ findings: [Finding],
    _ comparisons: [Result<Comparison, RecordError>], _ facts: [ConclusionFacts], _ secrets: [SessionSecret]
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
        if case .verified = answer, let challenge = findings[index].challenge {
          all.used.append((challenge, attempt.now))
        }
        all.results.append(.success(answer))
      case .failure(let error): all.results.append(.failure(error))
      }
    }
    return all
  }

  private func conclude(
    _ attempt: VerificationDesk.Attempt, _ finding: Finding, _ comparison: Comparison,
    _ facts: ConclusionFacts, _ secret: SessionSecret, _ all: inout Conclusion
  ) -> Verification {
    let now = attempt.now
    let guest = all.guests[HashKey(finding.subject)] ?? facts.guest
    switch finding.standing {
    case .answered(let answer): return touch(answer, attempt, finding, &all)
    case .counted(let left):
      guard let challenge = finding.challenge else { return touch(.unknown, attempt, finding, &all) }
      // Whoever came between the transactions may have changed it.
      if guest.isLocked(at: now) { return touch(.locked, attempt, finding, &all) }
      guard comparison.isRight else {
        var line = AuditLine(at: now, event: "lock", result: "")
        line.describe(challenge)
        note(guest, finding, line, now: now, &all)
        return record(.incorrect(attemptsLeft: left), attempt, finding, &all)
      }
      guard facts.usedAt == nil, all.usedRows.insert(challenge.row).inserted else {
        // A right code is no guess: it gives its attempt back, as the one that was first has done.
        all.changes.challenges.append(.giveBack(challenge.row))
        all.changes.guests.append(.touch(near: finding.subject))
        return record(.used, attempt, finding, &all)
      }
      return record(
        .verified(use(challenge, guest, secret, now: now, &all)), attempt, finding, &all)
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

  /// Marks a challenge as used and begins its session.
  private func use(
    _ challenge: Challenge, _ guest: Guest, _ secret: SessionSecret, now: Int64, _ all: inout Conclusion
  ) -> Session {
    let end = now + sessionLifetime.milliseconds
    all.changes.challenges.append(
      .use(challenge.row, at: now, session: secret.hash, sessionEnd: end, bootTime: bootTime))
    var guest = guest
    guest.inARow = 0
    if guest.redeemedBy == nil, challenge.purpose == Purpose.signIn.rawValue {
      guest.redeemedBy = SignInMethod.passcode.rawValue
      guest.redeemedAt = now
    }
    set(guest, challenge.subject, now: now, &all)
    return Session(token: secret.token, expiresAt: Date(unixMilliseconds: end))
  }

  private func set(
    _ guest: Guest, _ subject: [UInt8], now: Int64, isNobody: Bool = false, _ all: inout Conclusion
  ) {
    let kept = guest.kept(at: now, isNobody: isNobody)
    all.changes.guests.append(.set(subject, kept))
    all.guests[HashKey(subject)] = kept
  }

  /// Without an open challenge the subject's own failures stand in for a challenge's budget, so that the answers run
  /// 4, 3, 2, 1, 0, locked as they would with one.
  ///
  /// - Returns: how many attempts are left; nil: locked.
  private func failClosed(
    _ attempt: VerificationDesk.Attempt, _ finding: Finding, _ guest: Guest, _ all: inout Conclusion
  ) -> Int? {
    guard case .subject(let subject, let tenant, _, let recipient) = attempt.question else { return nil }
    let defaults = PasscodeSettings()
    let last = finding.candidates.first?.challenge
    let budget = last.map { Int($0.budget) } ?? defaults.attempts
    let since = attempt.now - defaults.validity.milliseconds
    let spent = guest.failures.times.count { $0 > since }
    guard spent < budget, !guest.isLocked(at: attempt.now) else { return nil }
    let line = AuditLine(
      at: attempt.now, event: "lock", result: "", address: subject.address, recipient: recipient,
      tenant: tenant)
    note(guest, finding, line, now: attempt.now, isNobody: last == nil, &all)
    return budget - spent - 1
  }

  /// Notes a failure of the subject, and the lock that follows from it.
  private func note(
    _ guest: Guest, _ finding: Finding, _ line: AuditLine, now: Int64, isNobody: Bool = false,
    _ all: inout Conclusion
  ) {
    all.changes.challenges.append(.touch(finding.row))
    let rule = failedAttempts
    let window = rule.window.milliseconds
    var guest = guest
    guest.inARow += 1
    // At least what stands in for a challenge's budget, whatever the rule.
    guest.failures.add(now, capacity: max(rule.count, 16), window: max(window, 1_800_000))
    if guest.failures.freeAt(count: rule.count, window: window, now: now) != nil {
      guest.lockedUntil = now + rule.lockFor.milliseconds
    }
    set(guest, finding.subject, now: now, isNobody: isNobody, &all)
    guard guest.isLocked(at: now) else { return }
    var line = line
    line.result = guest.isLockedForGood ? "until reset" : "for a time"
    line.detail = "failedAttempts"
    all.changes.audit.append(line)
  }

  private func record(
    _ answer: Verification, _ attempt: VerificationDesk.Attempt, _ finding: Finding, _ all: inout Conclusion
  ) -> Verification {
    var line = AuditLine(at: attempt.now, event: "check", result: answer.name)
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
  static func takeBack(_ challenge: Challenge, _ guest: Guest, at now: Int64) -> RecordChanges {
    var changes = RecordChanges()
    changes.challenges.append(.takeBack(challenge.row))
    if guest.redeemedAt == now, guest.redeemedBy == SignInMethod.passcode.rawValue {
      var guest = guest
      (guest.redeemedBy, guest.redeemedAt) = (nil, nil)
      changes.guests.append(.set(challenge.subject, guest.kept(at: now)))
    }
    var line = AuditLine(at: now, event: "check", result: "taken back")
    line.describe(challenge)
    changes.audit.append(line)
    return changes
  }
}
