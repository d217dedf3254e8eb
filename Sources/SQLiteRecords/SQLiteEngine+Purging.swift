internal import LinuxSystem
package import Records

// Rows of the audit trail lie in the order of time and all live as long, so the oldest are looked at. The other tables are
// walked in circles: some rows of requests outlive thousands that came after them.

/// Where the walk over each table that has no index on time stands.
struct Sweep: Equatable {
  var request: Int64 = 0
  var tally: [UInt8] = []
  var guest: [UInt8] = []
}

extension SQLiteEngine {
  package func purge(
    at now: Int64, admittedBefore: Int64, auditBefore: Int64, limit: Int,
    noting: ([RecentRequest], any RecordReader) throws(RecordError) -> RecordChanges
  ) throws(RecordError) -> (removed: Int, isOver: Bool) {
    try state.withLock { state throws(RecordError) in
      var step = PurgeStep(connection: state.connection, sweep: state.sweep)
      let removed = try state.connection.transaction { () throws(RecordError) in
        var removed = try step.purgeRequests(now, admittedBefore, limit, noting)
        removed += try step.purgeAudit(auditBefore, limit)
        removed += try step.walk("tally", "scope", "purgeAfter", from: \.tally, now, limit)
        removed += try step.walk("guest", "subject", "purgeAfter", from: \.guest, now, limit)
        // Pages that became free beyond a reserve go back to the file system, a few at a time.
        if try step.connection.number("PRAGMA freelist_count") > 4096 {
          let statement = try step.connection.prepare("PRAGMA incremental_vacuum(64)")
          while try statement.step() {}
        }
        return removed
      }
      state.sweep = step.sweep
      return (removed, step.sweep == Sweep())
    }
  }
}

/// One transaction of a purge.
private struct PurgeStep {
  let connection: SQLiteConnection
  var sweep: Sweep

  fileprivate mutating func purgeRequests(
    _ now: Int64, _ admittedBefore: Int64, _ limit: Int,
    _ noting: ([RecentRequest], any RecordReader) throws(RecordError) -> RecordChanges
  ) throws(RecordError) -> Int {
    let rows = try connection.prepare(
      "SELECT row, purgeAfter, admittedAt FROM request WHERE row > ?1 ORDER BY row LIMIT ?2")
    rows.bind(1, sweep.request)
    rows.bind(2, Int64(limit))
    var due: [Int64] = []
    var future: [(row: Int64, by: Int64)] = []
    var seen = 0
    var last: Int64 = 0
    while try rows.step() {
      seen += 1
      last = rows.int(0)
      let admittedAt = rows.optionalInt(2)
      if let admittedAt, admittedAt > now { future.append((last, admittedAt - now)) }
      if rows.int(1) <= now, admittedAt ?? .min <= admittedBefore { due.append(last) }
    }
    rows.reset()
    sweep.request = seen < limit ? 0 : last
    let transaction = SQLiteTransaction(connection: connection)
    for (row, ahead) in future { try transaction.pullBack(row, by: ahead) }
    var old: [Int64] = []
    var leaving: [RecentRequest] = []
    for row in due where try !transaction.hasResends(row) {
      old.append(row)
      if let request = try transaction.leaving(row) { leaving.append(request) }
    }
    guard !old.isEmpty else { return 0 }
    try transaction.apply(noting(leaving, transaction))
    let request = try connection.prepare("DELETE FROM request WHERE row = ?1")
    let passcode = try connection.prepare("DELETE FROM passcode WHERE challenge = ?1")
    for row in old {
      for statement in [request, passcode] {
        statement.reset()
        statement.bind(1, row)
        try statement.run()
      }
    }
    return old.count
  }

  fileprivate func purgeAudit(_ before: Int64, _ limit: Int) throws(RecordError) -> Int {
    let statement = try connection.prepare(
      """
      DELETE FROM audit WHERE row IN (SELECT row FROM (SELECT row, at FROM audit ORDER BY row LIMIT ?1) WHERE at < ?2)
      """)
    statement.bind(1, Int64(limit))
    statement.bind(2, before)
    try statement.run()
    return connection.changes
  }

  /// Looks at the next `limit` rows of a table after where the last walk stopped.
  fileprivate mutating func walk(
    _ table: String, _ column: String, _ end: String, from place: WritableKeyPath<Sweep, [UInt8]>,
    _ now: Int64,
    _ limit: Int
  ) throws(RecordError) -> Int {
    let rows = try connection.prepare(
      "SELECT \(column), \(end) FROM \(table) WHERE \(column) > ?1 ORDER BY \(column) LIMIT ?2")
    rows.bind(1, sweep[keyPath: place])
    rows.bind(2, Int64(limit))
    var old: [[UInt8]] = []
    var seen = 0
    var last: [UInt8] = []
    while try rows.step() {
      seen += 1
      last = rows.blob(0)
      if let end = rows.optionalInt(1), end <= now { old.append(last) }
    }
    rows.reset()
    sweep[keyPath: place] = seen < limit ? [] : last
    let delete = try connection.prepare("DELETE FROM \(table) WHERE \(column) = ?1")
    for key in old {
      delete.reset()
      delete.bind(1, key)
      try delete.run()
    }
    return old.count
  }
}
