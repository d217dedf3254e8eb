package import Foundation
internal import LinuxSystem
package import Records

/// Records in memory, for tests: the same contract as the engines that keep them, and failures on demand.
///
/// A transaction works on a copy, which takes the place of what was there when it succeeds.
package final class MemoryEngine: RecordEngine {
  private struct State: Sendable {
    var tables = MemoryTables()
    var commits = 0
    var durable = 0
    /// What the next transactions throw, the first of them first.
    var failures: [RecordError] = []
    /// How many of the next waits for durability fail.
    var failingSyncs = 0
    /// How many of the next waits of a log fail.
    var failingLogs = 0
    /// A log's wait ends when so many transactions were begun.
    var awaited = 0
    var isDamaged = false
    var isMended = false
    /// Transactions that were begun.
    var begun = 0
    var liveRuns: Set<Int64> = []
    var isReplaced = false
  }

  private let state = Monitor(State())

  /// Whether a transaction that throws is undone. That costs a copy of all there is for each: a simulation of many goes
  /// without, and none of its transactions throws.
  private let isUndoing: Bool

  package init(isUndoing: Bool = true) { self.isUndoing = isUndoing }

  package func transaction<Result>(
    _ body: (any RecordTransaction) throws(RecordError) -> Result
  ) throws(RecordError) -> (result: Result, mark: CommitMark) {
    try state.change { state throws(RecordError) in
      state.begun += 1
      if !state.failures.isEmpty { throw state.failures.removeFirst() }
      if state.isDamaged { throw RecordError(.corrupt, "memory", "is damaged") }
      let transaction = MemoryTransaction(state.tables, liveRuns: state.liveRuns)
      if !isUndoing { state.tables = MemoryTables() }
      let result = try body(transaction)
      state.tables = transaction.tables
      state.commits += 1
      return (result, CommitMark(number: state.commits))
    }
  }

  package func look<Result>(
    _ body: (any RecordReader) throws(RecordError) -> Result
  ) throws(RecordError) -> Result {
    try body(state.withLock { MemoryTransaction($0.tables, liveRuns: $0.liveRuns) })
  }

  package func makeDurable(_ mark: CommitMark) throws(RecordError) {
    try state.withLock { state throws(RecordError) in
      guard state.durable < mark.number else { return }
      if state.failingSyncs > 0 {
        state.failingSyncs -= 1
        throw RecordError(.io, "memory", "could not be synced")
      }
      state.durable = state.commits
    }
  }

  package var log: (any RecordLog)? { Log(engine: self, number: state.withLock { $0.commits }) }

  private struct Log: RecordLog {
    let engine: MemoryEngine
    let number: Int

    func sync() -> Bool {
      engine.state.wait { state in
        guard state.begun >= state.awaited else { return nil }
        if state.failingLogs > 0 {
          state.failingLogs -= 1
          return false
        }
        state.durable = max(state.durable, number)
        return true
      } ?? false
    }
  }

  package var isReplaced: Bool {
    state.change { state in
      // Whoever knows that now need not wait any longer.
      if state.isReplaced { state.awaited = 0 }
      return state.isReplaced
    }
  }

  package func renew(afterDamage isDamaged: Bool) throws(RecordError) -> Bool {
    state.withLock { state in
      defer { state.isReplaced = false }
      let isRenewed = state.isReplaced || (isDamaged && state.isMended)
      if isRenewed { (state.isDamaged, state.isMended) = (false, false) }
      return isRenewed
    }
  }

  // MARK: For tests

  /// The next transactions throw these.
  package func fail(with errors: RecordError...) { state.withLock { $0.failures += errors } }
  /// So many of the next waits for durability fail, and of those of a log.
  package func failSyncs(_ syncs: Int, logs: Int = 0) {
    state.withLock { ($0.failingSyncs, $0.failingLogs) = (syncs, logs) }
  }
  /// The next waits of a log end when so many more transactions were begun, whatever came of them, or when it was
  /// told that others stand in the place of these records.
  package func holdLogs(untilFurther transactions: Int) {
    state.withLock { $0.awaited = $0.begun + transactions }
  }
  /// Nothing can be written until others stand in the place of these records, or they are opened anew after `mend`.
  package func damage() { state.withLock { $0.isDamaged = true } }
  package func mend() { state.withLock { $0.isMended = true } }
  /// How many transactions have succeeded.
  package var commits: Int { state.withLock { $0.commits } }
  /// Runs of other spools that are alive.
  package func setLiveRuns(_ runs: Set<Int64>) { state.withLock { $0.liveRuns = runs } }
  /// Others stand in the place of these records, which are empty.
  package func replace() {
    state.withLock {
      $0.tables = MemoryTables()
      $0.isReplaced = true
    }
  }
  /// What is there.
  package var tables: MemoryTables { state.withLock { $0.tables } }

  // MARK: Reading

  package func status(of id: [UInt8]) throws(RecordError) -> RequestStatus? { tables.status(of: id) }
  package func requests(_ search: RequestSearch, limit: Int) throws(RecordError) -> [FoundRequest] {
    tables.found(search, limit)
  }
  package func guest(_ subject: [UInt8]) throws(RecordError) -> Guest? { tables.guests[subject] }
  package func recent(of mailbox: Int64, most: Int) throws(RecordError) -> [RecentRequest] {
    tables.recent(of: mailbox, most)
  }
  package func sessions(idKey: Int64) throws(RecordError) -> [SessionFacts] { tables.sessions(idKey: idKey) }
  package func keyNeeds() throws(RecordError) -> [KeyNeed] { Array(tables.keys.values) }

  package func cancelled(among rows: [Int64]) throws(RecordError) -> Set<Int64> {
    let tables = tables
    return Set(
      rows.filter { tables.requests[$0].map { $0.state == .sending && $0.cancelledAt != nil } ?? false })
  }

  package func forEachAuditRecord(
    since: Date?, address: Int64?, idKey: Int64?, _ body: (AuditRecord) -> Bool
  ) throws(RecordError) {
    let first = since.map { Int64(($0.timeIntervalSince1970 * 1000).rounded()) } ?? .min
    let tables = tables
    for line in tables.audit
    where line.at >= first && (address == nil || line.address == address)
      && (idKey == nil || line.idKey == idKey)
    {
      let record = AuditRecord(
        at: Date(timeIntervalSince1970: Double(line.at) / 1000), event: line.event, result: line.result,
        shortID: line.idKey.flatMap { tables.shortID(idKey: $0) }, recipient: line.recipient,
        tenant: line.tenant, detail: line.detail)
      guard body(record) else { return }
    }
  }

  package func purge(
    at now: Int64, admittedBefore: Int64, auditBefore: Int64, limit: Int,
    noting: ([RecentRequest], any RecordReader) throws(RecordError) -> RecordChanges
  ) throws(RecordError) -> (removed: Int, isOver: Bool) {
    try transaction { transaction throws(RecordError) in
      let transaction = transaction as! MemoryTransaction
      let due = transaction.tables.due(at: now, admittedBefore: admittedBefore, limit: limit)
      try transaction.apply(noting(transaction.tables.leaving(due), transaction))
      return transaction.tables.purge(due, at: now, auditBefore: auditBefore, limit: limit)
    }.result
  }

  package func purgeStrayChecks(
    most: Int, limit: Int
  ) throws(RecordError) -> (removed: Int, isOver: Bool) {
    // Nothing is written where there is nothing to remove.
    guard tables.audit.count(where: \.isStrayCheck) > most else { return (0, true) }
    return try transaction { transaction throws(RecordError) in
      (transaction as! MemoryTransaction).tables.purgeStrayChecks(most, limit)
    }.result
  }
}
