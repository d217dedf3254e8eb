package import FoundationEssentials
internal import CodeRequests
internal import LinuxSystem
package import Records

extension SQLiteEngine {
  /// Begins to read where `since` is: an index on time would cost the worker a page for each line.
  package func forEachAuditRecord(
    since: Date?, address: Int64?, idKey: Int64?, _ body: (AuditRecord) -> Bool
  ) throws(RecordError) {
    try read { reader throws(RecordError) in
      typealias Column = AuditTrailColumn
      let statement = try reader.connection.prepare(Self.auditTrail)
      let first = try since.map { date throws(RecordError) in try Self.auditRow(at: date, reader.connection) }
      statement.bind(1, first ?? 0)
      statement.bind(2, since?.unixMilliseconds ?? Int64.min)
      statement.bind(3, address)
      statement.bind(4, idKey)
      while try statement.step() {
        let record = AuditRecord(
          at: Date(unixMilliseconds: statement.int(Column.at)), event: statement.text(Column.event) ?? "",
          result: statement.text(Column.result) ?? "", shortID: statement.text(Column.count),
          recipient: statement.text(Column.recipient),
          tenant: statement.text(Column.tenant), detail: statement.text(Column.detail))
        guard body(record) else { return }
      }
    }
  }

  /// No line of that time or later stands before this row.
  ///
  /// Lines are appended, so rows are in the order of time, but for a clock that was set back and processes that overtake
  /// each other. The search is for a time that much before.
  static func auditRow(at date: Date, _ connection: SQLiteConnection) throws(RecordError) -> Int64 {
    let wanted = date.unixMilliseconds - Self.mostSetBack.milliseconds
    var low = try connection.number("SELECT min(row) FROM audit")
    var high = try connection.number("SELECT max(row) + 1 FROM audit")
    let statement = try connection.prepare(Self.auditLine)
    // All before `low` are older than what is wanted, the one at `high` is not. Rows may be missing between.
    while low < high {
      let middle = low + (high - low) / 2
      statement.bind(1, middle)
      guard try statement.step() else { break }
      if statement.int(1) < wanted { low = statement.int(0) + 1 } else { high = middle }
      statement.reset()
    }
    return low
  }

  /// An hour either way is what clocks are set by, twice a year or by mistake.
  static let mostSetBack = Duration.seconds(2 * 3600)

  static let auditLine = "SELECT row, at FROM audit WHERE row >= ?1 ORDER BY row LIMIT 1"
  static let auditTrail = """
    SELECT \(AuditTrailColumn.list(of: "audit")),
      (SELECT shortID FROM request WHERE request.idKey = audit.idKey LIMIT 1)
    FROM audit
    WHERE row >= ?1 AND at >= ?2 AND (?3 IS NULL OR address = ?3) AND (?4 IS NULL OR idKey = ?4) ORDER BY row
    """
}
