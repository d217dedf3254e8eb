internal import CodeRequests
internal import FoundationEssentials
internal import LinuxSystem
internal import Records
internal import RequestSpool

/// Reads what the intake hands out, and hands on to the ledger what can be admitted. Used by the intake thread alone.
///
/// On failure: a request that is none is set aside with its reason. A file that cannot be read or set aside goes back
/// untouched and holds up nobody else; where that is an error of the file itself, or a matter of permission, it is left
/// alone for a minute. Where it is the disk's, the log says so once, and it is tried again every second.
final class IntakeDesk {
  private let intake: SpoolIntake
  private let reader: RequestReader
  private let inbox: LedgerInbox
  private let tally: Monitor<WorkerTally>
  private let log: EventLog
  private let clock: WorkerClock
  private let unreadable = TroubledEntries()
  private var isInTrouble = false

  init(
    intake: SpoolIntake, reader: RequestReader, inbox: LedgerInbox, tally: Monitor<WorkerTally>,
    log: EventLog,
    clock: WorkerClock
  ) {
    self.intake = intake
    self.reader = reader
    self.inbox = inbox
    self.tally = tally
    self.log = log
    self.clock = clock
  }

  func run(_ life: WorkerLife) {
    while !life.isStopping, turn(life, timeout: .seconds(2)) {}
  }

  /// Waits for room and for something that is due, and takes that in.
  ///
  /// - Returns: false where the worker is stopping.
  func turn(_ life: WorkerLife, timeout: Duration) -> Bool {
    do {
      guard let room = inbox.waitForRoom() else { return false }
      let entries = try intake.next(max: min(64, room), now: clock.date, timeout: timeout)
      reader.refresh(now: clock.date())
      guard try takeIn(entries) else { return false }
      if isInTrouble { log.post(.storageMended()) }
      isInTrouble = false
    } catch {
      if !isInTrouble { log.post(.storageTrouble(error: "\(error)")) }
      isInTrouble = true
      // A stop does not wait for it.
      life.pause(clock.hold(.seconds(1)))
    }
    return true
  }

  /// - Returns: false where the worker is stopping; what was not handed on went back.
  private func takeIn(_ entries: [SpoolEntry]) throws -> Bool {
    guard !entries.isEmpty else { return true }
    var prepared: [PreparedRequest] = []
    prepared.reserveCapacity(entries.count)
    var trouble: (any Error)?
    for entry in entries {
      do {
        if let request = try prepare(entry) { prepared.append(request) }
        unreadable.forget(entry, log)
      } catch {
        if let error = error as? SpoolError, error.isOfTheFile {
          unreadable.note(entry, error, log)
          if intake.postpone(entry, until: clock.date().addingTimeInterval(60)) { continue }
        } else {
          intake.release(entry)
        }
        trouble = error
      }
    }
    guard inbox.add(prepared) else {
      for request in prepared { intake.release(request.entry) }
      return false
    }
    if let trouble { throw trouble }
    return true
  }

  /// Nil where the entry is dealt with: set aside, cancelled, or not whole yet. Where it throws, the caller
  /// releases the entry.
  private func prepare(_ entry: SpoolEntry) throws -> PreparedRequest? {
    let bytes: [UInt8]
    do throws(SpoolError) { bytes = try intake.read(entry) } catch {
      switch error.code {
      case .gone: return nil
      case .unacceptable:
        try reject(entry, RequestFault(field: "", error.message), keeping: nil)
        return nil
      default: throw error
      }
    }
    do throws(RequestFault) { return try reader.prepare(entry, bytes) } catch {
      try reject(entry, error, keeping: RequestReader.blotted(bytes))
      return nil
    }
  }

  private func reject(_ entry: SpoolEntry, _ fault: RequestFault, keeping bytes: [UInt8]?) throws {
    try intake.reject(entry, reason: "\(fault)", keeping: bytes)
    tally.change { $0.count(Outcome.rejected) }
    log.post(.rejected(file: entry.name, fault))
  }
}
