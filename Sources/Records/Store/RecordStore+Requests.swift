package import CodeRequests
internal import RecordKeys

/// How operators name requests whose whole ids they do not have.
package enum RequestSearch: Hashable, Sendable {
  /// What an id begins with, 8 characters of it at most.
  case shortID(String)
  /// `Subject.address`: whatever the tenant.
  case address(Int64)
}

/// A request that was searched for.
package struct FoundRequest: Sendable {
  /// SHA-256 of its id.
  package let id: [UInt8]
  /// The first 8 characters of its id; nil in rows made before these were kept.
  package let shortID: String?
  package let status: RequestStatus

  package init(id: [UInt8], shortID: String?, status: RequestStatus) {
    self.id = id
    self.shortID = shortID
    self.status = status
  }
}

extension RecordStore {
  /// Where a request stands; nil where the records do not know it.
  package func status(of id: RequestID) throws(RecordError) -> RequestStatus? {
    try engine.status(of: Digest.sha256(id.rawValue))
  }

  /// Requests whose ids begin so, the newest first.
  package func requests(idPrefix: String, limit: Int) throws(RecordError) -> [FoundRequest] {
    try engine.requests(.shortID(String(idPrefix.prefix(RequestID.shortCount))), limit: limit)
  }

  /// Requests for an address, in whatever tenant, the newest first.
  package func requests(for recipient: EmailAddress, limit: Int) throws(RecordError) -> [FoundRequest] {
    try engine.requests(.address(addressKey(recipient)), limit: limit)
  }

  /// The same for all spellings of an address.
  package func addressKey(_ recipient: EmailAddress) -> Int64 {
    Subject(recipient, tenant: nil, key: keyring.address).address
  }

  /// What a request is found by in `requests`.
  package static func key(of id: RequestID) -> [UInt8] { Digest.sha256(id.rawValue) }
}
