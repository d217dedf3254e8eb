internal import CLinux
internal import Glibc

/// Nanoseconds of CLOCK_MONOTONIC: what deadlines and durations are counted in, whatever happens to the date.
typealias MonotonicTime = UInt64

func monotonicNow() -> MonotonicTime {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

extension Duration {
  /// Saturating: a duration of centuries is as good as none.
  var nanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    return UInt64(min(seconds, 1_000_000_000)) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
  }
}

/// Milliseconds with three decimals, as people read them.
func milliseconds(from start: MonotonicTime, to end: MonotonicTime) -> Double {
  Double((end &- start) / 1000) / 1000
}
