internal import CodeRequests
internal import CommandVerbs
internal import Configuration
internal import Foundation
internal import LinuxSystem
internal import PasscodeService
internal import RequestSpool
internal import SMTPSink

extension Verbs {
  static let latency = Verb(
    path: ["latency"], summary: "measure one request's way: from its rename to the relay's 250",
    options: [
      .value("rate", "N", "requests a second; default 200"),
      .value("count", "N", "requests a run; default 2000"),
      .lanes, .runs(3), .place,
    ],
    discussion: """
      A worker process that is running already gets requests at an even rate, as files renamed into the spool; our \
      sink, in this process so that both ends have one clock, tells when it answers. The baseline in the same run is \
      what the disk takes: a 4 KiB append with fdatasync, at the same rate. Each mail waits for one such wait at least, \
      since its passcode's record is durable before it leaves.
      """
  ) { invocation in
    let rate = try invocation.integer("rate", in: 1...100_000) ?? 200
    let count = try invocation.integer("count", in: 1...1_000_000) ?? 2000
    let lanes = try invocation.lanes()
    let runs = try invocation.runs(3)
    let arrivals = Monitor<[Int: ContinuousClock.Instant]>([:])
    let sink = try SinkServer(settings: SinkSettings()) { message in
      let now = ContinuousClock.now
      guard let index = message.recipients.first.flatMap(LatencyRun.index) else { return }
      arrivals.change { $0[index] = now }
    }
    try sink.start()
    defer { sink.stop() }
    let bench = try Bench(sinkAt: sink.address, place: invocation.string("place"))
    defer { bench.end() }
    var ours = Percentiles()
    var disk = Percentiles()
    for run in 0..<runs {
      let installation = try bench.installation("latency\(run)", lanes: lanes)
      let pace = Pace(perSecond: rate)
      arrivals.withLock { $0 = [:] }
      let latencies = try LatencyRun(installation: installation, count: count, pace: pace).measure(arrivals)
      ours.add(latencies)
      disk.add(try appends(in: bench.directory, count: max(count / 4, 1), pace: pace))
    }
    var figures = Figures()
    figures.add("rename to 250, median", "p50Milliseconds", ours.p50, "ms")
    figures.add("rename to 250, 99 of 100", "p99Milliseconds", ours.p99, "ms")
    figures.add("rename to 250, longest", "longestMilliseconds", ours.longest, "ms")
    figures.add("4 KiB and fdatasync, median", "diskP50Milliseconds", disk.p50, "ms")
    figures.add("4 KiB and fdatasync, 99 of 100", "diskP99Milliseconds", disk.p99, "ms")
    figures.addRatio("ratio of the medians", "ratio", ours.p50, disk.p50)
    figures.print(
      title: "latency: \(count) requests at \(rate)/s, \(lanes) connections", isJSON: invocation.isJSON)
    return .done
  }

  /// Seconds that each of `count` appends takes to be on disk.
  private static func appends(in directory: String, count: Int, pace: Pace) throws -> [Double] {
    let file = try FileDescriptor.open("\(directory)/appends", [.writeOnly, .create, .append])
    let page = [UInt8](repeating: 7, count: 4096)
    let start = ContinuousClock.now
    return try (0..<count).map { index in
      pace.wait(for: index, since: start)
      let before = ContinuousClock.now
      do throws(SystemCallError) {
        try file.writeAll(page)
        try file.syncData()
      } catch { throw CommandFault(.inputOutput, "cannot append in \(directory): \(error.reason)") }
      return (ContinuousClock.now - before).inSeconds
    }
  }
}

/// An even rate.
private struct Pace {
  let perSecond: Int

  func wait(for index: Int, since start: ContinuousClock.Instant) {
    let due = start + .microseconds(1_000_000 * index / perSecond)
    let left = (due - .now).inSeconds
    if left > 0 { Thread.sleep(forTimeInterval: left) }
  }
}

/// Medians and tails of several runs, in milliseconds.
private struct Percentiles {
  private(set) var p50: [Double] = []
  private(set) var p99: [Double] = []
  private(set) var longest: [Double] = []

  mutating func add(_ seconds: [Double]) {
    let sorted = seconds.sorted()
    p50.append(sorted[sorted.count / 2] * 1000)
    p99.append(sorted[min(sorted.count - 1, sorted.count * 99 / 100)] * 1000)
    longest.append(sorted[sorted.count - 1] * 1000)
  }
}

/// One worker process and the requests that are put before it.
private struct LatencyRun {
  let installation: Installation
  let count: Int
  let pace: Pace

  static func index(ofRecipient address: String) -> Int? {
    address.hasPrefix("guest") ? Int(address.dropFirst("guest".count).prefix { $0 != "@" }) : nil
  }

  /// - Returns: seconds from rename to 250, for each request.
  func measure(_ arrivals: Monitor<[Int: ContinuousClock.Instant]>) throws -> [Double] {
    // Makes the folders.
    let spool = try installation.spool().path
    let files = try (0..<count).map { index in
      let request = CodeRequest(recipient: try EmailAddress("guest\(index)@example.org"))
      return (name: "\(request.id.rawValue).json", bytes: Array(try request.json()))
    }
    let worker = try BenchWorker(installation)
    defer { worker.end() }
    try worker.wait(for: "started")
    worker.ignoreLog()
    var renames: [ContinuousClock.Instant] = []
    let start = ContinuousClock.now
    for (index, file) in files.enumerated() {
      pace.wait(for: index, since: start)
      renames.append(try publish(file.bytes, as: file.name, in: spool))
    }
    let all = arrivals.wait(timeout: .seconds(60)) { $0.count >= count ? $0 : nil }
    guard let all else { throw CommandFault(.unavailable, "not all mails arrived within a minute") }
    return try renames.enumerated().map { index, rename in
      guard let arrival = all[index] else {
        throw CommandFault(.unavailable, "the mail to guest \(index) did not arrive")
      }
      return (arrival - rename).inSeconds
    }
  }

  /// As any program enqueues.
  ///
  /// - Returns: the moment before the rename.
  private func publish(_ bytes: [UInt8], as name: String, in spool: String) throws -> ContinuousClock.Instant
  {
    do throws(SystemCallError) {
      let temporary = try Directory("\(spool)/tmp")
      let file = try temporary.create(name)
      try file.writeAll(bytes)
      try file.sync()
      let new = try Directory("\(spool)/new")
      let moment = ContinuousClock.now
      try temporary.rename(name, to: new, as: name)
      return moment
    } catch { throw CommandFault(.inputOutput, "cannot enqueue \(name): \(error)") }
  }
}
