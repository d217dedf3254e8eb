internal import RecordKeys
internal import Records

extension SQLiteConnection {
  func challenge(row: Int64) throws(RecordError) -> Challenge? {
    let statement = try statement(.challenge)
    statement.bind(1, row)
    return try challenge(from: statement)
  }

  /// The challenge that the request with this id opened or joined, and its guest. Where there is none, those of another
  /// request, so that looking takes as long; nil where there is no request at all.
  func challenge(
    nearRequest id: [UInt8]
  ) throws(RecordError) -> (challenge: Challenge, guest: Guest, isFound: Bool)? {
    let statement = try statement(.challengeNear)
    // From the start again where the key is higher than all.
    for key in [prefixKey(id), Int64.min] {
      statement.bind(1, key)
      statement.bind(2, id)
      while try statement.step() {
        let isFound = statement.int(19) != 0
        // Another id may begin with the same eight bytes.
        if !isFound, statement.int(18) != 0 { continue }
        defer { statement.reset() }
        return (challenge(in: statement), guest(in: statement, from: 12), isFound)
      }
    }
    return nil
  }

  private func challenge(from statement: SQLiteStatement) throws(RecordError) -> Challenge? {
    guard try statement.step() else { return nil }
    defer { statement.reset() }
    return challenge(in: statement)
  }

  private func challenge(in statement: SQLiteStatement) -> Challenge {
    Challenge(
      row: statement.int(0), idKey: statement.int(1), id: statement.blob(2), subject: statement.blob(3),
      address: statement.optionalInt(4), recipient: statement.text(5), tenant: statement.text(6),
      purpose: statement.text(7) ?? "", tries: statement.int(8), budget: statement.int(9),
      usedAt: statement.optionalInt(10), expiresAt: statement.int(11))
  }

  /// The passcodes of a challenge, the oldest first.
  func passcodes(_ challenge: Int64) throws(RecordError) -> [PasscodeRecord] {
    let statement = try statement(.passcodes)
    statement.bind(1, challenge)
    var records: [PasscodeRecord] = []
    while try statement.step() {
      records.append(
        PasscodeRecord(
          number: statement.int(0), madeAt: statement.int(2), expiresAt: statement.int(3),
          keyVersion: Int(statement.int(4)), salt: statement.blob(5), mac: statement.blob(6),
          mayHaveArrived: statement.int(7) != 0, bootTime: statement.optionalInt(8)))
    }
    return records
  }

  func guest(_ subject: [UInt8]) throws(RecordError) -> Guest {
    let statement = try statement(.guest)
    statement.bind(1, subject)
    guard try statement.step() else { return Guest() }
    defer { statement.reset() }
    return guest(in: statement, from: 0)
  }

  /// Columns that are all NULL make a guest who has done nothing.
  private func guest(in statement: SQLiteStatement, from column: Int32) -> Guest {
    Guest(
      failures: SlidingWindow(bytes: statement.blob(column)), inARow: statement.int(column + 1),
      lockedUntil: statement.int(column + 2),
      redeemedBy: statement.text(column + 3), redeemedAt: statement.optionalInt(column + 4),
      purgeAfter: statement.optionalInt(column + 5))
  }

  /// A row without a redemption goes when its failures are old: in a row they count for a year.
  ///
  /// - Parameter isNobody: no code was ever sent there, so its failures guessed at nothing and count for a day. Else
  ///   who tries addresses that he makes up would fill the disk.
  func setGuest(
    _ subject: [UInt8], _ guest: Guest, now: Int64, isNobody: Bool = false
  ) throws(RecordError) {
    let statement = try statement(.setGuest)
    statement.bind(1, subject)
    statement.bind(2, guest.failures.bytes)
    statement.bind(3, guest.inARow)
    statement.bind(4, guest.lockedUntil)
    statement.bind(5, guest.redeemedBy)
    statement.bind(6, guest.redeemedAt)
    let isLasting = guest.redeemedBy != nil || guest.isLockedForGood
    let days: Int64 = guest.inARow == 0 || isNobody ? 1 : 365
    let end = now + days * 86_400_000
    statement.bind(7, isLasting ? nil : guest.inARow == 0 ? end : max(end, guest.purgeAfter ?? 0))
    try statement.run()
  }

  /// Writes to a guest's row what means nothing: its own or, where it has none, a neighbour's. Takes as long as to read
  /// a guest and to set it.
  func touchGuest(near subject: [UInt8]) throws(RecordError) {
    let near = try statement(.guestNear)
    var found: [UInt8]?
    // From the start again where the subject is higher than all.
    for start in [subject, []] where found == nil {
      near.bind(1, start)
      if try near.step() { found = near.blob(0) }
      near.reset()
    }
    guard let found else { return }
    let statement = try statement(.touchGuest)
    statement.bind(1, found)
    try statement.run()
  }

  /// The row of a challenge of this subject or of one beside it; 0 where there is no challenge at all.
  func challenge(nearSubject subject: Subject) throws(RecordError) -> Int64 {
    let statement = try statement(.challengeNearSubject)
    for key in [subject.key, Int64.min] {
      statement.bind(1, key)
      guard try statement.step() else { continue }
      defer { statement.reset() }
      return statement.int(0)
    }
    return 0
  }
}
