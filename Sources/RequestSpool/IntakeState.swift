internal import CodeRequests
internal import FoundationEssentials
internal import LinuxSystem

/// In which order waiting requests are handed out.
package enum SpoolOrder: String, Sendable, CaseIterable {
  /// Oldest first; newest first while the oldest is stale, so that most users still get a fresh code.
  case adaptive
  case oldestFirst = "oldest"
  case newestFirst = "newest"
}

/// What one intake knows of its spool. Touched only behind the intake's monitor.
///
/// On failure: nothing here is the truth: all of it is lost in a crash and comes back from the directories. What is
/// in flight is handed out by nobody else until it has landed, is released or postponed.
struct IntakeState: Sendable {
  /// An entry that was handed out and has not landed. Small: many wait for the removal of their files.
  struct Flight: Sendable {
    let folder: SpoolFolder
    let fileName: String
    let rank: Int64
    /// In milliseconds, by the intake's clock.
    let handedOut: Int64
    /// A file of this name arrived meanwhile: replaced by its writer, or retried by the command.
    var arrivedAgain = false
    /// What was read of it: another file may stand under its name when it is to go.
    var identity: FileIdentity?
    /// The other user of the machine who wrote it, where one did.
    var user: UInt32?
  }

  struct Parked: Sendable {
    let due: Int64
    let rank: Int64
    let fileName: String
    let folder: SpoolFolder
    /// The disk does not let it be read or moved; otherwise it is not written to its end.
    let isStuck: Bool
  }

  /// By the time in their names, which frontends choose: it sorts them and decides nothing else.
  var fresh: CandidateList
  var waiting: CandidateList
  /// Files that were not whole yet, or could not be read for now, and when to look again.
  var parked: [Parked] = []
  var flights: [String: Flight] = [:]
  /// What is to be set aside, and its names.
  var strays: [Stray] = []
  var strayNames: Set<[UInt8]> = []
  /// There were more than are remembered.
  var hasMoreStrays = false
  /// Names in `new/` that the intake has put a rewritten file under, of which inotify will tell.
  var rewritten: Set<String> = []
  /// How many files of each other user wait, where they may put files there: counted by a scan, and since.
  var filesOfUsers: [UInt32: Int] = [:]
  /// What can be neither removed nor moved; bounded.
  var ignored: Set<String> = []
  /// What has landed since the scan under way began: it may have been seen before it went.
  var landedDuringScan: [(folder: SpoolFolder, rank: Int64, fileName: String)]?
  /// Files that somebody may still be writing under a name of his own, and when to look again.
  var temporaries: [[UInt8]: Temporary] = [:]
  /// The intake's time of the turn that is under way.
  var clock: Int64 = 0
  /// What was handed out in the last turn, oldest first, was stale by the kernel's clock, whatever its names said.
  var sawStale = false
  /// The last turn handed out the oldest first.
  private(set) var wasOldestFirst = true
  var isWoken = false
  var isWaiting = false

  static let maximumIgnored = 4096

  /// True where nothing waits that can be read and nothing is in flight, as far as is known.
  var isIdle: Bool {
    fresh.count == 0 && waiting.count == 0 && parked.allSatisfy(\.isStuck) && !fresh.isPartial
      && !waiting.isPartial && flights.isEmpty && strays.isEmpty && !hasMoreStrays
  }

  /// When the next thing is due that is not due at `now`; nil where there is none.
  var nextDue: Int64? {
    let due = [waiting.firstRank, parked.map(\.due).min(), temporaries.values.map(\.due).min()]
      .compactMap { $0 }
    return due.min()
  }

  /// Hands out up to `max` entries.
  ///
  /// - Parameter locate: when the kernel says that a file was put there; nil where it is gone.
  /// - Returns: nil where only a scan can tell what comes next.
  mutating func take(
    max: Int, now: Date, settings: IntakeSettings, locate: (String, SpoolFolder) -> Int64?
  ) -> [SpoolEntry]? {
    let clock = now.unixMilliseconds
    let again = parked.filter { Self.isDue($0.due, clock) }
    parked.removeAll { Self.isDue($0.due, clock) }
    for file in again where locate(file.fileName, file.folder) != nil {
      insert(rank: file.rank, fileName: file.fileName, in: file.folder)
    }
    if fresh.isPartial, fresh.firstRank == nil { return nil }
    if waiting.isPartial, waiting.firstRank == nil { return nil }
    /// How old the first is, whatever its frontend's clock says.
    func ageOfFirst() -> Int64? {
      fresh.first.map { clock - min(locate($0.name, .new) ?? $0.rank, clock) }
    }
    var newestFirst = settings.order == .newestFirst
    if settings.order == .adaptive {
      newestFirst = sawStale || ageOfFirst() ?? 0 > settings.staleAfter.milliseconds
    }
    sawStale = false
    wasOldestFirst = !newestFirst
    if newestFirst, fresh.isPartial, fresh.lastRank == nil { return nil }

    var batch: [SpoolEntry] = []
    func add(_ candidate: (rank: Int64, name: String), _ folder: SpoolFolder) {
      if let entry = claim(candidate, folder, now: now, clock: clock, locate: locate) { batch.append(entry) }
    }
    // Under overload a quarter of the batch is for retries and for what has long been late: the latter has
    // passed its deadline, costs no mail, and must reach its outcome too.
    let share = newestFirst ? Swift.max(max / 4, 1) : max
    while batch.count < (newestFirst ? share : max) {
      let due = waiting.firstRank.flatMap { Self.isDue($0, clock) ? $0 : nil }
      let oldest = newestFirst ? nil : fresh.firstRank
      guard due != nil || oldest != nil else { break }
      if let due, due <= oldest ?? .max {
        if let candidate = waiting.popFirst() { add(candidate, .deferred) }
      } else if let candidate = fresh.popFirst() {
        add(candidate, .new)
      }
    }
    guard newestFirst else { return batch }
    var late = 0
    while late < share, batch.count < max, let age = ageOfFirst(),
      age > settings.sweepAfter.milliseconds, let candidate = fresh.popFirst()
    {
      add(candidate, .new)
      late += 1
    }
    while batch.count < max, let candidate = fresh.popLast() { add(candidate, .new) }
    return batch
  }

  /// Due, or due so far ahead (a day) that a clock must have been wrong when it was deferred.
  private static func isDue(_ due: Int64, _ clock: Int64) -> Bool { due <= clock || due > clock + 86_400_000 }

  private mutating func claim(
    _ candidate: (rank: Int64, name: String), _ folder: SpoolFolder, now: Date, clock: Int64,
    locate: (String, SpoolFolder) -> Int64?
  ) -> SpoolEntry? {
    var fileName = candidate.name
    let parsed = fileName.withUTF8 { buffer -> (time: Int64?, name: String)? in
      let bytes = UnsafeRawBufferPointer(buffer)
      // Until the intake has asked the kernel, which it does without the lock.
      guard folder == .deferred else { return (candidate.rank, candidate.name) }
      guard let deferral = SpoolName.deferral(in: bytes) else { return nil }
      return (deferral.queued, String(decoding: deferral.name, as: UTF8.self))
    }
    guard let parsed, ignored.isEmpty || !ignored.contains(parsed.name) else { return nil }
    let flight = Flight(folder: folder, fileName: candidate.name, rank: candidate.rank, handedOut: clock)
    if var known = flights.updateValue(flight, forKey: parsed.name) {
      known.arrivedAgain = true
      flights[parsed.name] = known
      // Nobody tells of it again before the next scan.
      if folder == .deferred, parked.count < Self.maximumIgnored {
        parked.append(
          Parked(
            due: clock + 1000, rank: candidate.rank, fileName: candidate.name, folder: folder, isStuck: false)
        )
      }
      return nil
    }
    let queuedAt = parsed.time ?? locate(candidate.name, folder) ?? clock
    return SpoolEntry(
      folder: folder, fileName: candidate.name, name: parsed.name,
      queuedAt: Date(unixMilliseconds: min(queuedAt, clock)))
  }

  /// Takes back from what waits for a time the part by which the clock was set back.
  mutating func hasten(by milliseconds: Int64) {
    parked = parked.map {
      Parked(
        due: $0.due - milliseconds, rank: $0.rank, fileName: $0.fileName, folder: $0.folder,
        isStuck: $0.isStuck)
    }
    temporaries = temporaries.mapValues { Temporary(changed: $0.changed, due: $0.due - milliseconds) }
  }

  /// Ends a flight; what arrived under its name meanwhile is the caller's to look at.
  ///
  /// - Returns: nil where the entry was not in flight.
  mutating func land(_ entry: SpoolEntry) -> Flight? {
    guard let flight = flights.removeValue(forKey: entry.name) else { return nil }
    if let user = flight.user, let count = filesOfUsers[user] {
      filesOfUsers[user] = count > 1 ? count - 1 : nil
    }
    landedDuringScan?.append((entry.folder, flight.rank, entry.fileName))
    return flight
  }

  /// Never hands `name` out again. Beyond the limit it may come again, and be refused again.
  mutating func ignore(_ name: String) {
    if ignored.count < Self.maximumIgnored { ignored.insert(name) }
  }

  /// Leaves an entry in flight alone until a time.
  ///
  /// - Returns: false where it is not in flight, or too many are left alone already.
  mutating func park(_ entry: SpoolEntry, until due: Int64, isStuck: Bool) -> Bool {
    guard let flight = flights[entry.name] else { return false }
    parked.removeAll { $0.fileName == entry.fileName && $0.folder == entry.folder }
    guard parked.count < Self.maximumIgnored else { return false }
    parked.append(
      Parked(due: due, rank: flight.rank, fileName: entry.fileName, folder: entry.folder, isStuck: isStuck))
    return true
  }

  /// Leaves a file in `new/` that has just appeared alone until a time. Where too many are left alone already the next
  /// scan finds it.
  mutating func park(_ fileName: String, rank: Int64, until due: Int64) {
    guard parked.count < Self.maximumIgnored, !parked.contains(where: { $0.fileName == fileName }) else {
      return
    }
    parked.append(Parked(due: due, rank: rank, fileName: fileName, folder: .new, isStuck: false))
  }

  mutating func insert(rank: Int64, fileName: String, in folder: SpoolFolder) {
    switch folder {
    case .new: fresh.insert(rank: rank, name: fileName)
    case .deferred: waiting.insert(rank: rank, name: fileName)
    }
  }

  /// Takes over what a scan found. Names that came in while it ran stand in the lists already.
  mutating func install(fresh scannedFresh: CandidateList, waiting scannedWaiting: CandidateList) {
    var lists = (fresh: scannedFresh, waiting: scannedWaiting)
    func exclude(_ folder: SpoolFolder, _ rank: Int64, _ fileName: String) {
      switch folder {
      case .new: lists.fresh.remove(rank: rank, name: fileName)
      case .deferred: lists.waiting.remove(rank: rank, name: fileName)
      }
    }
    for flight in flights.values { exclude(flight.folder, flight.rank, flight.fileName) }
    for file in parked { exclude(file.folder, file.rank, file.fileName) }
    for landed in landedDuringScan ?? [] { exclude(landed.folder, landed.rank, landed.fileName) }
    while let (rank, name) = fresh.popFirst() { lists.fresh.insert(rank: rank, name: name) }
    while let (rank, name) = waiting.popFirst() { lists.waiting.insert(rank: rank, name: name) }
    (fresh, waiting) = lists
    landedDuringScan = nil
  }
}

/// What tells one file from another of the same name.
struct FileIdentity: Hashable, Sendable {
  private let device: UInt64
  private let inode: UInt64
  private let modified: Int64
  private let size: Int64

  init(_ status: FileStatus) {
    device = status.device
    inode = status.inode
    modified = status.modified
    size = status.size
  }
}
