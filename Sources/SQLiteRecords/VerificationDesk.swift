internal import GuestPolicy
internal import LinuxSystem
package import RecordKeys
package import Records

/// Answers attempts, in two transactions that all attempts of a batch share.
///
/// The first counts each attempt as a wrong one and commits. Then the codes are compared. The second takes the count back
/// where the code was right, marks the challenge as used and begins the session, or notes the failure of the subject; it
/// commits, and must be synced before any answer is told. Whoever is killed between the two leaves the attempts counted.
/// Of two that race with the right code, one finds the challenge used in its second transaction; of many that race past
/// the subject's limit of failures, all find it locked there, whatever they typed. In one batch they stand one behind
/// the other in each of the steps, so that it is the same race.
///
/// Only the second commit waits for the disk: it carries the first with it. A power cut between them forgets an attempt
/// whose answer nobody learned; a killed process forgets nothing.
///
/// Right, wrong and unknown take the same steps: the same look-ups, as many HMACs, a token that is used or thrown away, and in both transactions a write to the row of a challenge, in the second one to the row of
/// a guest and one to the audit trail. Where there is nothing of the asker's to write, a row near to where it would be has
/// its `touched` turned over, which means nothing.
///
/// Where the disk does not take the answer (both tries to sync fail), nothing is told, and a right code is taken back by a
/// third transaction: it can be typed again when the disk is mended.
///
/// On failure: a transaction that cannot be committed fails every attempt of the batch, and a missing key the attempts
/// whose codes need it. Nobody is signed in by an error.
package struct VerificationDesk {
  package enum Question: Sendable {
    case id([UInt8])
    case subject(Subject, tenant: String?, purpose: String, recipient: String)

    /// How many of a subject's newest challenges are looked at.
    package static let challenges = 3

    /// How many passcodes are compared with at least, whether they are there or not. By address, as many as there can be.
    /// By id as many as the challenge has, or the neighbour that stands in for one: the answer says which.
    package var leastPasscodes: Int {
      switch self {
      case .id: 1
      case .subject: 3 * Self.challenges
      }
    }
  }

  package struct Attempt: Sendable {
    package let code: TypedCode
    package let question: Question
    /// When it was asked, in milliseconds since 1970.
    package let now: Int64

    package init(code: TypedCode, question: Question, now: Int64) {
      self.code = code
      self.question = question
      self.now = now
    }
  }

  /// What a batch was answered, committed and not durable.
  package struct Answers: Sendable {
    /// One for each attempt, in their order.
    package let results: [Result<Verification, RecordError>]
    /// The challenges that were used, and when.
    fileprivate let used: [(challenge: Challenge, now: Int64)]
  }

  package let connection: SQLiteConnection
  package let keyring: Keyring
  package let settings: VerificationSettings

  package init(connection: SQLiteConnection, keyring: Keyring, settings: VerificationSettings) {
    self.connection = connection
    self.keyring = keyring
    self.settings = settings
  }

  /// A challenge and its passcodes.
  package struct Dossier {
    package let challenge: Challenge
    package let passcodes: [PasscodeRecord]
  }

  /// What the first transaction found.
  package struct Finding {
    package enum Standing {
      /// Nothing to compare with; the answer stands.
      case answered(Verification)
      /// Counted: `left` attempts are left if the code is wrong.
      case counted(left: Int)
      /// By subject, and nothing open: codes that are dead are told from wrong ones.
      case closed
    }

    package let standing: Standing
    /// The challenge that it is about.
    package var challenge: Challenge?
    /// The row of a challenge that both transactions write to; 0: none.
    package var row: Int64 = 0
    /// Whose guest, or which one's neighbour, is written to; empty: nobody's.
    package var subject: [UInt8] = []
    /// What the code is compared with.
    package var dossiers: [Dossier] = []
  }

  /// Counts, compares and concludes.
  package func answer(_ attempts: [Attempt]) throws(RecordError) -> Answers {
    let findings = try connection.transaction { () throws(RecordError) in
      try attempts.map { attempt throws(RecordError) in try count(attempt) }
    }
    FailPoint.attemptCounted.pass()
    let comparisons = zip(attempts, findings).map { attempt, finding in
      Result { () throws(RecordError) in try compare(attempt, finding) }
    }
    // In one call for all: each costs more than the bytes.
    let random = RandomBytes.draw(attempts.count * Self.randomBytesInToken)
    return try connection.transaction { () throws(RecordError) in
      var results: [Result<Verification, RecordError>] = []
      var used: [(challenge: Challenge, now: Int64)] = []
      results.reserveCapacity(attempts.count)
      for (index, attempt) in attempts.enumerated() {
        switch comparisons[index] {
        case .success(let comparison):
          let start = index * Self.randomBytesInToken
          let answer = try conclude(
            attempt, findings[index], comparison, random: random[start..<start + Self.randomBytesInToken])
          if case .verified = answer, let challenge = findings[index].challenge {
            used.append((challenge, attempt.now))
          }
          results.append(.success(answer))
        case .failure(let error): results.append(.failure(error))
        }
      }
      return Answers(results: results, used: used)
    }
  }

  private static let randomBytesInToken = 32

  /// The disk did not take the answers, so they are not told, and no code must be used up by them: nobody has the
  /// sessions' tokens. What cannot be written either stays used.
  package func takeBack(_ answers: Answers) {
    for (challenge, now) in answers.used { try? takeBack(challenge, at: now) }
  }

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
}
