internal import RecordKeys
package import CodeRequests
package import FoundationEssentials

extension RecordStore {
  /// Hands the audit trail to `body`, the oldest line first, until it returns false. Holds one line at a time.
  ///
  /// - Parameters:
  ///   - since: lines from then on; nil: all there are.
  ///   - recipient: only lines about this address, in whatever tenant.
  ///   - id: only lines about the request with this SHA-256 of its id.
  package func forEachAuditRecord(
    since: Date?, recipient: EmailAddress?, id: [UInt8]? = nil, _ body: (AuditRecord) -> Bool
  ) throws(RecordError) {
    try engine.forEachAuditRecord(
      since: since, address: recipient.map(addressKey), idKey: id.map(prefixKey), body)
  }
}
