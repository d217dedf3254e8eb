package import Configuration
internal import GuestPolicy
internal import LinuxSystem
internal import MessageTemplates
package import Records
internal import SQLiteRecords
internal import RecordKeys
internal import RequestSpool
internal import SMTPDelivery

/// The worker: takes code requests from the spool and brings each to exactly one outcome.
///
/// Threads, in the order data flows: one intake (names, files, JSON), one ledger (records) with one that waits for the
/// disk, the lanes (rendering, SMTP), one sweeper (removal of what has ended). Between them stand bounded queues, so that a
/// slow relay slows the intake and memory does not grow with the backlog.
///
/// On failure: what cannot be opened at the start throws, and nothing has begun. Later nothing stops the worker:
/// trouble with the disk or the records holds work back until it is mended, trouble with a relay makes its mails
/// wait, a bad request is set aside. After `kill -9` the next worker finds the spool as it was; mails that were
/// being sent go out once more, with a further passcode in the same challenge and the same Message-ID.
package final class Worker: Sendable {
  /// Mails that are admitted and not yet reported are at most this many, the lanes' own not counted.
  private static let queueCapacity = 1024

  private let settings: Settings
  private let log: EventLog
  private let intake: SpoolIntake
  private let sweeper: Sweeper
  private let inbox = LedgerInbox(capacity: 512, batch: 256, most: 512)
  private let mails: BoundedQueue<PasscodeMail>
  private let lanes: any MailLanes
  private let outage: RelayOutage
  private let sign: WorkerSign
  let tallyMonitor = Monitor(WorkerTally())
  private let life = WorkerLife()
  private let threads = Monitor<[LinuxThread]>([])
  private let bodies: ThreadBodies

  /// What each thread owns.
  private struct ThreadBodies: @unchecked Sendable {
    // Sendable: after `start` each is only touched by its own thread.
    let intakeDesk: IntakeDesk
    let ledger: Ledger
  }

  /// Opens everything and starts nothing.
  ///
  /// The caller holds the spool's lock, or knows that no other worker runs.
  ///
  /// - Parameter engine: where the records are kept; nil: in the SQLite file of the state directory.
  /// - Throws: a `ConfigurationFault`, `SpoolError`, `RecordError`, `KeyFault`, `TemplateFaults`, `TenantFaults` or
  ///   `LibcurlFault`, each naming what is wrong where.
  package convenience init(
    settings: Settings, log: EventLog, engine: (any RecordEngine)? = nil, clock: WorkerClock = .system
  ) throws {
    let relays = try settings.relaySettings()
    try self.init(settings: settings, log: log, engine: engine, clock: clock) { ends in
      try RelayDispatcher(relays: relays, mails: ends.mails, report: ends.report, event: ends.event)
    }
  }

  /// - Parameter lanes: makes what sends the mails.
  init(
    settings: Settings, log: EventLog, engine: (any RecordEngine)?, clock: WorkerClock,
    lanes: (MailLaneEnds) throws -> any MailLanes
  ) throws {
    self.settings = settings
    self.log = log
    let laneCount = try settings.relaySettings().map(\.lanes).reduce(0, +)
    // Beside the mails that wait there is room for what all lanes may put back.
    mails = BoundedQueue(capacity: Self.queueCapacity + 2 * laneCount)
    let templates = try TemplateReloader(
      directory: settings.templates, needsSubjectWithCode: settings.subjectShowsCode, trust: settings.trust)
    let tenants =
      try settings.tenants.map { try TenantDirectoryReloader(path: $0, access: .fileSystem(settings.trust)) }
      ?? TenantDirectoryReloader()
    let keyring = try Keyring(directory: settings.keysPath, ofRecordsAt: settings.recordsPath)
    let spool = try Spool(at: settings.spoolPath, group: settings.spoolGroup)
    let records = RecordStore(
      engine: try engine ?? SQLiteEngine(path: settings.recordsPath, keyring: keyring), keyring: keyring,
      rules: RecordRules(
        settings: settings.passcode, limits: settings.limits,
        broughtCodes: settings.verification.broughtCodes))
    var intakeSettings = IntakeSettings()
    intakeSettings.order = settings.delivery.order
    intakeSettings.sweepAfter = settings.delivery.deadline
    intakeSettings.retention = settings.retention
    intake = try SpoolIntake(spool, settings: intakeSettings) { event in
      switch event {
      case .setAside(let name, let reason):
        log.post(.setAside(file: name, reason: reason))
      case .leftBehind(let name, let error):
        log.post(.storageError(file: name, error: "\(error)"))
      }
    }
    sweeper = Sweeper(intake: intake, log: log, clock: clock)
    outage = RelayOutage(directory: settings.state)
    sign = WorkerSign(directory: settings.state)
    self.lanes = try lanes(
      MailLaneEnds(
        mails: mails, report: { [inbox] mail, report in inbox.add(mail, report) },
        event: { [inbox, outage] event in
          log.post(.relay(event))
          outage.note(event)
          // What waits for a lane is taken back where this was the last relay.
          inbox.wake()
        }))
    let reader = RequestReader(
      settings: settings, keyring: keyring, templates: templates, tenants: tenants, log: log)
    bodies = ThreadBodies(
      intakeDesk: IntakeDesk(
        intake: intake, reader: reader, inbox: inbox, tally: tallyMonitor, log: log, clock: clock),
      ledger: Ledger(
        settings: settings, laneCount: laneCount, records: records, intake: intake, sweeper: sweeper,
        inbox: inbox, mails: mails, lanes: self.lanes, outage: outage, sign: sign, tally: tallyMonitor,
        log: log,
        clock: clock))
  }

  /// Starts the threads.
  package func start() throws {
    try lanes.start()
    sign.show()
    let ledger = try LinuxThread("ledger") { [self] in
      if !bodies.ledger.run(life) { life.leaveUnrecorded() }
      life.leaveTurning()
    }
    let reader = try LinuxThread("intake") { [self] in bodies.intakeDesk.run(life) }
    let sweeping = try LinuxThread("sweeper") { [self] in sweeper.run(life) }
    threads.withLock { $0 = [reader, ledger, sweeping] }
  }

  /// Finishes what is in flight within `delivery.grace` and stops. What was not begun stays in the spool.
  ///
  /// - Returns: false where outcomes could not be recorded: what was in flight goes out once more after the next start.
  @discardableResult
  package func stop() -> Bool {
    let threads = threads.withLock { threads in
      defer { threads = [] }
      return threads
    }
    guard !threads.isEmpty else { return true }
    life.stop(givingUpAfter: settings.delivery.grace + .seconds(2))
    intake.wake()
    for request in inbox.closeIntake() { intake.release(request.entry) }
    threads[0].join()
    lanes.finish(grace: settings.delivery.grace)
    life.end()
    inbox.wake()
    threads[1].join()
    sweeper.close()
    threads[2].join()
    outage.clear()
    sign.remove()
    return !life.hasUnrecorded
  }

  /// Counts so far.
  package var tally: WorkerTally { tallyMonitor.withLock { $0 } }

  /// Whether the ledger has turned since this was last asked; it is woken to turn once more. For a watchdog.
  package func hasTurned() -> Bool {
    guard life.ask() else { return false }
    inbox.wake()
    return true
  }

  /// What is left when nothing more can be done: requests whose files can be neither read nor moved, as a log may show
  /// them. Nil while a request waits, is put off or in flight.
  package var remainder: [String]? { inbox.isEmpty ? intake.remainder?.map(LogText.guarded) : nil }
}
