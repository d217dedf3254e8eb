package import FoundationEssentials
internal import CLinux
internal import Glibc

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

/// The kernel's monotonic clock, which waits on sockets always go by.
@Sendable package func monotonicTime() -> Duration {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}

extension Duration {
  /// Whole milliseconds, rounded up, so that a wait of less than one does not become a busy loop.
  var wholeMilliseconds: Int {
    let (seconds, attoseconds) = components
    return Int(seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }
}
