internal import LinuxSystem
package import Records

/// Waits for the disk on behalf of threads that share one connection, while others of them go on with it.
///
/// Each notes what it committed, gives the connection free and waits here. One syncs at a time, for all that was
/// committed before it began; who was waiting meanwhile finds it done, or syncs for the next.
///
/// On failure nobody believes a later success: the kernel tells a failed write once, to whoever syncs first. From
/// then on the log is folded into the database, by whoever has the connection, until that has succeeded.
package final class LogSync: Sendable {
  /// A commit, in the order they were made.
  package struct Mark: Sendable {
    fileprivate let number: Int
    fileprivate let log: SQLiteConnection.Log?
  }

  private struct State {
    /// The last commit that is known to be on disk.
    package var durable = 0
    package var hasFailed = false
  }

  private let committed = Monitor(0)
  private let state = Monitor(State())

  package init() {}

  /// Notes a commit; called by who still has the connection.
  package func mark(_ connection: SQLiteConnection) -> Mark {
    let number = committed.withLock { number in
      number += 1
      return number
    }
    return Mark(number: number, log: connection.log)
  }

  /// Returns when the commit is durable.
  ///
  /// - Parameter mend: syncs with the connection in hand; told whether syncing without it has failed. The caller must not
  ///   have the connection: it may have to wait for one who has.
  package func wait(
    for mark: Mark, mend: (_ hasFailed: Bool) throws(RecordError) -> Void
  ) throws(RecordError) {
    try state.withLock { state throws(RecordError) in
      guard state.durable < mark.number else { return }
      let last = committed.withLock { $0 }
      if state.hasFailed || mark.log?.sync() != true {
        let hasFailed = state.hasFailed || mark.log != nil
        state.hasFailed = true
        try mend(hasFailed)
        state.hasFailed = false
      }
      state.durable = last
    }
  }
}
