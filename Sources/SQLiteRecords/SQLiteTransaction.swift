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
    facts.guests.reserveCapacity(question.subjects.count)
    for subject in question.subjects { facts.guests.append(try guest(subject.hash) ?? Guest()) }
    facts.mailboxes.reserveCapacity(question.mailboxes.count)
    for mailbox in question.mailboxes {
      facts.mailboxes.append(try recent(of: mailbox, most: question.recent))
    }
    facts.clients.reserveCapacity(question.clients.count)
    for client in question.clients {
      facts.clients.append(try recent(ofClient: client, most: question.recentOfClient))
    }
    facts.tallies = try tallies(question.scopes)
    if !question.ids.isEmpty { facts.freeRow = try freeRow() }
    return facts
  }

  func freeRow() throws(RecordError) -> Int64 {
    let statement = try connection.statement(.lastRow)
    defer { statement.reset() }
    return try statement.step() ? statement.int(0) + 1 : 1
  }

  private func tallies(_ scopes: [[UInt8]]) throws(RecordError) -> [Tally] {
    var tallies: [Tally] = []
    tallies.reserveCapacity(scopes.count)
    for scope in scopes {
      let statement = try connection.statement(.tally)
      statement.bind(1, scope)
      tallies.append(try statement.step() ? Tally(bytes: statement.blob(0)) : Tally())
      statement.reset()
    }
    return tallies
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

  func recent(of mailbox: Int64, most: Int) throws(RecordError) -> [RecentRequest] {
    var recent: [RecentRequest] = []
    let statement = try connection.statement(.recentRequests)
    statement.bind(1, mailbox)
    statement.bind(2, Int64(most))
    while try statement.step() { recent.append(Self.recent(in: statement)) }
    guard recent.count == most, let oldest = recent.last?.admittedAt else { return recent }
    // Older ones that have no outcome yet.
    let known = Set(recent.map(\.row))
    let open = try connection.statement(.openRequests)
    open.bind(1, mailbox)
    open.bind(2, oldest)
    while try open.step() {
      let request = Self.recent(in: open)
      if !known.contains(request.row) { recent.append(request) }
    }
    return recent
  }

  /// A request that is about to be purged; nil where it was never admitted.
  func leaving(_ row: Int64) throws(RecordError) -> RecentRequest? {
    let statement = try connection.statement(.leavingRequest)
    statement.bind(1, row)
    defer { statement.reset() }
    return try statement.step() ? Self.recent(in: statement) : nil
  }

  /// Whether there are requests that joined the challenge which this one opened.
  func hasResends(_ row: Int64) throws(RecordError) -> Bool {
    let statement = try connection.statement(.hasResends)
    statement.bind(1, row)
    defer { statement.reset() }
    return try statement.step()
  }

  private static func recent(in statement: SQLiteStatement) -> RecentRequest {
    typealias Column = RecentColumn
    return RecentRequest(
      row: statement.int(Column.row), idKey: statement.int(Column.idKey),
      subject: statement.blob(Column.subject), challenge: statement.int(Column.challenge),
      admittedAt: statement.int(Column.admittedAt), queuedAt: statement.int(Column.queuedAt),
      purpose: statement.text(Column.purpose) ?? "",
      state: RequestState(number: statement.int(Column.state)) ?? .failed,
      asker: Asker(
        client: statement.optionalInt(Column.clientKey), share: statement.optionalInt(Column.shareKey),
        device: statement.optionalInt(Column.device)),
      isUndelivered: statement.int(Column.count) != 0, isUsed: statement.int(Column.count + 1) != 0,
      isForgiven: statement.int(Column.isForgiven) != 0, isMailOnly: statement.int(Column.budget) == 0)
  }

  private func recent(ofClient client: Int64, most: Int) throws(RecordError) -> [ClientRequest] {
    typealias Column = ClientColumn
    var recent: [ClientRequest] = []
    let statement = try connection.statement(.clientRequests)
    statement.bind(1, client)
    statement.bind(2, Int64(most))
    while try statement.step() {
      recent.append(
        ClientRequest(
          row: statement.int(Column.row), admittedAt: statement.int(Column.admittedAt),
          isUndelivered: statement.int(Column.count) != 0, isUsed: statement.int(Column.count + 1) != 0,
          hasDevice: !statement.isNull(Column.device)))
    }
    return recent
  }

  /// Rows lie in the order of time, nearly: where the time ends is searched for, and from there they are read backwards.
  func mailed(
    from start: Int64, to end: Int64, most: Int
  ) throws(RecordError) -> (mailed: Int, unused: Int) {
    var (low, high) = (try connection.number("SELECT min(row) FROM request"), try freeRow())
    let time = try connection.statement(.requestTime)
    while low < high {
      let middle = low + (high - low) / 2
      time.bind(1, middle)
      guard try time.step() else { break }
      if time.int(1) <= end { low = time.int(0) + 1 } else { high = middle }
      time.reset()
    }
    let statement = try connection.statement(.mailed)
    statement.bind(1, low)
    statement.bind(2, Int64(most))
    defer { statement.reset() }
    var (mailed, unused) = (0, 0)
    while try statement.step() {
      guard let at = statement.optionalInt(0), at <= end else { continue }
      if at < start { break }
      // Nobody could use what is only mailed.
      guard statement.int(1) == 0, statement.int(3) > 0 else { continue }
      mailed += 1
      if statement.int(2) == 0 { unused += 1 }
    }
    return (mailed, unused)
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
          row: statement.int(Column.row), id: statement.blob(Column.id),
          hash: statement.blob(Column.session),
          end: statement.int(Column.sessionEnd), startedAt: statement.int(Column.usedAt),
          bootTime: statement.optionalInt(Column.sessionBootTime), tenant: statement.text(Column.tenant),
          purpose: statement.text(Column.purpose) ?? "", recipient: statement.text(Column.recipient),
          sealedRecipient: statement.optionalBlob(Column.sessionRecipient),
          devices: Guest.Device.devices(in: statement.blob(Column.count))))
    }
    return sessions
  }
}

extension SQLiteStatement {
  var challenge: Challenge {
    typealias Column = ChallengeColumn
    return Challenge(
      row: int(Column.row), idKey: int(Column.idKey), id: blob(Column.id), subject: blob(Column.subject),
      address: optionalInt(Column.address), recipient: text(Column.recipient),
      sealedRecipient: optionalBlob(Column.sealedRecipient), tenant: text(Column.tenant),
      purpose: text(Column.purpose) ?? "", device: optionalInt(Column.device), tries: int(Column.tries),
      budget: int(Column.budget),
      usedAt: optionalInt(Column.usedAt), expiresAt: int(Column.expiresAt))
  }

  /// Nil where its columns are all NULL.
  func guest(after: Int32) -> Guest? {
    typealias Column = GuestColumn
    guard !isNull(Column.subject, after: after) else { return nil }
    return Guest(
      failures: SlidingWindow(bytes: blob(Column.failures, after: after)),
      devices: Guest.Device.devices(in: blob(Column.devices, after: after)),
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
