internal import RecordKeys
package import CodeRequests
package import FoundationEssentials

extension RecordStore {
  /// Hands the audit trail to `body`, the oldest line first, until it returns false. Holds one line at a time.
  ///
  /// - Parameters:
  ///   - since: lines from then on; nil: all there are.
  ///   - recipient: only lines about this address, in whatever tenant.
  package func forEachAuditRecord(
    since: Date?, recipient: EmailAddress?, _ body: (AuditRecord) -> Bool
  ) throws(RecordError) {
    let address = recipient.map { Subject($0, tenant: nil, key: keyring.address).address }
    try engine.forEachAuditRecord(since: since, address: address, body)
  }
}
