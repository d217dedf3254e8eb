internal import LinuxSystem
internal import RequestSpool

/// Removes the files of requests whose outcome is recorded, on a thread of its own: on some disks removing a file
/// takes longer than sending its mail (a file system that discards blocks as they are freed waits for the device).
///
/// On failure: a file that cannot be removed is released and comes round as a duplicate, which is removed again; the
/// log says so once. What is left at a stop, or at a crash, comes round at the next start the same way. No mail goes
/// out twice for it, since the records know the outcome. The queue is bounded: where the disk stays behind for
/// long, it sets the pace.
final class Sweeper: Sendable {
  private let intake: SpoolIntake
  private let log: EventLog
  private let entries = BoundedQueue<SpoolEntry>(capacity: 32_768)

  init(intake: SpoolIntake, log: EventLog) {
    self.intake = intake
    self.log = log
  }

  /// Takes over an entry whose outcome is recorded.
  func sweep(_ entry: SpoolEntry) {
    if !entries.push(entry) { intake.release(entry) }
  }

  /// Runs until it is closed and empty, or the worker has given up.
  func run(_ life: WorkerLife) {
    var isInTrouble = false
    while true {
      let batch = entries.popBatch(max: 64)
      if batch.isEmpty { return }
      for entry in batch {
        do {
          try intake.remove(entry)
          if isInTrouble { log.post(LogEvent(.storageMended)) }
          isInTrouble = false
        } catch {
          intake.release(entry)
          if !isInTrouble { log.post(LogEvent(.storageTrouble, .error).with("error", "\(error)")) }
          isInTrouble = true
          life.pause(.seconds(1))
        }
      }
      if life.hasGivenUp { return }
    }
  }

  /// No more entries; what is in the queue is still removed.
  func close() { entries.close() }
}
