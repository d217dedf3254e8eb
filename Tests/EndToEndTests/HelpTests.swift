import Foundation
import Testing
import TestSupport

@Suite(.waits) struct HelpTests {
  private func run(_ words: String...) throws -> ChildResult {
    try ChildProcess.run(try ExternalTool.built("passcode"), words)
  }

  @Test func `has a page for each verb that the overview lists`() throws {
    let overview = try run("help")
    #expect(overview.status == 0)
    let verbs = overview.lines.filter { $0.hasPrefix("  ") }.compactMap { line in
      line.dropFirst(2).components(separatedBy: "  ").first
    }.filter { !$0.hasPrefix("help") }
    #expect(verbs.count > 10)
    for verb in verbs {
      let words = verb.split(separator: " ").map(String.init)
      for arguments in [["help"] + words, words + ["--help"]] {
        let page = try ChildProcess.run(try ExternalTool.built("passcode"), arguments)
        #expect(page.status == 0, "\(verb) \(page)")
        #expect(page.text.hasPrefix("usage: passcode \(verb)"), "\(page)")
        #expect(page.text.contains("--config"))
      }
    }
  }

  @Test func `tells its version`() throws { #expect(try run("--version").text.hasPrefix("passcode 1.")) }

  @Test func `shows the overview and exits with 64 where no verb is given`() throws {
    let result = try run()
    #expect(result.status == 64)
    #expect(result.text.contains("passcode demo"))
  }
}
