internal import Glibc

/// Where a test kills the process on purpose; compiled into debug builds only.
enum FailPoint {
  /// Between counting an attempt and comparing the code.
  @inline(__always)
  static func afterCounting() {
    #if DEBUG
      if getenv("PASSCODE_DIE_AFTER_COUNTING") != nil { kill(getpid(), SIGKILL) }
    #endif
  }
}
