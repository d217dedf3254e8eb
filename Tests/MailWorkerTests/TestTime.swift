import Foundation
import LinuxSystem

@testable import MailWorker

/// A calendar that runs and jumps where a test says so, and a clock for pauses that only jumps: so the ledger looks after
/// what time brings when the test wants it to. Nobody is held by a pause.
final class TestTime: Sendable {
  private struct State {
    var passed = Duration.zero
    var pauses: [Duration] = []
    var onPause: (@Sendable (_ count: Int) -> Void)?
  }

  private let state = Monitor(State())
  private let start = ContinuousClock.now

  var passed: Duration { state.withLock { $0.passed } }
  var now: Date { Date().addingTimeInterval(passed / .seconds(1)) }

  func pass(_ duration: Duration) { state.withLock { $0.passed += duration } }

  /// The pauses of a second, in which what went wrong is given time to be mended.
  var pauses: Int { state.withLock { $0.pauses.count { $0 == .seconds(1) } } }

  /// Runs in each of them, with its number from 1.
  func onPause(_ body: (@Sendable (_ count: Int) -> Void)?) { state.withLock { $0.onPause = body } }

  var clock: WorkerClock {
    WorkerClock(
      date: { [self] in now }, instant: { [self] in start + passed },
      hold: { [self] pause in
        let body = state.withLock { state -> (@Sendable (Int) -> Void)? in
          state.pauses.append(pause)
          return pause == .seconds(1) ? state.onPause : nil
        }
        // Nothing that a test waits for takes so long.
        precondition(pauses < 1000, "the worker pauses for ever")
        body?(pauses)
        return .zero
      })
  }
}
