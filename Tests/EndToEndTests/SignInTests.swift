import CodeRequests
import Foundation
import RecordKeys
import TestSupport
import Testing

/// The whole sign-in, as a frontend and a guest go through it.
@Suite(.waits) struct SignInTests {
  @Test func `the whole sign-in takes three commands`() throws {
    let scratch = try makeRig()
    let worker = try scratch.startWorker()
    // "Send code".
    let asked = try scratch.run("request", "--to", "nicole@firstupconsultants.example", "--wait", "--json")
    #expect(asked.status == 0)
    let id = try asked.string("id")
    let code = try scratch.code(for: "nicole@firstupconsultants.example")
    // "Enter code".
    let before = Date()
    let verified = try scratch.verify(id, code)
    #expect(verified.status == 0)
    #expect(try verified.object()["recipient"] as? String == "nicole@firstupconsultants.example")
    #expect(try verified.object()["purpose"] as? String == "sign-in")
    let device = try #require(verified.object()["device"] as? String)
    let session = try #require(try verified.object()["session"] as? [String: Any])
    let token = try #require(session["token"] as? String)
    let expiresAt = try #require(session["expiresAt"] as? String)
    let end = try #require(Date(rfc3339: expiresAt))
    #expect(abs(end.timeIntervalSince(before) - 86400) < 60)
    // Every access after that.
    let check = try scratch.run("session", "check", "--json", input: .text(token + "\n"))
    #expect(check.status == 0)
    #expect(try check.object()["recipient"] as? String == "nicole@firstupconsultants.example")
    #expect(try check.object()["device"] as? String == device)
    // Ended by hand, the guest asks anew.
    #expect(try scratch.run("session", "end", input: .text(token + "\n")).status == 0)
    #expect(try scratch.run("session", "check", input: .text(token + "\n")).status == 66)
    _ = worker
  }

  @Test func `a device from standard input has a lane of its own, and never stands in an argument`() throws {
    let scratch = try makeRig()
    let worker = try scratch.startWorker()
    func ask(_ extra: String..., input: ChildProcess.Input = .nothing) throws -> ChildResult {
      try ChildProcess.run(
        scratch.command,
        ["request", "--to", "anna@example.org", "--wait", "--json", "--config", scratch.config] + extra,
        input: input)
    }
    let id = try ask().string("id")
    let verified = try scratch.verify(id, scratch.code(for: "anna@example.org"))
    let device = try #require(try verified.object()["device"] as? String)
    #expect(try ask().status == 0)
    #expect(try ask().status == 75)
    #expect(try ask("--device", input: .text(device + "\n")).status == 0)
    #expect(try ask("--device", input: .text("\n")).status == 65)
    #expect(try ask("--device=\(device)").status == 64)
    _ = worker
  }

  @Test func `tells what would become of a request, and queues nothing`() throws {
    let scratch = try makeRig(
      extra: "limits: { perSubject: [{ count: 1, window: \"1h\" }] }, tenants: \"tenants.json5\",")
    try "{ tenants: [{ id: 'f', name: 'Fabrikam', federatedDomains: { 'gmail.com': 'google' } }] }"
      .write(toFile: "\(scratch.path)/tenants.json5", atomically: true, encoding: .utf8)
    let ask = ["request", "--tenant", "Fabrikam", "--dry-run", "--json", "--to"]
    func forecast(_ recipient: String) throws -> ChildResult {
      try ChildProcess.run(scratch.command, ask + [recipient, "--config", scratch.config])
    }
    let open = try forecast("anna@example.org")
    #expect(open.status == 0 && open.text == "{\"forecast\":\"let-through\"}\n", "\(open)")
    #expect(try scratch.run("queue").text == "nothing waits\n")
    let refused = try forecast("teri@gmail.com")
    #expect(refused.status == 15, "\(refused)")
    #expect(try refused.object()["method"] as? String == "google")
    let worker = try scratch.startWorker()
    let sent = try scratch.run("request", "--to", "anna@example.org", "--tenant", "Fabrikam", "--wait")
    #expect(sent.status == 0, "\(sent)")
    let limited = try forecast("anna@example.org")
    #expect(limited.status == 75, "\(limited)")
    let retry = try #require(try limited.object()["retryAt"] as? String)
    let until = try #require(Date(rfc3339: retry))
    #expect(until > Date() + 3000 && until <= Date() + 3600)
    #expect(try limited.object()["reason"] as? String == "limits.perSubject: at most 1 in 3600 s")
    _ = worker
  }

  @Test func `reads a code from a file descriptor, and standard input stays unread`() throws {
    let scratch = try makeRig()
    let worker = try scratch.startWorker()
    let id = try scratch.request(to: "anna@example.org")
    let code = try scratch.code(for: "anna@example.org")
    let verify = "\(scratch.command) verify \(id) --config \(scratch.config)"
    let closed = try ChildProcess.run("/bin/sh", ["-c", "\(verify) --code-fd 7"])
    #expect(closed.status == 65 && closed.errorText.contains("file descriptor 7"), "\(closed)")
    let good = try ChildProcess.run(
      "/bin/sh", ["-c", "\(verify) --code-fd 3 3<<E\n\(code)\nE\ncat"], input: .text("left alone"))
    #expect(good.text.hasPrefix("verified"), "\(good)")
    #expect(good.text.hasSuffix("left alone"))
    _ = worker
  }

  @Test func `takes no code from an argument or the environment`() throws {
    let scratch = try makeRig()
    let worker = try scratch.startWorker()
    let id = try scratch.request(to: "anna@example.org")
    let code = try scratch.code(for: "anna@example.org")
    #expect(try scratch.run("verify", id, code).status == 64)
    #expect(try scratch.run("verify", id, "--code", code).status == 64)
    #expect(try scratch.run("verify", id, "--code-fd", "0").status == 64)
    let result = try ChildProcess.run(
      scratch.command, ["verify", id, "--config", scratch.config],
      environment: ["PASSCODE_CODE": code, "CODE": code])
    #expect(result.status == 65, "\(result)")
    #expect(try scratch.verify(id, code).status == 0)
    _ = worker
  }

  @Test func `hides what is typed at the prompt`() throws {
    let scratch = try makeRig()
    let worker = try scratch.startWorker()
    let id = try scratch.request(to: "anna@example.org")
    let code = try scratch.code(for: "anna@example.org")
    let terminal = try PseudoTerminal()
    #expect(terminal.isEchoing)
    let child = try ChildProcess(
      "/bin/sh", ["-c", "exec \(scratch.command) verify \(id) --config \(scratch.config) < \(terminal.path)"])
    #expect(child.wait(for: "Code: ", in: .errors))
    #expect(!terminal.isEchoing)
    terminal.type(code + "\n")
    let result = try child.wait()
    #expect(result.status == 0, "\(result)")
    #expect(try !terminal.screen().contains(code))
    #expect(!result.errorText.contains(code))
    _ = worker
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func `gives the terminal back as it was when it is interrupted at the prompt`(_ signal: Int32) throws {
    let scratch = try Scratch(relay: "127.0.0.1:9")
    let terminal = try PseudoTerminal()
    let id = RequestID.random().rawValue
    let child = try ChildProcess(
      "/bin/sh", ["-c", "exec \(scratch.command) verify \(id) --config \(scratch.config) < \(terminal.path)"])
    #expect(child.wait(for: "Code: ", in: .errors))
    #expect(!terminal.isEchoing)
    child.signal(signal)
    #expect(try child.wait().status == 128 + signal)
    #expect(terminal.isEchoing)
  }

  private func withTenants(_ scratch: Scratch, _ text: String) throws -> String {
    let path = "\(scratch.path)/tenants.json5"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  @Test func `who redeemed in another way keeps it until the guest is reset`() throws {
    let scratch = try Scratch(relay: "127.0.0.1:9", extra: "tenants: \"tenants.json5\",")
    _ = try withTenants(scratch, "{ tenants: [{ id: 'f', name: 'Fabrikam', passcodes: 'enabled' }] }")
    func method() throws -> [String: Any] {
      try scratch.run("method", "--to", "teri@gmail.example", "--tenant", "Fabrikam", "--json").object()
    }
    func redeem(_ method: String) throws -> ChildResult {
      try scratch.run(
        "guest", "redeem", "--to", "teri@gmail.example", "--tenant", "f", "--method", method, "--json")
    }
    #expect(try method()["method"] as? String == "passcode")
    #expect(try redeem("google").object()["redeemedBy"] as? String == "google")
    #expect(try method()["rule"] as? String == "redeemed-by-other-method")
    // The first one sticks.
    #expect(try redeem("microsoft").object()["redeemedBy"] as? String == "google")
    #expect(try redeem("passcode").status == 64)
    let account = try scratch.run(
      "method", "--to", "teri@gmail.example", "--tenant", "f", "--account", "directry")
    #expect(account.status == 64 && account.errorText.contains("did you mean directory?"), "\(account)")
    let slip = try redeem("goggle")
    #expect(slip.status == 64 && slip.errorText.contains("did you mean google?"), "\(slip)")
    #expect(try redeem("Not A Method").status == 64)
    let id = try scratch.request(to: "teri@gmail.example", "--tenant", "Fabrikam")
    #expect(try scratch.run("worker", "--drain").status == 0)
    #expect(try scratch.status(id)["method"] as? String == "google")
    #expect(
      try scratch.run("guest", "reset", "--to", "teri@gmail.example", "--tenant", "Fabrikam").status == 0)
    #expect(try method()["rule"] as? String == "fallback")
    let audit = try scratch.run("audit", "--to", "teri@gmail.example", "--json").lines.joined()
    #expect(audit.contains("\"redemption\"") && audit.contains("\"reset\"") && audit.contains("\"refused\""))
  }

  @Test func `a running worker takes a changed tenants file, and keeps the last good one where it breaks`()
    throws
  {
    let scratch = try makeRig(extra: "tenants: \"tenants.json5\",")
    func write(_ passcodes: String) throws {
      _ = try withTenants(scratch, "{ tenants: [{ id: 'f', name: 'Fabrikam', passcodes: '\(passcodes)' }] }")
    }
    try write("disabled")
    let worker = try scratch.startWorker()
    func ask(_ address: String) throws -> ChildResult {
      try scratch.run("request", "--to", address, "--tenant", "Fabrikam", "--wait", "--json")
    }
    func outcome(_ address: String) throws -> String? { try ask(address).object()["outcome"] as? String }
    let refused = try ask("a@example.org")
    #expect(try refused.status == 15 && refused.object()["outcome"] as? String == "refused", "\(refused)")
    _ = try withTenants(scratch, "{ tenants: [ oops")
    // The command reads the file for itself and says what is wrong; the worker goes by the last good one.
    #expect(try scratch.run("request", "--to", "b@example.org", "--tenant", "f").status == 78)
    let id = RequestID.random().rawValue
    try scratch.drop(
      #"{"version":1,"id":"\#(id)","recipient":"b@example.org","tenant":"Fabrikam"}"#, as: "\(id).json")
    #expect(worker.wait(for: "\"event\":\"reload-refused\""))
    #expect(worker.wait(for: "\"event\":\"refused\"", count: 2))
    #expect(try scratch.status(id)["outcome"] as? String == "refused")
    try write("enabled")
    #expect(try outcome("c@example.org") == "sent")
    #expect(worker.wait(for: "\"event\":\"reloaded\""))
  }

  @Test func `the worker deletes a retired key that nothing needs, and keeps the current one`() throws {
    let scratch = try makeRig()
    let keyring = try Keyring(directory: "\(scratch.state)/keys", now: Date().addingTimeInterval(-5 * 86400))
    try keyring.rotate(now: Date().addingTimeInterval(-3 * 86400))
    try keyring.rotate(now: Date())
    let worker = try scratch.startWorker()
    let id = try scratch.request(to: "anna@example.org")
    let code = try scratch.code(for: "anna@example.org")
    worker.signal(SIGTERM)
    #expect(try worker.wait().status == 0)
    let versions = try scratch.run("keys", "list", "--json").lines.map(String.init)
    // The first was retired three days ago; the second has just been, and a code sealed with it may still wait.
    #expect(versions.count == 2, "\(versions)")
    #expect(!versions[0].contains("\"version\":1") && versions[1].contains("\"isCurrent\":true"))
    #expect(try scratch.verify(id, code).status == 0)
  }

  @Test func `a lost key is an error that names it, and not a wrong code`() throws {
    let scratch = try makeRig()
    let worker = try scratch.startWorker()
    let id = try scratch.request(to: "anna@example.org")
    let code = try scratch.code(for: "anna@example.org")
    worker.signal(SIGTERM)
    _ = try worker.wait()
    #expect(try scratch.run("keys", "rotate").status == 0)
    let key = "\(scratch.state)/keys/1.key"
    let bytes = try Data(contentsOf: URL(fileURLWithPath: key))
    try FileManager.default.removeItem(atPath: key)
    let lost = try scratch.verify(id, code)
    #expect(
      lost.status == 78 && lost.errorText.contains("1.key") && lost.errorText.contains("restore"), "\(lost)")
    try bytes.write(to: URL(fileURLWithPath: key))
    let exposed = try scratch.verify(id, code)
    #expect(exposed.status == 78 && exposed.errorText.contains("chmod 600"), "\(exposed)")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
    #expect(try scratch.verify(id, code).status == 0)
  }

  @Test func `the records stay as large as they are over a simulated month`() throws {
    let result = try ChildProcess.run(
      try ExternalTool.built("passcode-bench"),
      ["month", "--per-day", "100", "--days", "33", "--checks", "10", "--json"],
      environment: TemporaryDirectory.environment)
    #expect(result.status == 0, "\(result)")
    #expect(result.lines.count == 34)
    #expect(try result.object()["steady"] as? Bool == true)
  }

  @Test func `the benches of verification run and print their figures`() throws {
    let command = try ExternalTool.built("passcode-bench")
    let timing = try ChildProcess.run(
      command, ["verify", "--timing", "--count", "100", "--json"]
    ).object()
    for key in ["rightMicroseconds", "wrongMicroseconds", "unknownMicroseconds", "noiseMicroseconds"] {
      #expect((timing[key] as? Double ?? 0) > 0, "\(key) \(timing)")
    }
    let process = try ChildProcess.run(
      command, ["verify", "--process", "--count", "3", "--json"]
    ).object()
    #expect((process["processMilliseconds"] as? Double ?? 0) > 0, "\(process)")
    let records = try ChildProcess.run(
      command,
      ["verify", "--records", "20000", "--count", "50", "--runs", "1", "--json"],
      environment: TemporaryDirectory.environment,
      timeout: .seconds(60)
    ).object()
    #expect((records["ratio"] as? Double ?? 0) > 0, "\(records)")
  }
}
