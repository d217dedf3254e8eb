internal import CommandVerbs
internal import MailWorker
internal import Records

/// `drained 1,234, 0 failed`, rewritten in place, on a terminal alone.
struct DrainProgress {
  let isShown: Bool
  private var last = -1

  init(isShown: Bool) { self.isShown = isShown }

  mutating func show(_ tally: WorkerTally) {
    guard isShown, tally.ended != last else { return }
    last = tally.ended
    Terminal.rewrite(
      line: "\(tally[.sent]) sent, \(tally.ended - tally[.sent]) ended otherwise, \(tally.deferrals) put off"
    )
  }
}
