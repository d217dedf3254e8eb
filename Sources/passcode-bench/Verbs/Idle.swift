internal import CommandVerbs
internal import Configuration
internal import Foundation
internal import PasscodeService

extension Verbs {
  static let idle = Verb(
    path: ["idle"],
    summary: "measure what a worker costs that has nothing to do",
    options: [
      .value("seconds", "N", "how long it is watched; default 20"),
      .lanes,
    ],
    discussion: """
      Starts a worker process on an empty spool and reads from /proc how long its threads ran and how often they woke.
      100 % is one core.
      """
  ) { invocation in
    let seconds = try invocation.integer("seconds", in: 1...3600) ?? 20
    let bench = try Bench(relay: nil, needsRelay: false)
    defer { bench.end() }
    let installation = try bench.installation("idle", lanes: try invocation.lanes())
    let worker = try BenchWorker(installation)
    defer { worker.end() }
    try worker.wait(for: "started")
    // What it does once after its start, such as the first look at all directories, is not what it costs.
    Thread.sleep(forTimeInterval: 3)
    let before = try ThreadCost(of: worker.process.processIdentifier)
    let start = Date()
    Thread.sleep(forTimeInterval: Double(seconds))
    let after = try ThreadCost(of: worker.process.processIdentifier)
    let elapsed = Date().timeIntervalSince(start)
    var figures = Figures()
    figures.add("of a core", "cpuPercent", [(after.seconds - before.seconds) / elapsed * 100], "%")
    figures.add("wake-ups", "wakeUpsPerSecond", [Double(after.wakeUps - before.wakeUps) / elapsed], "/s")
    figures.print(title: "idle: a worker with nothing to do, for \(seconds) s", isJSON: invocation.isJSON)
    return .done
  }
}

/// What all threads of a process have used so far, as proc(5) tells it.
private struct ThreadCost {
  var seconds = 0.0
  var wakeUps = 0

  init(of process: Int32) throws {
    let tasks = "/proc/\(process)/task"
    for task in try FileManager.default.contentsOfDirectory(atPath: tasks) {
      // Nanoseconds on a processor come first.
      let time = try String(contentsOfFile: "\(tasks)/\(task)/schedstat", encoding: .utf8)
      seconds += (time.split(separator: " ").first.flatMap { Double($0) } ?? 0) / 1e9
      let status = try String(contentsOfFile: "\(tasks)/\(task)/status", encoding: .utf8)
      for line in status.split(separator: "\n") where line.hasPrefix("voluntary_ctxt_switches") {
        wakeUps += line.split(separator: "\t").last.flatMap { Int($0) } ?? 0
      }
    }
  }
}
