import Foundation
import LinuxSystem
import TestSupport
import Testing

/// Kills the built worker, and who enqueues, again and again, and has the evidence judged.
@Suite(.waitsLong) struct CrashTests {
  /// Seeds that once found something, and a few to begin with.
  private static let keptSeeds: [UInt64] = [1, 2, 3, 4]
  private static let campaigns = 21
  private static let killsInEach = 10

  @Test func `keeps every promise through two hundred kills at any moment`() throws {
    let environment = ProcessInfo.processInfo.environment
    let first =
      environment["PASSCODE_CRASH_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1_000...1_000_000_000)
    print("crash seed \(first); PASSCODE_CRASH_SEED=\(first) tries the same again")
    let fresh = (0..<UInt64(Self.campaigns - Self.keptSeeds.count)).map { first + $0 }
    // Each step is named by several campaigns, so that one that is not reached by chance in one is in another.
    let all = CrashCampaign.workerSteps + CrashCampaign.requestSteps
    let work = Monitor(
      (Self.keptSeeds + fresh).enumerated().map { index, seed in
        (seed: seed, steps: (0..<6).map { all[(index * 6 + $0) % all.count] })
      })
    let results = Monitor<[CrashCampaign.Result]>([])
    let threads = try (0..<3).map { index in
      try LinuxThread("crash-\(index)") {
        while let next = work.withLock({ $0.popLast() }) {
          do {
            var campaign = try CrashCampaign(seed: next.seed)
            let result = try campaign.run(next.steps, kills: Self.killsInEach)
            results.change { $0.append(result) }
          } catch { Issue.record(error, "seed \(next.seed)") }
        }
      }
    }
    for thread in threads { thread.join() }
    let done = results.withLock { $0 }
    for result in done where !result.breaches.isEmpty {
      Issue.record(
        """
        seed \(result.seed):
        \(result.breaches.map(\.description).joined(separator: "\n"))
        \(result.story.joined(separator: "\n"))
        """)
    }
    #expect(done.map(\.kills).reduce(0, +) >= 200)
    let reached = done.reduce(into: Set<FailPoint>()) { $0.formUnion($1.steps) }
    #expect(Set(all).subtracting(reached).isEmpty, "nobody was killed at these steps")
  }
}
