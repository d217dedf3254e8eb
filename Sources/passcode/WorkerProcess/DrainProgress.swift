internal import CommandVerbs
internal import MailWorker
internal import Records
internal import RequestSpool

/// How far a drain is, as a bar below the log, on a terminal alone.
struct DrainProgress {
  private let log: EventLog
  private let start = ContinuousClock.now
  private var bar: ProgressBar?
  private var next = ContinuousClock.now

  /// - Parameter spool: what lies there is what is to be done; requests that come meanwhile are more.
  init(of spool: Spool, _ log: EventLog, isShown: Bool) {
    self.log = log
    guard isShown else { return }
    let waiting = [QueueItem.State.queued, .deferred].reduce(0) { $0 + ((try? spool.count($1)) ?? 0) }
    bar = ProgressBar(total: waiting)
  }

  /// Shows it, ten times a second at the most.
  mutating func show(_ tally: WorkerTally) {
    guard var bar, .now >= next else { return }
    next = .now + .milliseconds(100)
    bar.note(done: tally.ended, at: (ContinuousClock.now - start) / .seconds(1))
    self.bar = bar
    let failed = tally.ended - tally[.sent]
    let remark = failed > 0 ? "\(failed) not sent" : tally.deferrals > 0 ? "\(tally.deferrals) put off" : ""
    log.show(status: bar.line(columns: Terminal.columns, remark: remark))
  }

  /// Takes it away, so that the log's last lines stand alone.
  func end() { if bar != nil { log.show(status: "") } }
}
