internal import CodeRequests
internal import CommandVerbs
internal import Configuration
internal import Foundation
internal import LinuxSystem
internal import PasscodeService
internal import RequestSpool

extension Verbs {
  static let queue = Verb(
    path: ["queue"],
    summary: "measure the worker with a long queue beside one with a short queue",
    options: [
      .relay, .value("count", "N", "requests in the long queue; default 1000000"),
      .value("beside", "N", "requests in the short queue; default 10000"), .lanes, .place,
    ],
    discussion: """
      Fills a spool, starts a worker process on it (worker --drain), and tells how long it took from its start to its
      first mail, how fast all were dealt with from then until the last one's file was removed, and the most memory it
      used; first with the short queue, then with the long one. A million requests need about 5 GB and some minutes to be written. Never point it
      at a relay that is not yours.
      """
  ) { invocation in
    let count = try invocation.integer("count", in: 2...10_000_000) ?? 1_000_000
    let beside = try invocation.integer("beside", in: 2...10_000_000) ?? 10_000
    let lanes = try invocation.lanes()
    let bench = try Bench(relay: invocation.string("relay"), place: invocation.string("place"))
    defer { bench.end() }
    var runs: [DrainRun] = []
    for (name, length) in [("short", beside), ("long", count)] {
      let installation = try bench.installation(name, lanes: lanes)
      try fillUnsynced(installation, count: length)
      runs.append(try DrainRun(installation, count: length))
      try? FileManager.default.removeItem(atPath: installation.settings.state)
    }
    let rates = zip(runs, [beside, count]).map { run, count in
      Double(count - 1) / max(run.total - run.first, 0.001)
    }
    var figures = Figures()
    figures.add("first mail", "firstSeconds", [runs[1].first], "s")
    figures.add("first mail, short queue", "besideFirstSeconds", [runs[0].first], "s")
    figures.add("worker", "messagesPerSecond", [rates[1]], "messages/s")
    figures.add("worker, short queue", "besidePerSecond", [rates[0]], "messages/s")
    figures.add("peak memory of the worker", "peakMiB", [runs[1].peak], "MiB")
    figures.add("peak memory, short queue", "besidePeakMiB", [runs[0].peak], "MiB")
    figures.addRatio("ratio to the short queue", "ratio", [rates[1]], [rates[0]])
    figures.print(
      title: "queue: \(count) requests beside \(beside), \(lanes) connections", isJSON: invocation.isJSON)
    return .done
  }

  /// Fills `new/` while nobody looks at it: renames and fsyncs would take longer than what is to be measured. All are
  /// of one moment, as after a stampede, and none expires while a slow machine sends them.
  private static func fillUnsynced(_ installation: Installation, count: Int) throws {
    let spool = try installation.spool()
    let folder = try Directory("\(spool.path)/new")
    let now = Date()
    for index in 0..<count {
      let request = try BenchRequests.request(index, deadline: now.addingTimeInterval(86_400))
      let file = try folder.create("\(now.unixMilliseconds).\(request.id.rawValue).json")
      try file.writeAll(Array(try request.json()))
    }
  }
}
