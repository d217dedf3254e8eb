internal import CommandVerbs
internal import Configuration
internal import Foundation
internal import LinuxSystem
internal import PasscodeService
internal import RequestSpool

extension Verbs {
  static let drain = Verb(
    path: ["drain"],
    summary: "measure the worker: spooled requests to the relay, all stages, durable",
    options: [
      .relay, .value("count", "N", "requests a run; default 20000"), .lanes, .runs(3), .place,
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
    let lanes = try invocation.lanes()
    let runs = try invocation.runs(3)
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
      let drain = try DrainRun(installation, count: count)
      ours.append(Double(count) / drain.last)
      swept.append(drain.total)
      memory.append(drain.peak)
      upload.append(try baseline.upload())
      try? FileManager.default.removeItem(atPath: installation.settings.state)
      guard invocation.has("postfix") else { continue }
      // Its daemons give up root and have to get to their queue all the same.
      try FileManager.default.setAttributes([.posixPermissions: 0o711], ofItemAtPath: bench.directory)
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
      title: "drain: \(count) requests, mails of about \(wire.count) bytes, \(lanes) connections",
      isJSON: invocation.isJSON)
    return .done
  }

  /// Durably, as a frontend enqueues.
  private static func fill(_ installation: Installation, count: Int) throws {
    let spool = try installation.spool()
    for start in stride(from: 0, to: count, by: 1000) {
      try spool.enqueue(try (start..<min(start + 1000, count)).map { try BenchRequests.request($0) })
    }
  }
}
