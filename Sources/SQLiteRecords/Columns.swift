/// Names of columns in the order in which a statement reads or writes them. SQL is made from them and values are read and
/// bound by them, so that nowhere a column is a number that somebody has counted.
protocol Columns: CaseIterable, RawRepresentable where RawValue == Int32 {}

extension Columns {
  /// `row, state, …`
  static var list: String { allCases.map { "\($0)" }.joined(separator: ", ") }
  /// `request.row, request.state, …`
  static func list(of table: String) -> String {
    allCases.map { "\(table).\($0)" }.joined(separator: ", ")
  }
  /// `?1, ?2, …`
  static var parameters: String { allCases.map(\.parameter).joined(separator: ", ") }
  static var count: Int32 { Int32(allCases.count) }

  /// `?1` for the first.
  var parameter: String { "?\(rawValue + 1)" }
}

/// What is read of a request that the records know.
enum RequestColumn: Int32, Columns {
  case row, state, run, crashes, sends, challenge, passcode, subject, admittedAt, queuedAt, deadline,
    cancelledAt, reason, method, url, replyCode, enhancedCode, replyText
}

/// What is written of a new request.
enum NewRequestColumn: Int32, Columns {
  case row, idKey, id, challenge, subjectKey, subject, address, recipient, tenant, purpose, queuedAt,
    deadline,
    admittedAt, state, run, sends, passcode, budget, expiresAt, reason, method, url, retryAt, endedAt,
    purgeAfter
}

/// What is read of a request for its subject's windows.
enum RecentColumn: Int32, Columns {
  case row, idKey, admittedAt, queuedAt, purpose, state
}

/// What is read of a request whose attempt has ended.
enum AttemptColumn: Int32, Columns {
  case state, run, challenge, passcode
}

/// What a settlement writes.
enum SettlementColumn: Int32, Columns {
  case row, run, state, replyCode, enhancedCode, replyText, relay, locale, sentAt, endedAt, nextAttempt,
    sends,
    reason
}

/// What the end of a request writes.
enum EndColumn: Int32, Columns {
  case row, state, reason, method, url, retryAt, endedAt, crashes, sends
}

/// What is written of a known request that is sent.
enum ResumeColumn: Int32, Columns {
  case row, run, sends, passcode, crashes, admittedAt, challenge, deadline
}

/// What is read of the request that holds a challenge.
enum ChallengeColumn: Int32, Columns {
  case row, idKey, id, subject, address, recipient, tenant, purpose, tries, budget, usedAt, expiresAt
}

/// What is written to a challenge that is used.
enum UseColumn: Int32, Columns {
  case row, usedAt, session, sessionEnd, sessionBootTime
}

enum PasscodeColumn: Int32, Columns {
  case challenge, number, request, madeAt, expiresAt, keyVersion, salt, mac, mayHaveArrived, bootTime
}

enum GuestColumn: Int32, Columns {
  case subject, failures, inARow, lockedUntil, redeemedBy, redeemedAt, purgeAfter
}

enum SessionColumn: Int32, Columns {
  case row, session, sessionEnd, usedAt, sessionBootTime, tenant, purpose, recipient
}

enum StatusColumn: Int32, Columns {
  case row, challenge, state, sends, reason, replyCode, enhancedCode, replyText, locale, relay, recipient,
    tenant, purpose, queuedAt, deadline, sentAt, endedAt, nextAttempt, retryAt, method, url
}

enum WindowColumn: Int32, Columns {
  case scope, times, purgeAfter
}

enum KeyColumn: Int32, Columns {
  case version, fingerprint, neededUntil
}

/// What is written to the audit trail.
enum AuditColumn: Int32, Columns {
  case at, event, result, idKey, address, recipient, tenant, detail
}

/// What is read of it.
enum AuditTrailColumn: Int32, Columns {
  case at, event, result, recipient, tenant, detail
}

extension SQLiteStatement {
  // `after`: how many columns stand before.
  func int(_ column: some Columns, after: Int32 = 0) -> Int64 { int(after + column.rawValue) }
  func optionalInt(_ column: some Columns, after: Int32 = 0) -> Int64? {
    optionalInt(after + column.rawValue)
  }
  func text(_ column: some Columns, after: Int32 = 0) -> String? { text(after + column.rawValue) }
  func blob(_ column: some Columns, after: Int32 = 0) -> [UInt8] { blob(after + column.rawValue) }
  func isNull(_ column: some Columns, after: Int32 = 0) -> Bool { isNull(after + column.rawValue) }

  func bind(_ column: some Columns, _ value: Int64) { bind(column.rawValue + 1, value) }
  func bind(_ column: some Columns, _ value: Int64?) { bind(column.rawValue + 1, value) }
  func bind(_ column: some Columns, _ value: [UInt8]) { bind(column.rawValue + 1, value) }
  func bind(_ column: some Columns, _ value: String?) { bind(column.rawValue + 1, value) }
}
