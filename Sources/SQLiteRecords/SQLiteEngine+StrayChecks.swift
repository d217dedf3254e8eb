internal import LinuxSystem
package import Records

/// What is known of the stray checks in the audit trail. They have no index, which would cost each check a page: the lines
/// are counted once, as they come in, and the oldest looked for from where the last were found.
struct StrayChecks {
  /// Those up to the line `last` that are there.
  var count = 0
  var last: Int64 = 0
  /// No stray check is there up to this line.
  var floor: Int64 = 0

  /// `AuditLine.isStrayCheck` of a row; never null.
  static let condition: String = {
    let counted = AuditLine.countedChecks.map { "'\($0)'" }.joined(separator: ", ")
    return "(event = '\(AuditLine.check)' AND (idKey IS NULL OR result NOT IN (\(counted))))"
  }()
}

extension SQLiteEngine {
  package func purgeStrayChecks(
    most: Int, limit: Int
  ) throws(RecordError) -> (removed: Int, isOver: Bool) {
    try state.withLock { state throws(RecordError) in
      let connection = state.connection
      var strays = state.strayChecks
      let isCounted = try strays.countNew(connection, limit)
      var removed = 0
      if strays.count > most {
        removed = try connection.transaction { () throws(RecordError) in
          try strays.removeOldest(connection, strays.count - most, limit)
        }
      }
      state.strayChecks = strays
      return (removed, isCounted && strays.count <= most)
    }
  }
}

extension StrayChecks {
  /// - Returns: whether all that are there have been counted.
  fileprivate mutating func countNew(
    _ connection: SQLiteConnection, _ limit: Int
  ) throws(RecordError) -> Bool {
    let lines = try Self.lines(connection, after: last, limit)
    count += lines.count { $0.isStray }
    last = lines.last?.row ?? last
    return lines.count < limit
  }

  fileprivate mutating func removeOldest(
    _ connection: SQLiteConnection, _ excess: Int, _ limit: Int
  ) throws(RecordError) -> Int {
    let lines = try Self.lines(connection, after: floor, limit).filter { $0.row <= last }
    let oldest = lines.filter(\.isStray).prefix(excess)
    let statement = try connection.prepare("DELETE FROM audit WHERE row = ?1")
    for line in oldest {
      statement.reset()
      statement.bind(1, line.row)
      try statement.run()
    }
    count -= oldest.count
    if oldest.count == excess, let last = oldest.last {
      floor = last.row
    } else if let end = lines.last {
      floor = end.row
    } else {
      // Nothing is left up to where they were counted: others have removed some.
      count = 0
    }
    return oldest.count
  }

  private static func lines(
    _ connection: SQLiteConnection, after row: Int64, _ limit: Int
  ) throws(RecordError) -> [(row: Int64, isStray: Bool)] {
    let statement = try connection.prepare(
      "SELECT row, \(condition) FROM audit WHERE row > ?1 ORDER BY row LIMIT ?2")
    statement.bind(1, row)
    statement.bind(2, Int64(limit))
    var lines: [(row: Int64, isStray: Bool)] = []
    while try statement.step() { lines.append((statement.int(0), statement.int(1) != 0)) }
    return lines
  }
}
