package import CodeRequests
package import FoundationEssentials
internal import RecordKeys

/// What became of a wish to cancel.
package enum Cancellation: Sendable, Equatable {
  /// It will not be sent.
  case cancelled
  /// It is being sent. The worker has been told: where no lane has begun it, it ends as cancelled in a moment; ask
  /// again.
  case sending
  /// It had ended before.
  case ended(Outcome)
}

extension RecordStore {
  /// Cancels a request that waits. A request that was never admitted gets a row that says so, and its file ends by it
  /// when the worker comes to it. One that is being sent is marked, for the worker to withdraw it if it still can.
  package func cancel(_ id: RequestID, now: Date) throws(RecordError) -> Cancellation {
    let hash = Digest.sha256(id.rawValue)
    let at = now.unixMilliseconds
    return try connection.durableTransaction { () throws(RecordError) in
      guard let known = try find(id: hash) else {
        let row = try connection.number("SELECT coalesce(max(row), 0) + 1 FROM request")
        let statement = try connection.prepare(
          """
          INSERT INTO request (row, idKey, id, challenge, subjectKey, subject, purpose, queuedAt, deadline, state, budget,
            expiresAt, endedAt, reason, purgeAfter)
          VALUES (?1, ?2, ?3, ?1, 0, x'', 'sign-in', ?4, ?4, ?5, 0, ?4, ?4, 'cancelled by hand', ?6)
          """)
        statement.bind(1, row)
        statement.bind(2, prefixKey(hash))
        statement.bind(3, hash)
        statement.bind(4, at)
        statement.bind(5, RequestState.cancelled.rawValue)
        statement.bind(6, at + retention.requests.milliseconds)
        try statement.run()
        try audit(row: row, at: at, "decision", "cancelled")
        return .cancelled
      }
      if let outcome = known.state.outcome { return .ended(outcome) }
      if known.state == .sending {
        let statement = try connection.prepare("UPDATE request SET reason = ?2 WHERE row = ?1")
        statement.bind(1, known.row)
        statement.bind(2, Self.cancelledByHand)
        try statement.run()
        return .sending
      }
      let statement = try connection.statement(.endRequest)
      statement.bind(1, known.row)
      statement.bind(2, RequestState.cancelled.rawValue)
      statement.bind(3, Self.cancelledByHand)
      statement.bind(4, nil as String?)
      statement.bind(5, nil as String?)
      statement.bind(6, nil as Int64?)
      statement.bind(7, at)
      statement.bind(8, known.crashes)
      try statement.run()
      try audit(row: known.row, at: at, "decision", "cancelled")
      return .cancelled
    }
  }

  static let cancelledByHand = "cancelled by hand"

  /// Whether a request that is being sent bears the mark.
  func isCancelled(_ row: Int64) throws(RecordError) -> Bool {
    let statement = try connection.prepare("SELECT reason = ?2 FROM request WHERE row = ?1")
    statement.bind(1, row)
    statement.bind(2, Self.cancelledByHand)
    return try statement.step() && statement.int(0) == 1
  }

  /// Which of these rows, all being sent, somebody has cancelled meanwhile. Costs next to nothing where no other process
  /// has written since the last call.
  package func cancelledWhileSending(among rows: [Int64]) throws(RecordError) -> Set<Int64> {
    let version = try connection.number("PRAGMA data_version")
    guard version != seenVersion, !rows.isEmpty else { return [] }
    var cancelled: Set<Int64> = []
    let statement = try connection.prepare(
      "SELECT 1 FROM request WHERE row = ?1 AND state = 2 AND reason = ?2")
    for row in rows {
      statement.reset()
      statement.bind(1, row)
      statement.bind(2, Self.cancelledByHand)
      if try statement.step() { cancelled.insert(row) }
    }
    statement.reset()
    seenVersion = version
    return cancelled
  }
}
