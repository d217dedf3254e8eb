internal import CSQLite
internal import Records

/// A prepared statement. Parameters and columns count as SQLite counts them: parameters from 1, columns from 0.
///
/// What is bound holds for one run: after it, or after `reset`, every parameter has to be bound again.
final class SQLiteStatement {
  private let pointer: OpaquePointer
  private unowned let connection: SQLiteConnection
  private var isStepped = false
  /// Where bound bytes lie until the next `reset`: SQLite would allocate for each of them.
  private let arena = UnsafeMutableRawBufferPointer.allocate(byteCount: 512, alignment: 1)
  private var arenaEnd = 0

  init(_ pointer: OpaquePointer, connection: SQLiteConnection) {
    self.pointer = pointer
    self.connection = connection
  }

  deinit {
    sqlite3_finalize(pointer)
    arena.deallocate()
  }

  func reset() {
    arenaEnd = 0
    guard isStepped else { return }
    sqlite3_reset(pointer)
    isStepped = false
  }

  /// A copy that stays until the next `reset`, or nil where there is no room.
  private func keep(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawPointer? {
    guard let start = arena.baseAddress, bytes.count <= arena.count - arenaEnd else { return nil }
    let place = start + arenaEnd
    place.copyMemory(from: bytes.baseAddress!, byteCount: bytes.count)
    arenaEnd += bytes.count
    return UnsafeRawPointer(place)
  }

  func bind(_ index: Int32, _ value: Int64) { sqlite3_bind_int64(pointer, index, value) }

  func bind(_ index: Int32, _ value: Int64?) {
    if let value { sqlite3_bind_int64(pointer, index, value) } else { sqlite3_bind_null(pointer, index) }
  }

  func bind(_ index: Int32, _ value: [UInt8]) {
    value.withUnsafeBytes { bytes in
      // A nil pointer would bind NULL, not an empty value.
      guard let start = bytes.baseAddress, !bytes.isEmpty else {
        return _ = sqlite3_bind_zeroblob(pointer, index, 0)
      }
      if let kept = keep(bytes) {
        sqlite3_bind_blob(pointer, index, kept, Int32(bytes.count), nil)
      } else {
        sqlite3_bind_blob(pointer, index, start, Int32(bytes.count), csqlite_transient())
      }
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
    value.withUTF8 { text in
      let bytes = UnsafeRawBufferPointer(text)
      let kept = keep(bytes)
      sqlite3_bind_text(
        pointer, index, (kept ?? bytes.baseAddress!).assumingMemoryBound(to: CChar.self), Int32(bytes.count),
        kept == nil ? csqlite_transient() : nil)
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
