internal import LinuxSystem

/// Gathers the attempts of concurrent callers into batches, so that callers who wait for the disk wait together: one of
/// them answers for all who came meanwhile.
///
/// A caller alone is answered at once. Whoever comes while a batch is being answered is in the next, and the first
/// caller of that batch to wake answers it: no thread of its own, nothing to start or to stop.
///
/// On failure every caller of the batch is thrown its error, and the next batch begins anew.
final class CheckQueue: Sendable {
  private final class Ticket: @unchecked Sendable {
    // Sendable: `answer` is only touched with the monitor's lock held.
    let attempt: VerificationDesk.Attempt
    var answer: Result<Verification, RecordError>?
    init(_ attempt: VerificationDesk.Attempt) { self.attempt = attempt }
  }

  private struct State {
    var waiting: [Ticket] = []
    var isAnswering = false
  }

  /// What one transaction holds the write lock for: a few milliseconds.
  static let mostInBatch = 64

  private let state = Monitor(State())

  /// - Parameter answer: answers a batch, in its order; called by one thread at a time.
  func verify(
    _ attempt: VerificationDesk.Attempt,
    answer: ([VerificationDesk.Attempt]) throws(RecordError) -> [Result<Verification, RecordError>]
  ) throws(RecordError) -> Verification {
    let own = Ticket(attempt)
    state.withLock { $0.waiting.append(own) }
    while true {
      let batch = state.wait { state -> [Ticket]? in
        if own.answer != nil { return [] }
        guard !state.isAnswering else { return nil }
        state.isAnswering = true
        let batch = Array(state.waiting.prefix(Self.mostInBatch))
        state.waiting.removeFirst(batch.count)
        return batch
      }
      guard let batch, !batch.isEmpty else { return try own.answer!.get() }
      var answers: [Result<Verification, RecordError>]
      do throws(RecordError) { answers = try answer(batch.map(\.attempt)) } catch {
        answers = batch.map { _ in .failure(error) }
      }
      state.change { state in
        for (ticket, answer) in zip(batch, answers) { ticket.answer = answer }
        state.isAnswering = false
      }
    }
  }
}
