internal import Foundation
package import Records

/// What the records hold.
package struct MemoryTables: Sendable {
  /// A request, and where it opened one its challenge.
  package struct Request: Sendable {
    package let new: NewRequest
    package var state: RequestState
    package var run: Int64
    package var sends: Int64
    package var crashes: Int64 = 0
    package var challenge: Int64
    package var passcode: Int64?
    package var admittedAt: Int64?
    package var queuedAt: Int64
    package var deadline: Int64
    package var cancelledAt: Int64?
    package var reason: String?
    package var method: String?
    package var url: String?
    package var retryAt: Int64?
    package var settlement: Settlement?
    package var sentAt: Int64?
    package var endedAt: Int64?
    package var nextAttempt: Int64?
    package var tries: Int64 = 0
    package var usedAt: Int64?
    package var session: [UInt8]?
    package var sessionEnd: Int64 = 0
    package var sessionBootTime: Int64?
    package var expiresAt: Int64
    package var purgeAfter: Int64

    init(_ new: NewRequest) {
      self.new = new
      state = new.state
      run = new.run
      sends = new.sends
      challenge = new.challenge
      passcode = new.passcode
      admittedAt = new.admittedAt
      queuedAt = new.queuedAt
      deadline = new.deadline
      reason = new.reason
      method = new.method
      url = new.url
      retryAt = new.retryAt
      endedAt = new.endedAt
      expiresAt = new.expiresAt
      purgeAfter = new.purgeAfter
    }

    var reply: String? {
      let words = [settlement?.replyCode.map { "\($0)" }, settlement?.enhancedCode, settlement?.replyText]
        .compactMap { $0 }
      return words.isEmpty ? nil : words.joined(separator: " ")
    }
  }

  package var requests: [Int64: Request] = [:]
  /// By the row of their challenge, the oldest first.
  package var passcodes: [Int64: [PasscodeRecord]] = [:]
  package var guests: [[UInt8]: Guest] = [:]
  package var windows: [[UInt8]: (window: SlidingWindow, purgeAfter: Int64)] = [:]
  package var keys: [Int: KeyNeed] = [:]
  package var audit: [AuditLine] = []
  private var sweep = Sweep()

  private struct Sweep: Equatable {
    var request: Int64 = .min
    var scope: [UInt8] = []
    var guest: [UInt8] = []
  }

  // MARK: Looking up

  func request(_ id: [UInt8]) -> Request? { requests.values.first { $0.new.id == id } }

  func facts(_ request: Request) -> RequestFacts {
    RequestFacts(
      row: request.new.row, state: request.state, run: request.run, crashes: request.crashes,
      sends: request.sends, challenge: request.challenge, passcode: request.passcode,
      subject: request.new.subject, admittedAt: request.admittedAt, queuedAt: request.queuedAt,
      deadline: request.deadline, cancelledAt: request.cancelledAt, reason: request.reason,
      method: request.method, url: request.url, reply: request.reply)
  }

  func challenge(_ row: Int64) -> ChallengeFacts? {
    guard let request = requests[row] else { return nil }
    let challenge = Challenge(
      row: row, idKey: prefixKey(request.new.id), id: request.new.id, subject: request.new.subject,
      address: request.new.address, recipient: request.new.recipient, tenant: request.new.tenant,
      purpose: request.new.purpose, tries: request.tries, budget: request.new.budget,
      usedAt: request.usedAt, expiresAt: request.expiresAt)
    return ChallengeFacts(challenge: challenge, passcodes: passcodes[row] ?? [])
  }

  /// Admitted requests of a subject, the newest first.
  func admitted(_ subject: [UInt8]) -> [(row: Int64, admittedAt: Int64, request: Request)] {
    requests.compactMap { row, request in
      guard request.new.subject == subject, let at = request.admittedAt else { return nil }
      return (row, at, request)
    }.sorted { ($0.admittedAt, $0.row) > ($1.admittedAt, $1.row) }
  }

  func isUndelivered(_ row: Int64, _ request: Request) -> Bool {
    request.state.isGivenBack
      && !(passcodes[request.challenge] ?? []).contains { $0.request == row }
  }

  func sessions(idKey: Int64) -> [SessionFacts] {
    requests.compactMap { row, request in
      guard prefixKey(request.new.id) == idKey, let hash = request.session else { return nil }
      return SessionFacts(
        row: row, hash: hash, end: request.sessionEnd, startedAt: request.usedAt ?? 0,
        bootTime: request.sessionBootTime, tenant: request.new.tenant, purpose: request.new.purpose,
        recipient: request.new.recipient)
    }
  }

  func status(of id: [UInt8]) -> RequestStatus? {
    guard let request = request(id) else { return nil }
    func date(_ time: Int64?) -> Date? { time.map { Date(timeIntervalSince1970: Double($0) / 1000) } }
    return RequestStatus(
      state: request.state, attempts: Int(request.sends),
      reply: request.reason ?? request.reply, replyCode: request.settlement?.replyCode,
      locale: request.settlement?.locale, relay: request.settlement?.relay,
      recipient: request.new.recipient, tenant: request.new.tenant, purpose: request.new.purpose,
      queuedAt: date(request.queuedAt)!, deadline: date(request.deadline)!, sentAt: date(request.sentAt),
      endedAt: date(request.endedAt), nextAttempt: date(request.nextAttempt), retryAt: date(request.retryAt),
      method: request.method, url: request.url, isResend: request.challenge != request.new.row,
      isUsed: requests[request.challenge]?.usedAt != nil)
  }

  // MARK: Purging

  /// Looks at `limit` rows of each table after where the last walk stopped.
  mutating func purge(at now: Int64, auditBefore: Int64, limit: Int) -> (removed: Int, isOver: Bool) {
    let rows = requests.keys.filter { $0 > sweep.request }.sorted().prefix(limit)
    sweep.request = rows.count < limit ? .min : rows.last!
    let old = rows.filter { requests[$0]!.purgeAfter <= now }
    for row in old { (requests[row], passcodes[row]) = (nil, nil) }
    let lines = audit.prefix(limit).count { $0.at < auditBefore }
    let oldest = audit.prefix(limit).filter { $0.at >= auditBefore }
    audit = oldest + audit.dropFirst(limit)
    let scopes = walk(windows.keys, \.scope, limit).filter { windows[$0]!.purgeAfter <= now }
    for scope in scopes { windows[scope] = nil }
    let subjects = walk(guests.keys, \.guest, limit).filter { (guests[$0]!.purgeAfter ?? .max) <= now }
    for subject in subjects { guests[subject] = nil }
    return (old.count + lines + scopes.count + subjects.count, sweep == Sweep())
  }

  private mutating func walk(
    _ keys: some Sequence<[UInt8]>, _ place: WritableKeyPath<Sweep, [UInt8]>, _ limit: Int
  ) -> [[UInt8]] {
    let start = sweep[keyPath: place]
    let next = keys.filter { start.lexicographicallyPrecedes($0) }
      .sorted { $0.lexicographicallyPrecedes($1) }.prefix(limit)
    sweep[keyPath: place] = next.count < limit ? [] : next.last!
    return Array(next)
  }
}
