package import FoundationEssentials

/// The clocks that a worker goes by, and how it waits.
package struct WorkerClock: Sendable {
  /// The calendar, for what records and files say. It may be set while the worker runs.
  package let date: @Sendable () -> Date
  /// The clock that nobody sets, for pauses.
  package let instant: @Sendable () -> ContinuousClock.Instant
  /// For how long a thread is held where the worker pauses so long. A clock that moves by itself when somebody waits need
  /// hold nobody.
  package let hold: @Sendable (_ pause: Duration) -> Duration

  package init(
    date: @escaping @Sendable () -> Date = { Date() },
    instant: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
    hold: @escaping @Sendable (Duration) -> Duration = { $0 }
  ) {
    self.date = date
    self.instant = instant
    self.hold = hold
  }

  package static let system = WorkerClock()
}
