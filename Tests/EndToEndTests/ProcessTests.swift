import Foundation
import Testing
import TestSupport

/// Workers as processes: signals, standby, kill -9, a relay that is away.
@Suite(.waitsLong) struct ProcessTests {
  @Test func `finishes the mail in flight on SIGTERM, and leaves the rest in the spool`() throws {
    let rig = try MailInFlight()
    // Nothing of its memory, where codes and keys are, ends in a core.
    let limits = try String(contentsOfFile: "/proc/\(rig.worker.identifier)/limits", encoding: .utf8)
    let core = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
    #expect(core?.split(separator: " ").filter { $0 == "0" }.count == 2, "\(limits)")
    rig.worker.signal(SIGTERM)
    #expect(rig.worker.wait(for: "\"event\":\"stopping\""))
    let later = try rig.scratch.request(to: "bo@example.org")
    rig.answer()
    let result = try rig.worker.wait()
    #expect(result.status == 0)
    #expect(try rig.scratch.status(rig.id)["outcome"] as? String == "sent", "\(result)")
    #expect(result.text.contains("\"event\":\"stopped\""))
    #expect(try rig.scratch.status(later)["state"] as? String == "queued")
  }

  @Test func `stands by while another worker runs, and takes over when that one is killed`() throws {
    let scratch = try makeRig()
    let first = try scratch.startWorker()
    let second = try ChildProcess(scratch.command, ["worker", "--config", scratch.config])
    #expect(second.wait(for: "\"event\":\"standby\""))
    // It blocks in flock(2), where the kernel wakes it at the death of the first; nothing polls.
    let isQueued = try eventually {
      try String(contentsOfFile: "/proc/locks", encoding: .utf8).split(separator: "\n")
        .contains { $0.contains("-> FLOCK  ADVISORY  WRITE \(second.identifier) ") } ? true : nil
    }
    #expect(isQueued == true)
    first.signal(SIGKILL)
    #expect(second.wait(for: "\"event\":\"started\""))
    let id = try scratch.request(to: "anna@example.org")
    #expect(try scratch.verify(id, try scratch.code(for: "anna@example.org")).status == 0)
  }

  @Test func `measures how soon a standby takes over`() throws {
    let result = try ChildProcess.run(
      try ExternalTool.built("passcode-bench"), ["takeover", "--runs", "1", "--json"],
      directory: Scratch.repository, timeout: .seconds(60))
    #expect(result.status == 0, "\(result)")
    let figures = try result.object()
    for key in ["takeoverMilliseconds", "longestMilliseconds", "startMilliseconds", "ratio"] {
      #expect(try #require(figures[key] as? Double) > 0, "\(key)")
    }
  }

  @Test func `loses nothing at kill -9, and every mailed code works`() throws {
    let scratch = try makeRig(extra: "limits: { perSubject: [], perMailbox: [], perClient: [] },")
    var ids: [String: String] = [:]
    for index in 0..<40 {
      let address = index % 8 == 0 ? "slow-1s+guest\(index)@example.org" : "guest\(index)@example.org"
      ids[address] = try scratch.request(to: address)
    }
    for _ in 0..<3 {
      let worker = try scratch.startWorker()
      #expect(worker.wait(for: "\"event\":\"sent\""))
      worker.signal(SIGKILL)
      _ = try worker.wait()
    }
    #expect(try scratch.run("worker", "--drain").status == 0)
    for (address, id) in ids {
      let outcome = try scratch.status(id)["outcome"] as? String
      // In flight at three crashes is the one way to fail.
      #expect(outcome == "sent" || outcome == "failed", "\(address) \(outcome ?? "none")")
      if outcome == "sent" { #expect(try scratch.verify(id, try scratch.code(for: address)).status == 0) }
    }
    #expect(try scratch.run("queue").text.contains("nothing waits"))
  }

  @Test func `keeps mail while the relay is away and sends it when it is back`() throws {
    let directory = try TemporaryDirectoryOwner()
    let first = try Sink("--store", "\(directory.path)/mail")
    let address = first.address
    let scratch = try Scratch(in: directory, relay: address)
    first.process.signal(SIGTERM)
    _ = try first.process.wait()
    let worker = try scratch.startWorker()
    let id = try scratch.request(to: "anna@example.org")
    #expect(worker.wait(for: "\"event\":\"relay-down\""), "\(worker.text())")
    #expect(try scratch.status(id)["outcome"] == nil)
    let second = try Sink("--store", "\(directory.path)/mail", listen: address)
    #expect(try scratch.verify(id, try scratch.code(for: "anna@example.org")).status == 0)
    #expect(worker.text().contains("\"event\":\"relay-up\""))
    _ = second
  }

  @Test func `reads the configuration again on SIGHUP, and keeps the old one where the new one is faulty`()
    throws
  {
    let scratch = try makeRig()
    let worker = try scratch.startWorker()
    let sound = try String(contentsOfFile: scratch.config, encoding: .utf8)
    try sound.replacing("\"Fabrikam\"", with: "\"Contoso\"").write(
      toFile: scratch.config, atomically: true, encoding: .utf8)
    worker.signal(SIGHUP)
    #expect(worker.wait(for: "\"event\":\"reloaded\""))
    _ = try scratch.request(to: "anna@example.org")
    let mail = try scratch.run("sink", "wait", "--store", scratch.store, "--to", "anna@example.org", "--json")
      .object()
    #expect((mail["subject"] as? String)?.contains("Contoso") == true)
    try "{ oops".write(toFile: scratch.config, atomically: true, encoding: .utf8)
    worker.signal(SIGHUP)
    #expect(worker.wait(for: "\"event\":\"reload-refused\""))
    try sound.write(toFile: scratch.config, atomically: true, encoding: .utf8)
    let id = try scratch.request(to: "bo@example.org")
    #expect(try scratch.verify(id, try scratch.code(for: "bo@example.org")).status == 0)
  }

  @Test func `tells exactly one of twenty processes that a code is verified`() throws {
    let scratch = try makeRig()
    let worker = try scratch.startWorker()
    let id = try scratch.request(to: "anna@example.org")
    let code = try scratch.code(for: "anna@example.org")
    let processes = try (0..<20).map { _ in
      try ChildProcess(scratch.command, ["verify", id, "--config", scratch.config], input: .text(code))
    }
    let statuses = try processes.map { try $0.wait().status }
    #expect(statuses.filter { $0 == 0 }.count == 1, "\(statuses)")
    #expect(statuses.filter { $0 == 12 }.count == 19, "\(statuses)")
    _ = worker
  }

  @Test func `counts every wrong code of many processes`() throws {
    let scratch = try makeRig()
    let worker = try scratch.startWorker()
    let id = try scratch.request(to: "anna@example.org")
    let code = try scratch.code(for: "anna@example.org")
    let wrong = code == "000000" ? "000001" : "000000"
    let processes = try (0..<12).map { _ in
      try ChildProcess(scratch.command, ["verify", id, "--config", scratch.config], input: .text(wrong))
    }
    let statuses = try processes.map { try $0.wait().status }
    #expect(statuses.filter { $0 == 10 }.count == 5, "\(statuses)")
    #expect(statuses.filter { $0 == 13 }.count == 7, "\(statuses)")
    _ = worker
  }
}
