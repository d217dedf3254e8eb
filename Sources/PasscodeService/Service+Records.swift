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
  ///
  /// - Parameter id: only lines about this request.
  /// - Returns: nil where one request is meant or none in particular, else how many begin so.
  @discardableResult
  package func forEachAuditRecord(
    since: Date?, recipient: EmailAddress?, id: IDText? = nil, _ body: (AuditRecord) -> Bool
  ) throws -> Found<Void>? {
    var hash: [UInt8]?
    switch try id.map({ try self.hash(of: $0) }) {
    case nil: break
    case .one(let found): hash = found
    case .none?: return Found.none
    case .several(let count): return .several(count)
    }
    try records { try $0.forEachAuditRecord(since: since, recipient: recipient, id: hash, body) }
    return nil
  }
}
