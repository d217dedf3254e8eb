internal import LinuxSystem
internal import MailWorker

/// Tells the supervisor that the worker lives, for as long as its ledger turns: every mail goes through that thread
/// twice, so where it hangs the process is better started anew. Lanes and intake bound each of their waits.
struct Watchdog {
  private let supervisor: ServiceNotification
  /// -1 where nobody asks.
  private let milliseconds: Int
  private var next = ContinuousClock.now

  init(_ supervisor: ServiceNotification, milliseconds: Int) {
    self.supervisor = supervisor
    self.milliseconds = milliseconds
  }

  mutating func tell(of worker: Worker) {
    guard milliseconds > 0, .now >= next else { return }
    next = .now + .milliseconds(milliseconds)
    if worker.hasTurned() { supervisor.send("WATCHDOG=1") }
  }
}
