import Foundation
import TestSupport
import Testing

/// What holds of the release build, which continuous integration makes before it runs the tests.
@Suite(.waitsLong, .enabled(if: ReleaseBuild.isWanted, "set CI=true after swift build -c release"))
struct ReleaseBuildTests {
  @Test func `nobody can have a release build killed by a variable`() throws {
    let variable = Data("PASSCODE_FAIL_POINT".utf8)
    let debug = try Data(contentsOf: URL(fileURLWithPath: try ExternalTool.built("passcode")))
    #expect(debug.range(of: variable) != nil)
    let release = try Data(contentsOf: URL(fileURLWithPath: ReleaseBuild.command))
    #expect(release.range(of: variable) == nil)
  }

  /// The optimiser ends the life of what nothing uses any more: a lock that is only held was once let go of like that.
  @Test func `a second worker of a release build stands by`() throws {
    let scratch = try makeRig()
    func start() throws -> ChildProcess {
      try ChildProcess(ReleaseBuild.command, ["worker", "--config", scratch.config])
    }
    let first = try start()
    #expect(first.wait(for: "\"event\":\"started\""))
    let second = try start()
    #expect(second.wait(for: "\"event\":\"standby\""))
    first.signal(SIGTERM)
    #expect(try first.wait().status == 0)
    #expect(second.wait(for: "\"event\":\"started\""))
  }

  @Test func `sends 50,000 queued requests within 64 MiB`() throws {
    let directory = try TemporaryDirectory()
    let result = try ChildProcess.run(
      "\(ReleaseBuild.command)-bench",
      ["queue", "--count", "50000", "--beside", "5000", "--json"],
      environment: ["TMPDIR": directory.path], directory: Scratch.repository)
    #expect(result.status == 0, "\(result)")
    let figures = try result.object()
    print("50,000 queued: \(figures)")
    let memory = try #require(figures["peakMiB"] as? Double)
    #expect(memory > 1 && memory <= 64)
    #expect(try #require(figures["firstSeconds"] as? Double) > 0)
    #expect(try #require(figures["ratio"] as? Double) > 0)
  }
}

enum ReleaseBuild {
  static var isWanted: Bool { ExternalTool.isContinuousIntegration }
  static var command: String { "\(Scratch.repository)/.build/release/passcode" }
}
