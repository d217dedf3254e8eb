internal import RecordKeys

/// The row that a challenge is counted in.
package struct Challenge: Sendable {
  package let row: Int64
  package let idKey: Int64
  package let id: [UInt8]
  package let subject: [UInt8]
  package let address: Int64?
  /// Redacted.
  package let recipient: String?
  /// As it is, for the answer to a right code; nil where an older version opened the challenge.
  package var sealedRecipient: [UInt8]?
  package let tenant: String?
  package let purpose: String
  /// Of the request that opened it.
  package let device: Int64?
  package var tries: Int64
  /// Wrong codes that it takes; 0: its code is not verified here, and it answers as if it were not there.
  package let budget: Int64
  package let usedAt: Int64?
  package var expiresAt: Int64

  package init(
    row: Int64, idKey: Int64, id: [UInt8], subject: [UInt8], address: Int64?, recipient: String?,
    sealedRecipient: [UInt8]? = nil, tenant: String?, purpose: String, device: Int64? = nil, tries: Int64,
    budget: Int64, usedAt: Int64?,
    expiresAt: Int64
  ) {
    self.row = row
    self.idKey = idKey
    self.id = id
    self.subject = subject
    self.address = address
    self.recipient = recipient
    self.sealedRecipient = sealedRecipient
    self.tenant = tenant
    self.purpose = purpose
    self.device = device
    self.tries = tries
    self.budget = budget
    self.usedAt = usedAt
    self.expiresAt = expiresAt
  }

  /// Codes are checked against it.
  package var isVerifiedHere: Bool { budget > 0 }

  /// What its recipient is closed with.
  var seal: RowSeal { RowSeal(row: id, tenant: tenant, purpose: purpose) }
}
