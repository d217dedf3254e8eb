internal import CodeRequests
package import FoundationEssentials
internal import LinuxSystem
package import RecordKeys

/// The records of one installation, as the worker and the commands of operators use them: admission, settlement,
/// status, upkeep.
///
/// One connection, used by one thread at a time. Every change is one transaction, durable when its call returns
/// (WAL, synced after the commit), but for `write`. On failure a call throws a `RecordError` and nothing of it has happened: the same call
/// may be made again. `busy` means another process held the lock for longer than the wait.
package final class RecordStore {
  private(set) var connection: SQLiteConnection
  private let busyTimeout: Duration
  let keyring: Keyring
  let settings: PasscodeSettings
  let limits: LimitSettings
  let retention: RetentionSettings
  /// Names this process in the rows it is sending: a row that names another was in flight when that one died. Only
  /// the holder of the spool's lock admits, so there is no other that lives.
  let run: Int64
  /// Requests committed as being sent whose commit could not be synced: none of them was sent.
  var unsynced: Set<Int64> = []
  /// The places that mails in flight fill in windows of clients and tenants: given back where nobody gets the mail.
  var placesInFlight: [Int64: WindowPlaces] = [:]
  var random = RandomBytes()
  var sweep = Sweep()
  /// `data_version` when marks of cancelled requests were last looked for.
  var seenVersion: Int64 = 0
  /// Replaced in tests.
  var bootTime: () -> Int64? = { BootTime.now() }
  /// The highest row in use; true from the start of a transaction that inserts to its end.
  var highestRow: Int64 = 0

  /// Opens the records at `path`, made where they are missing.
  ///
  /// - Parameter busyTimeout: how long a call waits for other processes.
  package init(
    path: String, keyring: Keyring, settings: PasscodeSettings = PasscodeSettings(),
    limits: LimitSettings = LimitSettings(), retention: RetentionSettings = RetentionSettings(),
    busyTimeout: Duration = .seconds(5)
  ) throws(RecordError) {
    connection = try SQLiteConnection.records(at: path, keyring: keyring, busyTimeout: busyTimeout)
    self.busyTimeout = busyTimeout
    self.keyring = keyring
    self.settings = settings
    self.limits = limits
    self.retention = retention
    run = Int64.random(in: 1...Int64.max)
  }

  /// For the start of a program whose only use of SQLite this is: spares a lock at each of its allocations.
  package static func takeProcess() { SQLiteConnection.leaveOutStatistics() }

  /// Opens the file anew where another one stands in its place, or where the open one was found damaged.
  ///
  /// - Returns: whether it was opened anew.
  @discardableResult
  package func renew(afterDamage isDamaged: Bool = false) throws(RecordError) -> Bool {
    let fresh = try connection.successor(
      afterDamage: isDamaged, keyring: keyring, busyTimeout: busyTimeout)
    guard let fresh else { return false }
    connection = fresh
    seenVersion = 0
    return true
  }

  /// ONE transaction: settles what ended, then admits the batch. Durable when it returns.
  ///
  /// - Returns: one admission for each request, in their order.
  package func commit(
    settlements: [Settlement], admissions: [AdmissionRequest], now: Date
  ) throws(RecordError) -> [Admission] {
    guard !settlements.isEmpty || !admissions.isEmpty else { return [] }
    return try sync(write(settlements: settlements, admissions: admissions, now: now))
  }

  /// The transaction of `commit` without the wait for the disk: `sync` or `conclude` comes next, or where neither
  /// succeeds the same call again.
  package func write(
    settlements: [Settlement], admissions: [AdmissionRequest], now: Date
  ) throws(RecordError) -> UnsyncedCommit {
    // Only when the sync has succeeded is `unsynced` cleared: a transaction that rolls back cannot take that back.
    let result = try connection.transaction { () throws(RecordError) -> [Admission] in
      var tallies = TallyBook()
      for settlement in settlements { try settle(settlement, &tallies) }
      if !settlements.isEmpty { FailPoint.settlementUncommitted.pass() }
      guard !admissions.isEmpty else {
        try tallies.write(to: self)
        return []
      }
      highestRow = try findHighestRow()
      var desk = AdmissionDesk(
        store: self, key: keyring.current, now: now.unixMilliseconds, tallies: tallies)
      let admitted = try desk.admit(admissions)
      FailPoint.admissionUncommitted.pass()
      return admitted
    }
    if !placesInFlight.isEmpty {
      for settlement in settlements { placesInFlight[settlement.requestKey] = nil }
    }
    if !settlements.isEmpty { FailPoint.settlementCommitted.pass() }
    if !admissions.isEmpty { FailPoint.admissionCommitted.pass() }
    return UnsyncedCommit(admissions: result, hasSettlements: !settlements.isEmpty)
  }

  /// Waits until what `write` committed is durable.
  package func sync(_ commit: UnsyncedCommit) throws(RecordError) -> [Admission] {
    do throws(RecordError) { try connection.sync() } catch {
      leaveUnsynced(commit)
      throw error
    }
    return synced(commit)
  }

  /// The log, for a thread that syncs it while the owner goes on with the records. Nil where `sync` must do it.
  package var log: RecordLog? { connection.log.map(RecordLog.init) }

  /// Takes what a thread's sync has come to, begun after the commit: where that failed, syncs in another way.
  package func conclude(_ commit: UnsyncedCommit, isSynced: Bool) throws(RecordError) -> [Admission] {
    if isSynced { return synced(commit) }
    connection.noteUnsynced()
    return try sync(commit)
  }

  /// None of what it sends was sent, and all of it is to be written again.
  package func leaveUnsynced(_ commit: UnsyncedCommit) {
    for case .send(let ticket) in commit.admissions { unsynced.insert(ticket.requestKey) }
  }

  private func synced(_ commit: UnsyncedCommit) -> [Admission] {
    if !unsynced.isEmpty {
      for case .send(let ticket) in commit.admissions { unsynced.remove(ticket.requestKey) }
    }
    if commit.hasSettlements { FailPoint.settlementSynced.pass() }
    if !commit.admissions.isEmpty { FailPoint.admissionSynced.pass() }
    return commit.admissions
  }

  /// Another file, or none, stands where this one was opened.
  package var isReplaced: Bool { connection.isMoved }

  private func findHighestRow() throws(RecordError) -> Int64 {
    let statement = try connection.statement(.lastRow)
    let row = try statement.step() ? statement.int(0) : 0
    statement.reset()
    return row
  }

  func makeRow() -> Int64 {
    highestRow += 1
    return highestRow
  }
}

/// A transaction that stands and may not be on the disk yet: nothing of it may be told or acted on.
package struct UnsyncedCommit: Sendable {
  fileprivate let admissions: [Admission]
  fileprivate let hasSettlements: Bool

  /// How many mails it sends.
  package let tickets: Int

  fileprivate init(admissions: [Admission], hasSettlements: Bool) {
    self.admissions = admissions
    self.hasSettlements = hasSettlements
    tickets = admissions.count { if case .send = $0 { true } else { false } }
  }
}

/// The write-ahead log, which one thread syncs while another goes on with the records.
package struct RecordLog: Sendable {
  let log: SQLiteConnection.Log

  /// False where it failed: nothing that was committed since the last success may be taken for durable.
  package func sync() -> Bool { log.sync() }
}

/// How long records are kept after they have served.
package struct RetentionSettings: Hashable, Sendable {
  /// Requests and challenges, counted from their deadline or their last passcode's end. At least the longest window of
  /// the limits, or these would forget.
  package var requests: Duration
  /// The audit trail.
  package var audit: Duration

  package init(requests: Duration = .seconds(24 * 3600), audit: Duration = .seconds(7 * 24 * 3600)) {
    self.requests = requests
    self.audit = audit
  }
}

/// Where the walk over each table that has no index on time stands.
struct Sweep: Equatable {
  var request: Int64 = 0
  var tally: [UInt8] = []
  var guest: [UInt8] = []
}
