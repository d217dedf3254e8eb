import CodeRequests
import Foundation
import LinuxSystem
import PasscodeVerifier
import Records
import SQLiteRecords
import RecordKeys
import RecordsFixture
import TestSupport
import Testing

/// Verifiers against each other.
@Suite(.waits) struct RaceTests {
  /// Runs `body` on so many threads, all let go at once: each with a connection of its own, as processes have, or all
  /// with the same verifier, where they wait for the disk together.
  private func race(
    _ count: Int, in installation: borrowing Installation, sharing isShared: Bool,
    _ body: @escaping @Sendable (Verifier, Int) throws -> Verification
  ) throws -> [Verification] {
    let results = Monitor<[Verification]>([])
    let gate = Monitor(false)
    let path = installation.path
    let shared = isShared ? try Verifier(state: path, busyTimeout: .seconds(60)) : nil
    let threads = try (0..<count).map { index in
      let verifier = try shared ?? Verifier(state: path, busyTimeout: .seconds(60))
      return try LinuxThread("verify-\(index)") {
        _ = gate.wait { $0 ? true : nil }
        do {
          let answer = try body(verifier, index)
          results.change { $0.append(answer) }
        } catch { Issue.record(error) }
      }
    }
    gate.change { $0 = true }
    for thread in threads { thread.join() }
    return results.withLock { $0 }
  }

  @Test(arguments: [false, true])
  func `verifies once, however many try at the same time`(sharing isShared: Bool) throws {
    let installation = try Installation()
    let request = try request(code: "123456")
    // A budget that all of them fit in: it is the use that must be single here.
    _ = try installation.store(settings: PasscodeSettings(attempts: 100)).sent(request)
    let id = request.id.rawValue
    let answers = try race(20, in: installation, sharing: isShared) { verifier, _ in
      try verifier.verify("123456", challenge: id, now: start)
    }
    #expect(answers.count == 20)
    #expect(answers.count { $0.session != nil } == 1)
    #expect(answers.count { $0 == .used } == 19)
  }

  @Test(arguments: [false, true])
  func `gives fifty that guess no more than the budget`(sharing isShared: Bool) throws {
    let installation = try Installation()
    let request = try request(code: "999999")
    _ = try installation.store().sent(request)
    let id = request.id.rawValue
    let answers = try race(50, in: installation, sharing: isShared) { verifier, index in
      try verifier.verify("0000\(10 + index)", challenge: id, now: start)
    }
    #expect(answers.count { $0.name == "incorrect" } == 5)
    #expect(answers.count { $0 == .locked } == 45)
    let lefts = answers.compactMap { if case .incorrect(let left) = $0 { left } else { nil } }
    #expect(lefts.sorted() == [0, 1, 2, 3, 4])
  }

  @Test(arguments: [false, true])
  func `gives many that guess across challenges each challenge's own budget`(sharing isShared: Bool) throws {
    let installation = try Installation()
    let store = try installation.store()
    var ids: [String] = []
    for index in 0..<8 {
      let request = try request(code: "999999")
      _ = try store.sent(request, at: start + Double(index))
      ids.append(request.id.rawValue)
    }
    let all = ids
    let answers = try race(64, in: installation, sharing: isShared) { verifier, index in
      try verifier.verify("000000", challenge: all[index % 8], now: start + 10)
    }
    #expect(answers.count { $0.name == "incorrect" } == 40)
    #expect(answers.count { $0 == .locked } == 24)
  }

  @Test func `makes the records once when many open them first`() throws {
    let installation = try Installation()
    let answers = try race(12, in: installation, sharing: false) { verifier, _ in
      try verifier.verify("123456", challenge: "none", now: start)
    }
    #expect(answers == Array(repeating: .unknown, count: 12))
  }
}
