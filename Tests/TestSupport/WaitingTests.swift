// A build with Swift's libraries linked statically has no Testing, and builds no tests.
#if canImport(Testing)
  internal import Foundation
  internal import LinuxSystem
  package import Testing

  /// Runs the tests of a suite on threads of their own, more than there are cores: for suites that spend their time
  /// waiting, for processes, relays and the disk.
  ///
  /// Swift Testing runs tests on the threads of Swift's concurrency, one for each core, and a test that blocks holds one
  /// of them. So those that wait keep out of the way of those that compute, and of each other.
  package struct WaitingTests: SuiteTrait, TestTrait, TestScoping {
    package let isRecursive = true
    /// Taken before the others: for what takes so long that it would be the end of the run.
    fileprivate let isFirst: Bool

    package func provideScope(
      for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
      try await withTaskExecutorPreference(isFirst ? WaitingThreads.first : WaitingThreads.others) {
        try await function()
      }
    }
  }

  extension Trait where Self == WaitingTests {
    package static var waits: WaitingTests { WaitingTests(isFirst: false) }
    /// The same, and before the others.
    package static var waitsLong: WaitingTests { WaitingTests(isFirst: true) }
  }

  /// The threads; a test keeps its thread for as long as it does not suspend.
  private final class WaitingThreads: TaskExecutor {
    private struct Jobs {
      var first: [UnownedJob] = []
      var others: [UnownedJob] = []

      /// The oldest.
      mutating func next() -> UnownedJob? {
        if !first.isEmpty { return first.removeFirst() }
        return others.isEmpty ? nil : others.removeFirst()
      }
    }

    static let first = WaitingThreads(isFirst: true)
    static let others = WaitingThreads(isFirst: false)

    /// Started with the first job, for as long as the process lives.
    private static let jobs: Monitor<Jobs> = {
      let jobs = Monitor(Jobs())
      for index in 0..<6 * max(2, ProcessInfo.processInfo.activeProcessorCount) {
        do {
          _ = try LinuxThread("waiting-\(index)", stackSize: 8 << 20) {
            while let job = jobs.wait(until: { $0.next() }) {
              job.runSynchronously(on: others.asUnownedTaskExecutor())
            }
          }
        } catch { fatalError("no thread for the tests that wait: \(error)") }
      }
      return jobs
    }()

    private let isFirst: Bool

    private init(isFirst: Bool) { self.isFirst = isFirst }

    func enqueue(_ job: consuming ExecutorJob) {
      let job = UnownedJob(job)
      Self.jobs.change { if isFirst { $0.first.append(job) } else { $0.others.append(job) } }
    }
  }
#endif
