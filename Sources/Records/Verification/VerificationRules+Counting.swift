internal import CodeRequests
internal import FoundationEssentials
internal import GuestPolicy
internal import RecordKeys

// The first transaction: what is asked about, and counting the attempt.

extension VerificationRules {
  /// What the first transaction found.
  struct Finding {
    enum Standing {
      /// Nothing to compare with; the answer stands.
      case answered(Verification)
      /// Counted at each candidate: `left` attempts are left if the code is wrong.
      case counted(left: Int)
      /// By subject, and nothing open: codes that are dead are told from wrong ones.
      case closed
    }

    let standing: Standing
    /// The challenge that it is about.
    var challenge: Challenge?
    /// The row of a challenge that both transactions write to; 0: none.
    var row: Int64 = 0
    /// Whose guest, or which one's neighbour, is written to; empty: nobody's.
    var subject: [UInt8] = []
    /// What the code is compared with.
    var candidates: [ChallengeFacts] = []
  }

  func count(
    _ attempts: [VerificationDesk.Attempt], _ facts: [AttemptFacts]
  ) -> (findings: [Finding], changes: RecordChanges) {
    var changes = RecordChanges()
    changes.challenges.reserveCapacity(attempts.count)
    var findings: [Finding] = []
    findings.reserveCapacity(attempts.count)
    // Attempts of this batch, by the row of their challenge: each finds those before it counted.
    var counted: [Int64: Int64] = [:]
    counted.reserveCapacity(attempts.count)
    for (attempt, facts) in zip(attempts, facts) {
      let finding: Finding
      let writes: Int
      switch attempt.question {
      case .id(_, let expected):
        finding = find(facts, expected, counted, now: attempt.now)
        writes = 1
      case .subject(let subject, let tenant, _, let recipient):
        finding = find(subject, tenant, recipient, facts, counted, now: attempt.now)
        writes = AttemptQuestion.challenges
      }
      count(finding, writes: writes, &counted, &changes)
      findings.append(finding)
    }
    return (findings, changes)
  }

  /// Writes as often whatever is counted.
  private func count(
    _ finding: Finding, writes: Int, _ counted: inout [Int64: Int64], _ changes: inout RecordChanges
  ) {
    guard finding.row != 0 else { return }
    var rest = writes
    if case .counted = finding.standing {
      for candidate in finding.candidates {
        counted[candidate.challenge.row, default: 0] += 1
        changes.challenges.append(.count(candidate.challenge.row))
        rest -= 1
      }
    }
    for _ in 0..<rest { changes.challenges.append(.touch(finding.row)) }
  }

  private func find(
    _ facts: AttemptFacts, _ expected: AttemptExpectation, _ counted: [Int64: Int64], now: Int64
  ) -> Finding {
    guard let found = facts.challenges.first else { return Finding(standing: .answered(.unknown)) }
    // An unknown id does all of it for its neighbour, and nothing comes of it.
    let challenge = found.challenge
    let policy = standing(of: facts.guest, tenant: challenge.tenant, recipient: challenge.recipient, now: now)
    let standing = standing(of: found, policy, counted, now: now)
    let isMeant = fits(expected, challenge) && facts.isFound && challenge.isVerifiedHere
    return Finding(
      standing: isMeant ? standing : .answered(.unknown), challenge: isMeant ? challenge : nil,
      row: challenge.row, subject: challenge.subject, candidates: [found])
  }

  /// Whether a challenge is the one that the asker means. A frontend that leaves the id to the browser is handed that of
  /// another challenge as easily: an attacker's own, whose code he can read.
  private func fits(_ expected: AttemptExpectation, _ challenge: Challenge) -> Bool {
    var fits = true
    if let recipient = expected.recipient {
      let subject = Subject(recipient, tenant: challenge.tenant, key: keyring.address)
      fits = constantTimeEqual(subject.hash, challenge.subject)
    }
    if let tenant = expected.tenant, tenant != challenge.tenant ?? "" { fits = false }
    if let purpose = expected.purpose, purpose != challenge.purpose { fits = false }
    return fits
  }

  private func standing(
    of found: ChallengeFacts, _ policy: SignInStanding, _ counted: [Int64: Int64], now: Int64
  ) -> Finding.Standing {
    if policy != .passcode { return .answered(.refused) }
    let challenge = found.challenge
    if challenge.usedAt != nil { return .answered(.used) }
    if left(challenge, counted) <= 0 { return .answered(.locked) }
    // Dead by the clock that nobody sets, whatever the other one says, is dead.
    if !isOpen(found, at: now) { return .answered(.expired) }
    return .counted(left: Int(left(challenge, counted) - 1))
  }

  /// How many attempts a challenge has left.
  private func left(_ challenge: Challenge, _ counted: [Int64: Int64]) -> Int64 {
    challenge.budget - challenge.tries - (counted[challenge.row] ?? 0)
  }

  private func find(
    _ subject: Subject, _ tenant: String?, _ recipient: String, _ facts: AttemptFacts,
    _ counted: [Int64: Int64], now: Int64
  ) -> Finding {
    let policy = standing(of: facts.guest, tenant: tenant, recipient: recipient, now: now)
    if policy == .switchedOff { return Finding(standing: .answered(.refused)) }
    // Who types an address alone is not told how that guest signs in: every code is a wrong one.
    let found = policy == .otherMethod ? [] : facts.challenges.filter(\.challenge.isVerifiedHere)
    let open = found.filter { isOpen($0, at: now) }
    guard let first = open.first?.challenge else {
      return Finding(
        standing: .closed, row: found.first?.challenge.row ?? facts.standIn, subject: subject.hash,
        candidates: found)
    }
    // The code may be that of any mail: who asked twice may well type the first.
    let compared = open.filter { left($0.challenge, counted) > 0 }
    let most = compared.map { left($0.challenge, counted) }.max()
    return Finding(
      standing: most.map { .counted(left: Int($0 - 1)) } ?? .answered(.locked), challenge: first,
      row: first.row, subject: subject.hash, candidates: compared)
  }

  /// The tenant may have changed its mind since the code was sent, and the guest may have redeemed in another way.
  private func standing(of guest: Guest, tenant: String?, recipient: String?, now: Int64) -> SignInStanding {
    let recipient = recipient ?? ""
    let start = recipient.utf8.lastIndex(of: UInt8(ascii: "@")).map { recipient.utf8.index(after: $0) }
    return tenants.standing(
      ofTenant: tenant, domain: recipient[(start ?? recipient.startIndex)...],
      redemption: Redemption(stored: guest.redeemedBy) ?? .none, now: Date(unixMilliseconds: now))
  }
}
