internal import CodeRequests
internal import Configuration
internal import Foundation
internal import LinuxSystem
internal import RequestSpool

extension Verbs {
  static let benchQueue = Verb(
    path: ["bench", "queue"],
    summary: "measure the worker with a long queue beside one with a short queue",
    options: [
      .value("relay", "URL", "smtp://HOST:PORT to send to; without it our sink, as a process of its own"),
      .value("count", "N", "requests in the long queue; default 1000000"),
      .value("beside", "N", "requests in the short queue; default 10000"),
      .value("lanes", "N", "connections; default 4"),
      .value("place", "DIR", "where spool and records lie; default the temporary directory"),
    ],
    discussion: """
      Fills a spool, starts a worker process on it (worker --drain), and tells how long it took from its start to its
      first mail, how fast all were sent from the first to the last, and the most memory it used; first with the short
      queue, then with the long one. A million requests need about 5 GB and some minutes to be written. Never point it
      at a relay that is not yours.
      """
  ) { invocation in
    let count = try invocation.integer("count", in: 2...10_000_000) ?? 1_000_000
    let beside = try invocation.integer("beside", in: 2...10_000_000) ?? 10_000
    let lanes = try invocation.integer("lanes", in: 1...64) ?? 4
    let bench = try Bench(relay: invocation.string("relay"), place: invocation.string("place"))
    defer { bench.end() }
    var runs: [QueueRun] = []
    for (name, length) in [("short", beside), ("long", count)] {
      let installation = try bench.installation(name, lanes: lanes)
      try fillUnsynced(installation, count: length)
      runs.append(try QueueRun(installation, count: length))
      try? FileManager.default.removeItem(atPath: installation.settings.state)
    }
    var figures = Figures()
    figures.add("first mail", "firstSeconds", [runs[1].first], "s")
    figures.add("first mail, short queue", "besideFirstSeconds", [runs[0].first], "s")
    figures.add("worker", "messagesPerSecond", [runs[1].rate], "messages/s")
    figures.add("worker, short queue", "besidePerSecond", [runs[0].rate], "messages/s")
    figures.add("peak memory of the worker", "peakMiB", [runs[1].peak], "MiB")
    figures.add("peak memory, short queue", "besidePeakMiB", [runs[0].peak], "MiB")
    figures.addRatio("ratio to the short queue", "ratio", [runs[1].rate], [runs[0].rate])
    figures.print(
      title: "queue: \(count) requests beside \(beside), \(lanes) lanes", isJSON: invocation.isJSON)
    return .done
  }

  /// Fills `new/` while nobody looks at it: renames and fsyncs would take longer than what is to be measured.
  private static func fillUnsynced(_ installation: Installation, count: Int) throws {
    let spool = try installation.spool()
    let folder = try Directory("\(spool.path)/new")
    let now = Int64(Date().timeIntervalSince1970 * 1000)
    let locales = try ["sv", "pl", "de", "cs", "en"].map { LocalePreference(tags: [try LocaleTag($0)]) }
    for index in 0..<count {
      let request = CodeRequest(
        recipient: try EmailAddress("guest\(index)@example.org"), locale: locales[index % locales.count])
      let file = try folder.create("\(now).\(request.id.rawValue).json")
      try file.writeAll(Array(try request.json()))
    }
  }
}

/// One worker process from its start to its end.
private struct QueueRun {
  /// Seconds from the start to the first recorded mail.
  let first: Double
  /// Mails a second, from the first to the last.
  let rate: Double
  /// In MiB. Of all workers so far: the kernel keeps one figure for the children of a process.
  let peak: Double

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
    peak = Double(ProcessUsage.children().peakMemory) / 1_048_576
    // The log of a million mails is larger than what is worth reading: its two ends tell.
    guard let file = FileHandle(forReadingAtPath: log) else {
      throw CommandFault(.inputOutput, "the worker's log is gone: \(log)")
    }
    let head = try file.read(upToCount: 1 << 20) ?? Data()
    let size = try file.seekToEnd()
    try file.seek(toOffset: size - min(size, 1 << 20))
    let tail = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
    guard process.terminationStatus == 0, tail.contains("\"event\":\"stopped\",\"sent\":\(count),") else {
      let last = tail.split(separator: "\n").last ?? ""
      throw CommandFault(.unavailable, "the worker did not send everything: \(last)")
    }
    let sent = "\"event\":\"sent\""
    guard
      let begin = Self.time(
        String(decoding: head, as: UTF8.self).split(separator: "\n").first { $0.contains(sent) }),
      let end = Self.time(tail.split(separator: "\n").last { $0.contains(sent) })
    else {
      throw CommandFault(.inputOutput, "the worker's log does not tell when mails were sent")
    }
    first = begin.timeIntervalSince(start)
    rate = Double(count - 1) / max(end.timeIntervalSince(begin), 0.001)
  }

  private static func time(_ line: Substring?) -> Date? {
    guard let line, let mark = line.range(of: "\"time\":\"") else { return nil }
    return Date(rfc3339: String(line[mark.upperBound...].prefix(24)))
  }
}
