internal import CSQLite
internal import RecordKeys

/// Why the records could not be read or written. No code, id or address is ever part of it.
public struct RecordError: Error, Sendable, CustomStringConvertible {
  /// The kinds of failure.
  public enum Code: String, Sendable {
    /// Another process kept the database locked for longer than the wait allowed. Try again.
    case busy
    /// The file cannot be opened or made.
    case cannotOpen
    /// The file or its directory may only be read.
    case readOnly
    /// The disk is full.
    case full
    /// The system failed to read, write or fsync.
    case io
    /// The file is not an SQLite database, or not one of this program.
    case notRecords
    /// The database is damaged.
    case corrupt
    /// A newer version of this program has written the database.
    case newerSchema
    /// A key is missing, damaged, exposed, or not the one that the records were made with.
    case key
    /// SQLite said something that none of the above covers.
    case unexpected
  }

  /// The kind.
  public let code: Code
  /// The database file.
  public let path: String
  /// What was found, what was expected, what to do.
  public let message: String

  /// True where it is the file that is wrong, so that another one in its place may be right.
  package var isDamage: Bool { code == .corrupt || code == .notRecords || code == .cannotOpen }

  init(_ code: Code, _ path: String, _ message: String) {
    self.code = code
    self.path = path
    self.message = message
  }

  init(_ fault: KeyFault) { self.init(.key, fault.path, fault.message) }

  /// `path: message`.
  public var description: String { path.isEmpty ? message : "\(path): \(message)" }
}

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
