internal import CLinux
internal import Glibc

/// What a process has used so far, as the kernel counts it.
package struct ProcessUsage: Sendable {
  /// Processor time in user and kernel mode.
  package let cpu: Duration
  /// The largest resident set so far, in bytes.
  package let peakMemory: Int

  /// Of this process.
  package static func current() -> ProcessUsage { read(RUSAGE_SELF) }
  /// Of the children that have ended and were waited for.
  package static func children() -> ProcessUsage { read(RUSAGE_CHILDREN) }

  private static func read(_ who: __rusage_who) -> ProcessUsage {
    var usage = rusage()
    getrusage(__rusage_who_t(who.rawValue), &usage)
    let seconds = Int64(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
    let microseconds = Int64(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)
    return ProcessUsage(
      cpu: .seconds(seconds) + .microseconds(microseconds), peakMemory: Int(usage.ru_maxrss) * 1024)
  }
}
