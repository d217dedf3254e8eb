internal import CodeRequests
internal import CommandVerbs
internal import Configuration
internal import Documents
internal import Foundation
internal import LinuxSystem
internal import PasscodeService
internal import PasscodeVerifier
internal import RecordFilling
internal import Records
internal import SQLiteRecords

extension Verbs {
  static let month = Verb(
    path: ["month"],
    summary: "see whether the records stay as large as they are, over a simulated month and a half",
    options: [
      .value("per-day", "N", "requests a day; default 10,000"),
      .value("days", "N", "how long; default 45"),
      .value("checks", "PERCENT", "of the codes that are checked; default 25"),
      .value("place", "DIR", "where the records lie; default the temporary directory"),
    ],
    discussion: """
      A simulated clock, the worker's own admission, settlement and purging, and the verifier's checks: right ones, and \
      one in five wrong at first. The guests come from a population of twice as many as ask in a day. The size is that \
      of the database without its log. Exit status 1 where the last day is more than a tenth larger than the 32nd: by \
      then the first audit lines and the first notes of unused codes have gone.

      With --per-day 1000000 it takes half an hour or more, and some gigabytes.
      """
  ) { invocation in
    let month = SimulatedMonth(
      perDay: try invocation.integer("per-day", in: 100...10_000_000) ?? 10_000,
      checks: try invocation.integer("checks", in: 0...100) ?? 25)
    let days = try invocation.integer("days", in: 33...400) ?? 45
    let bench = try Bench(relay: nil, needsRelay: false, place: invocation.string("place"))
    defer { bench.end() }
    let installation = try bench.installation("month", lanes: 1)
    let records = try installation.records()
    let verifier = try installation.verifier()
    let filler = try RecordFiller(path: installation.settings.recordsPath)
    var sizes: [Int] = []
    for day in 0..<days {
      try month.live(through: day, records, verifier)
      let extent = try filler.extent()
      sizes.append(extent.bytes)
      if invocation.isJSON {
        var line = JSONLine()
        line.add("day", day + 1)
        line.add("bytes", extent.bytes)
        line.add("requests", extent.requests)
        line.add("passcodes", extent.passcodes)
        line.add("guests", extent.guests)
        line.add("auditLines", extent.auditLines)
        Terminal.print(line.text)
      } else {
        Terminal.print(
          "day \(day + 1): \(extent.bytes / 1024) KiB; \(extent.requests) requests, \(extent.guests) guests, "
            + "\(extent.auditLines) audit lines")
      }
    }
    let isSteady = sizes[days - 1] * 10 <= sizes[31] * 11
    if invocation.isJSON {
      var line = JSONLine()
      line.add("steady", isSteady)
      line.add("growth", decimal: Double(sizes[days - 1]) / Double(sizes[31]))
      Terminal.print(line.text)
    } else {
      Terminal.print(isSteady ? "steady" : "it grows: \(sizes[days - 1]) bytes after \(sizes[31])")
    }
    return isSteady ? .done : .faultsFound
  }
}

/// What guests and worker do in a day, on a clock of its own.
private struct SimulatedMonth {
  let perDay: Int
  let checks: Int
  private let start = Date(timeIntervalSince1970: 1_800_000_000)
  private static let stepsADay = 24
  /// More than a worker takes at once: what counts here is the size, not how soon each is durable.
  private static let batch = 5000
  private static let callers = 64

  init(perDay: Int, checks: Int) {
    self.perDay = perDay
    self.checks = checks
  }

  func live(through day: Int, _ records: RecordStore, _ verifier: Verifier) throws {
    for step in 0..<Self.stepsADay {
      let now = start.addingTimeInterval(Double(day * Self.stepsADay + step) * 3600)
      let count = perDay * (step + 1) / Self.stepsADay - perDay * step / Self.stepsADay
      for first in stride(from: 0, to: count, by: Self.batch) {
        try ask(min(Self.batch, count - first), records, verifier, now)
      }
      // Once where a worker does it 7,200 times, and no more rows for each request than that does.
      try records.purge(now: now, limit: max(500, 4 * count))
    }
  }

  private func ask(_ count: Int, _ records: RecordStore, _ verifier: Verifier, _ now: Date) throws {
    let requests = try (0..<count).map { _ in
      CodeRequest(
        recipient: try EmailAddress("guest\(Int.random(in: 0..<2 * perDay))@example.org"),
        client: CodeRequest.Client(ip: "10.\(Int.random(in: 0...255)).\(Int.random(in: 0...255)).1"))
    }
    let admissions = try records.commit(
      settlements: [],
      admissions: requests.map {
        AdmissionRequest(request: $0, queuedAt: now, deadline: now.addingTimeInterval(600))
      }, now: now)
    var settlements: [Settlement] = []
    var sent: [(id: RequestID, code: String)] = []
    for (request, admission) in zip(requests, admissions) {
      // Some are limited, as some are.
      guard case .send(let ticket) = admission else { continue }
      settlements.append(Settlement(requestKey: ticket.requestKey, result: .sent, at: now))
      sent.append((request.id, ticket.passcode.reveal()))
    }
    _ = try records.commit(settlements: settlements, admissions: [], now: now)
    let checked = sent.filter { _ in Int.random(in: 0..<100) < checks }
    let wrong = checked.filter { _ in Int.random(in: 0..<5) == 0 }.map { (id: $0.id, code: "wrong") }
    try check(wrong, verifier, now.addingTimeInterval(30))
    try check(checked, verifier, now.addingTimeInterval(40))
  }

  /// By so many callers that they share the verifier's waits for the disk, as the requests of a web server do.
  private func check(_ codes: [(id: RequestID, code: String)], _ verifier: Verifier, _ now: Date) throws {
    let rest = Monitor((codes: codes, fault: nil as RecordError?))
    let callers = try (0..<min(Self.callers, codes.count)).map { index in
      try LinuxThread("check-\(index)") {
        while let (id, code) = rest.withLock({ $0.codes.popLast() }) {
          do throws(RecordError) {
            _ = try verifier.verify(TypedCode(code), challenge: ChallengeID(id), now: now)
          } catch {
            rest.withLock { $0.fault = error }
          }
        }
      }
    }
    for caller in callers { caller.join() }
    if let fault = rest.withLock({ $0.fault }) { throw fault }
  }
}
