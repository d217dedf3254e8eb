internal import FoundationEssentials
internal import GuestPolicy

// The first transaction: what is asked about, and counting the attempt.

extension VerificationDesk {
  func count(_ attempt: Attempt) throws(RecordError) -> Finding {
    let finding =
      switch attempt.question {
      case .id(let hash): try find(hash, now: attempt.now)
      case .subject(let subject, let tenant, let purpose, let recipient):
        try find(subject, tenant, purpose, recipient, now: attempt.now)
      }
    if case .counted = finding.standing {
      try connection.run(.countTry, finding.row)
    } else if finding.row != 0 {
      try connection.run(.touchChallenge, finding.row)
    }
    return finding
  }

  private func find(_ id: [UInt8], now: Int64) throws(RecordError) -> Finding {
    guard let (challenge, guest, isFound) = try connection.challenge(nearRequest: id) else {
      return Finding(standing: .answered(.unknown))
    }
    // An unknown id does all of it for its neighbour, and nothing comes of it.
    let passcodes = try connection.passcodes(challenge.row)
    let policy = standing(of: guest, tenant: challenge.tenant, recipient: challenge.recipient, now: now)
    let standing = standing(of: challenge, passcodes, guest, policy, now: now)
    return Finding(
      standing: isFound ? standing : .answered(.unknown), challenge: isFound ? challenge : nil,
      row: challenge.row, subject: challenge.subject,
      dossiers: [Dossier(challenge: challenge, passcodes: passcodes)])
  }

  private func standing(
    of challenge: Challenge, _ passcodes: [PasscodeRecord], _ guest: Guest, _ policy: SignInPolicy.Standing,
    now: Int64
  ) -> Finding.Standing {
    if policy != .passcode { return .answered(.refused) }
    if challenge.usedAt != nil { return .answered(.used) }
    if challenge.tries >= challenge.budget { return .answered(.locked) }
    if challenge.expiresAt <= now { return .answered(.expired) }
    if guest.isLocked(at: now) { return .answered(.locked) }
    return counted(challenge, passcodes, now: now)
  }

  private func counted(_ challenge: Challenge, _ passcodes: [PasscodeRecord], now: Int64) -> Finding.Standing
  {
    // Dead by the clock that nobody sets, whatever the other one says.
    if !passcodes.isEmpty, !passcodes.contains(where: { isLive($0, at: now) }) { return .answered(.expired) }
    return .counted(left: Int(challenge.budget - challenge.tries - 1))
  }

  private func find(
    _ subject: Subject, _ tenant: String?, _ purpose: String, _ recipient: String, now: Int64
  ) throws(RecordError) -> Finding {
    let guest = try connection.guest(subject.hash)
    let policy = standing(of: guest, tenant: tenant, recipient: recipient, now: now)
    if policy == .switchedOff { return Finding(standing: .answered(.refused)) }
    if guest.isLocked(at: now) { return Finding(standing: .answered(.locked)) }
    var dossiers: [Dossier] = []
    let rows = try newest(subject, purpose)
    let neighbour = try connection.challenge(nearSubject: subject)
    for index in 0..<Question.challenges {
      // Reads as much where there are fewer: a neighbour's, and rows that are not there.
      let row = index < rows.count ? rows[index] : index == 0 ? neighbour : 0
      let challenge = try connection.challenge(row: row)
      let passcodes = try connection.passcodes(row)
      if let challenge, index < rows.count {
        dossiers.append(Dossier(challenge: challenge, passcodes: passcodes))
      }
    }
    // Who types an address alone is not told how that guest signs in: every code is a wrong one.
    if policy == .otherMethod { dossiers = [] }
    var finding = Finding(
      standing: .closed, row: dossiers.first?.challenge.row ?? neighbour, subject: subject.hash,
      dossiers: dossiers)
    let open = dossiers.first { $0.challenge.usedAt == nil && $0.challenge.expiresAt > now }
    guard let open else { return finding }
    let standing: Finding.Standing =
      open.challenge.tries >= open.challenge.budget
      ? .answered(.locked) : counted(open.challenge, open.passcodes, now: now)
    finding = Finding(
      standing: standing, challenge: open.challenge, row: open.challenge.row, subject: subject.hash)
    if case .counted = standing { finding.dossiers = [open] }
    return finding
  }

  /// The tenant may have changed its mind since the code was sent, and the guest may have redeemed in another way.
  private func standing(
    of guest: Guest, tenant: String?, recipient: String?, now: Int64
  ) -> SignInPolicy.Standing {
    let recipient = recipient ?? ""
    let start = recipient.utf8.lastIndex(of: UInt8(ascii: "@")).map { recipient.utf8.index(after: $0) }
    return settings.policy.standing(
      ofTenant: tenant, domain: recipient[(start ?? recipient.startIndex)...],
      redemption: Redemption(stored: guest.redeemedBy) ?? .none, now: Date(unixMilliseconds: now))
  }

  func isLive(_ record: PasscodeRecord, at now: Int64) -> Bool {
    record.isLive(at: now, bootTime: settings.bootTime())
  }

  /// The rows of the newest challenges.
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
    return Array(rows.prefix(Question.challenges))
  }
}
