internal import LinuxSystem
package import CodeRequests
package import Foundation
internal import RecordKeys
package import Records

// For benches: records of so many other people, and how large all of it is.

extension RecordStore {
  /// Adds live challenges with a passcode and a guest each, as a worker's sending leaves them; nobody knows their codes.
  ///
  /// Indices are made anew at the end, which is many times faster than to grow them row by row in no order. The database
  /// is of no use where this fails.
  package func fill(challenges count: Int, now: Date) throws(RecordError) {
    let at = now.unixMilliseconds
    let connection = connection
    let indices = try indices()
    for index in indices { try connection.execute("DROP INDEX \(index.name)") }
    let first = try connection.number("SELECT coalesce(max(row), 0) + 1 FROM request")
    let last = first + Int64(count) - 1
    let end = at + rules.settings.validity.milliseconds
    let purgeAfter = end + rules.retention.requests.milliseconds
    for start in stride(from: first, through: last, by: 500_000) {
      let rows =
        "WITH RECURSIVE n(i) AS (SELECT \(start) UNION ALL SELECT i + 1 FROM n WHERE i < \(min(last, start + 499_999)))"
      try connection.transaction { () throws(RecordError) in
        try connection.execute(
          """
          \(rows) INSERT INTO request (row, idKey, id, challenge, subjectKey, subject, address, recipient, purpose, queuedAt,
            deadline, admittedAt, state, sends, passcode, budget, expiresAt, sentAt, endedAt, purgeAfter)
          SELECT i, random(), randomblob(32), i, random(), randomblob(32), random(), 'g•••@example.org', 'sign-in', \(at),
            \(at + 600_000), \(at), \(RequestState.sent.number), 1, 1, \(rules.settings.attempts), \(end), \(at), \(at), \(purgeAfter) FROM n;
          \(rows) INSERT INTO passcode (challenge, number, request, madeAt, expiresAt, keyVersion, salt, mac)
          SELECT i, 1, i, \(at), \(end), \(keyring.current.version), randomblob(16), randomblob(32) FROM n;
          """)
      }
    }
    // In the order of its key, so that the table grows at its end alone.
    try connection.execute(
      """
      INSERT INTO guest (subject, failures, redeemedBy, redeemedAt)
      SELECT subject, x'', 'passcode', \(at) FROM request WHERE row BETWEEN \(first) AND \(last) ORDER BY subject
      """)
    for index in indices { try connection.execute(index.sql) }
    _ = try connection.number("PRAGMA wal_checkpoint(TRUNCATE)")
  }

  /// Nobody else uses the records while they are filled.
  private var connection: SQLiteConnection {
    guard let engine = engine as? SQLiteEngine else { preconditionFailure("only SQLite is filled") }
    return engine.state.withLock { $0.connection }
  }

  private func indices() throws(RecordError) -> [(name: String, sql: String)] {
    let statement = try connection.prepare(
      "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'request' AND sql IS NOT NULL")
    var indices: [(name: String, sql: String)] = []
    while try statement.step() { indices.append((statement.text(0) ?? "", statement.text(1) ?? "")) }
    return indices
  }

  /// Checks codes as a verifier does, a batch in two transactions, and does not wait for the disk.
  package func check(
    _ codes: [(id: RequestID, code: String)], now: Date
  ) throws(RecordError) {
    let rules = VerificationRules(keyring: keyring, bootTime: bootTime())
    _ = try VerificationDesk(engine: engine, rules: rules).answer(
      codes.map { id, code in
        VerificationDesk.Attempt(
          code: TypedCode(code), question: .id(Digest.sha256(id.rawValue)), now: now.unixMilliseconds)
      })
  }

  /// How large the records are.
  package struct Extent: Sendable {
    /// Of the database, its write-ahead log not counted.
    package let bytes: Int
    package let requests: Int
    package let passcodes: Int
    package let guests: Int
    package let auditLines: Int
  }

  package func extent() throws(RecordError) -> Extent {
    func count(_ table: String) throws(RecordError) -> Int {
      Int(try connection.number("SELECT count(*) FROM \(table)"))
    }
    return Extent(
      bytes: Int(try connection.number("PRAGMA page_count") * connection.number("PRAGMA page_size")),
      requests: try count("request"), passcodes: try count("passcode"), guests: try count("guest"),
      auditLines: try count("audit"))
  }
}
