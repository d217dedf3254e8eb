internal import CodeRequests
package import FoundationEssentials
package import RecordKeys

extension RecordStore {
  /// Removes a bounded number of rows that have served, in short transactions, so that verification never waits for
  /// more than one of them; called now and then.
  ///
  /// Rows of the audit trail lie in the order of time and all live as long, so the oldest are looked at. The other tables
  /// are walked in circles: some rows of requests outlive thousands that came after them.
  ///
  /// - Parameter limit: how many rows of each table are looked at.
  /// - Returns: how many rows were removed. As long as that is near `limit`, there is more to do.
  @discardableResult
  package func purge(now: Date, limit: Int = 500) throws(RecordError) -> Int {
    var removed = 0
    for done in stride(from: 0, to: limit, by: Self.mostInStep) {
      let gone = try purgeStep(at: now.unixMilliseconds, min(Self.mostInStep, limit - done))
      removed += gone
      // Once around every table, and nothing was there.
      if gone == 0, sweep == Sweep() { break }
    }
    return removed
  }

  /// Rows of each table that one transaction looks at: a few milliseconds with the write lock.
  static let mostInStep = 500

  private func purgeStep(at: Int64, _ limit: Int) throws(RecordError) -> Int {
    try connection.transaction { () throws(RecordError) in
      var removed = try purgeRequests(at, limit)
      removed += try purgeAudit(at - retention.audit.milliseconds, limit)
      removed += try walk("tally", "scope", "purgeAfter", from: \.tally, at, limit)
      removed += try walk("guest", "subject", "purgeAfter", from: \.guest, at, limit)
      // Pages that became free beyond a reserve go back to the file system, a few at a time.
      if try connection.number("PRAGMA freelist_count") > 4096 {
        let statement = try connection.prepare("PRAGMA incremental_vacuum(64)")
        while try statement.step() {}
      }
      return removed
    }
  }

  private func purgeRequests(_ now: Int64, _ limit: Int) throws(RecordError) -> Int {
    let rows = try connection.prepare(
      "SELECT row, purgeAfter FROM request WHERE row > ?1 ORDER BY row LIMIT ?2")
    rows.bind(1, sweep.request)
    rows.bind(2, Int64(limit))
    var old: [Int64] = []
    var seen = 0
    var last: Int64 = 0
    while try rows.step() {
      seen += 1
      last = rows.int(0)
      if rows.int(1) <= now { old.append(last) }
    }
    sweep.request = seen < limit ? 0 : last
    guard !old.isEmpty else { return 0 }
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

  private func purgeAudit(_ before: Int64, _ limit: Int) throws(RecordError) -> Int {
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
  private func walk(
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

  /// What `keys list` tells about one key.
  package struct KeyUse: Sendable {
    package let key: Keyring.Entry
    /// When the last record made with it will have been purged; nil: none was ever made.
    package let neededUntil: Date?
  }

  package func keyUses() throws(RecordError) -> [KeyUse] {
    let statement = try connection.prepare("SELECT version, neededUntil FROM recordKey")
    var ends: [Int: Int64] = [:]
    while try statement.step() { ends[Int(statement.int(0))] = statement.int(1) }
    return keyring.entries.map { entry in
      KeyUse(key: entry, neededUntil: ends[entry.version].map { Date(unixMilliseconds: $0) })
    }
  }

  /// Deletes keys that were retired and that no record needs any more.
  ///
  /// A key that never made a record is kept for a day, since a code may have been sealed with it that still waits.
  ///
  /// - Returns: the versions that are gone.
  @discardableResult
  package func deleteUnusedKeys(now: Date) throws(RecordError) -> [Int] {
    do throws(KeyFault) { try keyring.reload() } catch { throw RecordError(error) }
    var deleted: [Int] = []
    let uses = try keyUses()
    for (index, use) in uses.enumerated() where !use.key.isCurrent {
      // The key was in use until the next one was made.
      let retired = uses[index + 1].key.created.addingTimeInterval(86400)
      guard retired <= now, (use.neededUntil ?? retired) <= now else { continue }
      do throws(KeyFault) { try keyring.delete(version: use.key.version) } catch { throw RecordError(error) }
      let statement = try connection.prepare("DELETE FROM recordKey WHERE version = ?1")
      statement.bind(1, Int64(use.key.version))
      try statement.run()
      deleted.append(use.key.version)
    }
    return deleted
  }
}
