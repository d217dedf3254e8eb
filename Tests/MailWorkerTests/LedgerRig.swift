import CodeRequests
import Configuration
import Foundation
import GuestPolicy
import LinuxSystem
import MemoryRecords
import MessageTemplates
import RecordKeys
import Records
import RequestSpool
import SMTPDelivery
import TestSupport
import Testing

@testable import MailWorker

/// A ledger and the intake before it, which a test turns step by step, with all that lies about them: records in memory, a
/// spool on no disk, lanes that the test plays.
final class LedgerRig {
  let directory: TemporaryDirectoryOwner
  let settings: Settings
  let keyring: Keyring
  let engine: MemoryEngine
  let time: TestTime
  let spool: Spool
  let intake: SpoolIntake
  let records: RecordStore
  let mails: BoundedQueue<PasscodeMail>
  let inbox = LedgerInbox(capacity: 512, batch: 256, most: 512)
  let lanes: ScriptedLanes
  let life = WorkerLife()
  let tally = Monitor(WorkerTally())
  let log: LogLines
  let reader: RequestReader
  let sweeper: Sweeper
  let ledger: Ledger
  let desk: IntakeDesk

  /// Read once: the same for all.
  private static let templates = Result { try TemplateReloader(directory: Scratch.templates) }

  /// A first worker of an installation of its own.
  convenience init(delivery: String = "", keys: String = "", capacity: Int = 64) throws {
    let directory = try TemporaryDirectoryOwner()
    let settings = try Settings(
      json5: Data(
        """
        {
          state: "state", templates: "\(Scratch.templates)",
          sender: { address: "no-reply@fabrikam.example" },
          relays: [{ url: "smtp://127.0.0.1:9", security: "plaintext", lanes: 1 }],
          delivery: { deadline: "600s", retryDelays: ["10s", "100s"], \(delivery) },
          limits: { perSubject: [], perMailbox: [], perClient: [], perTenant: [] }, \(keys)
        }
        """.utf8), file: "\(directory.path)/passcode.json5")
    try self.init(
      directory, settings, try Keyring(directory: settings.keysPath), MemoryEngine(), TestTime(), capacity)
  }

  /// A worker that comes after this one has died.
  func successor() throws -> LedgerRig {
    try LedgerRig(directory, settings, keyring, engine, time, mails.capacity)
  }

  private init(
    _ directory: TemporaryDirectoryOwner, _ settings: Settings, _ keyring: Keyring, _ engine: MemoryEngine,
    _ time: TestTime, _ capacity: Int
  ) throws {
    self.directory = directory
    self.settings = settings
    self.keyring = keyring
    self.engine = engine
    self.time = time
    spool = try Spool(at: settings.spoolPath) { code, id in keyring.seal(code, for: id) }
    var intakeSettings = IntakeSettings()
    // When it was enqueued by the clock of the test: the kernel's is too coarse to tell two requests apart.
    intakeSettings.publishedAt = { name, status in
      Int64(name.prefix { $0 != "." }).flatMap { $0 > 1_000_000_000_000 ? $0 : nil }
        ?? status.changedMilliseconds
    }
    intake = try SpoolIntake(spool, settings: intakeSettings)
    records = RecordStore(
      engine: engine, keyring: keyring,
      rules: RecordRules(
        settings: settings.passcode, limits: settings.limits,
        broughtCodes: settings.verification.broughtCodes))
    let lines = try LogLines(in: directory.path)
    let (log, clock, inbox) = (lines.log, time.clock, inbox)
    let outage = RelayOutage(directory: settings.state)
    mails = BoundedQueue(capacity: capacity)
    lanes = ScriptedLanes(
      MailLaneEnds(
        mails: mails, report: { mail, report in inbox.add(mail, report) }, event: { outage.note($0) }))
    sweeper = Sweeper(intake: intake, log: log, clock: clock)
    reader = RequestReader(
      settings: settings, keyring: keyring, templates: try Self.templates.get(),
      tenants: try settings.tenants.map { try TenantDirectoryReloader(path: $0) }
        ?? TenantDirectoryReloader(),
      log: log)
    desk = IntakeDesk(intake: intake, reader: reader, inbox: inbox, tally: tally, log: log, clock: clock)
    ledger = Ledger(
      settings: settings, laneCount: 1, records: records, intake: intake, sweeper: sweeper, inbox: inbox,
      mails: mails, lanes: lanes, outage: outage,
      sign: WorkerSign(directory: settings.state), tally: tally, log: log, clock: clock)
    self.log = lines
  }

  deinit { ledger.syncer?.close() }

  // MARK: Steps

  /// Puts a request in the spool.
  @discardableResult
  func ask(
    _ recipient: String = "anna@example.org", _ change: (inout CodeRequest) throws -> Void = { _ in }
  ) throws -> CodeRequest {
    var request = CodeRequest(recipient: try EmailAddress(recipient))
    try change(&request)
    try spool.enqueue(request, now: time.now)
    return request
  }

  /// Puts a file there, as any program would.
  func drop(_ text: String, as name: String) throws {
    let temporary = "\(spool.path)/tmp/\(UUID().uuidString)"
    try Data(text.utf8).write(to: URL(fileURLWithPath: temporary))
    try FileManager.default.moveItem(atPath: temporary, toPath: "\(spool.path)/new/\(name)")
  }

  /// Reads what is due, and hands it to the ledger.
  func take() { #expect(desk.turn(life, timeout: .zero)) }

  /// One turn of the ledger, which is not its last.
  func turn() { #expect(ledger.turn(life) == nil) }

  /// What is due, admitted as far as there is room.
  func admit() {
    take()
    turn()
  }

  /// Lets so much time pass, so that the ledger looks after what that brings.
  func pass(_ duration: Duration) {
    time.pass(duration)
    turn()
  }

  /// A request that a lane has begun to send.
  func send(
    _ recipient: String = "anna@example.org", _ change: (inout CodeRequest) throws -> Void = { _ in }
  ) throws -> (request: CodeRequest, mail: PasscodeMail) {
    let request = try ask(recipient, change)
    admit()
    return (request, try next())
  }

  /// The next mail, as a lane takes it.
  func next() throws -> PasscodeMail { try #require(lanes.next()) }

  /// Reports on a mail, and records it.
  func end(_ mail: PasscodeMail, _ verdict: Verdict, _ reply: Reply? = nil, meaning: ReplyMeaning? = nil) {
    lanes.report(mail, verdict, reply, meaning: meaning)
    turn()
  }

  /// Removes the files of what has ended. The last step: nothing is swept after it.
  func sweep() throws {
    sweeper.close()
    try LinuxThread("sweeper") { [sweeper, life] in sweeper.run(life) }.join()
  }

  // MARK: What came of them

  func status(_ request: CodeRequest) throws -> RequestStatus {
    try #require(try records.status(of: request.id))
  }

  func state(_ request: CodeRequest) throws -> String { try status(request).state.name }

  func names(_ folder: String) throws -> [String] {
    try Directory("\(spool.path)/\(folder)").names().sorted()
  }

  /// All that lies in a folder of the spool.
  func text(in folder: String) throws -> String {
    try names(folder).map { try String(contentsOfFile: "\(spool.path)/\(folder)/\($0)", encoding: .utf8) }
      .joined(separator: "\n")
  }

  /// What `rejected/` tells of a file.
  func note(_ name: String) -> [String: Any]? {
    FileManager.default.contents(atPath: "\(spool.path)/rejected/\(name)").flatMap {
      try? JSONSerialization.jsonObject(with: $0) as? [String: Any]
    }
  }

  #if DEBUG
    /// Lets system calls fail while the body runs, on this thread alone.
    func failing<Result>(_ call: String, _ part: String = "", with code: Int32, _ body: () throws -> Result)
      rethrows -> Result
    {
      try SystemFault.$injected.withValue(
        { $0 == call && (part.isEmpty || $1.contains(part)) ? code : nil }, operation: body)
    }
  #endif
}

extension Reply {
  static let unknown = Reply(code: 550, enhanced: .init(5, 1, 1), text: "nobody")
  static let later = Reply(code: 451, enhanced: .init(4, 7, 1), text: "later")
}
