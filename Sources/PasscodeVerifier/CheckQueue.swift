internal import LinuxSystem
internal import Records

/// Gathers the attempts of concurrent callers into batches, so that callers who wait for the disk wait together: one of
/// them answers for all who came meanwhile.
///
/// A caller alone is answered at once. Whoever comes while a batch is being answered is in the next, and the first
/// caller of that batch answers it: no thread of its own, nothing to start or to stop. A batch is answered while the one
/// before it waits for the disk. Each caller is woken once, when its answer is there, but for the one who answers next.
///
/// On failure every caller of the batch is thrown its error, and the next batch begins anew.
final class CheckQueue: Sendable {
  private final class Caller: @unchecked Sendable {
    // Sendable: `answer` is set before the semaphore is posted, and read after it was waited for.
    let attempt: VerificationDesk.Attempt
    let turn = Semaphore()
    /// Nil when woken: it is this caller's turn to answer.
    var answer: Result<Verification, RecordError>?
    init(_ attempt: VerificationDesk.Attempt) { self.attempt = attempt }
  }

  private struct State {
    /// The first of them answers, as soon as nobody else does.
    var waiting: [Caller] = []
    var isAnswering = false
    /// How many were in the last batch.
    var last = 1
  }

  /// What one transaction holds the write lock for: a few milliseconds.
  static let mostInBatch = 64

  private let state = Monitor(State())

  /// - Parameters:
  ///   - answer: answers a batch, in its order; called by one thread at a time.
  ///   - makeDurable: waits until the answers may be told; called by any number of threads.
  func verify<Answered>(
    _ attempt: VerificationDesk.Attempt,
    answer: ([VerificationDesk.Attempt]) throws(RecordError) -> Answered,
    makeDurable: (Answered) throws(RecordError) -> [Result<Verification, RecordError>]
  ) throws(RecordError) -> Verification {
    let own = Caller(attempt)
    let (isFirst, isBusy) = state.withLock { state in
      state.waiting.append(own)
      defer { state.isAnswering = true }
      return (!state.isAnswering, state.last > 1)
    }
    if !isFirst {
      own.turn.wait()
      if let answer = own.answer { return try answer.get() }
    }
    // Those who were woken a moment ago are about to come again: let them first. A batch costs as much as two checks.
    if isBusy { LinuxThread.yield() }
    let batch = state.withLock { state in
      let batch = Array(state.waiting.prefix(Self.mostInBatch))
      state.last = batch.count
      state.waiting.removeFirst(batch.count)
      return batch
    }
    var answers: [Result<Verification, RecordError>]
    do throws(RecordError) {
      let answered: Answered
      do throws(RecordError) { answered = try answer(batch.map(\.attempt)) } catch {
        handOver()
        throw error
      }
      handOver()
      answers = try makeDurable(answered)
    } catch {
      answers = batch.map { _ in .failure(error) }
    }
    for (caller, answer) in zip(batch, answers).dropFirst() {
      caller.answer = answer
      caller.turn.post()
    }
    return try answers[0].get()
  }

  /// Lets the first of those who wait answer the next batch.
  private func handOver() {
    let next = state.withLock { state in
      state.isAnswering = !state.waiting.isEmpty
      return state.waiting.first
    }
    next?.turn.post()
  }
}
