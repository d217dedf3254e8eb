package import CodeRequests
package import FoundationEssentials
internal import RecordKeys

extension RecordStore {
  /// Cancels a request that waits. A request that was never admitted gets a row that says so, and its file ends by it
  /// when the worker comes to it. One that is being sent is marked, for the worker to withdraw it if it still can.
  package func cancel(_ id: RequestID, now: Date) throws(RecordError) -> Cancellation {
    let hash = Digest.sha256(id.rawValue)
    let at = now.unixMilliseconds
    return try durably { transaction throws(RecordError) in
      let (cancellation, changes) = Cancellation.decide(
        try transaction.request(hash), id: hash, shortID: id.short, freeRow: try transaction.freeRow(),
        at: at, rules)
      try transaction.apply(changes)
      return cancellation
    }
  }

  /// Which of these rows, all being sent, somebody has cancelled meanwhile. Costs next to nothing where no other process
  /// has written since the last call.
  package func cancelledWhileSending(among rows: [Int64]) throws(RecordError) -> Set<Int64> {
    guard !rows.isEmpty else { return [] }
    return try engine.cancelled(among: rows)
  }
}

extension Cancellation {
  /// - Parameters:
  ///   - known: the request, where the records know it.
  ///   - freeRow: for a row that says so, where they do not.
  static func decide(
    _ known: RequestFacts?, id: [UInt8], shortID: String, freeRow: Int64, at now: Int64, _ rules: RecordRules
  ) -> (Cancellation, RecordChanges) {
    var changes = RecordChanges()
    guard let known else {
      var new = NewRequest(
        row: freeRow, id: id, challenge: freeRow, purpose: Purpose.signIn.rawValue, queuedAt: now,
        deadline: now, state: .cancelled, expiresAt: now, reason: byHand, endedAt: now,
        purgeAfter: rules.purgeAfter(expiresAt: now, deadline: now, now: now))
      new.shortID = shortID
      changes.inserted = [new]
      changes.audit = [AuditLine(at: now, event: "decision", result: "cancelled", row: freeRow)]
      return (.cancelled, changes)
    }
    if let outcome = known.state.outcome { return (.ended(outcome), changes) }
    if known.state == .sending {
      changes.cancelled = [(known.row, now)]
      return (.sending, changes)
    }
    changes.ended = [EndedRequest(row: known.row, state: .cancelled, at: now, reason: byHand)]
    changes.audit = [AuditLine(at: now, event: "decision", result: "cancelled", row: known.row)]
    return (.cancelled, changes)
  }
}
