import CodeRequests
import Foundation
import LinuxSystem
import TestSupport
import Testing

/// Processes against each other: enqueueing, checking, standing by, stopping.
@Suite(.waits) struct ProcessRaceTests {
  private func column(_ name: String, of id: String, _ scratch: Scratch) throws -> String {
    try RecordsFile("\(scratch.state)/records.sqlite").rows(
      "SELECT \(name) FROM request WHERE hex(id) = '\(RecordsFile.digest(of: id))'")[0][0]
  }

  @Test func `tells one of twenty that a code is verified while ten enqueue, and counts every wrong one`()
    throws
  {
    let scratch = try makeRig(extra: "limits: { perSubject: [], perMailbox: [], perClient: [] },")
    let worker = try scratch.startWorker()
    let id = try scratch.request(to: "anna@example.org")
    let code = try scratch.code(for: "anna@example.org")
    let wrong = code == "000000" ? "000001" : "000000"
    var asking: [ChildProcess] = []
    var checking: [(isRight: Bool, process: ChildProcess)] = []
    for index in 0..<20 {
      if index % 2 == 0 {
        asking.append(
          try ChildProcess(
            scratch.command,
            ["request", "--to", "guest\(index)@example.org", "--json", "--config", scratch.config]))
      }
      // Four wrong ones fit in the budget of five, whenever they come.
      let isRight = index % 5 != 1
      checking.append(
        (
          isRight,
          try ChildProcess(
            scratch.command, ["verify", id, "--config", scratch.config], input: .text(isRight ? code : wrong))
        ))
    }
    let ids = try asking.map { try $0.wait().string("id") }
    let answers = try checking.map {
      (isRight: $0.isRight, status: try $0.process.wait().status)
    }
    #expect(answers.count { $0.status == 0 } == 1, "\(answers)")
    for answer in answers {
      #expect((answer.isRight ? [0, 12] : [10, 12]).contains(answer.status), "\(answer)")
    }
    #expect(worker.wait(for: "\"event\":\"sent\"", count: 11))
    worker.signal(SIGTERM)
    _ = try worker.wait()
    for id in ids { #expect(try scratch.status(id)["outcome"] as? String == "sent") }
    #expect(try column("tries", of: id, scratch) == "\(answers.count { $0.status == 10 })")
    let checks = try RecordsFile("\(scratch.state)/records.sqlite").rows(
      "SELECT result FROM audit WHERE event = 'check'")
    #expect(checks.count == 20)
  }

  @Test(arguments: [
    (FailPoint.attemptCounted, 0 as Int32, "1"), (.attemptAnswered, 12, "0"), (.attemptDurable, 12, "0"),
  ])
  func `a check that is killed gives neither an attempt nor a second use back`(
    _ step: FailPoint, _ next: Int32, _ tries: String
  ) throws {
    let scratch = try makeRig(extra: "limits: { perSubject: [], perMailbox: [], perClient: [] },")
    let id = try scratch.request(to: "anna@example.org")
    #expect(try scratch.run("worker", "--drain").status == 0)
    let code = try scratch.code(for: "anna@example.org")
    let wrong = code == "000000" ? "000001" : "000000"
    func check(_ code: String, _ environment: [String: String?] = [:]) throws -> ChildResult {
      try ChildProcess.run(
        scratch.command, ["verify", id, "--config", scratch.config], environment: environment,
        input: .text(code))
    }
    #expect(try check(code, ["PASSCODE_FAIL_POINT": "\(step):1"]).ending == .signalled(SIGKILL))
    #expect(try column("tries", of: id, scratch) == tries)
    #expect(try check(code).status == next)
    // And of a wrong one, whose answer nobody learned, the attempt is gone.
    let other = try scratch.request(to: "bo@example.org")
    #expect(try scratch.run("worker", "--drain").status == 0)
    let killed = try ChildProcess.run(
      scratch.command, ["verify", other, "--config", scratch.config],
      environment: ["PASSCODE_FAIL_POINT": "\(step):1"], input: .text(wrong))
    #expect(killed.ending == .signalled(SIGKILL))
    #expect(try column("tries", of: other, scratch) == "1")
  }

  @Test func `sends once whatever copies of a request come before, during and after its delivery`() throws {
    let rig = try CrashRig()
    let id = RequestID.random().rawValue
    let recipient = "slow-5s+anna@example.org"
    let text = "{\"version\":1,\"id\":\"\(id)\",\"recipient\":\"\(recipient)\"}"
    try rig.enqueue([EnqueuedRequest(id: id, recipient: recipient)])
    try rig.scratch.drop(text, as: "before.json")
    let worker = try rig.scratch.startWorker()
    try rig.awaitMail(to: recipient)
    #expect(worker.wait(for: "\"event\":\"duplicate\""))
    #expect(try rig.scratch.status(id)["state"] as? String == "sending")
    try rig.scratch.drop(text, as: "during.json")
    #expect(worker.wait(for: "\"event\":\"duplicate\"", count: 2))
    #expect(worker.wait(for: "\"event\":\"sent\""))
    try rig.scratch.drop(text, as: "after.json")
    #expect(worker.wait(for: "\"event\":\"duplicate\"", count: 3))
    worker.signal(SIGTERM)
    #expect(try worker.wait().status == 0)
    let evidence = try rig.finish()
    #expect(try rig.check(evidence).map(\.description) == [])
    #expect(evidence.mails.count == 1)
  }

  @Test func `a worker that stands by takes over what the killed one had in flight`() throws {
    let rig = try CrashRig()
    let recipient = "slow-2s+anna@example.org"
    try rig.enqueue([EnqueuedRequest(id: RequestID.random().rawValue, recipient: recipient)])
    let first = try rig.scratch.startWorker()
    let second = try ChildProcess(rig.scratch.command, ["worker", "--config", rig.scratch.config])
    #expect(second.wait(for: "\"event\":\"standby\""))
    try rig.awaitMail(to: recipient)
    first.signal(SIGKILL)
    #expect(second.wait(for: "\"event\":\"sent\""))
    second.signal(SIGTERM)
    #expect(try second.wait().status == 0)
    // The kill left no snapshot here, so the copy cannot be explained; nothing else is found against.
    let evidence = try rig.finish()
    #expect(evidence.mails.count == 2)
    #expect(try rig.check(evidence).map(\.promise) == [.fewCopies])
  }

  @Test func `stops at once on a second SIGINT, and the next worker finishes`() throws {
    let rig = try CrashRig(extra: "", delivery: "grace: \"5m\",")
    let recipient = "anna@example.org"
    let unanswered = "slow-55s+bo@example.org"
    try rig.enqueue([EnqueuedRequest(id: RequestID.random().rawValue, recipient: unanswered)])
    let worker = try rig.scratch.startWorker()
    try rig.awaitMail(to: unanswered)
    worker.signal(SIGINT)
    #expect(worker.wait(for: "\"event\":\"stopping\""))
    #expect(worker.isRunning)
    worker.signal(SIGINT)
    #expect(try worker.wait().status == 130)
    try rig.enqueue([EnqueuedRequest(id: RequestID.random().rawValue, recipient: recipient)])
    let next = try rig.scratch.startWorker()
    #expect(next.wait(for: "\"event\":\"sent\""))
    next.signal(SIGKILL)
  }
}
