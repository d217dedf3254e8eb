internal import GuestPolicy
internal import CodeRequests
internal import Foundation
internal import LinuxSystem
internal import RecordKeys

/// Answers attempts, in two transactions that all attempts of a batch share.
///
/// The first counts each attempt as a wrong one and commits. Then the codes are compared. The second takes the count back
/// where the code was right, marks the challenge as used and begins the session, or notes the failure of the subject; it
/// commits, and is synced before any answer is told. Whoever is killed between the two leaves the attempts counted. Of
/// two that race with the right code, one finds the challenge used in its second transaction; of many that race past
/// the subject's limit of failures, all find it locked there, whatever they typed. In one batch they stand one behind
/// the other in each of the steps, so that it is the same race.
///
/// Only the second commit waits for the disk: it carries the first with it. A power cut between them forgets an attempt
/// whose answer nobody learned; a killed process forgets nothing.
///
/// Right, wrong and unknown take the same steps: the same pages written in both transactions, as
/// many HMACs between as there can be passcodes, one fsync.
///
/// Where the disk does not take the answer (both tries to sync fail), an error is thrown, nothing is told, and a right
/// code is taken back by a third transaction: it can be typed again when the disk is mended.
///
/// On failure: a transaction that cannot be committed fails every attempt of the batch, and a missing key the attempts
/// whose codes need it. Nobody is signed in by an error.
struct VerificationDesk {
  enum Question: Sendable {
    case id([UInt8])
    case subject(Subject, tenant: String?, purpose: String, recipient: String)

    /// How many of a subject's newest challenges are looked at.
    static let challenges = 3

    /// How many passcodes are compared with, whether they are there or not.
    var mostPasscodes: Int {
      switch self {
      case .id: 3
      case .subject: 3 * Self.challenges
      }
    }
  }

  struct Attempt: Sendable {
    let code: TypedCode
    let question: Question
    /// When it was asked, in milliseconds since 1970.
    let now: Int64
  }

  let connection: SQLiteConnection
  let keyring: Keyring
  let settings: VerificationSettings

  /// What the first transaction found.
  private enum Finding {
    /// Nothing to compare with; the answer stands.
    case answered(Verification, Challenge?)
    /// Counted: `left` attempts are left if the code is wrong.
    case counted(Challenge, [PasscodeRecord], left: Int)
    /// By subject, and nothing open: codes that are dead are told from wrong ones.
    case closed([(challenge: Challenge, passcodes: [PasscodeRecord])])
  }

  /// What the comparison came to.
  private struct Comparison {
    var isRight = false
    /// An answer that stands whatever the second transaction finds.
    var answer: Verification?
  }

  /// - Returns: one answer for each attempt, in their order, durable.
  func answers(to attempts: [Attempt]) throws(RecordError) -> [Result<Verification, RecordError>] {
    let findings = try connection.transaction { () throws(RecordError) in
      try attempts.map { attempt throws(RecordError) in try count(attempt) }
    }
    FailPoint.attemptCounted.pass()
    let compared = zip(attempts, findings).map { attempt, finding in
      Result { () throws(RecordError) in try compare(attempt, finding) }
    }
    let answers = try connection.transaction { () throws(RecordError) in
      var answers: [Result<Verification, RecordError>] = []
      for (index, attempt) in attempts.enumerated() {
        switch compared[index] {
        case .success(let comparison):
          answers.append(.success(try conclude(attempt, findings[index], comparison)))
        case .failure(let error): answers.append(.failure(error))
        }
      }
      return answers
    }
    FailPoint.attemptAnswered.pass()
    do throws(RecordError) { try connection.sync() } catch {
      for (index, answer) in answers.enumerated() {
        guard case .success(.verified) = answer, case .counted(let challenge, _, _) = findings[index] else {
          continue
        }
        try? takeBack(challenge, at: attempts[index].now)
      }
      throw error
    }
    FailPoint.attemptDurable.pass()
    return answers
  }

  /// The disk did not take the answer, so it is not told, and the code must not be used up by it: nobody has the
  /// session's token. Where this cannot be written either, the code stays used.
  private func takeBack(_ challenge: Challenge, at now: Int64) throws(RecordError) {
    try connection.transaction { () throws(RecordError) in
      try connection.run(.unuseChallenge, challenge.row)
      var guest = try connection.guest(challenge.subject)
      if guest.redeemedAt == now, guest.redeemedBy == SignInMethod.passcode.rawValue {
        (guest.redeemedBy, guest.redeemedAt) = (nil, nil)
        try connection.setGuest(challenge.subject, guest, now: now)
      }
      var line = AuditLine(at: now, event: "check", result: "taken back")
      line.describe(challenge)
      try connection.audit(line)
    }
  }

  // MARK: First transaction

  private func count(_ attempt: Attempt) throws(RecordError) -> Finding {
    let finding = try find(attempt.question, now: attempt.now)
    if case .counted = finding { return finding }
    try connection.countCheck()
    return finding
  }

  private func find(_ question: Question, now: Int64) throws(RecordError) -> Finding {
    switch question {
    case .id(let hash):
      guard let challenge = try connection.challenge(ofRequest: hash) else {
        try lookForNothing()
        return .answered(.unknown, nil)
      }
      let guest = try connection.guest(challenge.subject)
      guard
        standing(of: guest, tenant: challenge.tenant, recipient: challenge.recipient, now: now) == .passcode
      else {
        return .answered(.refused, challenge)
      }
      if challenge.usedAt != nil { return .answered(.used, challenge) }
      if challenge.tries >= challenge.budget { return .answered(.locked, challenge) }
      if challenge.expiresAt <= now { return .answered(.expired, challenge) }
      if guest.isLocked(at: now) { return .answered(.locked, challenge) }
      return try count(challenge, try connection.passcodes(challenge.row), now: now)
    case .subject(let subject, let tenant, let purpose, let recipient):
      let guest = try connection.guest(subject.hash)
      let standing = standing(of: guest, tenant: tenant, recipient: recipient, now: now)
      if standing == .switchedOff { return .answered(.refused, nil) }
      if guest.isLocked(at: now) { return .answered(.locked, nil) }
      // Who types an address alone is not told how that guest signs in: every code is a wrong one.
      if standing == .otherMethod { return .closed([]) }
      var found: [(challenge: Challenge, passcodes: [PasscodeRecord])] = []
      for row in try newest(subject, purpose) {
        let challenge = try connection.challenge(row: row)
        let passcodes = try connection.passcodes(row)
        if let challenge { found.append((challenge, passcodes)) }
      }
      guard let open = found.first(where: { $0.challenge.usedAt == nil && $0.challenge.expiresAt > now })
      else { return .closed(found) }
      if open.challenge.tries >= open.challenge.budget { return .answered(.locked, open.challenge) }
      return try count(open.challenge, open.passcodes, now: now)
    }
  }

  /// The tenant may have changed its mind since the code was sent, and the guest may have redeemed in another way.
  private func standing(
    of guest: Guest, tenant: String?, recipient: String?, now: Int64
  ) -> SignInPolicy.Standing {
    settings.policy.standing(
      ofTenant: tenant, domain: recipient?.split(separator: "@").last ?? "",
      redemption: Redemption(stored: guest.redeemedBy) ?? .none, now: Date(unixMilliseconds: now))
  }

  private func count(
    _ challenge: Challenge, _ passcodes: [PasscodeRecord], now: Int64
  ) throws(RecordError) -> Finding {
    // Dead by the clock that nobody sets, whatever the other one says.
    if !passcodes.isEmpty, !passcodes.contains(where: { isLive($0, at: now) }) {
      return .answered(.expired, challenge)
    }
    try connection.run(.countTry, challenge.row)
    let left = challenge.budget - challenge.tries - 1
    return .counted(challenge, passcodes, left: Int(left))
  }

  private func isLive(_ record: PasscodeRecord, at now: Int64) -> Bool {
    record.isLive(at: now, bootTime: settings.bootTime())
  }

  /// The rows of the newest challenges; 0, which no row has, for each that there is not.
  private func newest(_ subject: Subject, _ purpose: String) throws(RecordError) -> [Int64] {
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
    return Array((rows + [0, 0, 0]).prefix(Question.challenges))
  }

  // MARK: Nobody

  /// What looking for a challenge goes on to read, once its id is found. An unknown id reads as much.
  private func lookForNothing() throws(RecordError) {
    _ = try connection.guest(Self.nothing)
    _ = try connection.passcodes(0)
  }

  /// What a wrong code writes to its guest, written to one who is nobody.
  private func countNobody(now: Int64) throws(RecordError) {
    try connection.setGuest(Self.nothing, try connection.guest(Self.nothing), now: now)
  }

  // MARK: Comparison

  private func compare(_ attempt: Attempt, _ finding: Finding) throws(RecordError) -> Comparison {
    let (code, now) = (attempt.code, attempt.now)
    var comparison = Comparison()
    let most = attempt.question.mostPasscodes
    switch finding {
    case .answered(let standing, _):
      _ = try match(code, [], most, now: now)
      comparison.answer = standing
    case .counted(let challenge, let passcodes, _):
      let live = passcodes.filter { isLive($0, at: now) }
      comparison.isRight = try match(code, [(challenge, live)], most, now: now) != nil
    case .closed(let challenges):
      if let challenge = try match(code, challenges, most, now: now) {
        comparison.answer = challenge.usedAt != nil ? .used : .expired
      }
    }
    return comparison
  }

  /// Compares with each passcode, always with as many as there can be, wherever they match.
  ///
  /// - Returns: the challenge whose passcode it is.
  private func match(
    _ code: TypedCode, _ challenges: [(challenge: Challenge, passcodes: [PasscodeRecord])], _ most: Int,
    now: Int64
  ) throws(RecordError) -> Challenge? {
    let typed = code.bytes ?? [0]
    var matched: Challenge?
    var compared = 0
    for (challenge, passcodes) in challenges {
      for record in passcodes {
        let key: Key
        do throws(KeyFault) { key = try keyring.key(version: record.keyVersion) } catch {
          // A dead code may have outlived its key; a live one may not, and saying "incorrect" would hide the loss.
          if !isLive(record, at: now) { continue }
          throw RecordError(error)
        }
        let mac = passcodeMAC(
          key, purpose: challenge.purpose, challenge: challenge.id, salt: record.salt, code: typed)
        if constantTimeEqual(mac, record.mac), code.bytes != nil { matched = matched ?? challenge }
        compared += 1
      }
    }
    for _ in compared..<max(most, compared) {
      let mac = passcodeMAC(
        keyring.current, purpose: "sign-in", challenge: Self.nothing, salt: Array(Self.nothing.prefix(16)),
        code: typed)
      _ = constantTimeEqual(mac, Self.nothing)
      compared += 1
    }
    #if DEBUG
      connection.comparisons += compared
    #endif
    return matched
  }

  private static let nothing = [UInt8](repeating: 0, count: 32)

  // MARK: Second transaction

  private func conclude(
    _ attempt: Attempt, _ finding: Finding, _ comparison: Comparison
  ) throws(RecordError) -> Verification {
    let (question, now) = (attempt.question, attempt.now)
    switch finding {
    case .answered(_, let challenge):
      if challenge == nil { try countNobody(now: now) }
      try connection.countCheck()
      return try record(comparison.answer ?? .unknown, challenge, question, now: now)
    case .counted(let challenge, _, let left):
      let answer =
        comparison.isRight ? try use(challenge, now: now) : try fail(challenge, left: left, now: now)
      return try record(answer, challenge, question, now: now)
    case .closed(let challenges):
      let answer: Verification
      if let dead = comparison.answer {
        answer = dead
      } else {
        answer = try failClosed(question, challenges.first?.challenge, now: now)
      }
      return try record(answer, nil, question, now: now)
    }
  }

  private func use(_ challenge: Challenge, now: Int64) throws(RecordError) -> Verification {
    var guest = try connection.guest(challenge.subject)
    if guest.isLocked(at: now) { return .locked }
    guest.inARow = 0
    if guest.redeemedBy == nil, challenge.purpose == Purpose.signIn.rawValue {
      guest.redeemedBy = SignInMethod.passcode.rawValue
      guest.redeemedAt = now
    }
    let session = try connection.use(
      challenge, now: now, lifetime: settings.sessionLifetime, bootTime: settings.bootTime())
    guard let session else { return .used }
    try connection.setGuest(challenge.subject, guest, now: now)
    return .verified(session)
  }

  private func fail(_ challenge: Challenge, left: Int, now: Int64) throws(RecordError) -> Verification {
    var guest = try connection.guest(challenge.subject)
    if guest.isLocked(at: now) { return .locked }
    try connection.countCheck()
    var line = AuditLine(at: now, event: "lock", result: "")
    line.describe(challenge)
    try note(&guest, challenge.subject, line, now: now)
    return .incorrect(attemptsLeft: left)
  }

  /// Without an open challenge the subject's own failures stand in for a challenge's budget, so that the answers run
  /// 4, 3, 2, 1, 0, locked as they would with one.
  private func failClosed(
    _ question: Question, _ last: Challenge?, now: Int64
  ) throws(RecordError) -> Verification {
    guard case .subject(let subject, let tenant, _, let recipient) = question else { return .unknown }
    let defaults = PasscodeSettings()
    let budget = last.map { Int($0.budget) } ?? defaults.attempts
    var guest = try connection.guest(subject.hash)
    let since = now - defaults.validity.milliseconds
    let spent = guest.failures.times.count { $0 > since }
    try connection.countCheck()
    guard spent < budget, !guest.isLocked(at: now) else { return .locked }
    let line = AuditLine(
      at: now, event: "lock", result: "", address: subject.address, recipient: recipient, tenant: tenant)
    try note(&guest, subject.hash, line, now: now, isNobody: last == nil)
    return .incorrect(attemptsLeft: budget - spent - 1)
  }

  /// Notes a failure of the subject, and the lock that follows from it.
  private func note(
    _ guest: inout Guest, _ subject: [UInt8], _ line: AuditLine, now: Int64, isNobody: Bool = false
  ) throws(RecordError) {
    let rule = settings.failedAttempts
    let window = rule.window.milliseconds
    guest.inARow += 1
    // At least what stands in for a challenge's budget, whatever the rule.
    guest.failures.add(now, capacity: max(rule.count, 16), window: max(window, 1_800_000))
    if guest.failures.freeAt(count: rule.count, window: window, now: now) != nil {
      guest.lockedUntil = now + rule.lockFor.milliseconds
    }
    try connection.setGuest(subject, guest, now: now, isNobody: isNobody)
    guard guest.isLocked(at: now) else { return }
    var line = line
    line.result = guest.isLockedForGood ? "until reset" : "for a time"
    line.detail = "failedAttempts"
    try connection.audit(line)
  }

  private func record(
    _ answer: Verification, _ challenge: Challenge?, _ question: Question, now: Int64
  ) throws(RecordError) -> Verification {
    var line = AuditLine(at: now, event: "check", result: answer.name)
    if let challenge {
      line.describe(challenge)
    } else if case .subject(let subject, let tenant, _, let recipient) = question {
      line.address = subject.address
      line.recipient = recipient
      line.tenant = tenant
    }
    try connection.audit(line)
    return answer
  }
}
