internal import CodeRequests
internal import Configuration
internal import Foundation
internal import Glibc
internal import LinuxSystem
internal import MailWorker
internal import RequestSpool

extension Verbs {
  static let benchDrain = Verb(
    path: ["bench", "drain"],
    summary: "measure the worker: spooled requests to the relay, all stages, durable",
    options: [
      .value("relay", "URL", "smtp://HOST:PORT to send to; without it our sink, as a process of its own"),
      .value("count", "N", "requests a run; default 20000"),
      .value("lanes", "N", "connections; default 4"),
      .value("runs", "N", "runs; default 3"),
      .value("place", "DIR", "where spool and records lie; default the temporary directory"),
      .flag("postfix", "measure Postfix's own queue beside it: a Postfix of its own, started here (root)"),
    ],
    discussion: """
      Fills a spool, then times a worker process (worker --drain) from its start to the last durable outcome; the
      removal of the finished files ends a little later, and is told too. The baseline in the same run is libcurl's
      upload mode in C with the same message ready-made, no spool, no records, no templates. With --postfix the same
      mails also go through Postfix, from its incoming queue to the same relay. Never point it at a relay that is not
      yours.
      """
  ) { invocation in
    let count = try invocation.integer("count", in: 1...10_000_000) ?? 20_000
    let lanes = try invocation.integer("lanes", in: 1...64) ?? 4
    let runs = try invocation.integer("runs", in: 1...100) ?? 3
    let bench = try Bench(relay: invocation.string("relay"), place: invocation.string("place"))
    defer { bench.end() }
    let wire = BenchMail.wire(try BenchMail.message())
    let baseline = SMTPBaseline(url: "smtp://\(bench.relay!)", wire: wire, count: count, threads: lanes)
    var ours: [Double] = []
    var upload: [Double] = []
    var memory: [Double] = []
    var swept: [Double] = []
    var postfix: [Double] = []
    for run in 0..<runs {
      let installation = try bench.installation("drain\(run)", lanes: lanes)
      try fill(installation, count: count)
      let (seconds, total, peak) = try drain(installation, count: count)
      ours.append(Double(count) / seconds)
      swept.append(total)
      memory.append(Double(peak) / 1_048_576)
      upload.append(try baseline.upload())
      try? FileManager.default.removeItem(atPath: installation.settings.state)
      guard invocation.has("postfix") else { continue }
      // Its daemons give up root and have to get to their queue all the same.
      chmod(bench.directory, 0o711)
      let queue = try PostfixQueue(directory: "\(bench.directory)/postfix\(run)", relay: bench.relay!)
      postfix.append(Double(count) / (try queue.drain(wire, count: count)))
    }
    var figures = Figures()
    figures.add("worker", "messagesPerSecond", ours, "messages/s")
    figures.add("C, libcurl upload, no spool", "uploadPerSecond", upload, "messages/s")
    figures.add("until all files were removed", "sweptSeconds", swept, "s")
    figures.add("peak memory of the worker", "peakMiB", memory, "MiB")
    figures.addRatio("ratio to libcurl upload in C", "ratio", ours, upload)
    if !postfix.isEmpty {
      figures.add("Postfix, its own queue", "postfixPerSecond", postfix, "messages/s")
      figures.addRatio("ratio to Postfix's own queue", "postfixRatio", ours, postfix)
    }
    figures.print(
      title: "drain: \(count) requests, mails of about \(wire.count) bytes, \(lanes) lanes",
      isJSON: invocation.isJSON)
    return .done
  }

  /// Requests in five languages to as many people.
  static func fill(_ installation: Installation, count: Int) throws {
    let spool = try installation.spool()
    let locales = try ["sv", "pl", "de", "cs", "en"].map { LocalePreference(tags: [try LocaleTag($0)]) }
    var batch: [CodeRequest] = []
    for index in 0..<count {
      batch.append(
        CodeRequest(
          recipient: try EmailAddress("guest\(index)@example.org"), locale: locales[index % locales.count]))
      if batch.count == 1000 || index == count - 1 {
        try spool.enqueue(batch)
        batch = []
      }
    }
  }

  /// Runs `worker --drain` as a process and checks that it sent everything.
  ///
  /// - Returns: seconds from the start to the last outcome and to the end, and the process's peak memory in bytes.
  private static func drain(
    _ installation: Installation, count: Int
  ) throws -> (sent: Double, total: Double, peak: Int) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try Bench.program())
    process.arguments = ["worker", "--drain", "--config", installation.settings.file]
    let log = "\(installation.settings.state)/worker.log"
    _ = FileManager.default.createFile(atPath: log, contents: nil)
    process.standardOutput = FileHandle(forWritingAtPath: log)
    let start = Date()
    try process.run()
    process.waitUntilExit()
    let total = Date().timeIntervalSince(start)
    let text = try String(contentsOfFile: log, encoding: .utf8)
    guard process.terminationStatus == 0, text.contains("\"event\":\"stopped\",\"sent\":\(count),") else {
      let last = text.split(separator: "\n").last { $0.contains("error") || $0.contains("stopped") } ?? ""
      throw CommandFault(.unavailable, "the worker did not send everything: \(last)")
    }
    // A log line is written after the commit that it tells of.
    let mark = "\"time\":\""
    let last = text.split(separator: "\n").last { $0.contains("\"event\":\"sent\"") } ?? ""
    let time = last.range(of: mark).map { String(last[$0.upperBound...].prefix(24)) }
    guard let end = time.flatMap({ Date(rfc3339: $0) }) else {
      throw CommandFault(.inputOutput, "the worker's log does not tell when the last mail was sent")
    }
    return (end.timeIntervalSince(start), total, ProcessUsage.children().peakMemory)
  }
}
