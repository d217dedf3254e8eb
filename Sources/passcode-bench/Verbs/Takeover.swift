internal import CommandVerbs
internal import Configuration
internal import Foundation
internal import LinuxSystem
internal import PasscodeService
internal import RequestSpool

extension Verbs {
  static let takeover = Verb(
    path: ["takeover"],
    summary: "measure how soon a standby sends after the worker before it is killed",
    options: [.lanes, .runs(5), .place],
    discussion: """
      Two worker processes on one spool: one sends, one is the standby. The first is killed with -9, a request is put before
      the second, and the time runs from the kill to its recorded mail. The baseline in the same run is a worker that is
      started only then, as a supervisor would start it again at once.
      """
  ) { invocation in
    let lanes = try invocation.lanes()
    let runs = try invocation.runs(5)
    let bench = try Bench(relay: nil, place: invocation.string("place"))
    defer { bench.end() }
    var ours: [Double] = []
    var anew: [Double] = []
    for run in 0..<runs {
      let installation = try bench.installation("takeover\(run)", lanes: lanes)
      let spool = try installation.spool()
      /// Milliseconds from now to a mail of what `body` starts or leaves.
      func mail(_ index: Int, from body: () throws -> BenchWorker) throws -> (BenchWorker, Double) {
        let start = ContinuousClock.now
        let worker = try body()
        try spool.enqueue(try BenchRequests.request(index))
        try worker.wait(for: "sent")
        return (worker, (ContinuousClock.now - start).inSeconds * 1000)
      }
      let first = try mail(0) { try BenchWorker(installation) }.0
      let standby = try BenchWorker(installation)
      try standby.wait(for: "standby")
      ours.append(
        try mail(1) {
          first.kill()
          return standby
        }.1)
      standby.end()
      first.end()
      let (fresh, time) = try mail(2) { try BenchWorker(installation) }
      anew.append(time)
      fresh.end()
      try? FileManager.default.removeItem(atPath: installation.settings.state)
    }
    var figures = Figures()
    figures.add("kill -9 to the standby's first mail", "takeoverMilliseconds", ours, "ms")
    figures.add("the longest", "longestMilliseconds", [ours.max() ?? .nan], "ms")
    figures.add("a worker started only then", "startMilliseconds", anew, "ms")
    figures.addRatio("ratio to a worker started only then", "ratio", ours, anew)
    figures.print(title: "takeover: \(runs) kills, \(lanes) connections", isJSON: invocation.isJSON)
    return .done
  }
}
