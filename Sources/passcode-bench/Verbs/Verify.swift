internal import CBaselines
internal import CodeRequests
internal import CommandVerbs
internal import Configuration
internal import Foundation
internal import LinuxSystem
internal import PasscodeService
internal import PasscodeVerifier
internal import Records
internal import RequestSpool

extension Verbs {
  private static let diskOptions: [Verb.Option] = [
    .value("count", "N", "how many a run; default 2000"),
    .value("runs", "N", "runs of each, in turn; default 3"),
    .value("place", "DIR", "where the files lie; default the temporary directory"),
  ]

  static let enqueue = Verb(
    path: ["enqueue"], summary: "measure durable enqueueing, one request at a time",
    options: diskOptions,
    discussion: "The baseline in the same run is a C loop of write, fsync, rename and fsync of the directory."
  ) { invocation in
    let count = try invocation.integer("count", in: 1...10_000_000) ?? 2000
    let runs = try invocation.runs(3)
    let bench = try Bench(relay: nil, needsRelay: false, place: invocation.string("place"))
    defer { bench.end() }
    let bytes = Array(try CodeRequest(recipient: try EmailAddress(BenchMail.recipient)).json())
    var ours: [Double] = []
    var baseline: [Double] = []
    for run in 0..<runs {
      let spool = try Spool(at: "\(bench.directory)/ours\(run)")
      let requests = try (0..<count).map { index in
        CodeRequest(recipient: try EmailAddress("guest\(index)@example.org"))
      }
      let start = ContinuousClock.now
      for request in requests { try spool.enqueue(request) }
      ours.append(Double(count) / (ContinuousClock.now - start).inSeconds)
      let plain = try Spool(at: "\(bench.directory)/plain\(run)")
      let seconds = try Bench.baseline("publish") { why in
        bytes.withUnsafeBytes {
          cbaselines_publish(
            plain.path, $0.assumingMemoryBound(to: CChar.self).baseAddress, bytes.count, count, why)
        }
      }
      baseline.append(Double(count) / seconds)
    }
    var figures = Figures()
    figures.add("enqueue", "requestsPerSecond", ours, "requests/s")
    figures.add("C, write fsync rename fsync", "baselinePerSecond", baseline, "files/s")
    figures.addRatio("ratio", "ratio", ours, baseline)
    figures.print(title: "enqueue: \(count) requests, one at a time", isJSON: invocation.isJSON)
    return .done
  }

  static let verify = Verb(
    path: ["verify"], summary: "measure durable verification in one process",
    options: diskOptions + [
      .value("callers", "N", "threads that share one verifier in the second measurement; default 16"),
      .value("records", "N", "compare so many live records with 10,000 instead, up to 20,000,000"),
      .flag(
        "timing", "compare right, wrong and unknown codes instead; --count tries of each, default 10,000"),
      .flag("process", "measure passcode verify as a process instead; --count of them, default 200"),
    ],
    discussion: """
      Right codes, first one at a time, then by threads that share one verifier, as the requests of a web server do. \
      The baseline in the same run is a one-row commit of bare SQLite in C (WAL, synchronous=FULL), which is as fast \
      with one thread as with many: each commit waits for the disk with the lock held.

      With --records: the median time of a check beside so many other challenges, each with its passcode and its guest, \
      as a multiple of that beside 10,000.

      With --timing: medians of right, wrong and unknown codes by id, and of wrong codes for known and unknown addresses, \
      taken in turn; how far they lie apart, beside how far each lies from itself.

      With --process: passcode verify from the start of its process to its end, while the records are open elsewhere.
      """
  ) { invocation in
    if let records = try invocation.integer("records", in: 10_000...20_000_000) {
      return try verifyRecords(invocation, records: records)
    }
    if invocation.has("timing") { return try verifyTiming(invocation) }
    if invocation.has("process") { return try verifyProcess(invocation) }
    let count = try invocation.integer("count", in: 1...1_000_000) ?? 2000
    let runs = try invocation.runs(3)
    let callers = try invocation.integer("callers", in: 1...256) ?? 16
    let bench = try Bench(relay: nil, needsRelay: false, place: invocation.string("place"))
    defer { bench.end() }
    let installation = try bench.installation("verify", lanes: 1)
    // Open as a worker keeps them. All are sent before the clock starts, so that the log is as long as it gets.
    let records = try installation.records()
    let tickets = try admit(installation, count: 2 * count * runs)
    let verifier = try installation.verifier()
    var single: [Double] = []
    var shared: [Double] = []
    var baseline: [Double] = []
    for run in 0..<runs {
      let own = tickets[2 * run * count..<2 * (run + 1) * count]
      single.append(try verifiesPerSecond(verifier, own.prefix(count), callers: 1))
      shared.append(try verifiesPerSecond(verifier, own.suffix(count), callers: callers))
      let seconds = try Bench.baseline("SQLite") { why in
        cbaselines_sqlite_commits("\(bench.directory)/baseline\(run).sqlite", count, why)
      }
      baseline.append(Double(count) / seconds)
    }
    withExtendedLifetime(records) {}
    var figures = Figures()
    figures.add("one at a time", "verifiesPerSecond", single, "codes/s")
    figures.add("\(callers) callers", "sharedVerifiesPerSecond", shared, "codes/s")
    figures.add("C, one-row SQLite commit", "baselinePerSecond", baseline, "commits/s")
    figures.addRatio("ratio, one at a time", "ratio", single, baseline)
    figures.addRatio("ratio, \(callers) callers", "sharedRatio", shared, baseline)
    figures.print(title: "verify: \(count) right codes", isJSON: invocation.isJSON)
    return .done
  }

  /// Verifies codes by so many threads that share one verifier.
  private static func verifiesPerSecond(
    _ verifier: Verifier, _ tickets: ArraySlice<(id: String, code: String)>, callers: Int
  ) throws -> Double {
    let tickets = Array(tickets)
    let next = Monitor(0)
    let wrong = Monitor(0)
    let start = ContinuousClock.now
    let threads = try (0..<callers).map { index in
      try LinuxThread("verify-\(index)") {
        while let (id, code) = next.withLock({ next -> (id: String, code: String)? in
          guard next < tickets.count else { return nil }
          next += 1
          return tickets[next - 1]
        }) {
          guard case .verified? = try? verifier.verify(TypedCode(code), challenge: ChallengeID(id)) else {
            wrong.withLock { $0 += 1 }
            continue
          }
        }
      }
    }
    for thread in threads { thread.join() }
    let seconds = (ContinuousClock.now - start).inSeconds
    guard wrong.withLock({ $0 }) == 0 else {
      throw CommandFault(.inputOutput, "a good code was not verified")
    }
    return Double(tickets.count) / seconds
  }

  /// Admits requests and notes them as sent, as a worker would; their ids and codes.
  static func admit(
    _ installation: Installation, count: Int, named name: String = "guest"
  ) throws -> [(id: String, code: String)] {
    let records = try installation.records()
    let now = Date()
    var tickets: [(id: String, code: String)] = []
    while tickets.count < count {
      let requests = try (tickets.count..<min(tickets.count + 500, count)).map { index in
        CodeRequest(recipient: try EmailAddress("\(name)\(index)@example.org"))
      }
      let admissions = try records.commit(
        settlements: [],
        admissions: requests.map {
          AdmissionRequest(request: $0, queuedAt: now, deadline: now.addingTimeInterval(600))
        }, now: now)
      var settlements: [Settlement] = []
      for (request, admission) in zip(requests, admissions) {
        guard case .send(let ticket) = admission else {
          throw CommandFault(.inputOutput, "a request was not admitted")
        }
        settlements.append(
          Settlement(
            requestKey: ticket.requestKey, result: .sent, replyCode: 250, enhancedCode: "2.0.0",
            replyText: "Ok: queued as 4bW0Xk2xYzz", relay: "relay.example.org:587", locale: "sv", at: now))
        tickets.append((request.id.rawValue, ticket.passcode.reveal()))
      }
      _ = try records.commit(settlements: settlements, admissions: [], now: now)
    }
    return tickets
  }
}
