package import RecordKeys

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
    /// A code was to be checked by address alone, and that is switched off.
    case byAddressOff
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

  package init(_ code: Code, _ path: String, _ message: String) {
    self.code = code
    self.path = path
    self.message = message
  }

  package init(_ fault: KeyFault) { self.init(.key, fault.path, fault.message) }

  /// `path: message`.
  public var description: String { path.isEmpty ? message : "\(path): \(message)" }
}
