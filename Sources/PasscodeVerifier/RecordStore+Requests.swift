package import CodeRequests
internal import FoundationEssentials
internal import RecordKeys

/// A row of `request` about to be inserted.
struct NewRequest {
  let row: Int64
  let id: [UInt8]
  let item: AdmissionDesk.Case
  let challenge: Int64
  let state: RequestState
  let admittedAt: Int64?
  let expiresAt: Int64
  var passcode: Int64?
  var settled: SettledRequest?
  var retryAt: Int64?

  init(
    row: Int64, id: [UInt8], item: AdmissionDesk.Case, challenge: Int64, state: RequestState,
    admittedAt: Int64?, expiresAt: Int64
  ) {
    self.row = row
    self.id = id
    self.item = item
    self.challenge = challenge
    self.state = state
    self.admittedAt = admittedAt
    self.expiresAt = expiresAt
  }
}

extension RecordStore {
  func insert(_ new: NewRequest, now: Int64) throws(RecordError) {
    let isSending = new.state == .sending
    let statement = try connection.statement(.insertRequest)
    statement.bind(1, new.row)
    statement.bind(2, prefixKey(new.id))
    statement.bind(3, new.id)
    statement.bind(4, new.challenge)
    statement.bind(5, new.item.subject.key)
    statement.bind(6, new.item.subject.hash)
    statement.bind(7, new.item.subject.address)
    statement.bind(8, new.item.audited.recipient)
    statement.bind(9, new.item.audited.tenant)
    statement.bind(10, new.item.admission.request.purpose.rawValue)
    statement.bind(11, new.item.queuedAt)
    statement.bind(12, new.item.deadline)
    statement.bind(13, new.admittedAt)
    statement.bind(14, new.state.rawValue)
    statement.bind(15, isSending ? run : 0)
    statement.bind(16, isSending ? 1 : 0)
    statement.bind(17, new.passcode)
    statement.bind(18, Int64(settings.attempts))
    statement.bind(19, new.expiresAt)
    statement.bind(20, new.settled?.reason)
    statement.bind(21, new.settled?.method)
    statement.bind(22, new.settled?.url)
    statement.bind(23, new.retryAt)
    statement.bind(24, new.state.outcome == nil ? nil : now)
    // A deadline of a careless frontend, years ahead, does not keep a row for years.
    let deadline = min(new.item.deadline, now + 30 * 86_400_000)
    statement.bind(25, max(new.expiresAt, deadline, now) + retention.requests.milliseconds)
    try statement.run()
  }

  func find(id: [UInt8]) throws(RecordError) -> AdmissionDesk.Known? {
    let statement = try connection.statement(.findRequest)
    statement.bind(1, prefixKey(id))
    statement.bind(2, id)
    guard try statement.step() else { return nil }
    defer { statement.reset() }
    return AdmissionDesk.Known(
      row: statement.int(0), state: RequestState(rawValue: statement.int(1)) ?? .failed,
      run: statement.int(2), crashes: statement.int(3), sends: statement.int(4), challenge: statement.int(5),
      passcode: statement.optionalInt(6), subject: statement.blob(7), admittedAt: statement.optionalInt(8),
      queuedAt: statement.int(9), deadline: statement.int(10))
  }

  /// The outcome of a request that had ended before.
  func earlierOutcome(of known: AdmissionDesk.Known) throws(RecordError) -> SettledRequest {
    let statement = try connection.prepare(
      "SELECT reason, method, url, replyCode, enhancedCode, replyText FROM request WHERE row = ?1")
    statement.bind(1, known.row)
    _ = try statement.step()
    let reply = [statement.optionalInt(3).map(String.init), statement.text(4), statement.text(5)]
      .compactMap { $0 }.joined(separator: " ")
    return SettledRequest(
      outcome: known.state.outcome, isDuplicate: true,
      reason: statement.text(0) ?? (reply.isEmpty ? nil : reply), method: statement.text(1),
      url: statement.text(2))
  }

  /// Where a request stands; nil where the records do not know it.
  package func status(of id: RequestID) throws(RecordError) -> RequestStatus? {
    let hash = Digest.sha256(id.rawValue)
    let statement = try connection.prepare(
      """
      SELECT state, sends, reason, replyCode, enhancedCode, replyText, locale, relay, recipient, tenant, purpose, queuedAt,
        deadline, sentAt, endedAt, nextAttempt, retryAt, method, url, challenge <> row,
        (SELECT usedAt FROM request AS opened WHERE opened.row = request.challenge)
      FROM request WHERE idKey = ?1 AND id = ?2
      """)
    statement.bind(1, prefixKey(hash))
    statement.bind(2, hash)
    guard try statement.step(), let state = RequestState(rawValue: statement.int(0)) else { return nil }
    func date(_ column: Int32) -> Date? {
      statement.optionalInt(column).map { Date(unixMilliseconds: $0) }
    }
    let replied = [statement.optionalInt(3).map(String.init), statement.text(4), statement.text(5)]
      .compactMap { $0 }.joined(separator: " ")
    return RequestStatus(
      state: state.name, outcome: state.outcome, attempts: Int(statement.int(1)),
      reply: statement.text(2) ?? (replied.isEmpty ? nil : replied),
      replyCode: statement.optionalInt(3).map(Int.init), locale: statement.text(6), relay: statement.text(7),
      recipient: statement.text(8), tenant: statement.text(9), purpose: statement.text(10) ?? "",
      queuedAt: Date(unixMilliseconds: statement.int(11)),
      deadline: Date(unixMilliseconds: statement.int(12)),
      sentAt: date(13), endedAt: date(14), nextAttempt: date(15), retryAt: date(16),
      method: statement.text(17),
      url: statement.text(18), isResend: statement.int(19) != 0, isUsed: !statement.isNull(20))
  }
}
