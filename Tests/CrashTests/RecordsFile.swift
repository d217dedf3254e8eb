import CLibcrypto
import CSQLite
import Foundation
import TestSupport

/// The records as anybody with the schema in hand reads them: plain SQL on a copy, nothing of the program's own.
final class RecordsFile {
  private let database: OpaquePointer

  /// - Parameter path: of a copy; reading folds its write-ahead log in.
  init(_ path: String) throws {
    var handle: OpaquePointer?
    guard sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK, let handle else {
      throw Unexpected("the records cannot be opened", path)
    }
    database = handle
  }

  deinit { sqlite3_close_v2(database) }

  /// The rows of a query; blobs as hexadecimal, NULL as the empty text.
  func rows(_ sql: String) throws -> [[String]] {
    var statement: OpaquePointer?
    guard sqlite3_prepare_v2(database, sql, -1, &statement, nil) == SQLITE_OK else {
      throw Unexpected("the records cannot be read", String(cString: sqlite3_errmsg(database)))
    }
    defer { sqlite3_finalize(statement) }
    var rows: [[String]] = []
    while sqlite3_step(statement) == SQLITE_ROW {
      rows.append(
        (0..<sqlite3_column_count(statement)).map { column in
          sqlite3_column_text(statement, column).map { String(cString: $0) } ?? ""
        })
    }
    return rows
  }

  func execute(_ sql: String) throws {
    guard sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK else {
      throw Unexpected("the records cannot be changed", String(cString: sqlite3_errmsg(database)))
    }
  }

  /// What stands for an id in the records.
  static func digest(of id: String) -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    var size: UInt32 = 0
    let bytes = Array(id.utf8)
    _ = EVP_Digest(bytes, bytes.count, &digest, &size, EVP_sha256(), nil)
    let digits = Array("0123456789ABCDEF".utf8)
    return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
