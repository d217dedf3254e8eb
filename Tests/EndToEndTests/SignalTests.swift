import Foundation
import TestSupport
import Testing

/// A worker's life as a service: signals, the supervisor, and what stays behind.
@Suite(.waitsLong) struct SignalTests {
  @Test(arguments: [SIGTERM, SIGINT])
  func `finishes the mail in flight`(signal: Int32) throws {
    let rig = try MailInFlight()
    rig.worker.signal(signal)
    #expect(rig.worker.wait(for: "\"event\":\"stopping\""))
    rig.answer()
    let result = try rig.worker.wait()
    #expect(result.status == 0, "\(result)")
    #expect(try rig.scratch.status(rig.id)["outcome"] as? String == "sent")
    #expect(result.lines.suffix(1).allSatisfy { $0.contains("\"event\":\"stopped\"") }, "\(result)")
  }

  @Test func `cuts a mail that takes longer than the grace`() throws {
    let rig = try MailInFlight(grace: "500ms")
    let start = ContinuousClock.now
    rig.worker.signal(SIGTERM)
    #expect(try rig.worker.wait().status == 0)
    #expect(ContinuousClock.now - start >= .milliseconds(500))
    #expect(try rig.scratch.status(rig.id)["outcome"] == nil)
    #expect(try rig.scratch.status(rig.id)["state"] as? String != "sending", "recorded before it ended")
  }

  @Test func `a second SIGINT ends it at once, and nothing is lost`() throws {
    let rig = try MailInFlight(grace: "1h")
    rig.worker.signal(SIGINT)
    #expect(rig.worker.wait(for: "\"event\":\"stopping\""))
    rig.worker.signal(SIGINT)
    #expect(try rig.worker.wait().status == 130)
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(rig.scratch.spool)/new").count == 1)
  }

  @Test func `a signal that comes during a reload is not lost`() throws {
    let rig = try MailInFlight(grace: "1h")
    rig.worker.signal(SIGHUP)
    // The old worker finishes its mail before the new one starts; this arrives meanwhile, or right after.
    rig.worker.signal(SIGTERM)
    rig.answer()
    #expect(try rig.worker.wait().status == 0)
    #expect(try rig.scratch.status(rig.id)["outcome"] as? String == "sent")
  }

  @Test func `takes changed templates at SIGHUP, and the last good ones where the new ones are faulty`()
    throws
  {
    let directory = try TemporaryDirectoryOwner()
    try FileManager.default.copyItem(atPath: Scratch.templates, toPath: "\(directory.path)/T")
    let sink = try Sink("--store", "\(directory.path)/mail")
    let scratch = try Scratch(
      in: directory, relay: sink.address, templates: "\(directory.path)/T", sink: sink)
    let worker = try scratch.startWorker()
    let subject = "\(directory.path)/T/en/sign-in/subject.txt"
    try "Changed words for {{app}}\n".write(toFile: subject, atomically: true, encoding: .utf8)
    worker.signal(SIGHUP)
    #expect(worker.wait(for: "\"event\":\"reloaded\""))
    #expect(worker.text().components(separatedBy: "\"event\":\"started\"").count == 2, "\(worker.text())")
    _ = try scratch.request(to: "anna@example.org", "--locale", "en")
    func subjectFor(_ address: String) throws -> String? {
      try scratch.run("sink", "wait", "--store", scratch.store, "--to", address, "--json").object()["subject"]
        as? String
    }
    #expect(try subjectFor("anna@example.org") == "Changed words for Fabrikam")
    try "{{oops".write(toFile: subject, atomically: true, encoding: .utf8)
    worker.signal(SIGHUP)
    #expect(worker.wait(for: "\"event\":\"reload-refused\""))
    _ = try scratch.request(to: "bo@example.org", "--locale", "en")
    #expect(try subjectFor("bo@example.org") == "Changed words for Fabrikam")
  }

  @Test(arguments: [true, false])
  func `tells its supervisor how it stands`(isAbstract: Bool) throws {
    let scratch = try makeRig()
    let socket = try NotifySocket(
      isAbstract ? "@passcode-test-\(UUID().uuidString)" : "\(scratch.path)/notify")
    let environment = ["NOTIFY_SOCKET": socket.name, "WATCHDOG_USEC": "400000"]
    func start() throws -> ChildProcess {
      try ChildProcess(scratch.command, ["worker", "--config", scratch.config], environment: environment)
    }
    let worker = try start()
    #expect(try socket.wait { $0 == "READY=1" } != nil)
    #expect(try socket.wait { $0 == "WATCHDOG=1" } != nil)
    worker.signal(SIGHUP)
    #expect(try socket.wait { $0.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") } != nil)
    #expect(try socket.wait { $0 == "READY=1" } != nil)
    let second = try start()
    #expect(try socket.wait { $0 == "READY=1\nSTATUS=standby" } != nil)
    worker.signal(SIGTERM)
    #expect(try socket.wait { $0 == "STOPPING=1" } != nil)
    #expect(try worker.wait().status == 0)
    #expect(try socket.wait { $0 == "READY=1" } != nil)
    second.signal(SIGTERM)
    #expect(try second.wait().status == 0)
  }

  @Test(.enabled(if: isDebugBuild, "faults are in debug builds only"))
  func `tells its supervisor that it lives only while its ledger turns`() throws {
    let scratch = try makeRig()
    let socket = try NotifySocket("\(scratch.path)/notify")
    let faults = "\(scratch.path)/faults"
    let worker = try ChildProcess(
      scratch.command, ["worker", "--config", scratch.config],
      environment: [
        "NOTIFY_SOCKET": socket.name, "WATCHDOG_USEC": "200000", "PASSCODE_SYSTEM_FAULTS": faults,
      ])
    #expect(try socket.wait { $0 == "WATCHDOG=1" } != nil)
    try "sync hang\n".write(toFile: faults, atomically: true, encoding: .utf8)
    let id = try scratch.request(to: "anna@example.org")
    // Up to the last one that it was asked for before it hung: then none for ten times as long as there should be one.
    let isSilent = try eventually { try socket.wait(timeout: .seconds(1)) { _ in true } == nil ? true : nil }
    #expect(isSilent == true, "it beats on")
    #expect(worker.isRunning && !worker.text().contains("\"event\":\"sent\""))
    try FileManager.default.removeItem(atPath: faults)
    #expect(try socket.wait { $0 == "WATCHDOG=1" } != nil)
    #expect(worker.wait(for: "\"event\":\"sent\""))
    #expect(try scratch.status(id)["attempts"] as? Int == 1)
    // Trouble that is told and tried again is life.
    try "sync 5\n".write(toFile: faults, atomically: true, encoding: .utf8)
    _ = try scratch.request(to: "bo@example.org")
    #expect(worker.wait(for: "\"event\":\"storage-error\""))
    for _ in 0..<20 { #expect(try socket.wait { $0 == "WATCHDOG=1" } != nil) }
  }

  @Test func `a standby takes no mail, ends at a signal, and leaves the first one alone`() throws {
    let scratch = try makeRig()
    let first = try scratch.startWorker()
    let second = try ChildProcess(scratch.command, ["worker", "--config", scratch.config])
    #expect(second.wait(for: "\"event\":\"standby\""))
    second.signal(SIGHUP)
    second.signal(SIGTERM)
    #expect(try second.wait().status == 0)
    let id = try scratch.request(to: "anna@example.org")
    #expect(try scratch.verify(id, try scratch.code(for: "anna@example.org")).status == 0)
    #expect(first.isRunning)
  }
}

#if DEBUG
  private let isDebugBuild = true
#else
  private let isDebugBuild = false
#endif
