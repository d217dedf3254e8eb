package import Records

/// How many requests came to what since the worker started.
///
/// Nothing depends on these figures; they begin at nought with each worker.
package struct WorkerTally: Sendable {
  package private(set) var outcomes: [Outcome: Int] = [:]
  package private(set) var deferrals = 0

  package subscript(outcome: Outcome) -> Int { outcomes[outcome] ?? 0 }

  /// Requests that reached an outcome.
  package var ended: Int { outcomes.values.reduce(0, +) }

  mutating func count(_ outcome: Outcome) { outcomes[outcome, default: 0] += 1 }

  mutating func count(_ settled: SettledRequest) {
    if !settled.isRepetition, let outcome = settled.outcome { count(outcome) }
  }

  mutating func count(_ event: LogEvent.Name) {
    switch event {
    case .deferred, .ambiguous: deferrals += 1
    default: if let outcome = Outcome(rawValue: event.rawValue) { count(outcome) }
    }
  }
}

extension SettledRequest {
  /// Its outcome was told before. A request that waited and was superseded by another one is told when its own file
  /// comes round.
  var isRepetition: Bool { isDuplicate && outcome != .superseded }
}
