internal import CodeRequests
internal import CommandVerbs
internal import Configuration
internal import Documents
internal import Foundation
internal import LinuxSystem
internal import PasscodeService
internal import PasscodeVerifier
internal import RecordFilling
internal import RecordKeys
internal import Records
internal import SQLiteRecords

extension Verbs {
  /// Checks beside few and beside many records, in turn.
  static func verifyRecords(_ invocation: Invocation, records: Int) throws -> ExitStatus {
    let count = try invocation.integer("count", in: 1...1_000_000) ?? 2000
    let runs = try invocation.runs(3)
    let bench = try Bench(relay: nil, needsRelay: false, place: invocation.string("place"))
    defer { bench.end() }
    let sizes = [10_000, records]
    var rigs: [(verifier: Verifier, tickets: [(id: String, code: String)])] = []
    for (index, size) in sizes.enumerated() {
      let installation = try bench.installation("records\(index)", lanes: 1)
      // Half of the challenges to be answered lie before all the others, half after.
      let before = try admit(installation, count: (count * runs + 1) / 2, named: "before")
      let start = ContinuousClock.now
      try fill(installation, size)
      if !invocation.isJSON {
        Terminal.error("\(size) records made in \(Int((ContinuousClock.now - start).inSeconds)) s")
      }
      let after = try admit(installation, count: count * runs / 2, named: "after")
      rigs.append((try installation.verifier(), (before + after).shuffled()))
    }
    var medians: [[Double]] = [[], []]
    for run in 0..<runs {
      for (index, rig) in rigs.enumerated() {
        let tickets = rig.tickets[run * count..<min((run + 1) * count, rig.tickets.count)]
        let times = try tickets.map { ticket in
          try microseconds {
            try rig.verifier.verify(TypedCode(ticket.code), challenge: ChallengeID(ticket.id))
          } expecting: {
            if case .verified = $0 { true } else { false }
          }
        }
        medians[index].append(Figures.median(times))
      }
    }
    var figures = Figures()
    figures.add("a check beside 10,000 records", "fewMicroseconds", medians[0], "µs")
    figures.add("a check beside \(records) records", "manyMicroseconds", medians[1], "µs")
    figures.addRatio("as long", "ratio", medians[1], medians[0])
    figures.print(title: "verify: \(count) right codes beside other records", isJSON: invocation.isJSON)
    return .done
  }

  private static func fill(_ installation: Installation, _ count: Int) throws {
    let settings = installation.settings.passcode
    let now = Date()
    let end = now.addingTimeInterval(settings.validity.inSeconds)
    try RecordFiller(path: installation.settings.recordsPath).fill(
      count,
      RecordFiller.Challenge(
        attempts: settings.attempts, keyVersion: try installation.keyring().current.version, madeAt: now,
        expiresAt: end, purgeAfter: end.addingTimeInterval(RetentionSettings().requests.inSeconds)))
  }

  /// How long one check takes.
  static func microseconds(
    _ check: () throws -> Verification, expecting isExpected: (Verification) -> Bool
  ) throws -> Double {
    let start = ContinuousClock.now
    let answer = try check()
    let time = (ContinuousClock.now - start).inSeconds * 1e6
    guard isExpected(answer) else {
      throw CommandFault(.inputOutput, "a check was answered with \(answer.name), which was not to be")
    }
    return time
  }
}
