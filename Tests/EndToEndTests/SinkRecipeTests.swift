import Foundation
import TestSupport
import Testing

/// The sink as other projects use it: what the README gives them, and what it prints.
@Suite(.waits) struct SinkRecipeTests {
  @Test(.enabled(if: ExternalTool.has("curl"), "needs curl"))
  func `the recipe of the README for other projects reads the code of a mail`() throws {
    let readme = try String(contentsOfFile: "\(Scratch.repository)/README.md", encoding: .utf8)
    let start = try #require(readme.range(of: "\n### Codes of another program, in CI\n"))
    let block = readme[start.upperBound...].components(separatedBy: "```")[1]
    let directory = try TemporaryDirectoryOwner()
    let bin = URL(fileURLWithPath: try ExternalTool.built("passcode")).deletingLastPathComponent().path
    let result = try ChildProcess.run(
      "/bin/sh", ["-c", String(block.dropFirst("sh\n".count))],
      environment: ["PATH": "\(bin):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"],
      directory: directory.path)
    #expect(result.status == 0 && result.text == "123456\n", "\(result)")
    let lines = try String(contentsOfFile: "\(directory.path)/sink.jsonl", encoding: .utf8).split(
      separator: "\n")
    #expect(lines.count == 2 && lines[0].hasPrefix("{\"event\":\"listening\""), "\(lines)")
    for words in ["\"event\":\"received\"", "\"code\":\"123456\"", "\"codeFound\":\"text-word\""] {
      #expect(lines.last?.contains(words) == true, "\(lines)")
    }
  }

  @Test(.enabled(if: ExternalTool.has("curl"), "needs curl"), arguments: [false, true])
  func `what is refused is a line, and so is a login that fails`(isJSON: Bool) throws {
    let directory = try TemporaryDirectoryOwner()
    try "s3cret\n".write(toFile: "\(directory.path)/password", atomically: true, encoding: .utf8)
    let sink = try ChildProcess(
      try ExternalTool.built("passcode"),
      [
        "sink", "--listen", "127.0.0.1:0", "--user", "mailer", "--password-file",
        "\(directory.path)/password",
      ]
        + (isJSON ? ["--json"] : []))
    #expect(sink.wait(for: "\n"))
    let address = try #require(sink.text().firstMatch(of: #/127\.0\.0\.1:\d+/#)).output
    for login in ["mailer:hunter2", "mailer:s3cret"] {
      let client = try ChildProcess.run(
        "curl",
        ["--silent", "smtp://\(address)", "--user", login, "--mail-from", "a@example.org"]
          + ["--mail-rcpt", "rcpt-550-5.1.1@example.org", "--upload-file", "-"], input: .text("x"))
      #expect(client.status != 0)
    }
    let reply = "550 5.1.1 As the recipient's name or the fault rate asks for"
    let wanted =
      isJSON
      ? [
        #""event":"auth-failed","time":""#, #""stage":"auth","to":[],"user":"mailer","reply":"535 5.7.8 "#,
        #""event":"refused","time":""#,
        #""stage":"rcpt","from":"a@example.org","to":["rcpt-550-5.1.1@example.org"],"reply":"\#(reply)""#,
      ]
      : [
        "Z  user mailer  refused at AUTH: 535 5.7.8 Authentication credentials invalid\n",
        "Z  rcpt-550-5.1.1@example.org  refused at RCPT: \(reply)\n",
      ]
    for words in wanted { #expect(sink.wait(for: words), "\(words) in \(sink.text())") }
    #expect(!sink.text().contains("hunter2") && !sink.text().contains("s3cret"))
  }
}
