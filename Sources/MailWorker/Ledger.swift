internal import CodeRequests
internal import Configuration
internal import FoundationEssentials
internal import GuestPolicy
internal import LinuxSystem
internal import Records
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
///
/// A request that was in flight at three crashes fails as their cause. So that it does so alone, what was in flight at
/// one is sent a few at a time, and what was at two with nothing beside it.
final class Ledger {
  let settings: Settings
  let records: RecordStore
  let intake: SpoolIntake
  let sweeper: Sweeper
  let inbox: LedgerInbox
  let mails: BoundedQueue<PasscodeMail>
  let log: EventLog
  let clock: WorkerClock
  let schedule: RetrySchedule
  let tally: Monitor<WorkerTally>
  /// A mail that may have arrived.
  struct Doubt {
    let passcode: Passcode
    /// The relay that may have taken it, by its place among the relays.
    let relay: Int?

    init(_ mail: PasscodeMail) {
      passcode = mail.ticket.passcode
      relay = mail.withPassage { $0.doubtfulAt }
    }
  }

  /// Mails that may have arrived: the same passcode goes out again while this worker lives, by another relay.
  var ambiguous: [RequestID: Doubt] = [:]
  var inFlight = 0
  /// How many of those were in flight when an earlier worker died.
  var doubtful = 0
  /// In flight at two crashes: each waits here until nothing else is in flight, and is then tried alone. Bounded, since
  /// they were in flight together.
  var suspects: [PreparedRequest] = []
  /// Entries whose file could not be moved after the commit, and until when they are left alone.
  var stuck: [(entry: SpoolEntry, until: ContinuousClock.Instant)] = []
  /// Their names, until the files are where they belong.
  var misplaced: Set<String> = []
  private var window: AdmissionWindow
  /// No relay is served: nothing is admitted but what has passed its deadline.
  private var isHeld = false
  /// What is in flight is a suspect.
  var isTrying = false
  private let lanes: any MailLanes
  private let outage: RelayOutage
  private let sign: WorkerSign
  private let laneCount: Int
  var admittedSinceUpkeep = 0
  private var nextKeyCheck: ContinuousClock.Instant
  private var lastUpkeep: ContinuousClock.Instant
  private var lastSign: ContinuousClock.Instant
  private var isInTrouble = false
  private var areKeysInTrouble = false
  /// Nil where its thread could not be started: each turn then waits for its own sync.
  var syncer: RecordSyncer?
  /// The turn whose sync is under way.
  var open: (work: Work, commit: UnsyncedCommit)?

  init(
    settings: Settings, laneCount: Int, records: RecordStore, intake: SpoolIntake, sweeper: Sweeper,
    inbox: LedgerInbox, mails: BoundedQueue<PasscodeMail>, lanes: any MailLanes, outage: RelayOutage,
    sign: WorkerSign, tally: Monitor<WorkerTally>, log: EventLog, clock: WorkerClock
  ) {
    self.settings = settings
    self.records = records
    self.intake = intake
    self.sweeper = sweeper
    self.inbox = inbox
    self.mails = mails
    self.lanes = lanes
    self.outage = outage
    self.sign = sign
    self.tally = tally
    self.log = log
    self.clock = clock
    self.laneCount = laneCount
    let start = clock.instant()
    window = AdmissionWindow(most: mails.capacity + 64, now: start)
    nextKeyCheck = start
    // Long ago: what a dead worker left undone is not put off.
    lastUpkeep = start - .seconds(3600)
    lastSign = start
    schedule = RetrySchedule(delays: settings.delivery.retryDelays)
  }

  func now() -> Date { clock.date() }

  /// Runs until the worker is ending and nothing is in flight, or until it gives up on records that cannot be
  /// written: what was in flight is then found as such at the next start.
  ///
  /// - Returns: false where it gave up.
  func run(_ life: WorkerLife) -> Bool {
    syncer = RecordSyncer { [inbox] in inbox.interrupt() }
    defer { syncer?.close() }
    while true {
      if let end = turn(life) { return end }
    }
  }

  /// Waits for something to do, and does it.
  ///
  /// - Returns: nil where there is another turn; at the end what `run` returns.
  func turn(_ life: WorkerLife) -> Bool? {
    life.answer()
    if clock.instant() >= lastSign + .seconds(5) {
      sign.turn()
      lastSign = clock.instant()
    }
    if open != nil, syncer?.isDone == true, conclude(life) == .givenUp { return false }
    let hasTrial = isTrialDue && !life.isStopping
    var turn = inbox.next(
      lanes: laneRoom, gathering: clock.hold(.milliseconds(5)),
      timeout: hasTrial ? .zero : clock.hold(pause))
    window.note(settled: turn.reports.count, at: clock.instant())
    inbox.limit(to: window.size)
    recall()
    if isHeld { turn.requests += inbox.takeRequests { $0.deadline <= now() } }
    if turn.isEmpty, hasTrial {
      if !perform(LedgerInbox.Turn(requests: [suspects.removeFirst()]), life, isTrial: true) {
        return false
      }
    } else if turn.isEmpty {
      if life.hasGivenUp, open == nil { return false }
    } else if !perform(turn, life) {
      return false
    }
    // Also after a turn: the call that woke it up may have been the last one.
    if life.isEnding, inFlight == 0, open == nil, inbox.isEmpty { return true }
    if clock.instant() >= lastUpkeep + pause {
      // It syncs too, and of a failure only one of two syncs would be told.
      if conclude(life) == .givenUp { return false }
      upkeep()
      lastUpkeep = clock.instant()
    }
    return nil
  }

  /// How long the ledger sleeps, and how often it looks after what time brings: seldom where nothing is under way.
  private var pause: Duration {
    inFlight > 0 || open != nil || isHeld || !stuck.isEmpty ? .milliseconds(500) : .seconds(10)
  }

  /// How many requests may be admitted now: as many as the window lets in and the lanes' queue holds, less what lanes
  /// may put back.
  private func laneRoom() -> LedgerInbox.LaneRoom {
    if isHeld || isTrying || !suspects.isEmpty { return LedgerInbox.LaneRoom(admissible: 0, isLow: false) }
    let coming = open?.commit.tickets ?? 0
    let waiting = mails.count + coming
    let size = doubtful > 0 ? AdmissionWindow.least : window.size
    let capacity = mails.capacity - 2 * laneCount
    return LedgerInbox.LaneRoom(
      admissible: min(capacity - waiting, size - inFlight - coming),
      isLow: waiting < min(capacity, size, 512) / 2)
  }

  /// A suspect can be tried, or has passed its deadline.
  private var isTrialDue: Bool {
    guard inFlight == 0, open == nil, let next = suspects.first else { return false }
    return !isHeld || next.deadline <= now()
  }

  /// While no relay is served, what the lanes have not begun goes back to the queue: there a newer request can take its
  /// place and it can be cancelled, `status` says that it waits, and its passcode is made when it can be sent.
  private func recall() {
    let isServing = lanes.isServing
    if isHeld == isServing {
      isHeld = !isServing
      if isHeld { outage.publish() } else { outage.clear() }
    }
    if isHeld { withdraw { _ in true } }
  }

  /// Takes mails back that the lanes have not begun. Each is settled in the next turn as if it had never been handed
  /// out, and comes round again where that leaves it waiting.
  func withdraw(where isUnwanted: (PasscodeMail) -> Bool) {
    for mail in mails.removeAll(where: isUnwanted) {
      inbox.add(mail, DeliveryReport(verdict: .untouched))
    }
  }

  /// Takes mails back that were cancelled from outside while they waited.
  private func withdrawCancelled() throws(RecordError) {
    var rows: [Int64] = []
    _ = mails.removeAll { mail in
      rows.append(mail.ticket.requestKey)
      return false
    }
    let cancelled = try records.cancelledWhileSending(among: rows)
    guard !cancelled.isEmpty else { return }
    for mail in mails.removeAll(where: { cancelled.contains($0.ticket.requestKey) }) {
      inbox.add(mail.cancelled, DeliveryReport(verdict: .untouched))
    }
  }

  private func upkeep() {
    let time = now()
    // Mails that wait for a relay while every relay is down have deadlines too.
    for mail in mails.removeAll(where: { $0.deadline <= time }) {
      inbox.add(mail, DeliveryReport(verdict: .expired))
    }
    // By the clock that nobody sets.
    let instant = clock.instant()
    for entry in stuck where entry.until <= instant { intake.release(entry.entry) }
    stuck.removeAll { $0.until <= instant }
    // As much as came in, and more, so that the records do not grow while mail flows.
    let limit = max(500, 4 * admittedSinceUpkeep)
    admittedSinceUpkeep = 0
    do throws(RecordError) {
      try withdrawCancelled()
      try records.purge(now: time, limit: limit)
      mended()
    } catch { trouble(error) }
    guard instant >= nextKeyCheck else { return }
    nextKeyCheck = instant + .seconds(30)
    // Takes in keys that `keys rotate` made in another process, and deletes those that nothing needs any more.
    do throws(RecordError) {
      try records.deleteUnusedKeys(now: time)
      if areKeysInTrouble, !isInTrouble { log.post(.storageRecovered()) }
      areKeysInTrouble = false
    } catch {
      // Keys that were lost or swapped are not taken in: the worker goes on with those that it has until they are back.
      if !areKeysInTrouble { post(error) }
      areKeysInTrouble = true
    }
  }

  /// Follows an operator who put another file in the place of the records.
  func renewRecords(afterDamage isDamaged: Bool) throws(RecordError) {
    if try records.renew(afterDamage: isDamaged), !isDamaged {
      log.post(.reloaded(.records(settings.recordsPath)))
    }
  }

  func trouble(_ error: RecordError) {
    guard !isInTrouble else { return }
    isInTrouble = true
    post(error)
  }

  private func post(_ error: RecordError) {
    log.post(.storageError(records: error.code, error: "\(error)"))
  }

  func mended() {
    guard isInTrouble else { return }
    isInTrouble = false
    log.post(.storageRecovered())
  }
}
