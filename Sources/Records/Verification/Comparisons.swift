#if DEBUG
  package import LinuxSystem

  /// How many codes are compared on behalf of a task, for tests that compare the work.
  package enum Comparisons {
    @TaskLocal package static var counter: Monitor<Int>?

    static func count(_ count: Int) { counter?.withLock { $0 += count } }
  }
#endif
