package import FoundationEssentials

/// A line of the audit trail: no code, no key, a redacted address.
package struct AuditRecord: Sendable {
  package let at: Date
  /// `decision`, `send`, `check`, `reset`, `redemption`, `session`.
  package let event: String
  package let result: String
  /// The first 8 characters of the request's id, while the records know the request.
  package let shortID: String?
  package let recipient: String?
  package let tenant: String?
  package let detail: String?

  package init(
    at: Date, event: String, result: String, shortID: String? = nil, recipient: String?, tenant: String?,
    detail: String?
  ) {
    self.shortID = shortID
    self.at = at
    self.event = event
    self.result = result
    self.recipient = recipient
    self.tenant = tenant
    self.detail = detail
  }
}

/// A line to be added to the audit trail.
package struct AuditLine: Sendable {
  package let at: Int64
  package let event: String
  package var result: String
  /// The request that it is about, where the line itself does not say whose it is.
  package var row: Int64?
  package var idKey: Int64?
  package var address: Int64?
  package var recipient: String?
  package var tenant: String?
  package var detail: String?

  package init(
    at: Int64, event: String, result: String, row: Int64? = nil, idKey: Int64? = nil, address: Int64? = nil,
    recipient: String? = nil, tenant: String? = nil, detail: String? = nil
  ) {
    self.at = at
    self.event = event
    self.result = result
    self.row = row
    self.idKey = idKey
    self.address = address
    self.recipient = recipient
    self.tenant = tenant
    self.detail = detail
  }

  /// What a check is called, and the results of one that counted at a challenge. Of those there are as many as attempts.
  package static let check = "check"
  package static let countedChecks = ["verified", "incorrect", "taken back"]

  /// A check that counted at no challenge: of an address that never asked, an id that nobody gave out, or one that is
  /// used, locked or over.
  package var isStrayCheck: Bool {
    event == Self.check && (idKey == nil || !Self.countedChecks.contains(result))
  }

  /// Says whose challenge it is about.
  package mutating func describe(_ challenge: Challenge) {
    idKey = challenge.idKey
    address = challenge.address
    recipient = challenge.recipient
    tenant = challenge.tenant
  }

  package mutating func describe(_ request: AuditedRequest) {
    idKey = request.idKey
    address = request.address
    recipient = request.recipient
    tenant = request.tenant
  }
}
