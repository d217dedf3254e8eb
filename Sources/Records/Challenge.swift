/// The row that a challenge is counted in.
package struct Challenge: Sendable {
  package let row: Int64
  package let idKey: Int64
  package let id: [UInt8]
  package let subject: [UInt8]
  package let address: Int64?
  package let recipient: String?
  package let tenant: String?
  package let purpose: String
  /// Of the request that opened it.
  package let device: Int64?
  package var tries: Int64
  package let budget: Int64
  package let usedAt: Int64?
  package var expiresAt: Int64

  package init(
    row: Int64, idKey: Int64, id: [UInt8], subject: [UInt8], address: Int64?, recipient: String?,
    tenant: String?, purpose: String, device: Int64? = nil, tries: Int64, budget: Int64, usedAt: Int64?,
    expiresAt: Int64
  ) {
    self.row = row
    self.idKey = idKey
    self.id = id
    self.subject = subject
    self.address = address
    self.recipient = recipient
    self.tenant = tenant
    self.purpose = purpose
    self.device = device
    self.tries = tries
    self.budget = budget
    self.usedAt = usedAt
    self.expiresAt = expiresAt
  }
}
