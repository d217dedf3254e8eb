internal import CLinux
internal import Glibc

// What `Monitor` and `BoundedQueue` are made of. Both are inlined into other modules, which see none of the C types here:
// those belong to one module or another as a build goes.

/// A mutex. Its owner destroys it.
@usableFromInline package struct ThreadLock: @unchecked Sendable {
  // Sendable: the mutex is for all threads, and stays where it is.
  fileprivate let mutex: UnsafeMutablePointer<pthread_mutex_t>

  package init() {
    mutex = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
  }

  package func destroy() {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  @usableFromInline package func lock() { pthread_mutex_lock(mutex) }
  @usableFromInline package func unlock() { pthread_mutex_unlock(mutex) }
}

/// What threads that hold a lock wait for. Its owner destroys it.
@usableFromInline package struct ThreadCondition: @unchecked Sendable {
  // Sendable: the condition is for all threads, and stays where it is.
  private let condition: UnsafeMutablePointer<pthread_cond_t>

  package init() {
    condition = .allocate(capacity: 1)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    // Timeouts are told by the clock that nobody sets.
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  package func destroy() {
    pthread_cond_destroy(condition)
    condition.deallocate()
  }

  @usableFromInline package func signal() { pthread_cond_signal(condition) }
  @usableFromInline package func broadcast() { pthread_cond_broadcast(condition) }
  @usableFromInline package func wait(_ lock: ThreadLock) { pthread_cond_wait(condition, lock.mutex) }

  /// - Returns: false where the time is over.
  @usableFromInline package func wait(_ lock: ThreadLock, until deadline: MonotonicDeadline) -> Bool {
    var time = deadline.time
    return pthread_cond_timedwait(condition, lock.mutex, &time) != ETIMEDOUT
  }
}

/// A time on the monotonic clock.
@usableFromInline package struct MonotonicDeadline: Sendable {
  fileprivate let time: timespec

  /// `duration` from now; a negative duration is none, a huge one a century.
  @usableFromInline package init(after duration: Duration) {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    let (seconds, attoseconds) = min(max(duration, .zero), .seconds(3_200_000_000)).components
    let nanoseconds = time.tv_nsec + Int(attoseconds / 1_000_000_000)
    time.tv_sec += Int(seconds) + nanoseconds / 1_000_000_000
    time.tv_nsec = nanoseconds % 1_000_000_000
    self.time = time
  }
}
