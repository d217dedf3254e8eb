internal import CLinux
internal import Glibc

/// Until when a thread waits, told by the clock that nobody sets.
///
/// A type of its own, so that no inlinable code names `timespec`: whether that is Glibc's or CLinux's depends on which
/// files the compiler takes together.
@usableFromInline struct MonotonicDeadline: Sendable {
  let time: timespec

  /// `duration` from now; a negative duration is none, a huge one a century.
  @usableFromInline init(after duration: Duration) {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    let (seconds, attoseconds) = min(max(duration, .zero), .seconds(3_200_000_000)).components
    let nanoseconds = time.tv_nsec + Int(attoseconds / 1_000_000_000)
    time.tv_sec += Int(seconds) + nanoseconds / 1_000_000_000
    time.tv_nsec = nanoseconds % 1_000_000_000
    self.time = time
  }
}

/// A condition whose timeouts are told by that clock.
func makeMonotonicCondition() -> UnsafeMutablePointer<pthread_cond_t> {
  let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  var attributes = pthread_condattr_t()
  pthread_condattr_init(&attributes)
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
  pthread_cond_init(condition, &attributes)
  pthread_condattr_destroy(&attributes)
  return condition
}
