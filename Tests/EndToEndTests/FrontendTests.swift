import Foundation
import Testing
import TestSupport

/// What the README tells frontends to do, run as it stands there.
@Suite(.waits) struct FrontendTests {
  /// The first fenced block of a language in the README.
  private func block(_ language: String, containing text: String) throws -> String {
    let readme = try String(contentsOfFile: "\(Scratch.repository)/README.md", encoding: .utf8)
    let blocks = readme.components(separatedBy: "```\(language)\n").dropFirst()
    let block = try #require(blocks.first { $0.components(separatedBy: "```")[0].contains(text) })
    return block.components(separatedBy: "```")[0]
  }

  @Test func `takes a request from the README's shell script`() throws {
    let scratch = try makeRig(templates: Scratch.templates)
    let worker = try scratch.startWorker()
    let script = try block("sh", containing: "/dev/urandom").replacing(".passcode/spool", with: scratch.spool)
    let result = try ChildProcess.run("/bin/sh", ["-e", "-c", script + "\necho \"$id\""])
    #expect(result.status == 0, "\(result)")
    let id = String(try #require(result.lines.last))
    let code = try scratch.code(for: "anna@example.org")
    #expect(try scratch.verify(id, code).status == 0)
    #expect(try scratch.status(id)["locale"] as? String == "sv")
    _ = worker
  }

  @Test(.enabled(if: ExternalTool.has("python3"), "needs python3"))
  func `takes a request from the README's Python script, and its code from no other address`() throws {
    let scratch = try makeRig()
    let worker = try scratch.startWorker()
    let script = try block("python", containing: "os.fsync").replacing(".passcode/spool", with: scratch.spool)
    let result = try ChildProcess.run("python3", ["-c", script + "\nprint(id)"])
    #expect(result.status == 0, "\(result)")
    let code = try scratch.code(for: "anna@example.org")
    let id = String(try #require(result.lines.last))
    let check = try block("python", containing: #""verify", id"#).replacing(
      "passcode\"", with: "\(scratch.command)\"")
    let answers = try ChildProcess.run(
      "python3",
      [
        "-c",
        """
        \(check)
        print(verify("\(id)", "\(code)", "eva@example.org"))
        print(verify("\(id)", "\(code)", "Anna@example.org")["recipient"])
        """,
      ], environment: ["PASSCODE_CONFIG": scratch.config])
    #expect(answers.text == "None\nanna@example.org\n", "\(answers)")
    _ = worker
  }

  @Test func `takes a request made with printf and mv alone`() throws {
    let scratch = try makeRig()
    let worker = try scratch.startWorker()
    let id = "printf-and-mv-0123456789"
    let script = """
      printf '{"version":1,"id":"\(id)","recipient":"bo@example.org"}' > \(scratch.spool)/tmp/x
      mv \(scratch.spool)/tmp/x \(scratch.spool)/new/mine.json
      """
    #expect(try ChildProcess.run("/bin/sh", ["-e", "-c", script]).status == 0)
    #expect(try scratch.verify(id, try scratch.code(for: "bo@example.org")).status == 0)
    _ = worker
  }
}
