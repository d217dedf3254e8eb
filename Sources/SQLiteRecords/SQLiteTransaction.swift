internal import RecordKeys
internal import Records

/// One transaction, or a look at what is there outside of one. Fetches by a kept statement for each row that is wanted:
/// within a process that is faster than any statement for many.
struct SQLiteTransaction: RecordTransaction {
  let connection: SQLiteConnection

  func facts(for question: AdmissionQuestion) throws(RecordError) -> AdmissionFacts {
    var facts = AdmissionFacts()
    facts.settlements.reserveCapacity(question.settlements.count)
    for settlement in question.settlements { facts.settlements.append(try attempt(settlement)) }
    facts.requests.reserveCapacity(question.ids.count)
    for id in question.ids {
      let request = try request(id)
      facts.requests.append(request)
      guard let request, facts.challenges[request.challenge] == nil else { continue }
      facts.challenges[request.challenge] = try challenge(request.challenge)
    }
    facts.subjects.reserveCapacity(question.subjects.count)
    for subject in question.subjects {
      facts.subjects.append(
        SubjectFacts(
          guest: try guest(subject.hash) ?? Guest(), recent: try recent(subject, question.recent)))
    }
    facts.windows = try windows(question.scopes)
    if !question.ids.isEmpty { facts.freeRow = try freeRow() }
    return facts
  }

  func freeRow() throws(RecordError) -> Int64 {
    let statement = try connection.statement(.lastRow)
    defer { statement.reset() }
    return try statement.step() ? statement.int(0) + 1 : 1
  }

  func windows(_ scopes: [[UInt8]]) throws(RecordError) -> [SlidingWindow] {
    var windows: [SlidingWindow] = []
    windows.reserveCapacity(scopes.count)
    for scope in scopes {
      let statement = try connection.statement(.window)
      statement.bind(1, scope)
      windows.append(try statement.step() ? SlidingWindow(bytes: statement.blob(0)) : SlidingWindow())
      statement.reset()
    }
    return windows
  }

  private func attempt(_ question: SettlementQuestion) throws(RecordError) -> SettlementFacts? {
    let statement = try connection.statement(question.wantsPasscode ? .attemptWithPasscode : .attempt)
    statement.bind(1, question.row)
    guard try statement.step() else { return nil }
    defer { statement.reset() }
    return SettlementFacts(
      state: RequestState(number: statement.int(AttemptColumn.state)) ?? .failed,
      run: statement.int(AttemptColumn.run), challenge: statement.int(AttemptColumn.challenge),
      passcode: statement.optionalInt(AttemptColumn.passcode),
      arrival: question.wantsPasscode
        ? Arrival(rawValue: statement.int(AttemptColumn.count)) ?? .possible : .no,
      isOwn: question.wantsPasscode && statement.int(AttemptColumn.count + 1) != 0,
      hasOthers: question.wantsPasscode && statement.int(AttemptColumn.count + 2) != 0)
  }

  func request(_ id: [UInt8]) throws(RecordError) -> RequestFacts? {
    typealias Column = RequestColumn
    let statement = try connection.statement(.request)
    statement.bind(1, prefixKey(id))
    statement.bind(2, id)
    guard try statement.step() else { return nil }
    defer { statement.reset() }
    return RequestFacts(
      row: statement.int(Column.row), state: RequestState(number: statement.int(Column.state)) ?? .failed,
      run: statement.int(Column.run), crashes: statement.int(Column.crashes),
      sends: statement.int(Column.sends), challenge: statement.int(Column.challenge),
      passcode: statement.optionalInt(Column.passcode), subject: statement.blob(Column.subject),
      admittedAt: statement.optionalInt(Column.admittedAt), queuedAt: statement.int(Column.queuedAt),
      deadline: statement.int(Column.deadline), cancelledAt: statement.optionalInt(Column.cancelledAt),
      reason: statement.text(Column.reason), method: statement.text(Column.method),
      url: statement.text(Column.url),
      reply: statement.reply(Column.replyCode, Column.enhancedCode, Column.replyText))
  }

  private func recent(_ subject: Subject, _ limit: Int) throws(RecordError) -> [RecentRequest] {
    var recent: [RecentRequest] = []
    let statement = try connection.statement(.recentRequests)
    statement.bind(1, subject.key)
    statement.bind(2, subject.hash)
    statement.bind(3, Int64(limit))
    while try statement.step() { recent.append(Self.recent(in: statement)) }
    guard recent.count == limit, let oldest = recent.last?.admittedAt else { return recent }
    // Older ones that have no outcome yet.
    let known = Set(recent.map(\.row))
    let open = try connection.statement(.openRequests)
    open.bind(1, subject.key)
    open.bind(2, subject.hash)
    open.bind(3, oldest)
    while try open.step() {
      let request = Self.recent(in: open)
      if !known.contains(request.row) { recent.append(request) }
    }
    return recent
  }

  private static func recent(in statement: SQLiteStatement) -> RecentRequest {
    typealias Column = RecentColumn
    return RecentRequest(
      row: statement.int(Column.row), idKey: statement.int(Column.idKey),
      admittedAt: statement.int(Column.admittedAt), queuedAt: statement.int(Column.queuedAt),
      purpose: statement.text(Column.purpose) ?? "",
      state: RequestState(number: statement.int(Column.state)) ?? .failed,
      isUndelivered: statement.int(Column.count) != 0)
  }

  func challenge(_ row: Int64) throws(RecordError) -> ChallengeFacts? {
    let statement = try connection.statement(.challenge)
    statement.bind(1, row)
    let isFound = try statement.step()
    let challenge = isFound ? statement.challenge : nil
    statement.reset()
    // Looked for in any case, so that both take as long.
    let passcodes = try passcodes(row)
    return challenge.map { ChallengeFacts(challenge: $0, passcodes: passcodes) }
  }

  /// The passcodes of a challenge, the oldest first.
  func passcodes(_ challenge: Int64) throws(RecordError) -> [PasscodeRecord] {
    typealias Column = PasscodeColumn
    let statement = try connection.statement(.passcodes)
    statement.bind(1, challenge)
    var records: [PasscodeRecord] = []
    while try statement.step() {
      records.append(
        PasscodeRecord(
          number: statement.int(Column.number), request: statement.int(Column.request),
          madeAt: statement.int(Column.madeAt), expiresAt: statement.int(Column.expiresAt),
          keyVersion: Int(statement.int(Column.keyVersion)), salt: statement.blob(Column.salt),
          mac: statement.blob(Column.mac),
          arrival: Arrival(rawValue: statement.int(Column.mayHaveArrived)) ?? .possible,
          bootTime: statement.optionalInt(Column.bootTime)))
    }
    return records
  }

  func guest(_ subject: [UInt8]) throws(RecordError) -> Guest? {
    let statement = try connection.statement(.guest)
    statement.bind(1, subject)
    guard try statement.step() else { return nil }
    defer { statement.reset() }
    return statement.guest(after: 0)
  }

  func sessions(idKey: Int64) throws(RecordError) -> [SessionFacts] {
    typealias Column = SessionColumn
    let statement = try connection.statement(.sessions)
    statement.bind(1, idKey)
    var sessions: [SessionFacts] = []
    while try statement.step() {
      sessions.append(
        SessionFacts(
          row: statement.int(Column.row), hash: statement.blob(Column.session),
          end: statement.int(Column.sessionEnd), startedAt: statement.int(Column.usedAt),
          bootTime: statement.optionalInt(Column.sessionBootTime), tenant: statement.text(Column.tenant),
          purpose: statement.text(Column.purpose) ?? "", recipient: statement.text(Column.recipient)))
    }
    return sessions
  }
}

extension SQLiteStatement {
  var challenge: Challenge {
    typealias Column = ChallengeColumn
    return Challenge(
      row: int(Column.row), idKey: int(Column.idKey), id: blob(Column.id), subject: blob(Column.subject),
      address: optionalInt(Column.address), recipient: text(Column.recipient), tenant: text(Column.tenant),
      purpose: text(Column.purpose) ?? "", tries: int(Column.tries), budget: int(Column.budget),
      usedAt: optionalInt(Column.usedAt), expiresAt: int(Column.expiresAt))
  }

  /// Nil where its columns are all NULL.
  func guest(after: Int32) -> Guest? {
    typealias Column = GuestColumn
    guard !isNull(Column.subject, after: after) else { return nil }
    return Guest(
      failures: SlidingWindow(bytes: blob(Column.failures, after: after)),
      inARow: int(Column.inARow, after: after), lockedUntil: int(Column.lockedUntil, after: after),
      redeemedBy: text(Column.redeemedBy, after: after),
      redeemedAt: optionalInt(Column.redeemedAt, after: after),
      purgeAfter: optionalInt(Column.purgeAfter, after: after))
  }

  /// A relay's words, put together; nil where there are none.
  func reply(_ code: some Columns, _ enhanced: some Columns, _ text: some Columns) -> String? {
    let words = [optionalInt(code).map { String($0) }, self.text(enhanced), self.text(text)].compactMap { $0 }
    return words.isEmpty ? nil : words.joined(separator: " ")
  }
}
