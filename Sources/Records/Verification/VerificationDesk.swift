internal import GuestPolicy
internal import LinuxSystem
internal import RecordKeys

/// Answers attempts, in two transactions that all attempts of a batch share.
///
/// The first counts each attempt as a wrong one and commits. Then the codes are compared. The second takes the count back
/// where the code was right, marks the challenge as used, begins the session and notes the device; it commits, and must be durable before any answer is told. Whoever is killed between the two leaves the attempts counted.
/// Of two that race with the right code, one finds the challenge used in its second transaction. In one batch they stand
/// one behind the other in each of the steps, so that it is the same race.
///
/// Only the second commit waits for the disk: it carries the first with it. A power cut between them forgets an attempt
/// whose answer nobody learned; a killed process forgets nothing.
///
/// Right, wrong and unknown take the same steps: the same facts, as many HMACs, an address that is opened, a token that is
/// used or thrown away, and
/// in both transactions a change of the row of a challenge, in the second one of the row of a guest and one line in the
/// audit trail. Where there is nothing of the asker's to change, a row near to where it would be is written to.
///
/// Where the disk does not take the answer, nothing is told, and a right code is taken back by a third transaction: it
/// can be typed again when the disk is mended.
///
/// On failure: a transaction that cannot be committed fails every attempt of the batch, and a missing key the attempts
/// whose codes need it. Nobody is signed in by an error.
package struct VerificationDesk {
  package struct Attempt: Sendable {
    package let code: TypedCode
    package let question: AttemptQuestion
    /// When it was asked, in milliseconds since 1970.
    package let now: Int64

    package init(code: TypedCode, question: AttemptQuestion, now: Int64) {
      self.code = code
      self.question = question
      self.now = now
    }
  }

  /// What a batch was answered, committed and not durable.
  package struct Answers: Sendable {
    /// One for each attempt, in their order.
    package let results: [Result<Verification, RecordError>]
    /// What to wait for.
    package let mark: CommitMark
    fileprivate let used: [VerificationRules.UsedChallenge]
  }

  let engine: any RecordEngine
  let rules: VerificationRules

  package init(engine: any RecordEngine, rules: VerificationRules) {
    self.engine = engine
    self.rules = rules
  }

  /// Counts, compares and concludes.
  package func answer(_ attempts: [Attempt]) throws(RecordError) -> Answers {
    let questions = attempts.map(\.question)
    let findings = try engine.transaction { transaction throws(RecordError) in
      let facts = try transaction.facts(for: questions)
      let (findings, changes) = rules.count(attempts, facts)
      try transaction.apply(changes)
      return findings
    }.result
    FailPoint.attemptCounted.pass()
    let comparisons = zip(attempts, findings).map { attempt, finding in
      Result { () throws(RecordError) in try rules.compare(attempt, finding) }
    }
    let secrets = secrets(for: findings, comparisons)
    let conclusions = zip(findings, comparisons).map { finding, comparison in
      ConclusionQuestion(
        row: (try? comparison.get())?.matched?.row ?? finding.row, subject: finding.subject)
    }
    let (concluded, mark) = try engine.transaction { transaction throws(RecordError) in
      let facts = try transaction.facts(for: conclusions)
      let concluded = rules.conclude(attempts, findings, comparisons, facts, secrets)
      try transaction.apply(concluded.changes)
      return concluded
    }
    return Answers(results: concluded.results, mark: mark, used: concluded.used)
  }

  private func secrets(
    for findings: [VerificationRules.Finding],
    _ comparisons: [Result<VerificationRules.Comparison, RecordError>]
  ) -> [SignInSecrets] {
    // In one call for all: each costs more than the bytes.
    let size = SignInSecrets.randomBytes
    let random = RandomBytes.draw(findings.count * size)
    return zip(findings, comparisons).enumerated().map { index, asked in
      let comparison = try? asked.1.get()
      let challenge = comparison?.matched ?? asked.0.challenge
      return SignInSecrets(
        idKey: challenge?.idKey ?? 0, random: random[index * size..<(index + 1) * size],
        recipient: comparison?.recipient.map { ($0, challenge?.seal ?? VerificationRules.noSeal) })
    }
  }

  /// The disk did not take the answers, so they are not told, and no code must be used up by them: nobody has the
  /// sessions' tokens. What cannot be written either stays used.
  package func takeBack(_ answers: Answers) {
    for used in answers.used { try? takeBack(used) }
  }

  private func takeBack(_ used: VerificationRules.UsedChallenge) throws(RecordError) {
    _ = try engine.transaction { transaction throws(RecordError) in
      let guest = try transaction.guest(used.challenge.subject) ?? Guest()
      try transaction.apply(VerificationRules.takeBack(used, guest))
    }
  }
}
