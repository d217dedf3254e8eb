internal import CLinux
internal import Glibc

/// The kernel's monotonic clock, which nobody sets: time since some fixed moment. The corresponding C function is
/// `clock_gettime`.
@Sendable package func monotonicTime() -> Duration {
  let time = read(CLOCK_MONOTONIC)
  return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}

/// The same as a number.
package func monotonicNanoseconds() -> UInt64 {
  let time = read(CLOCK_MONOTONIC)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// Milliseconds since the machine started, the time that it slept among them (CLOCK_BOOTTIME).
package func millisecondsSinceBoot() -> Int64 {
  let time = read(CLOCK_BOOTTIME)
  return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
}

private func read(_ clock: clockid_t) -> timespec {
  var time = timespec()
  clock_gettime(clock, &time)
  return time
}
