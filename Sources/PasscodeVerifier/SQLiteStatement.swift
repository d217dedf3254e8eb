internal import CSQLite

/// A prepared statement. Parameters and columns count as SQLite counts them: parameters from 1, columns from 0.
final class SQLiteStatement {
  private let pointer: OpaquePointer
  private unowned let connection: SQLiteConnection
  private var isStepped = false

  init(_ pointer: OpaquePointer, connection: SQLiteConnection) {
    self.pointer = pointer
    self.connection = connection
  }

  deinit { sqlite3_finalize(pointer) }

  func reset() {
    guard isStepped else { return }
    sqlite3_reset(pointer)
    isStepped = false
  }

  func bind(_ index: Int32, _ value: Int64) { sqlite3_bind_int64(pointer, index, value) }

  func bind(_ index: Int32, _ value: Int64?) {
    if let value { sqlite3_bind_int64(pointer, index, value) } else { sqlite3_bind_null(pointer, index) }
  }

  func bind(_ index: Int32, _ value: [UInt8]) {
    value.withUnsafeBytes { bytes in
      // A nil pointer would bind NULL, not an empty value.
      guard let start = bytes.baseAddress else { return _ = sqlite3_bind_zeroblob(pointer, index, 0) }
      _ = sqlite3_bind_blob(pointer, index, start, Int32(bytes.count), csqlite_transient())
    }
  }

  func bind(_ index: Int32, _ value: [UInt8]?) {
    if let value { bind(index, value) } else { sqlite3_bind_null(pointer, index) }
  }

  func bind(_ index: Int32, _ value: String?) {
    guard var value else {
      sqlite3_bind_null(pointer, index)
      return
    }
    if value.isEmpty { return _ = sqlite3_bind_text(pointer, index, "", 0, csqlite_transient()) }
    value.withUTF8 { bytes in
      _ = bytes.withMemoryRebound(to: CChar.self) {
        sqlite3_bind_text(pointer, index, $0.baseAddress, Int32($0.count), csqlite_transient())
      }
    }
  }

  /// True where a row is there to be read.
  func step() throws(RecordError) -> Bool {
    isStepped = true
    switch sqlite3_step(pointer) {
    case SQLITE_ROW: return true
    case SQLITE_DONE:
      reset()
      return false
    case let code:
      let error = connection.error(code)
      reset()
      throw error
    }
  }

  /// Runs a statement that gives no rows.
  func run() throws(RecordError) { _ = try step() }

  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(pointer, column) == SQLITE_NULL }
  func int(_ column: Int32) -> Int64 { sqlite3_column_int64(pointer, column) }
  func optionalInt(_ column: Int32) -> Int64? { isNull(column) ? nil : int(column) }

  func blob(_ column: Int32) -> [UInt8] {
    guard let start = sqlite3_column_blob(pointer, column) else { return [] }
    return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(pointer, column))))
  }

  func text(_ column: Int32) -> String? {
    guard let start = sqlite3_column_text(pointer, column) else { return nil }
    let count = Int(sqlite3_column_bytes(pointer, column))
    return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  }
}
