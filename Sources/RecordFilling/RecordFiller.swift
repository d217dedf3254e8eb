internal import CSQLite
internal import CodeRequests
package import Foundation

/// Fills records with other people, and tells how large all of it is: in SQL of its own, over a connection of its own,
/// so that the service's modules hold nothing of it. Benches and tests use it.
///
/// Its columns are those of the records' schema. On failure a `FillingFault` says what SQLite said; a database that was
/// not filled to the end is of no use.
package final class RecordFiller {
  /// What a challenge is made with: what the settings of the service that checks it come to.
  package struct Challenge: Sendable {
    let attempts: Int
    let keyVersion: Int
    let madeAt: Date
    let expiresAt: Date
    let purgeAfter: Date

    package init(attempts: Int, keyVersion: Int, madeAt: Date, expiresAt: Date, purgeAfter: Date) {
      self.attempts = attempts
      self.keyVersion = keyVersion
      self.madeAt = madeAt
      self.expiresAt = expiresAt
      self.purgeAfter = purgeAfter
    }
  }

  private let handle: OpaquePointer
  private let path: String

  /// - Parameter path: of a database that has the service's tables already.
  package init(path: String) throws(FillingFault) {
    self.path = path
    var handle: OpaquePointer?
    guard sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK, let handle else {
      sqlite3_close_v2(handle)
      throw FillingFault(description: "\(path) cannot be opened")
    }
    self.handle = handle
    sqlite3_busy_timeout(handle, 5000)
  }

  deinit { sqlite3_close_v2(handle) }

  /// Adds live challenges with a passcode and a guest each, as a worker's sending leaves them; nobody knows their codes.
  ///
  /// Indices are made anew at the end, which is many times faster than to grow them row by row in no order.
  package func fill(_ count: Int, _ challenge: Challenge) throws(FillingFault) {
    let at = challenge.madeAt.unixMilliseconds
    let indices = try rows(
      "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'request' AND sql IS NOT NULL")
    for index in indices { try execute("DROP INDEX \(index[0])") }
    let first = try number("SELECT coalesce(max(row), 0) + 1 FROM request")
    let last = first + count - 1
    let end = challenge.expiresAt.unixMilliseconds
    let purgeAfter = challenge.purgeAfter.unixMilliseconds
    for start in stride(from: first, through: last, by: 500_000) {
      let rows =
        "WITH RECURSIVE n(i) AS (SELECT \(start) UNION ALL SELECT i + 1 FROM n WHERE i < \(min(last, start + 499_999)))"
      try execute(
        """
        BEGIN IMMEDIATE;
        \(rows) INSERT INTO request (row, idKey, id, challenge, mailboxKey, subject, address, recipient, purpose, queuedAt,
          deadline, admittedAt, state, sends, passcode, budget, expiresAt, sentAt, endedAt, purgeAfter)
        SELECT i, random(), randomblob(32), i, random(), randomblob(32), random(), 'g•••@example.org', 'sign-in', \(at),
          \(at + 600_000), \(at), 10, 1, 1, \(challenge.attempts), \(end), \(at), \(at), \(purgeAfter) FROM n;
        \(rows) INSERT INTO passcode (challenge, number, request, madeAt, expiresAt, keyVersion, salt, mac)
        SELECT i, 1, i, \(at), \(end), \(challenge.keyVersion), randomblob(16), randomblob(32) FROM n;
        COMMIT
        """)
    }
    // In the order of its key, so that the table grows at its end alone.
    try execute(
      """
      INSERT INTO guest (subject, failures, redeemedBy, redeemedAt)
      SELECT subject, x'', 'passcode', \(at) FROM request WHERE row BETWEEN \(first) AND \(last) ORDER BY subject
      """)
    for index in indices { try execute(index[1]) }
    _ = try number("PRAGMA wal_checkpoint(TRUNCATE)")
  }

  /// How large the records are.
  package struct Extent {
    /// Of the database, its write-ahead log not counted.
    package let bytes: Int
    package let requests: Int
    package let passcodes: Int
    package let guests: Int
    package let auditLines: Int
  }

  package func extent() throws(FillingFault) -> Extent {
    Extent(
      bytes: try number("PRAGMA page_count") * number("PRAGMA page_size"),
      requests: try number("SELECT count(*) FROM request"),
      passcodes: try number("SELECT count(*) FROM passcode"),
      guests: try number("SELECT count(*) FROM guest"),
      auditLines: try number("SELECT count(*) FROM audit"))
  }

  private func execute(_ sql: String) throws(FillingFault) {
    guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw fault }
  }

  private func number(_ sql: String) throws(FillingFault) -> Int {
    try Int(rows(sql).first?.first ?? "") ?? 0
  }

  /// The rows of SQL without parameters, as text.
  private func rows(_ sql: String) throws(FillingFault) -> [[String]] {
    var statement: OpaquePointer?
    guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK else { throw fault }
    defer { sqlite3_finalize(statement) }
    var rows: [[String]] = []
    while true {
      switch sqlite3_step(statement) {
      case SQLITE_ROW:
        rows.append(
          (0..<sqlite3_column_count(statement)).map { column in
            sqlite3_column_text(statement, column).map { String(cString: $0) } ?? ""
          })
      case SQLITE_DONE: return rows
      default: throw fault
      }
    }
  }

  private var fault: FillingFault {
    FillingFault(description: "\(path): \(String(cString: sqlite3_errmsg(handle)))")
  }
}

/// What SQLite said, and of which file.
package struct FillingFault: Error, CustomStringConvertible {
  package let description: String
}
