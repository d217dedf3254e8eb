internal import CSQLite
internal import Records

extension RecordError {
  /// An error of SQLite's. Its own text is passed on only where the kind is unexpected: it can quote SQL, never
  /// values, since all values are bound.
  init(sqlite extended: Int32, text: String, path: String) {
    switch extended & 0xFF {
    case SQLITE_BUSY, SQLITE_LOCKED:
      self.init(
        .busy, path, "is locked by another process for too long; try again, or find it with: fuser \(path)")
    case SQLITE_CANTOPEN:
      self.init(
        .cannotOpen, path,
        "cannot be opened; check that its directory exists, this user may write there, and the file system is not read-only"
      )
    case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH:
      self.init(
        .readOnly, path, "may only be read; this user must be able to write the file and its directory")
    case SQLITE_FULL: self.init(.full, path, "cannot grow: the disk is full; free some space")
    case SQLITE_IOERR:
      self.init(
        .io, path, "could not be read or written (\(text), code \(extended)); check disk and file system")
    case SQLITE_NOTADB:
      self.init(
        .notRecords, path, "is not an SQLite database; move it away, or point state at the right directory")
    case SQLITE_CORRUPT:
      self.init(
        .corrupt, path,
        "is damaged; restore a backup of it (remove its -wal and -shm first), or move all three away and restart the worker to begin with empty records"
      )
    default: self.init(.unexpected, path, "SQLite failed: \(text) (code \(extended))")
    }
  }
}
