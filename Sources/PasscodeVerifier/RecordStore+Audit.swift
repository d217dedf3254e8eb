package import CodeRequests
package import FoundationEssentials
internal import RecordKeys

/// A line of the audit trail: no code, no key, a redacted address.
package struct AuditRecord: Sendable {
  package let at: Date
  /// `decision`, `send`, `check`, `lock`, `reset`, `redemption`, `session`.
  package let event: String
  package let result: String
  package let recipient: String?
  package let tenant: String?
  package let detail: String?
}

extension RecordStore {
  /// Hands the audit trail to `body`, the oldest line first, until it returns false. Holds one line at a time, and begins
  /// to read where `since` is: an index on time would cost the worker a page for each line.
  ///
  /// - Parameters:
  ///   - since: lines from then on; nil: all there are.
  ///   - recipient: only lines about this address, in whatever tenant.
  package func forEachAuditRecord(
    since: Date?, recipient: EmailAddress?, _ body: (AuditRecord) -> Bool
  ) throws(RecordError) {
    let statement = try connection.prepare(Self.auditTrail)
    statement.bind(1, try since.map { date throws(RecordError) in try auditRow(at: date) } ?? 0)
    statement.bind(2, since?.unixMilliseconds ?? Int64.min)
    statement.bind(3, recipient.map { Subject($0, tenant: nil, key: keyring.address).address })
    while try statement.step() {
      let record = AuditRecord(
        at: Date(unixMilliseconds: statement.int(0)), event: statement.text(1) ?? "",
        result: statement.text(2) ?? "", recipient: statement.text(3), tenant: statement.text(4),
        detail: statement.text(5))
      guard body(record) else { return }
    }
  }

  /// No line of that time or later stands before this row.
  ///
  /// Lines are appended, so rows are in the order of time, but for a clock that was set back and processes that overtake
  /// each other. The search is for a time that much before.
  func auditRow(at date: Date) throws(RecordError) -> Int64 {
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
    SELECT at, event, result, recipient, tenant, detail FROM audit
    WHERE row >= ?1 AND at >= ?2 AND (?3 IS NULL OR address = ?3) ORDER BY row
    """
}
