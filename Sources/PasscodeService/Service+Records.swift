package import CodeRequests
package import FoundationEssentials
package import Records
package import RecordKeys

// Keys of the records, and the trail of what happened.
extension Service {
  /// The keys, and until when each is needed.
  package func keys() throws -> [RecordStore.KeyUse] { try records { try $0.keyUses() } }

  /// Makes a new key for new codes, and deletes keys that nothing needs.
  package func rotateKeys() throws -> (made: Keyring.Entry, deleted: [Int]) {
    try records { (try $0.rotateKeys(now: now()), try $0.deleteUnusedKeys(now: now())) }
  }

  /// Hands the audit trail to `body`, the oldest line first, until it returns false.
  package func forEachAuditRecord(
    since: Date?, recipient: EmailAddress?, _ body: (AuditRecord) -> Bool
  ) throws {
    try records { try $0.forEachAuditRecord(since: since, recipient: recipient, body) }
  }
}
