/// Names of columns in the order in which a statement reads or writes them. SQL is made from them and values are read and
/// bound by them, so that nowhere a column is a number that somebody has counted.
protocol Columns: CaseIterable, RawRepresentable where RawValue == String {}

extension Columns {
  /// `row, state, …`
  static var list: String { allCases.map(\.rawValue).joined(separator: ", ") }
  /// `request.row, request.state, …`
  static func list(of table: String) -> String {
    allCases.map { "\(table).\($0.rawValue)" }.joined(separator: ", ")
  }
  /// `?1, ?2, …`
  static var parameters: String { allCases.map(\.parameter).joined(separator: ", ") }

  /// 0 for the first.
  ///
  /// Cases without values are numbered in the order in which they stand, in one byte: a test holds every list to that. To
  /// look each up would cost as much as to read its value.
  var index: Int32 { Int32(unsafeBitCast(self, to: UInt8.self)) }
  /// `?1` for the first.
  var parameter: String { "?\(index + 1)" }
  /// `name = ?1`
  var assignment: String { "\(rawValue) = \(parameter)" }
  /// `name = coalesce(?1, name)`
  var assignmentUnlessNull: String { "\(rawValue) = coalesce(\(parameter), \(rawValue))" }
}

/// What is read of a request that the records know.
enum RequestColumn: String, Columns {
  case row, state, run, crashes, sends, challenge, passcode, subject, admittedAt, queuedAt, deadline,
    cancelledAt, reason, method, url, replyCode, enhancedCode, replyText
}

/// What is written of a new request.
enum NewRequestColumn: String, Columns {
  case row, idKey, id, shortID, challenge, subject, address, mailboxKey, clientKey, shareKey, device,
    recipient,
    sealedRecipient,
    tenant, purpose, queuedAt,
    deadline,
    admittedAt, state, run, sends, passcode, budget, expiresAt, reason, method, url, retryAt, endedAt,
    purgeAfter
}

/// What is read of a request for the windows of its mailbox.
enum RecentColumn: String, Columns {
  case row, idKey, subject, challenge, admittedAt, queuedAt, purpose, state, clientKey, shareKey, device,
    isForgiven, budget

  static let count = Int32(allCases.count)
}

/// What is read of a request for the windows of its client.
enum ClientColumn: String, Columns {
  case row, admittedAt, device

  static let count = Int32(allCases.count)
}

/// What is read of a request whose attempt has ended.
enum AttemptColumn: String, Columns {
  case state, run, challenge, passcode

  static let count = Int32(allCases.count)
}

/// What a settlement writes.
enum SettlementColumn: String, Columns {
  case row, run, state, replyCode, enhancedCode, replyText, relay, locale, sentAt, endedAt, nextAttempt,
    sends,
    reason
}

/// What the end of a request writes.
enum EndColumn: String, Columns {
  case row, state, reason, method, url, retryAt, endedAt, crashes, sends
}

/// What is written of a known request that is sent.
enum ResumeColumn: String, Columns {
  case row, run, sends, passcode, crashes, admittedAt, challenge, deadline
}

/// What is read of the request that holds a challenge.
enum ChallengeColumn: String, Columns {
  case row, idKey, id, subject, address, recipient, sealedRecipient, tenant, purpose, device, tries, budget,
    usedAt, expiresAt

  static let count = Int32(allCases.count)
}

/// What is written to a challenge that is used.
enum UseColumn: String, Columns {
  case row, usedAt, session, sessionEnd, sessionBootTime, sessionRecipient
}

enum PasscodeColumn: String, Columns {
  case challenge, number, request, madeAt, expiresAt, keyVersion, salt, mac, mayHaveArrived, bootTime
}

enum GuestColumn: String, Columns {
  case subject, failures, devices, redeemedBy, redeemedAt, purgeAfter

  static let count = Int32(allCases.count)
}

enum SessionColumn: String, Columns {
  case row, id, session, sessionEnd, usedAt, sessionBootTime, sessionRecipient, tenant, purpose, recipient

  static let count = Int32(allCases.count)
}

enum StatusColumn: String, Columns {
  case row, id, shortID, challenge, state, sends, reason, replyCode, enhancedCode, replyText, locale, relay,
    recipient,
    tenant, purpose, queuedAt, deadline, sentAt, endedAt, nextAttempt, retryAt, method, url

  static let count = Int32(allCases.count)
}

enum TallyColumn: String, Columns {
  case scope, buckets, purgeAfter
}

enum KeyColumn: String, Columns {
  case version, fingerprint, neededUntil
}

/// What is written to the audit trail.
enum AuditColumn: String, Columns {
  case at, event, result, idKey, address, recipient, tenant, detail
}

/// What is read of it.
enum AuditTrailColumn: String, Columns {
  case at, event, result, recipient, tenant, detail

  static let count = Int32(allCases.count)
}

extension SQLiteStatement {
  // `after`: how many columns stand before.
  func int(_ column: some Columns, after: Int32 = 0) -> Int64 { int(after + column.index) }
  func optionalInt(_ column: some Columns, after: Int32 = 0) -> Int64? {
    optionalInt(after + column.index)
  }
  func text(_ column: some Columns, after: Int32 = 0) -> String? { text(after + column.index) }
  func blob(_ column: some Columns, after: Int32 = 0) -> [UInt8] { blob(after + column.index) }
  func optionalBlob(_ column: some Columns) -> [UInt8]? { isNull(column) ? nil : blob(column) }
  func isNull(_ column: some Columns, after: Int32 = 0) -> Bool { isNull(after + column.index) }

  func bind(_ column: some Columns, _ value: Int64) { bind(column.index + 1, value) }
  func bind(_ column: some Columns, _ value: Int64?) { bind(column.index + 1, value) }
  func bind(_ column: some Columns, _ value: [UInt8]) { bind(column.index + 1, value) }
  func bind(_ column: some Columns, _ value: [UInt8]?) { bind(column.index + 1, value) }
  func bind(_ column: some Columns, _ value: String?) { bind(column.index + 1, value) }
}
