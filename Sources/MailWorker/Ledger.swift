internal import CodeRequests
internal import Configuration
internal import Foundation
internal import GuestPolicy
internal import LinuxSystem
internal import PasscodeVerifier
internal import RequestSpool
internal import SMTPDelivery

/// The one thread that writes to the records: in each turn one transaction settles what ended and admits what
/// came, then files are moved and mails handed to the lanes.
///
/// On failure: where the transaction cannot be committed (disk full, database locked or damaged) nothing of the
/// turn has happened; the ledger says so once, keeps the turn in memory, takes in nothing more, and tries
/// again every second. Where a file cannot be moved after the commit, the records already know the outcome: the
/// entry is released and comes round again as a duplicate, so that no mail goes out twice for it. A crash
/// between commit and file is the same case.
final class Ledger {
  let settings: Settings
  let records: RecordStore
  let intake: SpoolIntake
  let sweeper: Sweeper
  let inbox: LedgerInbox
  let mails: BoundedQueue<PasscodeMail>
  let log: EventLog
  let now: @Sendable () -> Date
  let schedule: RetrySchedule
  let tally: Monitor<WorkerTally>
  /// Passcodes of mails that may have arrived: the same one goes out again while this worker lives.
  var ambiguous: [RequestID: Passcode] = [:]
  var inFlight = 0
  /// Entries whose file could not be moved after the commit.
  var stuck: [SpoolEntry] = []
  private var isInTrouble = false

  init(
    settings: Settings, records: RecordStore, intake: SpoolIntake, sweeper: Sweeper, inbox: LedgerInbox,
    mails: BoundedQueue<PasscodeMail>, tally: Monitor<WorkerTally>, log: EventLog,
    now: @escaping @Sendable () -> Date
  ) {
    self.settings = settings
    self.records = records
    self.intake = intake
    self.sweeper = sweeper
    self.inbox = inbox
    self.mails = mails
    self.tally = tally
    self.log = log
    self.now = now
    schedule = RetrySchedule(delays: settings.delivery.retryDelays)
  }

  /// Runs until the worker is ending and nothing is in flight, or until it gives up on records that cannot be
  /// written: what was in flight is then found as such at the next start.
  func run(_ life: WorkerLife) {
    while true {
      let turn = inbox.next(
        lanes: { (mails.count, mails.capacity) }, gathering: .milliseconds(5),
        timeout: .milliseconds(500))
      if turn.isEmpty {
        if life.isEnding, inFlight == 0, inbox.isEmpty { return }
        expireWaiting()
        upkeep()
        continue
      }
      guard perform(turn, life) else { return }
    }
  }

  /// Mails that wait for a relay while every relay is down have deadlines too.
  private func expireWaiting() {
    let time = now()
    for mail in mails.removeAll(where: { $0.deadline <= time }) {
      inbox.add(mail, DeliveryReport(verdict: .expired))
    }
  }

  private func upkeep() {
    for entry in stuck { intake.release(entry) }
    stuck = []
    do { try records.purge(now: now()) } catch { trouble(error) }
  }

  /// False where it was given up.
  private func perform(_ turn: LedgerInbox.Turn, _ life: WorkerLife) -> Bool {
    let time = now()
    let settled = turn.reports.map { Settled($0.mail, $0.report, schedule: schedule, at: time) }
    while true {
      do throws(RecordError) {
        let requests = try turn.requests.map { request throws(RecordError) in
          try admission(of: request, at: time)
        }
        let admissions = try records.commit(
          settlements: settled.map(\.settlement), admissions: requests, now: time)
        mended()
        var events: [LogEvent] = []
        for (index, report) in turn.reports.enumerated() {
          finish(report.mail, report.report, settled[index], &events)
        }
        for (request, admission) in zip(turn.requests, admissions) { act(on: admission, request, &events) }
        log.post(events)
        return true
      } catch {
        trouble(error)
        if life.hasGivenUp { return false }
        life.pauseThroughStop(.seconds(1))
      }
    }
  }

  private func trouble(_ error: RecordError) {
    guard !isInTrouble else { return }
    isInTrouble = true
    log.post(
      LogEvent(.storageTrouble, .error).with("code", error.code.rawValue).with("error", "\(error)"))
  }

  private func mended() {
    guard isInTrouble else { return }
    isInTrouble = false
    log.post(LogEvent(.storageMended))
  }
}
