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
  /// Entries whose file could not be moved after the commit, and until when they are left alone.
  var stuck: [(entry: SpoolEntry, until: Date)] = []
  /// How many mails may be in flight; grows as mails end.
  private var window = 8
  private let laneCount: Int
  private var admittedSinceUpkeep = 0
  private var nextKeyCheck = Date.distantPast
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
    laneCount = settings.relays.map(\.lanes).reduce(0, +)
    schedule = RetrySchedule(delays: settings.delivery.retryDelays)
  }

  /// Runs until the worker is ending and nothing is in flight, or until it gives up on records that cannot be
  /// written: what was in flight is then found as such at the next start.
  ///
  /// - Returns: false where it gave up.
  func run(_ life: WorkerLife) -> Bool {
    var nextUpkeep = ContinuousClock.now
    while true {
      let turn = inbox.next(lanes: laneRoom, gathering: .milliseconds(5), timeout: .milliseconds(500))
      if turn.isEmpty {
        if life.isEnding, inFlight == 0, inbox.isEmpty { return true }
        if life.hasGivenUp { return false }
      } else if !perform(turn, life) {
        return false
      }
      if ContinuousClock.now >= nextUpkeep {
        upkeep()
        nextUpkeep = .now + .milliseconds(500)
      }
    }
  }

  /// How many requests may be admitted now: as many as the lanes' queue holds, less what lanes may put back.
  ///
  /// After the start only a few are in flight, and more as mails end: if one of them is what killed the last
  /// worker, the others are not counted as suspects with it.
  private func laneRoom() -> LedgerInbox.LaneRoom {
    let waiting = mails.count
    let bound = min(mails.capacity - 2 * laneCount, window)
    return LedgerInbox.LaneRoom(
      admissible: min(mails.capacity - 2 * laneCount - waiting, window - inFlight), isLow: waiting < bound / 2
    )
  }

  private func upkeep() {
    let time = now()
    // Mails that wait for a relay while every relay is down have deadlines too.
    for mail in mails.removeAll(where: { $0.deadline <= time }) {
      inbox.add(mail, DeliveryReport(verdict: .expired))
    }
    for entry in stuck where entry.until <= time { intake.release(entry.entry) }
    stuck.removeAll { $0.until <= time }
    // As much as came in, and more, so that the records do not grow while mail flows.
    let limit = max(500, 4 * admittedSinceUpkeep)
    admittedSinceUpkeep = 0
    do { try records.purge(now: time, limit: limit) } catch { trouble(error) }
    guard time >= nextKeyCheck else { return }
    nextKeyCheck = time.addingTimeInterval(30)
    // Keys that `keys rotate` made in another process.
    do throws(RecordError) { try records.reloadKeys() } catch { trouble(error) }
  }

  /// False where it was given up.
  private func perform(_ turn: LedgerInbox.Turn, _ life: WorkerLife) -> Bool {
    // Judged once: a retry must not come to another settlement than the one that may be committed already.
    let settledAt = now()
    let settled = turn.reports.map { Settled($0.mail, $0.report, schedule: schedule, at: settledAt) }
    while true {
      // Asked for again at each try: deadlines and validity count from when the commit succeeds.
      let time = now()
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
        admittedSinceUpkeep += turn.requests.count
        window = min(mails.capacity + 64, window + 2 * turn.reports.count)
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
