package import FoundationEssentials
internal import LinuxSystem

/// The two clocks of delivery: the calendar for deadlines, and one that never jumps for everything else.
package struct DeliveryClock: Sendable {
  package let date: @Sendable () -> Date
  /// Time since some fixed moment.
  package let uptime: @Sendable () -> Duration

  package init(date: @escaping @Sendable () -> Date, uptime: @escaping @Sendable () -> Duration) {
    self.date = date
    self.uptime = uptime
  }

  package static let system = DeliveryClock(date: { Date() }, uptime: monotonicTime)
}
