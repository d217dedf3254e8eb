package import CodeRequests

/// What is asked about an attempt before it is counted: which challenge it is an answer to.
package enum AttemptQuestion: Sendable {
  /// By the hash of a request's id, and what the asker knows of it.
  case id([UInt8], expecting: AttemptExpectation = AttemptExpectation())
  /// By address, for frontends that kept no id.
  case subject(Subject, tenant: String?, purpose: String, recipient: String)

  /// How many of a subject's newest challenges are looked at: as many as the usual limits let strangers open in a day, so
  /// that none of them pushes out one that somebody is waiting for.
  package static let challenges = 12
  /// How many of its newest requests these are looked for among: resends belong to the challenge of another.
  package static let requests = 2 * challenges
}

/// What must fit a challenge that is named by its id. Whatever does not makes it one that nobody knows.
package struct AttemptExpectation: Sendable {
  package let recipient: EmailAddress?
  /// As the records have it; empty: without a tenants file. Nil: any.
  package let tenant: String?
  package let purpose: String?

  package init(recipient: EmailAddress? = nil, tenant: String? = nil, purpose: String? = nil) {
    self.recipient = recipient
    self.tenant = tenant
    self.purpose = purpose
  }
}

/// What an engine answers, by the same work whatever is there.
package struct AttemptFacts: Sendable {
  /// By id: the challenge, or another that stands in for one that is not there. By address: the newest, the newest first.
  package let challenges: [ChallengeFacts]
  /// Of the first challenge, or of the address.
  package let guest: Guest
  /// By id: the challenge is the one that was asked for.
  package let isFound: Bool
  /// The row that is written to where there is no challenge; 0 where there is none at all.
  package let standIn: Int64

  package init(
    challenges: [ChallengeFacts], guest: Guest, isFound: Bool, standIn: Int64
  ) {
    self.challenges = challenges
    self.guest = guest
    self.isFound = isFound
    self.standIn = standIn
  }
}

/// What is asked again before an attempt is concluded: others may have come between.
package struct ConclusionQuestion: Sendable {
  package let row: Int64
  package let subject: [UInt8]

  package init(
    row: Int64, subject: [UInt8]
  ) {
    self.row = row
    self.subject = subject
  }
}

/// What an engine answers.
package struct ConclusionFacts: Sendable {
  /// When the challenge was used.
  package let usedAt: Int64?
  package let guest: Guest

  package init(
    usedAt: Int64?, guest: Guest
  ) {
    self.usedAt = usedAt
    self.guest = guest
  }
}

/// A session as it stands in the row of its challenge.
package struct SessionFacts: Sendable {
  package let row: Int64
  /// SHA-256 of the challenge's id.
  package let id: [UInt8]
  package let hash: [UInt8]
  package let end: Int64
  package let startedAt: Int64
  package let bootTime: Int64?
  package let tenant: String?
  package let purpose: String
  /// Redacted.
  package let recipient: String?
  /// Closed under the token.
  package let sealedRecipient: [UInt8]?
  /// Of its guest.
  package let devices: [Guest.Device]

  package init(
    row: Int64, id: [UInt8], hash: [UInt8], end: Int64, startedAt: Int64, bootTime: Int64?, tenant: String?,
    purpose: String, recipient: String?, sealedRecipient: [UInt8]?, devices: [Guest.Device]
  ) {
    self.row = row
    self.id = id
    self.hash = hash
    self.end = end
    self.startedAt = startedAt
    self.bootTime = bootTime
    self.tenant = tenant
    self.purpose = purpose
    self.recipient = recipient
    self.sealedRecipient = sealedRecipient
    self.devices = devices
  }
}
