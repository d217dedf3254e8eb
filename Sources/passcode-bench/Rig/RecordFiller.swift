internal import CSQLite
internal import CodeRequests
internal import CommandVerbs
internal import Foundation
internal import MailWorker
internal import PasscodeService
internal import PasscodeVerifier

/// Fills an installation's records with other people, and tells how large all of it is: in SQL of its own, over a
/// connection of its own, so that the service's modules hold nothing of it.
///
/// Its columns are those of `RecordSchema`. On failure a `CommandFault` says what SQLite said; a database that was not
/// filled to the end is of no use.
final class RecordFiller {
  private let handle: OpaquePointer
  private let path: String
  private let attempts: Int
  private let validity: Duration
  private let keyVersion: Int

  /// Opens the records, made where they are missing.
  init(_ installation: Installation) throws {
    _ = try installation.records()
    let settings = installation.settings
    path = settings.recordsPath
    attempts = settings.passcodeSettings.attempts
    validity = settings.passcodeSettings.validity
    keyVersion = try installation.keyring().current.version
    var handle: OpaquePointer?
    guard sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK, let handle else {
      sqlite3_close_v2(handle)
      throw CommandFault(.cannotCreate, "\(path) cannot be opened")
    }
    self.handle = handle
    sqlite3_busy_timeout(handle, 5000)
  }

  deinit { sqlite3_close_v2(handle) }

  /// Adds live challenges with a passcode and a guest each, as a worker's sending leaves them; nobody knows their codes.
  ///
  /// Indices are made anew at the end, which is many times faster than to grow them row by row in no order.
  func fill(challenges count: Int, now: Date) throws(CommandFault) {
    let at = now.unixMilliseconds
    let indices = try rows(
      "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'request' AND sql IS NOT NULL")
    for index in indices { try execute("DROP INDEX \(index[0])") }
    let first = try number("SELECT coalesce(max(row), 0) + 1 FROM request")
    let last = first + count - 1
    let end = at + Int64(validity.inSeconds * 1000)
    let purgeAfter = end + Int64(RetentionSettings().requests.inSeconds * 1000)
    for start in stride(from: first, through: last, by: 500_000) {
      let rows =
        "WITH RECURSIVE n(i) AS (SELECT \(start) UNION ALL SELECT i + 1 FROM n WHERE i < \(min(last, start + 499_999)))"
      try execute(
        """
        BEGIN IMMEDIATE;
        \(rows) INSERT INTO request (row, idKey, id, challenge, subjectKey, subject, address, recipient, purpose, queuedAt,
          deadline, admittedAt, state, sends, passcode, budget, expiresAt, sentAt, endedAt, purgeAfter)
        SELECT i, random(), randomblob(32), i, random(), randomblob(32), random(), 'g•••@example.org', 'sign-in', \(at),
          \(at + 600_000), \(at), 10, 1, 1, \(attempts), \(end), \(at), \(at), \(purgeAfter) FROM n;
        \(rows) INSERT INTO passcode (challenge, number, request, madeAt, expiresAt, keyVersion, salt, mac)
        SELECT i, 1, i, \(at), \(end), \(keyVersion), randomblob(16), randomblob(32) FROM n;
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
  struct Extent {
    /// Of the database, its write-ahead log not counted.
    let bytes: Int
    let requests: Int
    let passcodes: Int
    let guests: Int
    let auditLines: Int
  }

  func extent() throws(CommandFault) -> Extent {
    Extent(
      bytes: try number("PRAGMA page_count") * number("PRAGMA page_size"),
      requests: try number("SELECT count(*) FROM request"),
      passcodes: try number("SELECT count(*) FROM passcode"), guests: try number("SELECT count(*) FROM guest"),
      auditLines: try number("SELECT count(*) FROM audit"))
  }

  private func execute(_ sql: String) throws(CommandFault) {
    guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw fault }
  }

  private func number(_ sql: String) throws(CommandFault) -> Int { try Int(rows(sql).first?.first ?? "") ?? 0 }

  /// The rows of SQL without parameters, as text.
  private func rows(_ sql: String) throws(CommandFault) -> [[String]] {
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

  private var fault: CommandFault {
    CommandFault(.inputOutput, "\(path): \(String(cString: sqlite3_errmsg(handle)))")
  }
}
