internal import FoundationEssentials
internal import LinuxSystem
package import RecordKeys
package import Records

/// Records in one SQLite file, for the processes of one machine.
///
/// They belong to one spool, whose lock lets one run admit: any other run that a row names is dead.
///
/// A transaction holds the write lock from its start to its end, so facts stay true without locks of single rows. Safe in
/// any number of threads, which share one connection: one transaction at a time, and one wait for the disk for all whose
/// commits are waiting (WAL, synced after the commit).
///
/// On failure a call throws a `RecordError` and nothing of it has happened. `busy` means that another process held the
/// lock for longer than the wait.
package final class SQLiteEngine: RecordEngine {
  struct State: @unchecked Sendable {
    // Sendable: the connection is only touched with the monitor's lock held, but for its log.
    var connection: SQLiteConnection
    var sweep = Sweep()
    var strayChecks = StrayChecks()
    /// `data_version` when wishes to cancel were last looked for.
    var seenVersion: Int64 = 0
  }

  let state: Monitor<State>
  private let group = LogSync()
  private let keyring: Keyring
  private let busyTimeout: Duration

  /// Opens the records at `path`, made where they are missing.
  ///
  /// - Parameter busyTimeout: how long a call waits for other processes.
  package init(
    path: String, keyring: Keyring, busyTimeout: Duration = .seconds(5)
  ) throws(RecordError) {
    self.keyring = keyring
    self.busyTimeout = busyTimeout
    state = Monitor(
      State(connection: try SQLiteConnection.records(at: path, keyring: keyring, busyTimeout: busyTimeout)))
  }

  /// For the start of a program whose only use of SQLite this is: spares a lock at each of its allocations.
  package static func takeProcess() { SQLiteConnection.leaveOutStatistics() }

  package func transaction<Result>(
    _ body: (any RecordTransaction) throws(RecordError) -> Result
  ) throws(RecordError) -> (result: Result, mark: CommitMark) {
    try state.withLock { state throws(RecordError) in
      let connection = state.connection
      let result = try connection.transaction { () throws(RecordError) in
        try body(SQLiteTransaction(connection: connection))
      }
      return (result, group.mark(connection))
    }
  }

  package func look<Result>(
    _ body: (any RecordReader) throws(RecordError) -> Result
  ) throws(RecordError) -> Result {
    try state.withLock { state throws(RecordError) in
      let connection = state.connection
      return try connection.snapshot { () throws(RecordError) in
        try body(SQLiteTransaction(connection: connection))
      }
    }
  }

  package func makeDurable(_ mark: CommitMark) throws(RecordError) {
    try group.wait(for: mark) { hasFailed throws(RecordError) in
      try state.withLock { state throws(RecordError) in
        if hasFailed { state.connection.noteUnsynced() }
        try state.connection.sync()
      }
    }
  }

  package var log: (any RecordLog)? {
    state.withLock { state in state.connection.log.map { SQLiteLog(mark: group.latest($0), group: group) } }
  }

  package var isReplaced: Bool { state.withLock { $0.connection.isMoved } }

  package func renew(afterDamage isDamaged: Bool) throws(RecordError) -> Bool {
    try state.withLock { state throws(RecordError) in
      let fresh = try state.connection.successor(
        afterDamage: isDamaged, keyring: keyring, busyTimeout: busyTimeout)
      guard let fresh else { return false }
      state = State(connection: fresh)
      return true
    }
  }

  // MARK: Reading

  func read<Result>(
    _ body: (SQLiteTransaction) throws(RecordError) -> Result
  ) throws(RecordError) -> Result {
    try state.withLock { state throws(RecordError) in
      try body(SQLiteTransaction(connection: state.connection))
    }
  }

  package func guest(_ subject: [UInt8]) throws(RecordError) -> Guest? {
    try read { reader throws(RecordError) in try reader.guest(subject) }
  }

  package func recent(of mailbox: Int64, most: Int) throws(RecordError) -> [RecentRequest] {
    try read { reader throws(RecordError) in try reader.recent(of: mailbox, most: most) }
  }

  package func sessions(idKey: Int64) throws(RecordError) -> [SessionFacts] {
    try read { reader throws(RecordError) in try reader.sessions(idKey: idKey) }
  }

  package func cancelled(among rows: [Int64]) throws(RecordError) -> Set<Int64> {
    try state.withLock { state throws(RecordError) in
      let version = try state.connection.number("PRAGMA data_version")
      guard version != state.seenVersion || state.connection.hasWish else { return [] }
      var cancelled: Set<Int64> = []
      let statement = try state.connection.prepare(
        "SELECT state, cancelledAt IS NOT NULL FROM request WHERE row = ?1")
      for row in rows {
        statement.reset()
        statement.bind(1, row)
        guard try statement.step() else { continue }
        if RequestState(number: statement.int(0)) == .sending, statement.int(1) != 0 { cancelled.insert(row) }
      }
      statement.reset()
      state.seenVersion = version
      state.connection.hasWish = false
      return cancelled
    }
  }
}
