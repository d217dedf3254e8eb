internal import Configuration
package import FoundationEssentials
internal import LinuxSystem

/// When a mail that was deferred is tried again: after `delays[0]` the first time, and so on; the last delay
/// repeats. Each is stretched or shortened by up to a fifth, so that what failed together does not come back
/// together. A try that would come after the deadline is not planned: the request ends as `expired`.
///
/// No delays, or none that ends before the deadline, is no further try.
package struct RetrySchedule: Sendable {
  private let delays: [Duration]

  package init(delays: [Duration]) { self.delays = delays }

  /// The time of the next try.
  ///
  /// - Parameters:
  ///   - attempts: how many tries there were, at least 1.
  ///   - chance: a number from 0 to 1 that decides the jitter.
  /// - Returns: nil where no try is left before `deadline`.
  package func next(after attempts: Int, now: Date, deadline: Date, chance: Double) -> Date? {
    guard !delays.isEmpty else { return nil }
    let delay = delays[min(max(attempts, 1), delays.count) - 1].inSeconds
    let due = now.addingTimeInterval(delay * (0.8 + 0.4 * min(max(chance, 0), 1)))
    return due < deadline ? due : nil
  }
}
