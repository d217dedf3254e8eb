internal import CodeRequests
internal import FoundationEssentials
internal import GuestPolicy

// The first transaction: what is asked about, and counting the attempt.

extension VerificationRules {
  /// What the first transaction found.
  struct Finding {
    enum Standing {
      /// Nothing to compare with; the answer stands.
      case answered(Verification)
      /// Counted: `left` attempts are left if the code is wrong.
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
      let finding =
        switch attempt.question {
        case .id: find(facts, counted, now: attempt.now)
        case .subject(let subject, let tenant, _, let recipient):
          find(subject, tenant, recipient, facts, counted, now: attempt.now)
        }
      if case .counted = finding.standing {
        counted[finding.row, default: 0] += 1
        changes.challenges.append(.count(finding.row))
      } else if finding.row != 0 {
        changes.challenges.append(.touch(finding.row))
      }
      findings.append(finding)
    }
    return (findings, changes)
  }

  private func find(_ facts: AttemptFacts, _ counted: [Int64: Int64], now: Int64) -> Finding {
    guard let found = facts.challenges.first else { return Finding(standing: .answered(.unknown)) }
    // An unknown id does all of it for its neighbour, and nothing comes of it.
    let challenge = found.challenge
    let policy = standing(of: facts.guest, tenant: challenge.tenant, recipient: challenge.recipient, now: now)
    let standing = standing(of: found, policy, counted, now: now)
    return Finding(
      standing: facts.isFound ? standing : .answered(.unknown),
      challenge: facts.isFound ? challenge : nil, row: challenge.row, subject: challenge.subject,
      candidates: [found])
  }

  private func standing(
    of found: ChallengeFacts, _ policy: SignInStanding, _ counted: [Int64: Int64], now: Int64
  ) -> Finding.Standing {
    if policy != .passcode { return .answered(.refused) }
    let challenge = found.challenge
    if challenge.usedAt != nil { return .answered(.used) }
    if left(challenge, counted) <= 0 { return .answered(.locked) }
    if challenge.expiresAt <= now { return .answered(.expired) }
    return self.counted(found, counted, now: now)
  }

  /// How many attempts a challenge has left.
  private func left(_ challenge: Challenge, _ counted: [Int64: Int64]) -> Int64 {
    challenge.budget - challenge.tries - (counted[challenge.row] ?? 0)
  }

  private func counted(
    _ found: ChallengeFacts, _ counted: [Int64: Int64], now: Int64
  ) -> Finding.Standing {
    // Dead by the clock that nobody sets, whatever the other one says.
    if !found.passcodes.isEmpty, !found.passcodes.contains(where: { isLive($0, at: now) }) {
      return .answered(.expired)
    }
    return .counted(left: Int(left(found.challenge, counted) - 1))
  }

  private func find(
    _ subject: Subject, _ tenant: String?, _ recipient: String, _ facts: AttemptFacts,
    _ counted: [Int64: Int64], now: Int64
  ) -> Finding {
    let policy = standing(of: facts.guest, tenant: tenant, recipient: recipient, now: now)
    if policy == .switchedOff { return Finding(standing: .answered(.refused)) }
    // Who types an address alone is not told how that guest signs in: every code is a wrong one.
    let found = policy == .otherMethod ? [] : facts.challenges
    let open = found.first { $0.challenge.usedAt == nil && $0.challenge.expiresAt > now }
    guard let open else {
      return Finding(
        standing: .closed, row: found.first?.challenge.row ?? facts.standIn, subject: subject.hash,
        candidates: found)
    }
    let standing: Finding.Standing =
      left(open.challenge, counted) <= 0 ? .answered(.locked) : self.counted(open, counted, now: now)
    var finding = Finding(
      standing: standing, challenge: open.challenge, row: open.challenge.row, subject: subject.hash)
    if case .counted = standing { finding.candidates = [open] }
    return finding
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
