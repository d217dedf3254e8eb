/// The steps at which a test may have a process killed: `PASSCODE_FAIL_POINT=admissionCommitted:3` sends it SIGKILL
/// when it passes that step for the third time, by any thread. `any:40` counts the steps of all names.
///
/// In debug builds only: in a release build `pass` is empty, and nothing reads the variable. A name that is no step, or
/// a count that is no number, ends the process at its first step with a message, so that no test passes by a typing
/// error.
package enum FailPoint: Sendable {
  // Enqueueing.
  /// In `tmp/`, neither synced nor renamed.
  case requestWritten
  /// Synced, not renamed.
  case requestSynced
  /// In `new/`, the directory not synced.
  case requestRenamed
  /// Durable; whoever asked has not been told.
  case requestDurable

  // The first start of an installation.
  /// A key file is there, others may be missing.
  case keyPublished
  /// The tables are made, not committed.
  case schemaUncommitted

  // Intake and admission.
  case requestRead
  /// Sealed in its place; what was there lies in `tmp/`.
  case requestSealed
  /// Told of in `rejected/`, and gone from where it was.
  case rejectionMoved
  case admissionUncommitted
  /// Committed, not synced.
  case admissionCommitted
  case admissionSynced

  // A lane.
  case mailRendered
  /// MAIL, RCPT and DATA were sent.
  case envelopeSent
  /// The relay has answered 354.
  case messageAwaited
  /// Half of the message was sent.
  case messageHalfSent
  /// The final dot was sent.
  case messageSent
  /// The relay has answered the final dot; nothing of it is recorded.
  case messageAnswered

  // Settlement.
  case settlementUncommitted
  /// Committed, not synced.
  case settlementCommitted
  case settlementSynced
  /// In `deferred/`, no directory synced.
  case deferralRenamed
  /// The reason lies in `failed/` or `rejected/`, the request does not.
  case reasonWritten
  /// Reason and request lie there, and the file in the queue still does.
  case remainsWritten
  /// The file of an ended request is about to be removed, or put aside.
  case removalDue
  case fileRemoved
  /// Renamed into `tmp/`, to be removed there.
  case filePutAside

  // Verification.
  /// The attempt is counted, nothing compared.
  case attemptCounted
  /// The answer, or another change that somebody waits for, is committed, not synced.
  case attemptAnswered
  /// The answer is durable and not told.
  case attemptDurable

  /// A system call is about to be made.
  case systemCall

  /// Dies here where the environment says so.
  @inline(__always)
  package func pass() {
    #if DEBUG
      if let trap = FailPointTrap.armed { trap.pass(self) }
    #endif
  }
}

#if DEBUG
  extension FailPoint: CaseIterable {
    package static let variable = "PASSCODE_FAIL_POINT"

    /// The process dies when it passes this step once more.
    package var isNext: Bool { FailPointTrap.armed?.isNext(self) ?? false }
  }

  /// What the environment asks for.
  private struct FailPointTrap: Sendable {
    /// Nil: every one.
    let step: FailPoint?
    private let left: Monitor<Int>

    static let armed: FailPointTrap? = CurrentProcess.variable(FailPoint.variable).map { FailPointTrap($0) }

    init(_ text: String) {
      let parts = text.split(separator: ":", maxSplits: 1)
      let step = FailPoint.allCases.first { "\($0)" == parts.first ?? "" }
      guard parts.count == 2, let count = Int(parts[1]), count > 0, step != nil || parts[0] == "any" else {
        let message =
          "\(FailPoint.variable)=\(text): expected the name of a step, a colon, a number from 1 on\n"
        _ = BorrowedDescriptor(.error).writeAll(Array(message.utf8))
        CurrentProcess.exitAtOnce(64)
      }
      self.step = step
      left = Monitor(count)
    }

    func isNext(_ step: FailPoint) -> Bool { self.step == step && left.withLock { $0 } == 1 }

    func pass(_ passed: FailPoint) {
      guard step == passed || step == nil && passed != .systemCall else { return }
      let isDue = left.withLock { left in
        left -= 1
        return left == 0
      }
      if isDue { Signal.kill.send(to: CurrentProcess.identifier) }
    }
  }
#endif
