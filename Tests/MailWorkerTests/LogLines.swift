import Foundation
import LinuxSystem
import TestSupport

@testable import MailWorker

/// A log, and the lines that it has written.
final class LogLines {
  let log: EventLog
  private let path: String
  private let file: FileHandle

  init(in directory: String) throws {
    path = "\(directory)/log"
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    log = EventLog(.json, descriptor: file.fileDescriptor)
  }

  deinit { log.close() }

  /// All there are, when everything is written that was posted.
  var lines: [[String: String]] {
    get throws {
      _ = log.buffer.wait(timeout: patience) { $0.events.isEmpty && $0.writing != .some ? true : nil }
      return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { line in
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
        return object.mapValues { "\($0)" }
      }
    }
  }

  func lines(_ event: LogEvent.Name) throws -> [[String: String]] {
    try lines.filter { $0["event"] == event.rawValue }
  }

  /// The names of all events, in their order.
  var events: [String] { get throws { try lines.compactMap { $0["event"] } } }
}
