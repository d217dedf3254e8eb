package import CodeRequests
package import Foundation
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
  /// Hands the audit trail to `body`, the oldest line first, until it returns false. Holds one line at a time.
  ///
  /// - Parameters:
  ///   - since: lines from then on; nil: all there are.
  ///   - recipient: only lines about this address, in whatever tenant.
  package func forEachAuditRecord(
    since: Date?, recipient: EmailAddress?, _ body: (AuditRecord) -> Bool
  ) throws(RecordError) {
    let statement = try connection.prepare(
      """
      SELECT at, event, result, recipient, tenant, detail FROM audit
      WHERE at >= ?1 AND (?2 IS NULL OR address = ?2) ORDER BY row
      """)
    statement.bind(1, since?.unixMilliseconds ?? Int64.min)
    statement.bind(2, recipient.map { Subject($0, tenant: nil, key: keyring.address).address })
    while try statement.step() {
      let record = AuditRecord(
        at: Date(unixMilliseconds: statement.int(0)), event: statement.text(1) ?? "",
        result: statement.text(2) ?? "", recipient: statement.text(3), tenant: statement.text(4),
        detail: statement.text(5))
      guard body(record) else { return }
    }
  }
}
