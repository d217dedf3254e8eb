import Foundation
import Testing
import TestSupport

@Suite(.waits) struct HelpTests {
  private func run(_ words: String...) throws -> ChildResult {
    try ChildProcess.run(try ExternalTool.built("passcode"), words)
  }

  @Test(arguments: ["passcode", "passcode-bench"])
  func `has a page for each verb that the overview lists`(program: String) throws {
    let overview = try ChildProcess.run(try ExternalTool.built(program), ["help"])
    #expect(overview.status == 0)
    for line in overview.lines { #expect(line.count <= 80, "\(line)") }
    let verbs = overview.lines.filter { $0.hasPrefix("  ") }.compactMap { line in
      line.dropFirst(2).components(separatedBy: "  ").first
    }.filter { !$0.isEmpty && !$0.hasPrefix("help") }
    #expect(verbs.count > (program == "passcode" ? 10 : 9))
    for verb in verbs {
      let words = verb.split(separator: " ").map(String.init)
      for arguments in [["help"] + words, words + ["--help"]] {
        let page = try ChildProcess.run(try ExternalTool.built(program), arguments)
        #expect(page.status == 0, "\(verb) \(page)")
        #expect(page.text.hasPrefix("usage: \(program) \(verb)"), "\(page)")
        #expect(page.text.contains("--config") == (program == "passcode"))
        for line in page.lines { #expect(line.count <= 80 && !line.contains("\\"), "\(verb): \(line)") }
      }
    }
  }

  @Test(arguments: [
    (["bench"], "passcode-bench;"), (["bench", "drain", "--count", "5"], "passcode-bench drain;"),
    (["bench", "--help"], "passcode-bench;"), (["help", "bench"], "passcode-bench;"),
    (["help", "bench", "smtp"], "passcode-bench smtp;"),
  ])
  func `says where the benches went`(words: [String], call: String) throws {
    let result = try ChildProcess.run(try ExternalTool.built("passcode"), words)
    #expect(result.status == 64)
    #expect(result.text.isEmpty)
    #expect(result.errorText.split(separator: "\n").count == 1)
    #expect(result.errorText.contains(call), "\(result)")
  }

  @Test func `links nothing of the benches into the service's program`() throws {
    // Of the C baselines, of the counter of allocations, and of the start of a Postfix.
    for trace in ["cbaselines_", "in_flow_delay", "WITH RECURSIVE n(i)"] {
      let service = try Data(contentsOf: URL(fileURLWithPath: try ExternalTool.built("passcode")))
      #expect(service.range(of: Data(trace.utf8)) == nil, "\(trace)")
      let benches = try Data(contentsOf: URL(fileURLWithPath: try ExternalTool.built("passcode-bench")))
      #expect(benches.range(of: Data(trace.utf8)) != nil, "\(trace)")
    }
  }

  @Test func `benches without the service's program beside them say what is missing`() throws {
    let directory = try TemporaryDirectory()
    let copy = "\(directory.path)/passcode-bench"
    // By a process of its own: what this one has open for writing, its other children hold, and it could not be run.
    #expect(try ChildProcess.run("/bin/cp", [try ExternalTool.built("passcode-bench"), copy]).status == 0)
    let result = try ChildProcess.run(
      copy, ["drain", "--count", "1"], environment: ["TMPDIR": directory.path], directory: Scratch.repository)
    #expect(result.status == 69)
    #expect(result.errorText.contains("/passcode is missing"), "\(result)")
    #expect(result.errorText.contains("build both"))
  }

  @Test func `tells its version`() throws { #expect(try run("--version").text.hasPrefix("passcode 1.")) }

  @Test func `shows the overview and exits with 64 where no verb is given`() throws {
    let result = try run()
    #expect(result.status == 64)
    #expect(result.text.contains("passcode demo"))
  }
}
