internal import CodeRequests
internal import FoundationEssentials
internal import GuestPolicy
internal import Records
internal import RequestSpool

// A turn's transaction, its sync, and what follows from it. While one turn is being synced the next is written; nothing of
// a turn is told or acted on before its own sync has succeeded.
//
// On failure: where a sync fails in every way, its turn is written again, and so is the one that was committed behind it.

extension Ledger {
  /// A turn, and what its reports mean.
  struct Work {
    let turn: LedgerInbox.Turn
    let settled: [Settled]
    let isTrial: Bool
  }

  /// Records a turn and acts on it. While there is more to do the sync is left to its thread, and the acting to when that
  /// is done. False where it was given up.
  func perform(_ turn: LedgerInbox.Turn, _ life: WorkerLife, isTrial: Bool = false) -> Bool {
    // Judged once: a retry must not come to another settlement than the one that may be committed already.
    let settledAt = now()
    let settled = turn.reports.map { Settled($0.mail, $0.report, schedule: schedule, at: settledAt) }
    let work = Work(turn: turn, settled: settled, isTrial: isTrial)
    let commit: UnsyncedCommit
    do throws(RecordError) { commit = try write(work, life) } catch {
      return conclude(life) != .givenUp && insist(work, life, after: error)
    }
    switch conclude(life, before: commit) {
    case .acted: break
    case .repeated: return insist(work, life)
    case .givenUp: return false
    }
    if mayOverlap(work), let syncer, let log = records.log {
      open = (work, commit)
      syncer.begin(log)
      return true
    }
    do throws(RecordError) {
      act(on: work, try records.sync(commit))
      return true
    } catch { return insist(work, life, after: error) }
  }

  /// Only where the next turn is waiting: else nothing is gained by another thread.
  private func mayOverlap(_ work: Work) -> Bool {
    !work.isTrial && suspects.isEmpty && doubtful == 0 && !inbox.isEmpty
  }

  private func write(_ work: Work, _ life: WorkerLife) throws(RecordError) -> UnsyncedCommit {
    if open != nil, records.isReplaced { _ = conclude(life) }
    if open == nil { try renewRecords(afterDamage: false) }
    // Asked for again at each try: deadlines and validity count from when the commit succeeds.
    let time = now()
    return try records.write(
      settlements: work.settled.map(\.settlement),
      admissions: work.turn.requests.map { admission(of: $0, at: time, isAlone: work.isTrial) }, now: time)
  }

  enum Conclusion {
    case acted
    /// It had to be written again.
    case repeated
    case givenUp
  }

  /// Waits for the sync that is under way, and acts on its turn.
  ///
  /// - Parameter later: was committed meanwhile. Where the sync fails in every way it is to be written again as well.
  func conclude(_ life: WorkerLife, before later: UnsyncedCommit? = nil) -> Conclusion {
    guard let (work, commit) = open, let syncer else { return .acted }
    open = nil
    do throws(RecordError) {
      act(on: work, try records.conclude(commit, isSynced: syncer.wait()))
      return .acted
    } catch {
      if let later { records.leaveUnsynced(later) }
      return insist(work, life, after: error) ? .repeated : .givenUp
    }
  }

  /// Tries until it stands and is on the disk. False where it was given up.
  private func insist(_ work: Work, _ life: WorkerLife, after first: RecordError? = nil) -> Bool {
    var problem = first
    while true {
      if let problem {
        trouble(problem)
        life.answer()
        if life.hasGivenUp { return false }
        if problem.isDamage { try? renewRecords(afterDamage: true) }
        life.pauseThroughStop(clock.hold(.seconds(1)))
      }
      do throws(RecordError) {
        act(on: work, try records.sync(write(work, life)))
        return true
      } catch { problem = error }
    }
  }

  private func act(on work: Work, _ admissions: [Admission]) {
    mended()
    let turn = work.turn
    var events: [WorkerEvent] = []
    for (index, report) in turn.reports.enumerated() {
      finish(report.mail, report.report, work.settled[index], &events)
    }
    for (request, admission) in zip(turn.requests, admissions) { act(on: admission, request, &events) }
    isTrying = (isTrying || work.isTrial) && inFlight > 0
    admittedSinceUpkeep += turn.requests.count
    log.post(events)
  }
}
