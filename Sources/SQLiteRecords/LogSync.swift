internal import LinuxSystem
internal import Records

/// Waits for the disk on behalf of threads that share one connection, while others of them go on with it: the one group
/// commit of admission and verification.
///
/// Each notes what it committed, gives the connection free and waits here. One syncs at a time, for all that was
/// committed before it began; who was waiting meanwhile finds it done, or syncs for the next.
///
/// On failure nobody believes a later success: the kernel tells a failed write once, to whoever syncs first. From
/// then on the log is folded into the database, by whoever has the connection, until that has succeeded.
final class LogSync: Sendable {
  private struct State {
    /// The last commit that is known to be on disk.
    var durable = 0
    var hasFailed = false
  }

  private let committed = Monitor(0)
  private let state = Monitor(State())

  /// Notes a commit; called by who still has the connection.
  func mark(_ connection: SQLiteConnection) -> CommitMark {
    let number = committed.withLock { number in
      number += 1
      return number
    }
    return CommitMark(number: number, log: connection.log)
  }

  /// The last commit that was noted.
  func latest(_ log: SQLiteConnection.Log) -> CommitMark {
    CommitMark(number: committed.withLock { $0 }, log: log)
  }

  /// Returns when the commit is durable.
  ///
  /// - Parameter mend: syncs with the connection in hand; told whether syncing without it has failed. The caller must not
  ///   have the connection: it may have to wait for one who has.
  func wait(
    for mark: CommitMark, mend: (_ hasFailed: Bool) throws(RecordError) -> Void
  ) throws(RecordError) {
    try state.withLock { state throws(RecordError) in
      guard state.durable < mark.number else { return }
      let last = committed.withLock { $0 }
      if !sync(mark, &state) {
        let hasFailed = state.hasFailed
        state.hasFailed = true
        try mend(hasFailed)
        state.hasFailed = false
      }
      state.durable = last
    }
  }

  /// Syncs without the connection; false where that fails, and `wait` must do it.
  func attempt(_ mark: CommitMark) -> Bool {
    state.withLock { state in
      guard state.durable < mark.number else { return true }
      let last = committed.withLock { $0 }
      guard sync(mark, &state) else { return false }
      state.durable = last
      return true
    }
  }

  private func sync(_ mark: CommitMark, _ state: inout State) -> Bool {
    let log = mark.log as? SQLiteConnection.Log
    if !state.hasFailed, log?.sync() == true { return true }
    if log != nil { state.hasFailed = true }
    return false
  }
}

/// The write-ahead log, for a thread that syncs it while another goes on with the records.
struct SQLiteLog: RecordLog {
  let mark: CommitMark
  let group: LogSync

  func sync() -> Bool { group.attempt(mark) }
}
