internal import CodeRequests
package import FoundationEssentials
internal import LinuxSystem
package import RecordKeys

/// The records of one installation, as the worker and the commands of operators use them: admission, settlement,
/// status, upkeep.
///
/// Used by one thread at a time. Every change is one transaction: its facts are fetched, the rules decide, what they
/// decided is applied. It is durable when its call returns, but for `write`. On failure a call throws a `RecordError` and
/// nothing of it has happened: the same call may be made again. `busy` means another process held the lock for longer
/// than the wait.
package final class RecordStore {
  package let engine: any RecordEngine
  package let keyring: Keyring
  package let rules: RecordRules
  /// Names this process in the rows it is sending. Whether another that such a row names still lives, the engine says.
  let run: Int64
  /// Requests committed as being sent whose commit could not be synced: none of them was sent.
  private var unsynced: Set<Int64> = []
  /// Whether everybody's codes are longer, and when that was looked at.
  private var flood: (isOn: Bool, at: Int64)?
  private var random = RandomBytes()
  /// Replaced in tests.
  package var bootTime: () -> Int64? = { BootTime.now() }

  package init(engine: any RecordEngine, keyring: Keyring, rules: RecordRules = RecordRules()) {
    self.engine = engine
    self.keyring = keyring
    self.rules = rules
    run = Int64.random(in: 1...Int64.max)
  }

  /// Opens the records anew where others stand in their place, or where they were found damaged.
  ///
  /// - Returns: whether they were opened anew.
  @discardableResult
  package func renew(afterDamage isDamaged: Bool = false) throws(RecordError) -> Bool {
    try engine.renew(afterDamage: isDamaged)
  }

  /// Others, or none, stand where these were opened.
  package var isReplaced: Bool { engine.isReplaced }

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
    let batch = AdmissionBatch(
      settlements: settlements, admissions: admissions, rules: rules, keyring: keyring, run: run)
    let (decision, mark) = try engine.transaction { transaction throws(RecordError) in
      let circumstances = AdmissionDesk.Circumstances(
        rules: rules, keyring: keyring, key: keyring.current, now: now.unixMilliseconds,
        bootTime: bootTime(), run: run, unsynced: unsynced,
        isFlooded: admissions.isEmpty ? false : try isFlooded(transaction, at: now.unixMilliseconds))
      let facts = try transaction.facts(for: batch.question)
      let decision = AdmissionDesk.decide(batch, facts: facts, circumstances, random: &random)
      try transaction.apply(decision.changes)
      if !settlements.isEmpty { FailPoint.settlementUncommitted.pass() }
      if !admissions.isEmpty { FailPoint.admissionUncommitted.pass() }
      return decision
    }
    // Only when the sync has succeeded is `unsynced` cleared: what was committed stands, whatever the disk does.
    if !settlements.isEmpty { FailPoint.settlementCommitted.pass() }
    if !admissions.isEmpty { FailPoint.admissionCommitted.pass() }
    return UnsyncedCommit(
      admissions: decision.admissions, hasSettlements: !settlements.isEmpty, mark: mark,
      notices: decision.notices)
  }

  /// Looked at once a minute: it is a matter of hours.
  private func isFlooded(_ reader: any RecordReader, at now: Int64) throws(RecordError) -> Bool {
    guard rules.settings.mayDiffer else { return false }
    if let flood, abs(now - flood.at) < 60_000 { return flood.isOn }
    let end = now - LongerCodes.patience.milliseconds
    let (mailed, unused) = try reader.mailed(
      from: end - LongerCodes.hour.milliseconds, to: end, most: LongerCodes.sample)
    let isOn = LongerCodes.isFlooded(mailed: mailed, unused: unused)
    flood = (isOn, now)
    return isOn
  }

  /// Waits until what `write` committed is durable.
  package func sync(_ commit: UnsyncedCommit) throws(RecordError) -> [Admission] {
    do throws(RecordError) { try engine.makeDurable(commit.mark) } catch {
      leaveUnsynced(commit)
      throw error
    }
    return synced(commit)
  }

  /// The log, for a thread that syncs it while the owner goes on with the records. Nil where `sync` must do it.
  package var log: (any RecordLog)? { engine.log }

  /// Takes what a thread's sync has come to, begun after the commit: where that failed, syncs in another way.
  package func conclude(_ commit: UnsyncedCommit, isSynced: Bool) throws(RecordError) -> [Admission] {
    isSynced ? synced(commit) : try sync(commit)
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

  /// A transaction, durable when it returns.
  func durably<Result>(
    _ body: (any RecordTransaction) throws(RecordError) -> Result
  ) throws(RecordError) -> Result {
    let (result, mark) = try engine.transaction(body)
    FailPoint.attemptAnswered.pass()
    try engine.makeDurable(mark)
    return result
  }
}

/// A transaction that stands and may not be on the disk yet: nothing of it may be told or acted on.
package struct UnsyncedCommit: Sendable {
  fileprivate let admissions: [Admission]
  fileprivate let hasSettlements: Bool
  fileprivate let mark: CommitMark

  /// How many mails it sends.
  package let tickets: Int
  /// Limits that it has come near to.
  package let notices: [LimitNotice]

  fileprivate init(
    admissions: [Admission], hasSettlements: Bool, mark: CommitMark, notices: [LimitNotice]
  ) {
    self.notices = notices
    self.admissions = admissions
    self.hasSettlements = hasSettlements
    self.mark = mark
    tickets = admissions.count { if case .send = $0 { true } else { false } }
  }
}
