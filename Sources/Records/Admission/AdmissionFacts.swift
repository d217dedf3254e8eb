internal import RecordKeys

/// What the rules of admission ask an engine, for a whole batch.
package struct AdmissionQuestion: Sendable {
  /// Hashes of ids, of the requests and of the challenges that they name, each once.
  package var ids: [[UInt8]] = []
  /// Each once.
  package var subjects: [Subject] = []
  /// The mailboxes behind them, each once.
  package var mailboxes: [Int64] = []
  /// How many of a mailbox's last requests are wanted.
  package var recent = 0
  /// Networks of clients, each once.
  package var clients: [Int64] = []
  /// How many of a client's last requests are wanted.
  package var recentOfClient = 0
  /// Keys of tallies, each once.
  package var scopes: [[UInt8]] = []
  /// Attempts that ended.
  package var settlements: [SettlementQuestion] = []
  /// Who asks.
  package var run: Int64 = 0

  package init() {}
}

/// Which request an attempt was for.
package struct SettlementQuestion: Sendable {
  package let row: Int64
  /// Its passcode is wanted as well.
  package let wantsPasscode: Bool

  package init(
    row: Int64, wantsPasscode: Bool
  ) {
    self.row = row
    self.wantsPasscode = wantsPasscode
  }
}

/// What an engine answers, in the order in which it was asked.
package struct AdmissionFacts: Sendable {
  package var requests: [RequestFacts?] = []
  /// Those of the requests that were found, by their row.
  package var challenges: [Int64: ChallengeFacts] = [:]
  package var guests: [Guest] = []
  /// Admitted requests of each mailbox, the newest first: as many as were asked for, and behind them those that have no
  /// outcome yet.
  package var mailboxes: [[RecentRequest]] = []
  /// Admitted requests of each client, the newest first.
  package var clients: [[ClientRequest]] = []
  package var tallies: [Tally] = []
  package var settlements: [SettlementFacts?] = []
  /// Other runs that may be sending now. A run that is not among them is dead, and what it was sending is taken over.
  package var liveRuns: Set<Int64> = []
  /// As `RecordTransaction.freeRow`.
  package var freeRow: Int64 = 1

  package init() {}
}

/// A request that the records know.
package struct RequestFacts: Sendable {
  package let row: Int64
  package var state: RequestState
  /// The run that is sending it, or was the last to.
  package var run: Int64
  package var crashes: Int64
  package var sends: Int64
  package var challenge: Int64
  package var passcode: Int64?
  package let subject: [UInt8]
  package var admittedAt: Int64?
  package var queuedAt: Int64
  package var deadline: Int64
  /// When somebody wanted it to end while it was being sent.
  package var cancelledAt: Int64?
  package var reason: String?
  package var method: String?
  package var url: String?
  /// The relay's last words.
  package var reply: String?

  package init(
    row: Int64, state: RequestState, run: Int64, crashes: Int64, sends: Int64, challenge: Int64,
    passcode: Int64? = nil, subject: [UInt8], admittedAt: Int64? = nil, queuedAt: Int64, deadline: Int64,
    cancelledAt: Int64? = nil, reason: String? = nil, method: String? = nil, url: String? = nil,
    reply: String? = nil
  ) {
    self.row = row
    self.state = state
    self.run = run
    self.crashes = crashes
    self.sends = sends
    self.challenge = challenge
    self.passcode = passcode
    self.subject = subject
    self.admittedAt = admittedAt
    self.queuedAt = queuedAt
    self.deadline = deadline
    self.cancelledAt = cancelledAt
    self.reason = reason
    self.method = method
    self.url = url
    self.reply = reply
  }

  package var wasAdmitted: Bool { admittedAt != nil }
}

/// A challenge and its passcodes, the oldest first.
package struct ChallengeFacts: Sendable {
  package var challenge: Challenge
  package var passcodes: [PasscodeRecord]

  package init(challenge: Challenge, passcodes: [PasscodeRecord]) {
    self.challenge = challenge
    self.passcodes = passcodes
  }
}

/// One of a mailbox's last requests.
package struct RecentRequest: Sendable {
  package let row: Int64
  package let idKey: Int64
  package let subject: [UInt8]
  package let challenge: Int64
  package var admittedAt: Int64
  package var queuedAt: Int64
  package let purpose: String
  package var state: RequestState
  package let asker: Asker
  /// It has ended without a mail that may have arrived.
  package var isUndelivered: Bool
  /// Its challenge was answered.
  package let isUsed: Bool
  /// An operator has opened the windows since: it is held against nobody.
  package let isForgiven: Bool
  /// Nobody could use its code here.
  package let isMailOnly: Bool
  /// It was made by the batch that is being decided.
  package var isOfBatch: Bool

  package init(
    row: Int64, idKey: Int64, subject: [UInt8], challenge: Int64, admittedAt: Int64, queuedAt: Int64,
    purpose: String, state: RequestState, asker: Asker = .unknown, isUndelivered: Bool = false,
    isUsed: Bool = false, isForgiven: Bool = false, isMailOnly: Bool = false, isOfBatch: Bool = false
  ) {
    self.isMailOnly = isMailOnly
    self.row = row
    self.idKey = idKey
    self.subject = subject
    self.challenge = challenge
    self.admittedAt = admittedAt
    self.queuedAt = queuedAt
    self.purpose = purpose
    self.state = state
    self.asker = asker
    self.isUndelivered = isUndelivered
    self.isUsed = isUsed
    self.isForgiven = isForgiven
    self.isOfBatch = isOfBatch
  }
}

/// One of a client's last requests, whoever they were for.
package struct ClientRequest: Sendable {
  package let row: Int64
  package var admittedAt: Int64
  package var isUndelivered: Bool
  package let isUsed: Bool
  /// It came with a device, so that it fills no place of its client's.
  package let hasDevice: Bool

  package init(
    row: Int64, admittedAt: Int64, isUndelivered: Bool = false, isUsed: Bool = false, hasDevice: Bool = false
  ) {
    self.row = row
    self.admittedAt = admittedAt
    self.isUndelivered = isUndelivered
    self.isUsed = isUsed
    self.hasDevice = hasDevice
  }
}

/// Who asked, as far as the frontend told.
package struct Asker: Hashable, Sendable {
  /// The network of the client; nil: not told.
  package let client: Int64?
  /// The larger network that shares go by.
  package let share: Int64?
  /// The device of an earlier sign-in of this subject.
  package let device: Int64?

  package init(client: Int64? = nil, share: Int64? = nil, device: Int64? = nil) {
    self.client = client
    self.share = share
    self.device = device
  }

  package static let unknown = Asker()

  /// Whether it may take the place of what `other` asked for. Who is not known to be the same person would hand that
  /// person's mail a challenge that the person's browser does not know.
  func mayReplace(_ other: Asker) -> Bool {
    if let device = other.device { return device == self.device }
    return client == other.client
  }
}

/// A request whose attempt has ended.
package struct SettlementFacts: Sendable {
  package let state: RequestState
  package let run: Int64
  package let challenge: Int64
  package let passcode: Int64?
  /// Of that passcode, before the attempt that has ended.
  package let arrival: Arrival
  /// That passcode was made for this request, which is not so where it sends the code of another again.
  package let isOwn: Bool
  /// Further passcodes were made for the request, which may be there.
  package let hasOthers: Bool

  package init(
    state: RequestState, run: Int64, challenge: Int64, passcode: Int64?, arrival: Arrival,
    isOwn: Bool, hasOthers: Bool
  ) {
    self.state = state
    self.run = run
    self.challenge = challenge
    self.passcode = passcode
    self.arrival = arrival
    self.isOwn = isOwn
    self.hasOthers = hasOthers
  }
}
