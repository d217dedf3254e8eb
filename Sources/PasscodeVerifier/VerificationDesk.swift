internal import RecordKeys

/// Answers one attempt, in two transactions.
///
/// The first counts the attempt as a wrong one, for the challenge and for the subject, and commits. Then the codes are
/// compared. The second takes the count back where the code was right, marks the challenge as used, begins the session,
/// and commits. Whoever is killed between the two leaves the attempt counted; of two that race, one finds the
/// challenge used in its second transaction.
///
/// Only the second commit waits for the disk: it carries the first with it, and nobody is told anything before it is
/// done. A power cut between them forgets an attempt whose answer nobody learned; a killed process forgets nothing.
///
/// Right, wrong and unknown take the same steps: three HMACs, one counter page, one line of audit, two commits.
struct VerificationDesk {
  enum Question {
    case id([UInt8])
    case subject(Subject, tenant: String?, purpose: String, recipient: String)
  }

  let connection: SQLiteConnection
  let keyring: Keyring
  let settings: VerificationSettings
  let now: Int64

  /// What the first transaction found.
  private enum Finding {
    /// Nothing to compare with; the answer stands.
    case answered(Verification, Challenge?)
    /// Counted: `left` attempts are left if the code is wrong.
    case counted(Challenge, [PasscodeRecord], left: Int)
    /// By subject, and nothing open: counted against the subject alone. Codes that are dead are told from wrong ones.
    case closed([(challenge: Challenge, passcodes: [PasscodeRecord])], left: Int)
  }

  func verify(_ code: TypedCode, _ question: Question) throws(RecordError) -> Verification {
    try connection.execute("PRAGMA synchronous = NORMAL")
    let finding: Finding
    do throws(RecordError) {
      finding = try connection.transaction { () throws(RecordError) in try count(question) }
    } catch {
      _ = try? connection.execute("PRAGMA synchronous = FULL")
      throw error
    }
    try connection.execute("PRAGMA synchronous = FULL")
    FailPoint.afterCounting()

    switch finding {
    case .answered(let answer, let challenge):
      _ = try match(code, [], nil)
      return try connection.transaction { () throws(RecordError) in
        try record(answer, challenge, question)
        return answer
      }
    case .counted(let challenge, let passcodes, let left):
      let isRight = try match(code, passcodes.filter { $0.expiresAt > now }, challenge)
      return try connection.transaction { () throws(RecordError) in
        let answer =
          isRight
          ? try use(challenge)
          : left == 0 ? Verification.incorrect(attemptsLeft: 0) : .incorrect(attemptsLeft: left)
        try record(answer, challenge, question)
        return answer
      }
    case .closed(let challenges, let left):
      var answer = Verification.incorrect(attemptsLeft: left)
      for (challenge, passcodes) in challenges where try match(code, passcodes, challenge) {
        answer = challenge.usedAt != nil ? .used : challenge.tries >= challenge.budget ? .locked : .expired
      }
      if challenges.isEmpty { _ = try match(code, [], nil) }
      return try connection.transaction { () throws(RecordError) in
        try record(answer, nil, question)
        return answer
      }
    }
  }

  // MARK: First transaction

  private func count(_ question: Question) throws(RecordError) -> Finding {
    _ = try connection.statement(.countCheck).step()
    switch question {
    case .id(let hash):
      guard let challenge = try find(hash) else { return .answered(.unknown, nil) }
      guard settings.isAllowed(challenge.tenant) else { return .answered(.refused, challenge) }
      if challenge.usedAt != nil { return .answered(.used, challenge) }
      if try isLocked(challenge.subject) { return .answered(.locked, challenge) }
      if challenge.tries >= challenge.budget { return .answered(.locked, challenge) }
      if challenge.expiresAt <= now { return .answered(.expired, challenge) }
      return try count(challenge)
    case .subject(let subject, let tenant, let purpose, _):
      guard settings.isAllowed(tenant) else { return .answered(.refused, nil) }
      if try isLocked(subject.hash) { return .answered(.locked, nil) }
      let challenges = try newest(subject, purpose)
      if let open = challenges.first(where: { $0.usedAt == nil && $0.expiresAt > now }) {
        if open.tries >= open.budget { return .answered(.locked, open) }
        return try count(open)
      }
      return try countClosed(subject, challenges)
    }
  }

  private func count(_ challenge: Challenge) throws(RecordError) -> Finding {
    let statement = try connection.statement(.countTry)
    statement.bind(1, challenge.row)
    guard try statement.step() else { return .answered(.locked, challenge) }
    let tries = statement.int(0)
    statement.reset()
    try countFailure(challenge.subject, recipient: challenge.recipient, tenant: challenge.tenant)
    return .counted(
      challenge, try connection.passcodes(challenge.row), left: Int(max(0, challenge.budget - tries)))
  }

  /// Without an open challenge the subject's own failures stand in for a challenge's budget, so that the answers run
  /// 4, 3, 2, 1, 0, locked as they would with one.
  private func countClosed(_ subject: Subject, _ challenges: [Challenge]) throws(RecordError) -> Finding {
    let defaults = PasscodeSettings()
    let budget = challenges.first.map { Int($0.budget) } ?? defaults.attempts
    let since = now - defaults.validity.milliseconds
    let spent = try connection.guest(subject.hash).failures.times.count { $0 > since }
    guard spent < budget else { return .answered(.locked, nil) }
    try countFailure(subject.hash, recipient: nil, tenant: nil)
    var found: [(challenge: Challenge, passcodes: [PasscodeRecord])] = []
    for challenge in challenges { found.append((challenge, try connection.passcodes(challenge.row))) }
    return .closed(found, left: budget - spent - 1)
  }

  private func find(_ hash: [UInt8]) throws(RecordError) -> Challenge? {
    let statement = try connection.statement(.findRequest)
    statement.bind(1, prefixKey(hash))
    statement.bind(2, hash)
    guard try statement.step() else { return nil }
    let row = statement.int(6)
    statement.reset()
    return try connection.challenge(row: row)
  }

  private func newest(_ subject: Subject, _ purpose: String) throws(RecordError) -> [Challenge] {
    let statement = try connection.statement(.latestChallenge)
    statement.bind(1, subject.key)
    statement.bind(2, subject.hash)
    statement.bind(3, purpose)
    statement.bind(4, 4)
    var rows: [Int64] = []
    while try statement.step() {
      let row = statement.int(0)
      if !rows.contains(row) { rows.append(row) }
    }
    var challenges: [Challenge] = []
    for row in rows.prefix(3) {
      if let challenge = try connection.challenge(row: row) { challenges.append(challenge) }
    }
    return challenges
  }

  // MARK: Subjects

  private func isLocked(_ subject: [UInt8]) throws(RecordError) -> Bool {
    let guest = try connection.guest(subject)
    return guest.isLockedForGood || guest.lockedUntil > now
  }

  private func countFailure(_ subject: [UInt8], recipient: String?, tenant: String?) throws(RecordError) {
    let rule = settings.failedAttempts
    let window = rule.window.milliseconds
    var guest = try connection.guest(subject)
    guest.inARow += 1
    // At least as many as a budget needs, whatever the rule.
    guest.failures.add(now, capacity: max(rule.count, 16), window: max(window, 1_800_000))
    var isNew = guest.isLockedForGood
    if let free = guest.failures.freeAt(count: rule.count, window: window, now: now), free > now {
      guest.lockedUntil = now + rule.lockFor.milliseconds
      isNew = true
    }
    try connection.setGuest(subject, guest, now: now)
    if isNew {
      try connection.audit(
        AuditLine(
          at: now, event: "lock", result: guest.isLockedForGood ? "until reset" : "for a time",
          recipient: recipient,
          tenant: tenant, detail: "failedAttempts"))
    }
  }

  /// The code was right: the attempt was no failure, and a lock that it set is lifted.
  private func forgive(_ subject: [UInt8]) throws(RecordError) -> Guest {
    var guest = try connection.guest(subject)
    guest.inARow = 0
    if let index = guest.failures.times.lastIndex(of: now) { guest.failures.times.remove(at: index) }
    if guest.lockedUntil == now + settings.failedAttempts.lockFor.milliseconds { guest.lockedUntil = 0 }
    return guest
  }

  // MARK: Comparison

  /// Compares with each passcode, always as many as a challenge can have, wherever they match.
  private func match(
    _ code: TypedCode, _ passcodes: [PasscodeRecord], _ challenge: Challenge?
  ) throws(RecordError) -> Bool {
    let typed = code.bytes ?? [0]
    var isRight = false
    for record in passcodes {
      let key: Key
      do throws(KeyFault) { key = try keyring.key(version: record.keyVersion) } catch {
        // A dead code may have outlived its key; a live one may not, and saying "incorrect" would hide the loss.
        if record.expiresAt <= now { continue }
        throw RecordError(error)
      }
      let mac = passcodeMAC(
        key, purpose: challenge?.purpose ?? "", challenge: challenge?.id ?? [], salt: record.salt, code: typed
      )
      if constantTimeEqual(mac, record.mac), code.bytes != nil { isRight = true }
    }
    for _ in passcodes.count..<max(3, passcodes.count) {
      let mac = passcodeMAC(
        keyring.current, purpose: "sign-in", challenge: Self.nothing, salt: Array(Self.nothing.prefix(16)),
        code: typed)
      _ = constantTimeEqual(mac, Self.nothing)
    }
    return isRight
  }

  private static let nothing = [UInt8](repeating: 0, count: 32)

  // MARK: Second transaction

  private func use(_ challenge: Challenge) throws(RecordError) -> Verification {
    let statement = try connection.statement(.useChallenge)
    statement.bind(1, challenge.row)
    statement.bind(2, now)
    try statement.run()
    guard connection.changes == 1 else { return .used }
    var guest = try forgive(challenge.subject)
    if guest.redeemedBy == nil, challenge.purpose == "sign-in" {
      guest.redeemedBy = Redemption.Method.passcode.rawValue
      guest.redeemedAt = now
    }
    try connection.setGuest(challenge.subject, guest, now: now)
    return .verified(
      try connection.beginSession(for: challenge, now: now, lifetime: settings.sessionLifetime))
  }

  private func record(
    _ answer: Verification, _ challenge: Challenge?, _ question: Question
  ) throws(RecordError) {
    var line = AuditLine(at: now, event: "check", result: answer.name)
    if let challenge {
      line.idKey = challenge.idKey
      line.address = challenge.address
      line.recipient = challenge.recipient
      line.tenant = challenge.tenant
    } else if case .subject(let subject, let tenant, _, let recipient) = question {
      line.address = subject.address
      line.recipient = recipient
      line.tenant = tenant
    }
    try connection.audit(line)
  }
}
