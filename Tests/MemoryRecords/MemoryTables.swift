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
    package var budget: Int64
    package var usedAt: Int64?
    package var isForgiven = false
    package var session: NewSession?
    package var sealedRecipient: [UInt8]?
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
      budget = new.budget
      sealedRecipient = new.sealedRecipient
      expiresAt = new.expiresAt
      purgeAfter = new.purgeAfter
    }

    var reply: String? {
      let words = [settlement?.replyCode.map { "\($0)" }, settlement?.enhancedCode, settlement?.replyText]
        .compactMap { $0 }
      return words.isEmpty ? nil : words.joined(separator: " ")
    }
  }

  package private(set) var requests: [Int64: Request] = [:]
  private(set) var lastRow: Int64 = 0
  private var rowsByID: [[UInt8]: Int64] = [:]
  /// Of each that was admitted: to look at a number costs less than to look at a request.
  private var admissions: [Int64: Int64] = [:]
  private var rowsByMailbox: [Int64: Set<Int64>] = [:]
  private var rowsByClient: [Int64: Set<Int64>] = [:]
  /// By the row of their challenge, the oldest first.
  package var passcodes: [Int64: [PasscodeRecord]] = [:]
  package var guests: [[UInt8]: Guest] = [:]
  package var tallies: [[UInt8]: (tally: Tally, purgeAfter: Int64)] = [:]
  package var keys: [Int: KeyNeed] = [:]
  package var audit: [AuditLine] = []
  private var sweep = Sweep()

  private struct Sweep: Equatable {
    var request: Int64 = .min
    var scope: [UInt8] = []
    var guest: [UInt8] = []
  }

  // MARK: Looking up

  func request(_ id: [UInt8]) -> Request? { rowsByID[id].flatMap { requests[$0] } }

  mutating func insert(_ new: NewRequest) {
    requests[new.row] = Request(new)
    admissions[new.row] = new.admittedAt
    lastRow = max(lastRow, new.row)
    rowsByID[new.id] = new.row
    if let mailbox = new.mailbox { rowsByMailbox[mailbox, default: []].insert(new.row) }
    if let client = new.asker.client { rowsByClient[client, default: []].insert(new.row) }
  }

  /// As SQLite has it: numbers of rows that were purged at the end come again.
  var freeRow: Int64 { lastRow + 1 }

  mutating func change(_ row: Int64, _ body: (inout Request) -> Void) {
    guard let index = requests.index(forKey: row) else { return }
    body(&requests.values[index])
    admissions[row] = requests.values[index].admittedAt
  }

  private mutating func remove(_ row: Int64) {
    guard let request = requests.removeValue(forKey: row) else { return }
    admissions[row] = nil
    rowsByID[request.new.id] = nil
    if let mailbox = request.new.mailbox { rowsByMailbox[mailbox]?.remove(row) }
    if let client = request.new.asker.client { rowsByClient[client]?.remove(row) }
    passcodes[row] = nil
    while lastRow > 0, requests[lastRow] == nil { lastRow -= 1 }
  }

  /// All times of a request that a clock which ran ahead admitted.
  mutating func pullBack(_ row: Int64, by ahead: Int64) {
    change(row) { request in
      request.admittedAt = request.admittedAt.map { $0 - ahead }
      request.queuedAt -= ahead
      request.deadline -= ahead
      request.expiresAt -= ahead
      request.usedAt = request.usedAt.map { $0 - ahead }
      request.session = request.session.map {
        NewSession(
          hash: $0.hash, end: $0.end - ahead, bootTime: $0.bootTime, recipient: $0.recipient)
      }
      request.purgeAfter -= ahead
    }
    guard let challenge = requests[row]?.challenge, var records = passcodes[challenge] else { return }
    for index in records.indices where records[index].request == row {
      records[index].madeAt -= ahead
      records[index].expiresAt -= ahead
    }
    passcodes[challenge] = records
  }

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
      address: request.new.address, recipient: request.new.recipient,
      sealedRecipient: request.sealedRecipient, tenant: request.new.tenant,
      purpose: request.new.purpose, device: request.new.asker.device, tries: request.tries,
      budget: request.budget,
      usedAt: request.usedAt, expiresAt: request.expiresAt)
    return ChallengeFacts(challenge: challenge, passcodes: passcodes[row] ?? [])
  }

  typealias Admitted = (row: Int64, admittedAt: Int64, request: Request)

  /// Admitted requests of a mailbox, the newest first.
  func admitted(_ mailbox: Int64) -> [Admitted] { newest(rowsByMailbox[mailbox]).map(found) }

  private func newest(_ rows: Set<Int64>?) -> [(row: Int64, admittedAt: Int64)] {
    (rows ?? []).compactMap { row in admissions[row].map { (row, $0) } }
      .sorted { $0.admittedAt == $1.admittedAt ? $0.row > $1.row : $0.admittedAt > $1.admittedAt }
  }

  private func found(row: Int64, admittedAt: Int64) -> Admitted { (row, admittedAt, requests[row]!) }

  func recent(of mailbox: Int64, _ most: Int) -> [RecentRequest] {
    admitted(mailbox).enumerated().compactMap { index, found in
      guard index < most || found.request.state.outcome == nil else { return nil }
      return recent(found.row, found.request)
    }
  }

  /// Nil where it was never admitted.
  private func recent(_ row: Int64, _ request: Request) -> RecentRequest? {
    guard let admittedAt = request.admittedAt else { return nil }
    return RecentRequest(
      row: row, idKey: prefixKey(request.new.id), subject: request.new.subject,
      challenge: request.challenge, admittedAt: admittedAt, queuedAt: request.queuedAt,
      purpose: request.new.purpose, state: request.state, asker: request.new.asker,
      isUndelivered: isUndelivered(row, request), isUsed: isUsed(request), isForgiven: request.isForgiven,
      isMailOnly: request.budget == 0)
  }

  func recent(ofClient client: Int64, _ most: Int) -> [ClientRequest] {
    newest(rowsByClient[client]).prefix(most).map(found).map { row, admittedAt, request in
      ClientRequest(
        row: row, admittedAt: admittedAt, isUndelivered: isUndelivered(row, request),
        isUsed: isUsed(request), hasDevice: request.new.asker.device != nil)
    }
  }

  func mailed(from start: Int64, to end: Int64, most: Int) -> (mailed: Int, unused: Int) {
    // Backwards from the newest that is not too new, without looking at more than are asked for.
    var (seen, mailed, unused) = (0, 0, 0)
    var row = lastRow
    while row > 0, seen < most {
      defer { row -= 1 }
      guard let request = requests[row] else { continue }
      if (request.admittedAt ?? request.queuedAt) > end, seen == 0 { continue }
      seen += 1
      guard let at = request.admittedAt, at <= end else { continue }
      if at < start { break }
      if isUndelivered(row, request) || request.budget == 0 { continue }
      mailed += 1
      if !isUsed(request) { unused += 1 }
    }
    return (mailed, unused)
  }

  private func isUsed(_ request: Request) -> Bool { requests[request.challenge]?.usedAt != nil }

  func isUndelivered(_ row: Int64, _ request: Request) -> Bool {
    request.state.isGivenBack
      && !(passcodes[request.challenge] ?? []).contains { $0.request == row }
  }

  func sessions(idKey: Int64) -> [SessionFacts] {
    requests.compactMap { row, request in
      guard prefixKey(request.new.id) == idKey, let session = request.session else { return nil }
      return SessionFacts(
        row: row, id: request.new.id, hash: session.hash, end: session.end, startedAt: request.usedAt ?? 0,
        bootTime: session.bootTime, tenant: request.new.tenant, purpose: request.new.purpose,
        recipient: request.new.recipient, sealedRecipient: session.recipient,
        devices: guests[request.new.subject]?.devices ?? [])
    }
  }

  func status(of id: [UInt8]) -> RequestStatus? { request(id).map(status) }

  func found(_ search: RequestSearch, _ limit: Int) -> [FoundRequest] {
    let rows = requests.values.filter { request in
      switch search {
      case .shortID(let prefix): request.new.shortID?.hasPrefix(prefix) ?? false
      case .address(let key): request.new.address == key
      }
    }
    return rows.sorted { $0.new.row > $1.new.row }.prefix(limit).map {
      FoundRequest(id: $0.new.id, shortID: $0.new.shortID, status: status($0))
    }
  }

  func shortID(idKey: Int64) -> String? {
    requests.values.first { prefixKey($0.new.id) == idKey }?.new.shortID
  }

  private func status(_ request: Request) -> RequestStatus {
    func date(_ time: Int64?) -> Date? { time.map { Date(timeIntervalSince1970: Double($0) / 1000) } }
    return RequestStatus(
      state: request.state, attempts: Int(request.sends),
      reply: request.settlement?.replyCode == nil ? nil : request.reply,
      reason: request.reason ?? (request.settlement?.replyCode == nil ? request.reply : nil),
      replyCode: request.settlement?.replyCode,
      locale: request.settlement?.locale, relay: request.settlement?.relay,
      recipient: request.new.recipient, tenant: request.new.tenant, purpose: request.new.purpose,
      queuedAt: date(request.queuedAt)!, deadline: date(request.deadline)!, sentAt: date(request.sentAt),
      endedAt: date(request.endedAt), nextAttempt: date(request.nextAttempt), retryAt: date(request.retryAt),
      method: request.method, url: request.url, isResend: request.challenge != request.new.row,
      isUsed: requests[request.challenge]?.usedAt != nil)
  }

  // MARK: Purging

  /// Looks at the next `limit` requests after where the last walk stopped.
  ///
  /// - Returns: those that have served.
  mutating func due(at now: Int64, admittedBefore: Int64, limit: Int) -> [Int64] {
    let rows = requests.keys.filter { $0 > sweep.request }.sorted().prefix(limit)
    sweep.request = rows.count < limit ? .min : rows.last!
    let old = rows.filter {
      requests[$0]!.purgeAfter <= now && requests[$0]!.admittedAt ?? .min <= admittedBefore
    }
    for row in rows {
      guard let ahead = requests[row]?.admittedAt.map({ $0 - now }), ahead > 0 else { continue }
      pullBack(row, by: ahead)
    }
    return old.filter { row in
      let mailbox = requests[row]?.new.mailbox.flatMap { rowsByMailbox[$0] } ?? []
      return !mailbox.contains {
        $0 != row && requests[$0]?.challenge == row && requests[$0]?.admittedAt != nil
      }
    }
  }

  func leaving(_ rows: [Int64]) -> [RecentRequest] {
    rows.compactMap { row in requests[row].flatMap { recent(row, $0) } }
  }

  /// Looks at `limit` rows of each other table after where the last walk stopped.
  mutating func purge(
    _ old: [Int64], at now: Int64, auditBefore: Int64, limit: Int
  ) -> (removed: Int, isOver: Bool) {
    for row in old { remove(row) }
    let lines = audit.prefix(limit).count { $0.at < auditBefore }
    let oldest = audit.prefix(limit).filter { $0.at >= auditBefore }
    audit = oldest + audit.dropFirst(limit)
    let scopes = walk(tallies.keys, \.scope, limit).filter { tallies[$0]!.purgeAfter <= now }
    for scope in scopes { tallies[scope] = nil }
    let subjects = walk(guests.keys, \.guest, limit).filter { (guests[$0]!.purgeAfter ?? .max) <= now }
    for subject in subjects { guests[subject] = nil }
    return (old.count + lines + scopes.count + subjects.count, sweep == Sweep())
  }

  mutating func purgeStrayChecks(_ most: Int, _ limit: Int) -> (removed: Int, isOver: Bool) {
    let excess = max(0, audit.count { $0.isStrayCheck } - most)
    var left = min(excess, limit)
    let removed = left
    audit.removeAll { line in
      guard left > 0, line.isStrayCheck else { return false }
      left -= 1
      return true
    }
    return (removed, removed == excess)
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
