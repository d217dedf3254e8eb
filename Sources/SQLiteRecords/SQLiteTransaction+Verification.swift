internal import RecordKeys
internal import Records

// What attempts are about. The work is the same whatever is there: the same statements, as many of each. Where there is
// nothing of the asker's to read or to write, the row of a neighbour is, and nothing comes of it.
extension SQLiteTransaction {
  func facts(for questions: [AttemptQuestion]) throws(RecordError) -> [AttemptFacts] {
    var facts: [AttemptFacts] = []
    facts.reserveCapacity(questions.count)
    for question in questions {
      switch question {
      case .id(let id, _): facts.append(try attempt(near: id))
      case .subject(let subject, _, let purpose, _): facts.append(try attempt(of: subject, purpose))
      }
    }
    return facts
  }

  /// The challenge that the request with this id opened or joined, and its guest. Where there is none, those of another
  /// request; nothing where there is no request at all.
  private func attempt(near id: [UInt8]) throws(RecordError) -> AttemptFacts {
    let statement = try connection.statement(.challengeNear)
    let matches = ChallengeColumn.count + GuestColumn.count
    // From the start again where the key is higher than all.
    for key in [prefixKey(id), Int64.min] {
      statement.bind(1, key)
      statement.bind(2, id)
      while try statement.step() {
        let isFound = statement.int(matches + 1) != 0
        // Another id may begin with the same eight bytes.
        if !isFound, statement.int(matches) != 0 { continue }
        let challenge = statement.challenge
        let guest = statement.guest(after: ChallengeColumn.count) ?? Guest()
        statement.reset()
        let found = ChallengeFacts(challenge: challenge, passcodes: try passcodes(challenge.row))
        return AttemptFacts(challenges: [found], guest: guest, isFound: isFound, standIn: challenge.row)
      }
    }
    return AttemptFacts(challenges: [], guest: Guest(), isFound: false, standIn: 0)
  }

  private func attempt(of subject: Subject, _ purpose: String) throws(RecordError) -> AttemptFacts {
    let guest = try guest(subject.hash) ?? Guest()
    let rows = try newest(subject, purpose)
    let neighbour = try challengeRow(near: subject)
    var challenges: [ChallengeFacts] = []
    for index in 0..<AttemptQuestion.challenges {
      // Reads as much where there are fewer: a neighbour's, and rows that are not there.
      let row = index < rows.count ? rows[index] : index == 0 ? neighbour : 0
      if let challenge = try challenge(row), index < rows.count { challenges.append(challenge) }
    }
    return AttemptFacts(
      challenges: challenges, guest: guest, isFound: !challenges.isEmpty, standIn: neighbour)
  }

  /// The rows of the newest challenges.
  private func newest(_ subject: Subject, _ purpose: String) throws(RecordError) -> [Int64] {
    let statement = try connection.statement(.latestChallenges)
    statement.bind(1, subject.mailbox)
    statement.bind(2, subject.hash)
    statement.bind(3, purpose)
    statement.bind(4, Int64(AttemptQuestion.requests))
    var rows: [Int64] = []
    while try statement.step() {
      let row = statement.int(0)
      if !rows.contains(row) { rows.append(row) }
    }
    return Array(rows.prefix(AttemptQuestion.challenges))
  }

  /// The row of a challenge of this subject or of one beside it; 0 where there is no challenge at all.
  private func challengeRow(near subject: Subject) throws(RecordError) -> Int64 {
    let statement = try connection.statement(.challengeNearSubject)
    for key in [subject.mailbox, Int64.min] {
      statement.bind(1, key)
      guard try statement.step() else { continue }
      defer { statement.reset() }
      return statement.int(0)
    }
    return 0
  }

  func facts(for questions: [ConclusionQuestion]) throws(RecordError) -> [ConclusionFacts] {
    var facts: [ConclusionFacts] = []
    facts.reserveCapacity(questions.count)
    for question in questions { facts.append(try conclusion(question)) }
    return facts
  }

  private func conclusion(_ question: ConclusionQuestion) throws(RecordError) -> ConclusionFacts {
    let statement = try connection.statement(.conclusion)
    statement.bind(1, question.row)
    statement.bind(2, question.subject)
    if try statement.step() {
      defer { statement.reset() }
      return ConclusionFacts(usedAt: statement.optionalInt(0), guest: statement.guest(after: 1) ?? Guest())
    }
    return ConclusionFacts(usedAt: nil, guest: try guest(question.subject) ?? Guest())
  }

  func apply(_ change: ChallengeChange) throws(RecordError) {
    switch change {
    case .count(let row): try connection.run(.countTry, row)
    case .giveBack(let row): try connection.run(.returnTry, row)
    case .touch(let row): try connection.run(.touchChallenge, row)
    case .takeBack(let row): try connection.run(.unuseChallenge, row)
    case .use(let row, let at, let session):
      let statement = try connection.statement(.useChallenge)
      statement.bind(UseColumn.row, row)
      statement.bind(UseColumn.usedAt, at)
      statement.bind(UseColumn.session, session?.hash)
      statement.bind(UseColumn.sessionEnd, session?.end)
      statement.bind(UseColumn.sessionBootTime, session?.bootTime)
      statement.bind(UseColumn.sessionRecipient, session?.recipient)
      try statement.run()
    }
  }

  func apply(_ change: GuestChange) throws(RecordError) {
    switch change {
    case .touch(let subject): try touchGuest(near: subject)
    case .forget(let subject):
      let statement = try connection.statement(.deleteGuest)
      statement.bind(1, subject)
      try statement.run()
    case .set(let subject, let guest):
      typealias Column = GuestColumn
      let statement = try connection.statement(.setGuest)
      statement.bind(Column.subject, subject)
      statement.bind(Column.failures, guest.failures.bytes)
      statement.bind(Column.devices, Guest.Device.bytes(of: guest.devices))
      statement.bind(Column.redeemedBy, guest.redeemedBy)
      statement.bind(Column.redeemedAt, guest.redeemedAt)
      statement.bind(Column.purgeAfter, guest.purgeAfter)
      try statement.run()
    }
  }

  /// Writes to a guest's row what means nothing: its own or, where it has none, a neighbour's.
  private func touchGuest(near subject: [UInt8]) throws(RecordError) {
    // From the start again where the subject is higher than all.
    for start in [subject, []] {
      let statement = try connection.statement(.touchGuest)
      statement.bind(1, start)
      try statement.run()
      if connection.changes > 0 { return }
    }
  }
}
