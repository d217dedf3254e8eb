internal import Foundation
internal import LinuxSystem
internal import RequestSpool

/// Removes the files of requests whose outcome is recorded, on a thread of its own: on some disks removing a file
/// takes longer than sending its mail (a file system that discards blocks as they are freed waits for the device).
/// While it stays behind, files are only renamed into `tmp/`, out of the way, and removed when there is time.
///
/// On failure: a file that can be neither removed nor renamed is left alone for a minute and then comes round as a
/// duplicate, which is swept again; the log says so once, until all such files are gone. What is left at a stop or a
/// crash is swept after the next start. No mail goes out twice for it, since the records know the outcome.
final class Sweeper: Sendable {
  private let intake: SpoolIntake
  private let log: EventLog
  private let entries = BoundedQueue<SpoolEntry>(capacity: 4096)
  /// From so many waiting entries on, files are put aside.
  private static let behind = 512

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
    var stubborn: Set<String> = []
    var mayHaveAside = true
    while !life.hasGivenUp {
      let batch = entries.popBatch(max: 64, timeout: mayHaveAside ? .zero : .seconds(60))
      if batch.isEmpty, !mayHaveAside, entries.isFinished { return }
      if batch.isEmpty, mayHaveAside {
        mayHaveAside = ((try? intake.removeAside(max: 64)) ?? 0) > 0
        continue
      }
      for entry in batch {
        do {
          if entry.id != nil, entries.count > Self.behind {
            try intake.putAside(entry)
            mayHaveAside = true
          } else {
            try intake.remove(entry)
          }
          if stubborn.remove(entry.name) != nil, stubborn.isEmpty { log.post(LogEvent(.storageMended)) }
        } catch {
          if stubborn.isEmpty { log.post(LogEvent(.storageTrouble, .error).with("error", "\(error)")) }
          if stubborn.count < 10_000 { stubborn.insert(entry.name) }
          // Where thousands wait already they come round at once.
          if !intake.postpone(entry, until: Date(timeIntervalSinceNow: 60)) { life.pause(.seconds(1)) }
        }
      }
    }
  }

  /// No more entries; what is in the queue is still removed.
  func close() { entries.close() }
}
