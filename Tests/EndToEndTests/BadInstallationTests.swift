import Foundation
import Glibc
import Testing
import TestSupport

/// What is wrong with an installation is an error at the start that names the place, or trouble that passes.
@Suite(.waits) struct BadInstallationTests {
  private func copyTemplates(to path: String) throws {
    try FileManager.default.copyItem(atPath: Scratch.templates, toPath: path)
  }

  /// As in somebody's directory, where a configuration was planted for whoever comes by.
  @Test func `reads a planted configuration neither for root nor where others can write it`() throws {
    let scratch = try Scratch(relay: "127.0.0.1:9")
    let fm = FileManager.default
    try fm.createDirectory(atPath: "\(scratch.path)/Config", withIntermediateDirectories: false)
    let planted = "\(scratch.path)/Config/passcode.json5"
    try fm.copyItem(atPath: scratch.config, toPath: planted)
    func queue(_ file: String?) throws -> ChildResult {
      try ChildProcess.run(
        scratch.command, ["queue"], environment: ["PASSCODE_CONFIG": file], directory: scratch.path)
    }
    if getuid() == 0, !fm.fileExists(atPath: "/etc/passcode/passcode.json5") {
      let result = try queue(nil)
      #expect(result.status == 78 && result.errorText.contains("is not looked at for root"), "\(result)")
      #expect(!fm.fileExists(atPath: "\(scratch.path)/Config/state"))
    }
    #expect(try queue(planted).status == 0)
    try fm.setAttributes([.posixPermissions: 0o666], ofItemAtPath: planted)
    let result = try queue(planted)
    #expect(result.status == 78 && result.errorText.contains("Run: chmod "), "\(result)")
  }

  @Test func `does not start with a template part missing`() throws {
    let directory = try TemporaryDirectoryOwner()
    try copyTemplates(to: "\(directory.path)/T")
    try FileManager.default.removeItem(atPath: "\(directory.path)/T/sv/sign-in/body.txt")
    let scratch = try Scratch(in: directory, relay: "127.0.0.1:9", templates: "\(directory.path)/T")
    let result = try scratch.run("worker", "--drain")
    #expect(result.status == 78)
    #expect(result.errorText.contains("sv/sign-in/body.txt"), "\(result)")
  }

  @Test func `does not start with an unknown name in a template, and tells line and column`() throws {
    let directory = try TemporaryDirectoryOwner()
    try copyTemplates(to: "\(directory.path)/T")
    let file = "\(directory.path)/T/pl/sign-in/body.txt"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    try (text + "\n  {{cod}}\n").write(toFile: file, atomically: true, encoding: .utf8)
    let scratch = try Scratch(in: directory, relay: "127.0.0.1:9", templates: "\(directory.path)/T")
    let result = try scratch.run("worker", "--drain")
    #expect(result.status == 78)
    let line = text.split(separator: "\n", omittingEmptySubsequences: false).count + 1
    #expect(result.errorText.contains("pl/sign-in/body.txt:\(line):5"), "\(result)")
    #expect(result.errorText.contains("code"), "\(result)")
  }

  @Test func `does not start with a damaged key, and leaves it as it is`() throws {
    let scratch = try makeRig()
    let id = try scratch.request(to: "anna@example.org")
    #expect(try scratch.run("worker", "--drain").status == 0)
    let key = "\(scratch.state)/keys/1.key"
    try Data("garbage".utf8).write(to: URL(fileURLWithPath: key))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
    for result in [try scratch.run("worker", "--drain"), try scratch.verify(id, "123456")] {
      #expect(result.status == 78, "\(result)")
      #expect(result.errorText.contains("1.key"), "\(result)")
    }
    #expect(try String(contentsOfFile: key, encoding: .utf8) == "garbage")
  }

  @Test func `refuses a key that others may read`() throws {
    let scratch = try makeRig()
    #expect(try scratch.run("worker", "--drain").status == 0)
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o644], ofItemAtPath: "\(scratch.state)/keys/1.key")
    let result = try scratch.run("worker", "--drain")
    #expect(result.status == 78)
    #expect(result.errorText.contains("1.key"), "\(result)")
  }

  @Test func `does not start on a file that is no database, and leaves it as it is`() throws {
    let scratch = try makeRig()
    try FileManager.default.createDirectory(atPath: scratch.state, withIntermediateDirectories: true)
    let garbage = Data(repeating: 0x41, count: 8192)
    try garbage.write(to: URL(fileURLWithPath: "\(scratch.state)/records.sqlite"))
    let result = try scratch.run("worker", "--drain")
    #expect(result.status == 78, "\(result)")
    #expect(result.errorText.contains("records.sqlite"), "\(result)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: "\(scratch.state)/records.sqlite")) == garbage)
  }

  @Test(.enabled(if: ExternalTool.has("python3"), "needs python3"))
  func `waits while another process locks the database, says so, and goes on`() throws {
    let scratch = try makeRig()
    let worker = try scratch.startWorker()
    let locker = try ChildProcess(
      "python3",
      [
        "-c",
        """
        import sqlite3, sys
        connection = sqlite3.connect(sys.argv[1], isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        print("locked", flush=True)
        sys.stdin.read()
        connection.execute("ROLLBACK")
        """, "\(scratch.state)/records.sqlite",
      ], input: .open)
    #expect(locker.wait(for: "locked"))
    let id = try scratch.request(to: "anna@example.org")
    #expect(worker.wait(for: "\"event\":\"storage-error\""), "\(worker.text())")
    locker.closeInput()
    let code = try scratch.code(for: "anna@example.org")
    let result = try scratch.verify(id, code)
    #expect(result.status == 0, "\(result)")
    #expect(worker.wait(for: "\"event\":\"storage-recovered\""))
  }

  @Test(arguments: ["worker", "request"])
  func `says where it may not write`(verb: String) throws {
    let directory = try TemporaryDirectoryOwner()
    // A file where the state directory should be: the same for root, whom permissions do not stop.
    try Data().write(to: URL(fileURLWithPath: "\(directory.path)/state"))
    let scratch = try Scratch(in: directory, relay: "127.0.0.1:9")
    let result =
      verb == "worker"
      ? try scratch.run("worker", "--drain") : try scratch.run("request", "--to", "a@example.org")
    #expect(result.status == 73 || result.status == 78, "\(result)")
    #expect(result.errorText.contains("\(directory.path)/state"), "\(result)")
  }

  @Test(.enabled(if: getuid() == 0 && ExternalTool.has("setpriv"), "needs root, to become somebody else"))
  func `exits with 73 where permissions forbid to enqueue, and leaves nothing`() throws {
    let scratch = try makeRig()
    try scratch.makeSpool()
    for path in [scratch.path, scratch.state, scratch.spool] {
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }
    let result = try ChildProcess.run(
      "setpriv",
      [
        "--reuid=65534", "--clear-groups", scratch.command, "request", "--to", "a@example.org", "--config",
        scratch.config,
      ])
    #expect(result.status == 73, "\(result)")
    #expect(result.errorText.contains("ermission"), "\(result)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(scratch.spool)/new").isEmpty)
  }

  @Test(arguments: [
    ("state: \"\",", "state", "is empty"), ("colour: 1,", "colour", "is not a key"),
    ("passcode: { validity: \"soon\" },", "passcode.validity", "duration"),
  ])
  func `names file, key and what is accepted in a bad configuration`(
    extra: String, key: String, message: String
  ) throws {
    let directory = try TemporaryDirectoryOwner()
    let scratch = try Scratch(in: directory, relay: "127.0.0.1:9")
    try Data(
      "{ sender: { address: \"a@b.example\" }, relays: [{ url: \"smtp://127.0.0.1\" }], \(extra) }".utf8
    )
    .write(to: URL(fileURLWithPath: scratch.config))
    let result = try scratch.run("worker", "--drain")
    #expect(result.status == 78)
    #expect(result.errorText.contains(scratch.config) && result.errorText.contains(key), "\(result)")
    #expect(result.errorText.contains(message), "\(result)")
  }

  @Test func `names a configuration that is not there`() throws {
    let result = try ChildProcess.run(
      try ExternalTool.built("passcode"), ["worker", "--config", "/nowhere/x.json5"])
    #expect(result.status == 78)
    #expect(result.errorText.contains("/nowhere/x.json5"))
  }
}
