package import RecordKeys

/// What rules have decided, for an engine to write. Applied in the order of these properties; each is in the order in
/// which it was decided.
package struct RecordChanges: Sendable {
  /// Requests that a clock which ran ahead admitted: all their times, and those of their passcodes, by so much earlier.
  package var pulledBack: [(row: Int64, by: Int64)] = []
  package var settled: [SettledAttempt] = []
  package var removedPasscodes: [PasscodePlace] = []
  package var inserted: [NewRequest] = []
  package var ended: [EndedRequest] = []
  package var resumed: [ResumedRequest] = []
  package var reopened: [ReopenedRequest] = []
  /// Requests that are being sent and that somebody wants to end.
  package var cancelled: [(row: Int64, at: Int64)] = []
  package var passcodes: [NewPasscode] = []
  /// Passcodes that may be in the mailbox, whatever becomes of their request.
  package var keptPasscodes: [PasscodePlace] = []
  package var extended: [ExtendedChallenge] = []
  /// Challenges that take at most one more wrong code.
  package var lowered: [Int64] = []
  package var challenges: [ChallengeChange] = []
  package var guests: [GuestChange] = []
  /// Subjects whose requests are held against nobody any more, and whose sessions end.
  package var forgiven: [Subject] = []
  package var tallies: [(scope: [UInt8], tally: Tally, purgeAfter: Int64)] = []
  package var endedSessions: [Int64] = []
  package var keys: [KeyNeed] = []
  package var forgottenKeys: [Int] = []
  package var audit: [AuditLine] = []

  package init() {}
}

/// Where a passcode stands: it has a number within its challenge.
package struct PasscodePlace: Hashable, Sendable {
  package let challenge: Int64
  package let number: Int64

  package init(challenge: Int64, number: Int64) {
    self.challenge = challenge
    self.number = number
  }
}

/// How an attempt to send ended. Changes a request that `run` is sending, and no other.
package struct SettledAttempt: Sendable {
  package let row: Int64
  package let run: Int64
  package let state: RequestState
  package let settlement: Settlement
  package var sentAt: Int64?
  package var endedAt: Int64?
  package var nextAttempt: Int64?
  package var reason: String?
  /// Not begun: it counts for no attempt.
  package var isReleased: Bool

  package init(
    row: Int64, run: Int64, state: RequestState, settlement: Settlement, sentAt: Int64? = nil,
    endedAt: Int64? = nil, nextAttempt: Int64? = nil, reason: String? = nil, isReleased: Bool = false
  ) {
    self.row = row
    self.run = run
    self.state = state
    self.settlement = settlement
    self.sentAt = sentAt
    self.endedAt = endedAt
    self.nextAttempt = nextAttempt
    self.reason = reason
    self.isReleased = isReleased
  }
}

/// A request that the records did not know.
package struct NewRequest: Sendable {
  package let row: Int64
  /// SHA-256 of the id.
  package let id: [UInt8]
  /// Its first 8 characters, by which log and operators name it.
  package var shortID: String?
  /// The row that holds its challenge: its own, or that of the request it is a resend of.
  package let challenge: Int64
  package var subject: [UInt8] = []
  package var address: Int64?
  package var mailbox: Int64?
  package var asker = Asker.unknown
  /// Redacted.
  package var recipient: String?
  /// As it is, where the request opens a challenge and mails a code.
  package var sealedRecipient: [UInt8]?
  package var tenant: String?
  package let purpose: String
  package let queuedAt: Int64
  package let deadline: Int64
  package var admittedAt: Int64?
  package let state: RequestState
  package var run: Int64 = 0
  package var sends: Int64 = 0
  package var passcode: Int64?
  package var budget: Int64 = 0
  package let expiresAt: Int64
  package var reason: String?
  package var method: String?
  package var url: String?
  package var retryAt: Int64?
  package var endedAt: Int64?
  package let purgeAfter: Int64

  package init(
    row: Int64, id: [UInt8], challenge: Int64, subject: [UInt8] = [], address: Int64? = nil,
    mailbox: Int64? = nil, asker: Asker = .unknown, recipient: String? = nil, tenant: String? = nil,
    purpose: String, queuedAt: Int64, deadline: Int64,
    admittedAt: Int64? = nil, state: RequestState, run: Int64 = 0, sends: Int64 = 0, passcode: Int64? = nil,
    budget: Int64 = 0, expiresAt: Int64, reason: String? = nil, method: String? = nil, url: String? = nil,
    retryAt: Int64? = nil, endedAt: Int64? = nil, purgeAfter: Int64
  ) {
    self.row = row
    self.id = id
    self.challenge = challenge
    self.subject = subject
    self.address = address
    self.mailbox = mailbox ?? address
    self.asker = asker
    self.recipient = recipient
    self.tenant = tenant
    self.purpose = purpose
    self.queuedAt = queuedAt
    self.deadline = deadline
    self.admittedAt = admittedAt
    self.state = state
    self.run = run
    self.sends = sends
    self.passcode = passcode
    self.budget = budget
    self.expiresAt = expiresAt
    self.reason = reason
    self.method = method
    self.url = url
    self.retryAt = retryAt
    self.endedAt = endedAt
    self.purgeAfter = purgeAfter
  }
}

/// A request that ends without an attempt to send it.
package struct EndedRequest: Sendable {
  package let row: Int64
  package let state: RequestState
  package let at: Int64
  package var reason: String?
  package var method: String?
  package var url: String?
  package var retryAt: Int64?
  /// Nil: as they were.
  package var crashes: Int64?
  package var sends: Int64?

  package init(
    row: Int64, state: RequestState, at: Int64, reason: String? = nil, method: String? = nil,
    url: String? = nil, retryAt: Int64? = nil, crashes: Int64? = nil, sends: Int64? = nil
  ) {
    self.row = row
    self.state = state
    self.at = at
    self.reason = reason
    self.method = method
    self.url = url
    self.retryAt = retryAt
    self.crashes = crashes
    self.sends = sends
  }
}

/// A request that the records knew and that is sent now.
package struct ResumedRequest: Sendable {
  package let row: Int64
  package let run: Int64
  package let sends: Int64
  package let passcode: Int64
  package let crashes: Int64
  package let admittedAt: Int64
  package let challenge: Int64
  package let deadline: Int64

  package init(
    row: Int64, run: Int64, sends: Int64, passcode: Int64, crashes: Int64, admittedAt: Int64,
    challenge: Int64, deadline: Int64
  ) {
    self.row = row
    self.run = run
    self.sends = sends
    self.passcode = passcode
    self.crashes = crashes
    self.admittedAt = admittedAt
    self.challenge = challenge
    self.deadline = deadline
  }
}

/// A failed request that goes back to the queue.
package struct ReopenedRequest: Sendable {
  package let row: Int64
  package let deadline: Int64
  package let queuedAt: Int64
  /// At least.
  package let purgeAfter: Int64

  package init(
    row: Int64, deadline: Int64, queuedAt: Int64, purgeAfter: Int64
  ) {
    self.row = row
    self.deadline = deadline
    self.queuedAt = queuedAt
    self.purgeAfter = purgeAfter
  }
}

/// A passcode that was made.
package struct NewPasscode: Sendable {
  package let challenge: Int64
  package let record: PasscodeRecord

  package init(
    challenge: Int64, record: PasscodeRecord
  ) {
    self.challenge = challenge
    self.record = record
  }
}

/// A challenge that lives at least until then.
package struct ExtendedChallenge: Sendable {
  package let row: Int64
  package let expiresAt: Int64
  package let purgeAfter: Int64
  /// The recipient, closed anew under the key that its newest passcode was made with; nil: as it was.
  package let sealedRecipient: [UInt8]?

  package init(
    row: Int64, expiresAt: Int64, purgeAfter: Int64, sealedRecipient: [UInt8]? = nil
  ) {
    self.row = row
    self.expiresAt = expiresAt
    self.purgeAfter = purgeAfter
    self.sealedRecipient = sealedRecipient
  }
}

/// What a check of a code writes to the row of a challenge: always one of them where there is a row.
package enum ChallengeChange: Sendable {
  /// One attempt more.
  case count(Int64)
  /// One attempt less.
  case giveBack(Int64)
  /// Means nothing, and takes as long as the others.
  case touch(Int64)
  /// Used, with one attempt less; its session begins, where it has one.
  case use(Int64, at: Int64, session: NewSession?)
  /// Used in vain: nobody was told.
  case takeBack(Int64)
}

/// A session that begins, in the row of its challenge.
package struct NewSession: Hashable, Sendable {
  /// SHA-256 of the token.
  package let hash: [UInt8]
  package let end: Int64
  package let bootTime: Int64?
  /// Closed under a key that the token's bearer alone has.
  package let recipient: [UInt8]?

  package init(hash: [UInt8], end: Int64, bootTime: Int64?, recipient: [UInt8]? = nil) {
    self.hash = hash
    self.end = end
    self.bootTime = bootTime
    self.recipient = recipient
  }
}

/// What is written to the row of a guest.
package enum GuestChange: Sendable {
  case set([UInt8], Guest)
  /// Means nothing: the guest's own row or a neighbour's. Takes as long as to set it.
  case touch(near: [UInt8])
  case forget([UInt8])
}

/// A key that records were made with. Of two needs of one version the later end holds, and the first fingerprint.
package struct KeyNeed: Hashable, Sendable {
  /// 0: the address key.
  package let version: Int
  package let fingerprint: [UInt8]
  /// 0: no record was made with it yet.
  package let until: Int64

  package init(
    version: Int, fingerprint: [UInt8], until: Int64
  ) {
    self.version = version
    self.fingerprint = fingerprint
    self.until = until
  }
}

extension [KeyNeed] {
  package var fingerprints: Keyring.Fingerprints {
    reduce(into: [:]) { $0[$1.version] = $1.fingerprint }
  }
}
