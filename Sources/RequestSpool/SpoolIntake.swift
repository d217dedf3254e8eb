internal import CodeRequests
package import FoundationEssentials
package import LinuxSystem

/// How an intake behaves.
package struct IntakeSettings: Sendable {
  /// How many names are held at most of the end that is handed out next, the oldest or the newest; of the other
  /// end an eighth of it. They take about 4 MB, and three times as much for the moment of a scan.
  package var capacity = 65_536
  var minorCapacity: Int { max(capacity / 8, 1) }
  package var order = SpoolOrder.adaptive
  /// The age of the oldest from which the newest goes first.
  package var staleAfter = Duration.seconds(30)
  /// The age from which a request has passed its deadline anyway: handed out under overload as well, a few
  /// at a time, so that it reaches its outcome.
  package var sweepAfter = Duration.seconds(600)
  /// The directory is read again after this, or after thirty times what reading took, whichever is longer.
  package var rescanEvery = Duration.seconds(60)
  /// Files in `tmp/` are removed at this age.
  package var reapAfter = Duration.seconds(3600)
  /// What lies in `failed/` and `rejected/` is removed when so long nothing has happened to it.
  package var retention = Duration.seconds(7 * 86400)
  /// Files in `new/` whose names say that they are being written are set aside when so long nothing has happened to them.
  package var temporaryAfter = Duration.seconds(60)
  /// So many of those are remembered.
  var mostTemporaries = 4096
  /// So many names are remembered that are to be set aside.
  var mostStrays = 4096
  /// So many files of one other user may wait, where a group may put files there; those beyond are set aside.
  var mostOfUser = 4096
  /// When a file was put where it is, in milliseconds since 1970. Its change time, which the kernel alone sets: a
  /// frontend whose clock is wrong, and a file that was copied with its times, count like any other. Replaced in tests.
  package var publishedAt: @Sendable (_ fileName: String, _ status: FileStatus) -> Int64 = {
    $1.changedMilliseconds
  }

  package init() {}
}

/// What an intake did on its own and somebody should know.
package enum IntakeEvent: Sendable {
  /// Something other than a request lay in the spool and is in `rejected/` now, under `name`.
  case setAside(name: String, reason: String)
  /// It could not be moved; it is left where it lies and told about once.
  case leftBehind(name: String, error: SpoolError)
}

/// One worker's view of the spool: hands out what waits, and keeps an entry from being handed out twice.
///
/// On failure: what is no request file is set aside with its reason and never stops the others; what cannot
/// be moved is left, told once, and ignored. A name that inotify did not tell (its queue overflowed, the kernel
/// dropped it) is found by the next scan. Nothing is kept but names, so a crash loses nothing. An error of the
/// directory itself (it went away, the disk fails) is thrown by `next` and comes again with each call until it is
/// mended. Where `remove`, `defer` or `fail` throws, the entry stays in flight: call again, or `release` it.
///
/// Thread-safe. One thread at a time is inside `next`; the others may be called while it waits.
package final class SpoolIntake: Sendable {
  package let settings: IntakeSettings
  let folders: SpoolFolders
  let state: Monitor<IntakeState>
  let report: @Sendable (IntakeEvent) -> Void
  private let turn = Monitor(ScanSchedule())
  private let watch: DirectoryWatch
  private let wakeEvent: WakeEvent
  /// Others than the owner may put files there.
  let isShared: Bool

  /// - Parameter report: called on the thread that is inside `next`.
  package init(
    _ spool: Spool, settings: IntakeSettings = IntakeSettings(),
    report: @escaping @Sendable (IntakeEvent) -> Void = { _ in }
  ) throws(SpoolError) {
    precondition(settings.capacity > 0)
    self.settings = settings
    self.report = report
    folders = spool.folders
    state = Monitor(
      IntakeState(
        fresh: CandidateList(keepFirst: settings.capacity, keepLast: settings.minorCapacity),
        waiting: CandidateList(keepFirst: settings.capacity, keepLast: 0)))
    let path = "\(spool.path)/new"
    let status = try SpoolError.wrapping(path) { () throws(SystemCallError) in try FileStatus.following(path)
    }
    isShared = status.mode & 0o022 != 0
    watch = try SpoolError.wrapping(path) { () throws(SystemCallError) in
      let watch = try DirectoryWatch()
      try watch.add(path, tellsMade: true)
      return watch
    }
    wakeEvent = try SpoolError.wrapping(path) { () throws(SystemCallError) in try WakeEvent() }
  }

  /// Makes a `next` that waits, or else the coming one, return at once.
  package func wake() {
    state.withLock { $0.isWoken = true }
    wakeEvent.signal()
  }

  /// Waits up to `timeout` until something is due, and hands out at most `max` entries, each of which is in
  /// flight then until it has landed or is released.
  ///
  /// - Parameter now: asked for the time again after each wait.
  /// - Returns: empty where the time is over or `wake` was called.
  package func next(
    max: Int, now: @Sendable () -> Date, timeout: Duration
  ) throws(SpoolError) -> [SpoolEntry] {
    let deadline = ContinuousClock.now + timeout
    return try turn.withLock { schedule throws(SpoolError) -> [SpoolEntry] in
      while true {
        let time = now()
        let setBack = schedule.noteTime(time)
        let isWoken = state.withLock { state -> Bool in
          defer { state.isWoken = false }
          state.clock = time.unixMilliseconds
          if setBack > 0 { state.hasten(by: setBack) }
          return state.isWoken
        }
        if isWoken { return [] }
        try absorbArrivals(&schedule)
        endTemporaries()
        if state.withLock({ $0.hasMoreStrays && $0.strays.isEmpty }) { schedule.isNeeded = true }
        if schedule.isDue(time, every: settings.rescanEvery) { try scan(&schedule, now: time) }
        let batch = state.withLock { state in
          state.take(max: max, now: time, settings: settings) { published($0, in: $1) }
        }
        guard let batch else {
          schedule.isNeeded = true
          continue
        }
        // After what is handed out is chosen, and a few at a time.
        let hasMore = endStrays(batch.isEmpty ? Self.straysAlone : Self.straysBeside)
        if !batch.isEmpty { return batch }
        let left = deadline - ContinuousClock.now
        guard left > .zero else { return [] }
        if hasMore { continue }
        try wait(atMost: left, schedule, now: time)
      }
    }
  }

  private func wait(
    atMost left: Duration, _ schedule: ScanSchedule, now time: Date
  ) throws(SpoolError) {
    let clock = time.unixMilliseconds
    var milliseconds = min(left.milliseconds + 1, schedule.wait(time, every: settings.rescanEvery))
    let isWorth = state.withLock { state -> Bool in
      if let due = state.nextDue { milliseconds = min(milliseconds, Swift.max(due - clock, 0)) }
      state.isWaiting = true
      return !state.isWoken
    }
    defer { state.withLock { $0.isWaiting = false } }
    guard isWorth else { return }
    try SpoolError.wrapping(folders.path) { () throws(SystemCallError) in
      _ = try waitReadable(
        [watch.pollDescriptor, wakeEvent.descriptor.rawValue], milliseconds: Int(Swift.max(milliseconds, 0)))
    }
    wakeEvent.clear()
  }

  /// Makes a waiting `next` look again.
  func nudge() {
    if state.withLock({ $0.isWaiting }) { wakeEvent.signal() }
  }

  private func absorbArrivals(_ schedule: inout ScanSchedule) throws(SpoolError) {
    let changes = try SpoolError.wrapping(folders.path) { () throws(SystemCallError) in
      try watch.changes()
    }
    if changes.isIncomplete { schedule.isNeeded = true }
    for change in changes.moved {
      // What this intake has put there itself. Where another file came at the same time, the kernel tells of both.
      if state.withLock({ !$0.rewritten.isEmpty && $0.rewritten.remove(change.name) != nil }) { continue }
      arrive(change.name)
    }
    // One that a process closes that was being started when it was written may have been handed out and gone since.
    for change in changes.written where (try? folders.new.fileStatus(of: change.name)) ?? nil != nil {
      arrive(change.name)
    }
    for change in changes.made { appear(change.name) }
  }

  private func scan(_ schedule: inout ScanSchedule, now time: Date) throws(SpoolError) {
    let start = ContinuousClock.now
    if let setBack = schedule.takeSetBack() { try hastenDeferred(by: setBack, now: time) }
    try scan(now: time)
    if schedule.reapIsDue(time, every: settings.reapAfter) {
      folders.reapTemporary(
        before: time - Double(settings.reapAfter.milliseconds) / 1000, publishedAt: settings.publishedAt)
    }
    schedule.done(at: time, took: ContinuousClock.now - start)
  }

  /// The files that were left alone because they can be neither read nor moved, where nothing else is in `new/` and
  /// `deferred/` and nothing in flight; nil where something is left to do. Reads the directories where memory says so.
  package var remainder: [String]? {
    guard state.withLock({ $0.isIdle }), (try? holdsRequests()) == false else { return nil }
    return state.withLock { state in
      state.isIdle ? state.parked.map { "\($0.folder.rawValue)/\($0.fileName)" }.sorted() : nil
    }
  }
}

/// When the directories are read again.
struct ScanSchedule: Sendable {
  var isNeeded = true
  private var last: Date?
  private var lastReap: Date?
  private var cost = Duration.zero
  private var lastTime: (wall: Date, passed: ContinuousClock.Instant)?
  /// By how much the clock was set back since the last scan. Before the first, nobody knows.
  private var setBack: Int64? = 0

  /// Compares the clock with the one that nobody sets.
  ///
  /// - Returns: by how many milliseconds the clock was set back since the last call; 0 where it was not, or by less than
  ///   a second.
  mutating func noteTime(_ wall: Date) -> Int64 {
    let passed = ContinuousClock.now
    defer { lastTime = (wall, passed) }
    guard let lastTime else { return 0 }
    let step = (passed - lastTime.passed).milliseconds - Int64(wall.timeIntervalSince(lastTime.wall) * 1000)
    guard step >= 1000 else { return 0 }
    setBack = (setBack ?? 0) + step
    isNeeded = true
    return step
  }

  mutating func takeSetBack() -> Int64? {
    defer { setBack = nil }
    return setBack
  }

  /// A clock that was set back makes it due, too.
  func isDue(_ now: Date, every interval: Duration) -> Bool { isNeeded || wait(now, every: interval) <= 0 }

  func wait(_ now: Date, every interval: Duration) -> Int64 {
    guard !isNeeded, let last else { return 0 }
    let since = Int64(now.timeIntervalSince(last) * 1000)
    return since < 0 ? 0 : max(interval, cost * 30).milliseconds - since
  }

  mutating func done(at now: Date, took cost: Duration) {
    isNeeded = false
    last = now
    self.cost = cost
  }

  mutating func reapIsDue(_ now: Date, every interval: Duration) -> Bool {
    if let lastReap, (0..<Double(interval.milliseconds) / 1000).contains(now.timeIntervalSince(lastReap)) {
      return false
    }
    lastReap = now
    return true
  }
}
