internal import CodeRequests
internal import GuestPolicy
internal import Records

// The second transaction: what follows from the comparison.

extension VerificationDesk {
  /// - Parameter random: for the token of a session that may begin.
  func conclude(
    _ attempt: Attempt, _ finding: Finding, _ comparison: Comparison, random: ArraySlice<UInt8>
  ) throws(RecordError) -> Verification {
    let now = attempt.now
    let token = SessionSecret(idKey: finding.challenge?.idKey ?? 0, random: random)
    switch finding.standing {
    case .answered(let answer): return try touch(answer, attempt, finding)
    case .counted(let left):
      guard let challenge = finding.challenge else { return try touch(.unknown, attempt, finding) }
      // Whoever came between the transactions may have changed it.
      let guest = try connection.guest(finding.subject)
      if guest.isLocked(at: now) { return try touch(.locked, attempt, finding) }
      guard comparison.isRight else {
        var line = AuditLine(at: now, event: "lock", result: "")
        line.describe(challenge)
        try note(guest, finding, line, now: now)
        return try record(.incorrect(attemptsLeft: left), attempt, finding)
      }
      guard let session = try use(challenge, guest, token, now: now) else {
        // A right code is no guess: it gives its attempt back, as the one that was first has done.
        try connection.run(.returnTry, finding.row)
        return try touch(.used, attempt, finding)
      }
      return try record(.verified(session), attempt, finding)
    case .closed:
      if let answer = comparison.answer { return try touch(answer, attempt, finding) }
      guard let left = try failClosed(attempt, finding) else { return try touch(.locked, attempt, finding) }
      return try record(.incorrect(attemptsLeft: left), attempt, finding)
    }
  }

  /// Where there is nothing to write but the audit trail.
  private func touch(
    _ answer: Verification, _ attempt: Attempt, _ finding: Finding
  ) throws(RecordError) -> Verification {
    if finding.row != 0 {
      try connection.run(.touchChallenge, finding.row)
      try connection.touchGuest(near: finding.subject)
    }
    return try record(answer, attempt, finding)
  }

  /// Nil where the challenge was used meanwhile.
  private func use(
    _ challenge: Challenge, _ guest: Guest, _ token: SessionSecret, now: Int64
  ) throws(RecordError) -> Session? {
    let session = try connection.use(
      challenge, token, now: now, lifetime: settings.sessionLifetime, bootTime: settings.bootTime())
    guard let session else { return nil }
    var guest = guest
    guest.inARow = 0
    if guest.redeemedBy == nil, challenge.purpose == Purpose.signIn.rawValue {
      guest.redeemedBy = SignInMethod.passcode.rawValue
      guest.redeemedAt = now
    }
    try connection.setGuest(challenge.subject, guest, now: now)
    return session
  }

  /// Without an open challenge the subject's own failures stand in for a challenge's budget, so that the answers run
  /// 4, 3, 2, 1, 0, locked as they would with one.
  ///
  /// - Returns: how many attempts are left; nil: locked.
  private func failClosed(
    _ attempt: Attempt, _ finding: Finding
  ) throws(RecordError) -> Int? {
    guard case .subject(let subject, let tenant, _, let recipient) = attempt.question else { return nil }
    let guest = try connection.guest(subject.hash)
    let defaults = PasscodeSettings()
    let last = finding.dossiers.first?.challenge
    let budget = last.map { Int($0.budget) } ?? defaults.attempts
    let since = attempt.now - defaults.validity.milliseconds
    let spent = guest.failures.times.count { $0 > since }
    guard spent < budget, !guest.isLocked(at: attempt.now) else { return nil }
    let line = AuditLine(
      at: attempt.now, event: "lock", result: "", address: subject.address, recipient: recipient,
      tenant: tenant)
    try note(guest, finding, line, now: attempt.now, isNobody: last == nil)
    return budget - spent - 1
  }

  /// Notes a failure of the subject, and the lock that follows from it.
  private func note(
    _ guest: Guest, _ finding: Finding, _ line: AuditLine, now: Int64, isNobody: Bool = false
  ) throws(RecordError) {
    try connection.run(.touchChallenge, finding.row)
    let rule = settings.failedAttempts
    let window = rule.window.milliseconds
    var guest = guest
    guest.inARow += 1
    // At least what stands in for a challenge's budget, whatever the rule.
    guest.failures.add(now, capacity: max(rule.count, 16), window: max(window, 1_800_000))
    if guest.failures.freeAt(count: rule.count, window: window, now: now) != nil {
      guest.lockedUntil = now + rule.lockFor.milliseconds
    }
    try connection.setGuest(finding.subject, guest, now: now, isNobody: isNobody)
    guard guest.isLocked(at: now) else { return }
    var line = line
    line.result = guest.isLockedForGood ? "until reset" : "for a time"
    line.detail = "failedAttempts"
    try connection.audit(line)
  }

  private func record(
    _ answer: Verification, _ attempt: Attempt, _ finding: Finding
  ) throws(RecordError) -> Verification {
    var line = AuditLine(at: attempt.now, event: "check", result: answer.name)
    if let challenge = finding.challenge {
      line.describe(challenge)
    } else if case .subject(let subject, let tenant, _, let recipient) = attempt.question {
      line.address = subject.address
      line.recipient = recipient
      line.tenant = tenant
    }
    try connection.audit(line)
    return answer
  }
}
