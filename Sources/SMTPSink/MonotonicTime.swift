internal import LinuxSystem

/// Nanoseconds of CLOCK_MONOTONIC: what deadlines and durations are counted in, whatever happens to the date.
typealias MonotonicTime = UInt64

func monotonicNow() -> MonotonicTime { monotonicNanoseconds() }

/// Milliseconds with three decimals, as people read them.
func milliseconds(from start: MonotonicTime, to end: MonotonicTime) -> Double {
  Double((end &- start) / 1000) / 1000
}
