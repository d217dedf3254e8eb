internal import FoundationEssentials
internal import LinuxSystem
internal import RequestSpool

/// Removes the files of requests whose outcome is recorded, on a thread of its own: on some disks removing a file
/// takes longer than sending its mail (a file system that discards blocks as they are freed waits for the device).
/// It has the lowest claim on the processor: sending goes first, and files that wait to be removed lie where they were.
/// Where many wait they are only renamed into `tmp/`, out of the way, and removed when there is time. It also empties
/// `failed/` and `rejected/` of what has lain there for `retention`.
///
/// On failure: a file that can be neither removed nor renamed is left alone for a minute and then comes round as a
/// duplicate, which is swept again; the log says so once, until all such files are gone. What is left at a stop or a
/// crash is swept after the next start. No mail goes out twice for it, since the records know the outcome.
package final class Sweeper: Sendable {
  private let intake: SpoolIntake
  private let log: EventLog
  private let entries: BoundedQueue<SpoolEntry>
  /// From so many waiting entries on, files are put aside. As many come round as duplicates after a crash: they
  /// hold up what is new by about a second.
  package static let mostInPlace = 16_384
  private let mostInPlace: Int
  /// The same once the worker is ending, so that nearly none comes round at the next start.
  private let mostAtEnd: Int
  private let clock: WorkerClock
  private let isClosing = Monitor(false)

  init(
    intake: SpoolIntake, log: EventLog, clock: WorkerClock = .system, mostInPlace: Int = mostInPlace,
    mostAtEnd: Int = 512
  ) {
    self.clock = clock
    self.intake = intake
    self.log = log
    self.mostInPlace = mostInPlace
    self.mostAtEnd = mostAtEnd
    entries = BoundedQueue(capacity: mostInPlace + 4096)
  }

  /// Takes over an entry whose outcome is recorded.
  func sweep(_ entry: SpoolEntry) {
    if !entries.push(entry) { intake.release(entry) }
  }

  /// Runs until it is closed and empty, or the worker has given up.
  func run(_ life: WorkerLife) {
    LinuxThread.yieldToOthers()
    var stubborn: Set<String> = []
    var mayHaveAside = true
    let retention = intake.settings.retention
    let interval = min(max(retention / 8, .seconds(1)), .seconds(3600))
    var nextEmptying = clock.instant()
    while !life.hasGivenUp {
      let batch = entries.popBatch(max: 64, timeout: mayHaveAside ? .zero : min(interval, .seconds(60)))
      if clock.instant() >= nextEmptying {
        let limit = clock.date() - retention.inSeconds
        let isMore = (try? intake.removeKept(before: limit, max: 64)) ?? 0 == 64
        nextEmptying = isMore ? clock.instant() : clock.instant() + interval
      }
      if batch.isEmpty, !mayHaveAside, entries.isFinished { return }
      if batch.isEmpty {
        // The intake puts directories there as well.
        mayHaveAside = ((try? intake.removeAside(max: 64)) ?? 0) > 0
        continue
      }
      let most = isClosing.withLock { $0 } ? mostAtEnd : mostInPlace
      for entry in batch {
        do {
          if entries.count > most {
            try intake.putAside(entry)
            mayHaveAside = true
          } else {
            try intake.remove(entry)
          }
          if !stubborn.isEmpty, stubborn.remove(entry.name) != nil, stubborn.isEmpty {
            log.post(.storageRecovered())
          }
        } catch {
          if stubborn.isEmpty { log.post(.storageError(error: "\(error)")) }
          if stubborn.count < 10_000 { stubborn.insert(entry.name) }
          // Where thousands wait already they come round at once.
          if !intake.postpone(entry, until: clock.date().addingTimeInterval(60)) {
            life.pause(clock.hold(.seconds(1)))
          }
        }
      }
    }
  }

  /// No more entries; what is in the queue is still removed.
  func close() {
    isClosing.withLock { $0 = true }
    entries.close()
  }
}
