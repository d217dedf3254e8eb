internal import CodeRequests
internal import CommandVerbs
internal import Configuration
internal import Foundation
internal import LinuxSystem
internal import PasscodeService

/// A worker as a process of its own, whose log is read while it runs.
final class BenchWorker {
  let process = Process()
  private let log = Pipe()

  init(_ installation: Installation) throws {
    process.executableURL = URL(fileURLWithPath: try Bench.program())
    process.arguments = ["worker", "--json", "--config", installation.settings.file]
    process.standardOutput = log
    try process.run()
  }

  /// Reads its log up to the next line of this event.
  func wait(for event: String) throws(CommandFault) {
    while let line = Terminal.readLine(from: log.fileHandleForReading.fileDescriptor, limit: 65_536) {
      if line.contains("\"event\":\"\(event)\"") { return }
    }
    throw CommandFault(.unavailable, "the worker ended before it said '\(event)'")
  }

  /// Reads its log to the end, or the pipe would fill.
  func ignoreLog() { log.fileHandleForReading.readabilityHandler = { _ = $0.availableData } }

  /// `kill -9`; returns at once.
  func kill() { Signal.kill.send(to: process.processIdentifier) }

  func end() {
    ignoreLog()
    process.terminate()
    process.waitUntilExit()
    log.fileHandleForReading.readabilityHandler = nil
  }
}

/// One `worker --drain` on a filled spool, from its start to its end.
struct DrainRun {
  /// Seconds from the start to the first and to the last recorded mail.
  let first: Double
  let last: Double
  /// Seconds to the end: the files of finished requests are removed a little after the last mail.
  let total: Double
  /// In MiB. Of all workers so far: the kernel keeps one figure for the children of a process.
  let peak: Double

  /// - Throws: where it did not send `count` mails.
  init(_ installation: Installation, count: Int) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try Bench.program())
    process.arguments = ["worker", "--drain", "--config", installation.settings.file]
    let log = "\(installation.settings.state)/worker.log"
    _ = FileManager.default.createFile(atPath: log, contents: nil)
    process.standardOutput = FileHandle(forWritingAtPath: log)
    let start = Date()
    try process.run()
    process.waitUntilExit()
    total = Date().timeIntervalSince(start)
    peak = Double(ProcessUsage.children().peakMemory) / 1_048_576
    // The log of a million mails is larger than what is worth reading: its two ends tell.
    guard let file = FileHandle(forReadingAtPath: log) else {
      throw CommandFault(.inputOutput, "the worker's log is gone: \(log)")
    }
    let head = String(decoding: try file.read(upToCount: 1 << 20) ?? Data(), as: UTF8.self)
    let size = try file.seekToEnd()
    try file.seek(toOffset: size - min(size, 1 << 20))
    let tail = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
    guard process.terminationStatus == 0, tail.contains("\"event\":\"stopped\",\"sent\":\(count),") else {
      let last = tail.split(separator: "\n").last { $0.contains("error") || $0.contains("stopped") } ?? ""
      throw CommandFault(.unavailable, "the worker did not send everything: \(last)")
    }
    // A log line is written after the commit that it tells of.
    let sent = "\"event\":\"sent\""
    guard let begin = Self.time(head.split(separator: "\n").first { $0.contains(sent) }),
      let end = Self.time(tail.split(separator: "\n").last { $0.contains(sent) })
    else {
      throw CommandFault(.inputOutput, "the worker's log does not tell when mails were sent")
    }
    first = begin.timeIntervalSince(start)
    last = end.timeIntervalSince(start)
  }

  private static func time(_ line: Substring?) -> Date? {
    guard let line, let mark = line.range(of: "\"time\":\"") else { return nil }
    return Date(rfc3339: String(line[mark.upperBound...].prefix(24)))
  }
}
