import TestSupport
import Testing

/// The helper that all tests of the built command stand on.
@Suite(.waits) struct ChildProcessTests {
  @Test func `captures output, errors and status`() throws {
    let result = try ChildProcess.run("sh", ["-c", "echo out; echo err >&2; exit 3"])
    #expect(result.status == 3)
    #expect(result.text == "out\n")
    #expect(result.errorText == "err\n")
  }

  @Test func `tells the signal that ended it`() throws {
    #expect(try ChildProcess.run("sh", ["-c", "kill -TERM $$"]).ending == .signalled(15))
  }

  @Test func `hands over more input than a pipe holds`() throws {
    let bytes = [UInt8](repeating: 0x61, count: 1_000_000)
    #expect(try ChildProcess.run("cat", input: .bytes(bytes)).output == bytes)
  }

  @Test func `survives a program that does not read its input`() throws {
    let bytes = [UInt8](repeating: 0x61, count: 1_000_000)
    #expect(try ChildProcess.run("true", input: .bytes(bytes)).status == 0)
  }

  @Test func `talks to a program that runs`() throws {
    let child = try ChildProcess("cat", input: .open)
    child.write("hello\n")
    #expect(child.wait(for: "hello"))
    #expect(child.isRunning)
    child.closeInput()
    #expect(try child.wait().status == 0)
    #expect(!child.wait(for: "never written"))
  }

  @Test func `kills what does not end in time`() throws {
    let child = try ChildProcess("sh", ["-c", "echo begun; sleep 600 & wait"])
    #expect(child.wait(for: "begun"))
    #expect(throws: ChildTimeout.self) { try child.wait(timeout: .milliseconds(1)) }
    #expect(!child.isRunning)
  }

  @Test func `sets directory and environment, and reads nothing by default`() throws {
    let directory = try TemporaryDirectory()
    let result = try ChildProcess.run(
      "sh", ["-c", "pwd; echo $PASSCODE_TEST; echo [$LANG]; cat"],
      environment: ["PASSCODE_TEST": "yes", "LANG": nil], directory: directory.path)
    #expect(result.lines == [directory.path[...], "yes", "[]"])
  }

  @Test func `leaves signals as a program expects them`() throws {
    // The tests' process ignores SIGPIPE; a child that did so as well would not end with its reader.
    let result = try ChildProcess.run("bash", ["-c", "yes | head -1; echo ${PIPESTATUS[0]}"])
    #expect(result.lines == ["y", "141"])
  }
}
