internal import CodeRequests
internal import FoundationEssentials
internal import LinuxSystem
internal import Records
internal import RequestSpool

/// Reads what the intake hands out, and hands on to the ledger what can be admitted. Used by the intake thread alone.
///
/// What is no request waits until those that are have been handed on, and is set aside a few at a time: thousands of such
/// files cost the others the reading of them and no more.
///
/// A code that lies in its file as it is, is sealed in its place before anything else is done with the request.
///
/// On failure: a request that is none is set aside with its reason, and nothing of it is kept but its id and the names of
/// its fields. A file that cannot be read or set aside goes back
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
  /// What is to be set aside. Each is in flight until it is; what was read of it has been overwritten.
  private var rejections: [Rejection] = []

  private struct Rejection {
    let entry: SpoolEntry
    let fault: RequestFault
    /// Nil where nobody could look into it.
    let outline: RequestOutline?
  }

  /// So many are set aside in a turn that hands on requests, and in one that does not.
  static let rejectionsBeside = 16
  static let rejectionsAlone = 64
  /// So many files are read in a turn, where those before were no requests.
  static let mostRead = 512
  /// From so many on that wait to be set aside, no more are read than that.
  private static let mostRejections = 1024

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
    for rejection in rejections { intake.release(rejection.entry) }
    rejections = []
  }

  /// Waits for room and for something that is due, and takes that in.
  ///
  /// - Returns: false where the worker is stopping.
  func turn(_ life: WorkerLife, timeout: Duration) -> Bool {
    do {
      guard let room = inbox.waitForRoom() else { return false }
      guard try takeIn(room, rejections.isEmpty ? timeout : .zero) else { return false }
      if isInTrouble { log.post(.storageRecovered()) }
      isInTrouble = false
    } catch {
      if !isInTrouble { log.post(.storageError(error: "\(error)")) }
      isInTrouble = true
      // A stop does not wait for it.
      life.pause(clock.hold(.seconds(1)))
    }
    return true
  }

  /// - Returns: false where the worker is stopping; what was not handed on went back.
  private func takeIn(_ room: Int, _ timeout: Duration) throws -> Bool {
    var batch = Batch()
    var next = timeout
    repeat {
      let entries = try intake.next(
        max: min(64, room - batch.prepared.count), now: clock.date, timeout: next)
      if batch.count == 0 { reader.refresh(now: clock.date()) }
      let known = rejections.count
      for entry in entries { take(entry, &batch) }
      // Those behind what is no request have not had their turn.
      guard rejections.count > known, rejections.count < Self.mostRejections else { break }
      next = .zero
    } while batch.prepared.count < room && batch.count < Self.mostRead && batch.trouble == nil
    if batch.isRewritten, batch.trouble == nil {
      do { try intake.syncQueue() } catch { batch.trouble = error }
    }
    guard batch.prepared.isEmpty || inbox.add(batch.prepared) else {
      for request in batch.prepared { intake.release(request.entry) }
      return false
    }
    if let trouble = batch.trouble { throw trouble }
    try reject(atMost: batch.prepared.isEmpty ? Self.rejectionsAlone : Self.rejectionsBeside)
    return true
  }

  /// What a turn has read.
  private struct Batch {
    var prepared: [PreparedRequest] = []
    var count = 0
    /// Files of it were sealed in their places.
    var isRewritten = false
    var trouble: (any Error)?
  }

  private func take(_ entry: SpoolEntry, _ batch: inout Batch) {
    batch.count += 1
    do {
      if let request = try prepare(entry, &batch) { batch.prepared.append(request) }
      unreadable.forget(entry, log)
    } catch { batch.trouble = leave(entry, error) ?? batch.trouble }
  }

  /// Puts an entry back with which something is wrong.
  ///
  /// - Returns: nil where that is its file alone.
  private func leave(_ entry: SpoolEntry, _ error: any Error) -> (any Error)? {
    if let error = error as? SpoolError, error.isOfTheFile {
      unreadable.note(entry, error, log)
      if intake.postpone(entry, until: clock.date().addingTimeInterval(60)) { return nil }
    } else {
      intake.release(entry)
    }
    return error
  }

  /// Nil where the entry is dealt with: to be set aside, cancelled, or not whole yet. Where it throws, the caller
  /// releases the entry.
  private func prepare(_ entry: SpoolEntry, _ batch: inout Batch) throws -> PreparedRequest? {
    var file: RequestFile
    do throws(SpoolError) { file = try intake.read(entry) } catch {
      switch error.code {
      case .gone: return nil
      case .unacceptable:
        rejections.append(
          Rejection(entry: entry, fault: RequestFault(field: "", error.message), outline: nil))
        return nil
      default: throw error
      }
    }
    let request: PreparedRequest
    do throws(RequestFault) { request = try reader.prepare(entry, file) } catch {
      rejections.append(
        Rejection(entry: entry, fault: error, outline: RequestOutline(of: file.bytes)))
      overwrite(&file.bytes)
      return nil
    }
    if request.secrets != .none { overwrite(&file.bytes) }
    if request.secrets == .code {
      do throws(SpoolError) { try intake.rewrite(entry, request.sealed()) } catch {
        switch error.code {
        case .gone: return nil
        case .unacceptable:
          rejections.append(
            Rejection(entry: entry, fault: RequestFault(field: "", error.message), outline: request.outline))
          return nil
        default: throw error
        }
      }
      batch.isRewritten = true
    }
    return request
  }

  /// Sets aside what has waited longest.
  private func reject(atMost count: Int) throws {
    for _ in 0..<min(count, rejections.count) {
      let rejection = rejections.removeFirst()
      do {
        try intake.reject(
          rejection.entry, reason: "\(rejection.fault)", telling: rejection.outline)
      } catch {
        if let trouble = leave(rejection.entry, error) { throw trouble }
        continue
      }
      tally.change { $0.count(Outcome.rejected) }
      log.post(.rejected(file: rejection.entry.name, rejection.fault))
    }
  }
}
