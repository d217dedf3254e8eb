internal import CSQLite
internal import LinuxSystem
internal import Records
internal import Synchronization

/// One connection to the database: open it, run SQL of this module's own, hold its prepared statements.
///
/// Used by one thread at a time. Every failure is a `RecordError`; a transaction that fails is rolled back before
/// the error leaves.
final class SQLiteConnection {
  let path: String
  private let handle: OpaquePointer
  private var statements: [SQLiteStatement?]
  /// A sync of the log has failed: until the log has been folded into the database, no later one counts.
  private let unsynced = Monitor(false)
  /// What `unsynced` held before the sync that is under way: it is locked for as long as that takes.
  private let wasUnsynced = Atomic(false)
  private var hasSynced = false
  /// From so many pages on the log is folded into the database as a commit goes by.
  var pagesToFold: Int32 = 8000
  /// Somebody wants what is being sent to end, and said so by this connection: `data_version` tells of others alone.
  var hasWish = false
  #if DEBUG
    /// How many of the next attempts to sync fail, because a test wants them to.
    var failingSyncs = 0
    /// The kept statements that were run, for tests that compare the work.
    var work: [RecordSQL]?
  #endif

  /// Opens `path` for reading and writing, made where it is missing.
  ///
  /// - Parameter busyTimeout: how long a call waits for another process's lock, in milliseconds.
  init(path: String, busyTimeout: Int32) throws(RecordError) {
    self.path = path
    Self.make(path)
    var handle: OpaquePointer?
    // One thread at a time uses a connection, so SQLite's own mutex would be pure cost.
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
    let code = sqlite3_open_v2(path, &handle, flags, nil)
    guard code == SQLITE_OK, let handle else {
      let text = handle.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
      sqlite3_close_v2(handle)
      throw RecordError(sqlite: code, text: text, path: path)
    }
    self.handle = handle
    statements = Array(repeating: nil, count: RecordSQL.allCases.count)
    sqlite3_busy_timeout(handle, busyTimeout)
    _ = csqlite_set_defensive(handle)
    sqlite3_wal_hook(handle, afterCommit, Unmanaged.passUnretained(self).toOpaque())
  }

  /// Leaves out SQLite's count of the memory that it uses, which takes a lock at each allocation. Holds for the whole
  /// process and only before its first connection, so it is for a program's start, not for a library.
  static func leaveOutStatistics() { _ = csqlite_leave_out_statistics() }

  deinit {
    statements.removeAll()
    sqlite3_close_v2(handle)
  }

  /// Makes a new database's file for its owner alone; SQLite gives its -wal and -shm files the same mode. What fails here
  /// fails again in SQLite, which tells it better.
  ///
  /// An existing file is not touched: to close any descriptor of it would drop the locks that other connections of this
  /// process hold (POSIX fcntl locks belong to the process).
  private static func make(_ path: String) {
    _ = try? FileDescriptor.open(path, [.readWrite, .create, .exclusive, .noFollow], mode: 0o600)
  }

  func error(_ code: Int32) -> RecordError {
    RecordError(sqlite: code, text: String(cString: sqlite3_errmsg(handle)), path: path)
  }

  /// Runs SQL without results.
  func execute(_ sql: String) throws(RecordError) {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw error(code) }
  }

  /// Like `execute`, for statements that SQLite answers with "busy" at once without waiting, such as the switch to
  /// WAL while another process opens the same new database.
  func executeWaiting(_ sql: String, milliseconds: Int) throws(RecordError) {
    var waited = 0
    while true {
      do throws(RecordError) { return try execute(sql) } catch {
        guard error.code == .busy, waited < milliseconds else { throw error }
        LinuxThread.sleep(for: .milliseconds(5))
        waited += 5
      }
    }
  }

  /// The first column of the first row of SQL without parameters.
  func number(_ sql: String) throws(RecordError) -> Int64 {
    let statement = try prepare(sql)
    return try statement.step() ? statement.int(0) : 0
  }

  func prepare(_ sql: String, isKept: Bool = false) throws(RecordError) -> SQLiteStatement {
    var pointer: OpaquePointer?
    let code = sqlite3_prepare_v3(
      handle, sql, -1, isKept ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0, &pointer, nil)
    guard code == SQLITE_OK, let pointer else { throw error(code) }
    return SQLiteStatement(pointer, connection: self)
  }

  /// A statement prepared at its first use and kept, reset and ready for its parameters.
  func statement(_ sql: RecordSQL) throws(RecordError) -> SQLiteStatement {
    #if DEBUG
      work?.append(sql)
    #endif
    if let statement = statements[sql.rawValue] {
      statement.reset()
      return statement
    }
    let statement = try prepare(sql.text, isKept: true)
    statements[sql.rawValue] = statement
    return statement
  }

  /// Runs a kept statement whose one parameter is a row.
  func run(_ sql: RecordSQL, _ row: Int64) throws(RecordError) {
    let statement = try statement(sql)
    statement.bind(1, row)
    try statement.run()
  }

  /// How many rows the last statement inserted, changed or deleted.
  var changes: Int { Int(sqlite3_changes(handle)) }

  /// Runs `body` as one transaction that holds the write lock from its start, so that what it reads stays true until
  /// what it writes is in.
  func transaction<Result>(_ body: () throws(RecordError) -> Result) throws(RecordError) -> Result {
    try enclose(.begin, body)
  }

  /// Runs `body` as one transaction that only reads, of what stood when it began (WAL): it neither waits for a writer
  /// nor holds one up.
  func snapshot<Result>(_ body: () throws(RecordError) -> Result) throws(RecordError) -> Result {
    try enclose(.beginReading, body)
  }

  private func enclose<Result>(
    _ begin: RecordSQL, _ body: () throws(RecordError) -> Result
  ) throws(RecordError) -> Result {
    _ = try statement(begin).step()
    do throws(RecordError) {
      let result = try body()
      resetAll()
      _ = try statement(.commit).step()
      return result
    } catch {
      resetAll()
      // SQLite has rolled back by itself after some errors; then this is a no-op that fails.
      _ = sqlite3_exec(handle, "ROLLBACK", nil, nil, nil)
      throw error
    }
  }

  /// Makes all that was committed durable, by this connection or others: until this returns, nothing of it may be told
  /// or acted on.
  ///
  /// Commits themselves do not wait for the disk (synchronous=NORMAL), and are safe from the death of any process as
  /// they stand, not from a power cut. So the wait happens here, after the write lock is free: verifiers and the worker
  /// do not queue behind each other's fsync, and one fsync carries the commits of all who are waiting.
  ///
  /// Where that fails it is tried once more, in another way, before the error leaves: what was committed stands, so a
  /// caller who gives up loses what the commit has told him alone, such as a session's token.
  func sync() throws(RecordError) {
    if let file = csqlite_wal(handle), sync(file) {
      hasSynced = true
      return
    }
    noteUnsynced()
    // After a failed fsync the kernel may hold the pages for clean and the next fsync would succeed without writing
    // them, so the log is folded into the database instead, which writes and syncs all of it anew.
    if failsOnPurpose() {
      throw RecordError(
        sqlite: SQLITE_IOERR, text: "the write-ahead log could not be synced", path: path)
    }
    guard try number("PRAGMA wal_checkpoint(TRUNCATE)") == 0 else { throw error(SQLITE_BUSY) }
    setUnsynced(false)
  }

  /// One at a time, since the kernel tells a failure once, to whoever syncs first.
  private func sync(_ file: UnsafeMutablePointer<sqlite3_file>) -> Bool {
    unsynced.withLock { isUnsynced in
      if !isUnsynced {
        isUnsynced = failsOnPurpose() || csqlite_sync(file) != SQLITE_OK
        wasUnsynced.store(isUnsynced, ordering: .relaxed)
      }
      return !isUnsynced
    }
  }

  /// What SQLite's own automatic checkpoint does, but for its silence: that one syncs the log too, keeps a failure to
  /// itself, and the next sync would succeed.
  fileprivate func foldAsItGoes(pages: Int32) {
    guard pages >= pagesToFold, let file = csqlite_wal(handle), sync(file) else { return }
    // What cannot be folded now, for want of room or for a reader, is folded after a later commit.
    let code = sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
    if code == csqlite_ioerr_fsync() { noteUnsynced() }
  }

  /// What an older connection to the same file committed and could not sync is this one's to sync.
  func inheritSync(of other: SQLiteConnection) { if other.isUnsynced { noteUnsynced() } }

  private var isUnsynced: Bool { unsynced.withLock { $0 } }

  /// Another file, or none, stands where this one was opened.
  var isMoved: Bool {
    var isMoved: Int32 = 0
    return sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &isMoved) == SQLITE_OK && isMoved != 0
  }

  /// Before a connection to a file that was moved is closed: SQLite would remove the log under its name then, which
  /// belongs to the file that stands there now.
  func leaveLog() {
    var isKept: Int32 = 1
    sqlite3_file_control(handle, "main", SQLITE_FCNTL_PERSIST_WAL, &isKept)
  }

  /// The write-ahead log, for one who syncs it while another thread goes on with the connection. Nil where `sync()` must
  /// do it: the first time, since that syncs the directory too, and after a failure.
  var log: Log? {
    // Not asked of `unsynced`: whoever commits must not wait for the disk that another waits for. A sync that fails
    // meanwhile is told by the one that is asked of this.
    guard hasSynced, !wasUnsynced.load(ordering: .relaxed), let file = csqlite_wal(handle) else { return nil }
    return Log(file: file, connection: self)
  }

  struct Log: @unchecked Sendable {
    // Sendable: to sync is one fdatasync of a descriptor that the connection, once it has one, keeps to its end.
    fileprivate let file: UnsafeMutablePointer<sqlite3_file>
    fileprivate let connection: SQLiteConnection

    /// False where it failed: then nothing that was committed since the last success may be taken for durable, until
    /// `sync()` says so.
    func sync() -> Bool { connection.sync(file) }
  }

  /// The log failed to be synced by somebody else.
  func noteUnsynced() { setUnsynced(true) }

  private func setUnsynced(_ value: Bool) {
    unsynced.withLock { isUnsynced in
      isUnsynced = value
      wasUnsynced.store(value, ordering: .relaxed)
    }
  }

  private func failsOnPurpose() -> Bool {
    #if DEBUG
      if SystemFault.code(of: "sync", path) != nil { return true }
      guard failingSyncs > 0 else { return false }
      failingSyncs -= 1
      return true
    #else
      return false
    #endif
  }

  /// A transaction, durable when it returns.
  func durableTransaction<Result>(
    _ body: () throws(RecordError) -> Result
  ) throws(RecordError) -> Result {
    let result = try transaction(body)
    FailPoint.attemptAnswered.pass()
    try sync()
    return result
  }

  /// A statement left half-read would keep its snapshot, and with it the WAL from being folded back.
  private func resetAll() { for statement in statements { statement?.reset() } }
}

/// After each commit, with the pages that the log has then.
private func afterCommit(
  _ connection: UnsafeMutableRawPointer?, _: OpaquePointer?, _: UnsafePointer<CChar>?, _ pages: Int32
) -> Int32 {
  if let connection {
    Unmanaged<SQLiteConnection>.fromOpaque(connection).takeUnretainedValue().foldAsItGoes(pages: pages)
  }
  return SQLITE_OK
}
