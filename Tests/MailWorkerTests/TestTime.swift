import Foundation
import LinuxSystem

@testable import MailWorker

/// Clocks that run as those of the system do, and jump where a test says so. Nobody is held by a pause.
final class TestTime: Sendable {
  private struct State {
    var passed = Duration.zero
    var pauses: [Duration] = []
    var onPause: (@Sendable (_ count: Int) -> Void)?
  }

  private let state = Monitor(State())

  var passed: Duration { state.withLock { $0.passed } }
  var now: Date { Date().addingTimeInterval(passed / .seconds(1)) }

  func pass(_ duration: Duration) { state.withLock { $0.passed += duration } }

  /// The pauses of a second, in which what went wrong is given time to be mended.
  var pauses: Int { state.withLock { $0.pauses.count { $0 == .seconds(1) } } }

  /// Runs in each of them, with its number from 1.
  func onPause(_ body: (@Sendable (_ count: Int) -> Void)?) { state.withLock { $0.onPause = body } }

  var clock: WorkerClock {
    WorkerClock(
      date: { [self] in now }, instant: { [self] in .now + passed },
      hold: { [self] pause in
        let body = state.withLock { state -> (@Sendable (Int) -> Void)? in
          state.pauses.append(pause)
          return pause == .seconds(1) ? state.onPause : nil
        }
        body?(pauses)
        return .zero
      })
  }
}
