import CodeRequests
import Configuration
import Foundation
import LinuxSystem
import MemoryRecords
import RecordKeys
import Records
import RequestSpool
import SMTPDelivery
import TestSupport
import Testing

@testable import MailWorker

/// A whole worker with its threads: records in memory, lanes that the test plays.
@Suite(.waits) struct WorkerTests {
  private struct Broken: Error {}

  private final class Rig {
    let directory: TemporaryDirectoryOwner
    let engine = MemoryEngine()
    let settings: Settings
    let spool: Spool
    let log: LogLines
    private(set) var worker: Worker! = nil
    private(set) var lanes: ScriptedLanes! = nil

    init(
      lanesFault: (any Error)? = nil, grace: String = "10s",
      hold: @escaping @Sendable (Duration) -> Duration = { min($0, .milliseconds(20)) }
    ) throws {
      directory = try TemporaryDirectoryOwner()
      settings = try Settings(
        json5: Data(
          """
          {
            state: "state", templates: "\(Scratch.templates)",
            sender: { address: "no-reply@fabrikam.example" },
            relays: [{ url: "smtp://127.0.0.1:9", security: "plaintext" }],
            delivery: { grace: "\(grace)" },
          }
          """.utf8), file: "\(directory.path)/passcode.json5")
      spool = try Spool(at: settings.spoolPath)
      log = try LogLines(in: directory.path)
      worker = try Worker(
        settings: settings, log: log.log, engine: engine,
        clock: WorkerClock(hold: hold)
      ) { ends in
        let made = ScriptedLanes(ends, fault: lanesFault)
        lanes = made
        return made
      }
    }

    func ask(_ recipient: String) throws -> CodeRequest {
      let request = CodeRequest(recipient: try EmailAddress(recipient))
      try spool.enqueue(request)
      return request
    }

    func state(_ request: CodeRequest) throws -> RequestState? {
      try RecordStore(engine: engine, keyring: .init(directory: settings.keysPath)).status(of: request.id)?
        .state
    }

    func counts(_ condition: @escaping (WorkerTally) -> Bool) -> Bool {
      worker.tallyMonitor.wait(timeout: patience) { condition($0) ? true : nil } ?? false
    }
  }

  @Test func `brings each request to its outcome, and its file goes`() throws {
    let rig = try Rig()
    try rig.worker.start()
    let requests = try (0..<5).map { try rig.ask("guest\($0)@example.org") }
    for _ in requests {
      let mail = try #require(rig.lanes.next(timeout: patience))
      rig.lanes.report(mail, .sent)
    }
    #expect(rig.counts { $0[.sent] == 5 })
    let worker = rig.worker!
    #expect(try eventually { worker.remainder == [] ? true : nil } == true)
    #expect(try Directory("\(rig.spool.path)/new").names().isEmpty)
    #expect(worker.hasTurned())
    #expect(try eventually { worker.hasTurned() ? true : nil } == true, "it turns when it is asked")
    #expect(worker.stop() && worker.stop(), "twice does no harm")
    #expect(worker.tally[.sent] == 5)
    for request in requests { #expect(try rig.state(request) == .sent) }
  }

  @Test func `at a stop what no lane has begun goes back, and stays in the spool`() throws {
    let rig = try Rig()
    try rig.worker.start()
    let requests = try (0..<12).map { try rig.ask("guest\($0)@example.org") }
    let mail = try #require(rig.lanes.next(timeout: patience))
    rig.lanes.report(mail, .sent)
    #expect(rig.counts { $0[.sent] == 1 })
    #expect(rig.worker.stop())
    #expect(rig.worker.remainder == nil, "something is left to do")
    let states = try requests.map { try rig.state($0) }
    #expect(states.count { $0 == .sent } == 1)
    #expect(states.allSatisfy { $0 == .sent || $0 == .queued || $0 == nil })
    #expect(try Directory("\(rig.spool.path)/new").names().count == 11)
    #expect(rig.worker.tally.ended == 1)
  }

  @Test func `a worker that cannot record what it sent says so when it stops, and it stays as being sent`()
    throws
  {
    let rig = try Rig(grace: "0s")
    try rig.worker.start()
    let request = try rig.ask("anna@example.org")
    let mail = try #require(rig.lanes.next(timeout: patience))
    rig.engine.damage()
    rig.lanes.report(mail, .sent)
    let log = rig.log
    #expect(try eventually { try log.lines(.storageError).isEmpty ? nil : true } == true)
    #expect(!rig.worker.stop())
    #expect(try rig.state(request) == .sending)
    #expect(try Directory("\(rig.spool.path)/new").names().count == 1)
  }

  @Test func `lanes that cannot be started are thrown, and nothing has begun`() throws {
    let rig = try Rig(lanesFault: Broken())
    let request = try rig.ask("anna@example.org")
    #expect(throws: Broken.self) { try rig.worker.start() }
    #expect(rig.worker.stop())
    #expect(try rig.state(request) == nil)
    #expect(try Directory("\(rig.spool.path)/new").names().count == 1)
  }

  @Test func `a relay's events are told, and wake the ledger for what waits`() throws {
    // Nothing but the event wakes it up.
    let rig = try Rig(hold: { $0 < .milliseconds(500) ? $0 : patience })
    try rig.worker.start()
    let request = try rig.ask("anna@example.org")
    let lanes = rig.lanes!
    #expect(try eventually { lanes.waiting == 1 ? true : nil } == true)
    rig.lanes.serve(false)
    rig.lanes.tell(.recovered(relay: "relay.example:25"))
    #expect(try eventually { try rig.state(request) == .queued ? true : nil } == true)
    #expect(try rig.log.lines(.relayUp).count == 1)
    #expect(RelayOutage.reason(in: rig.settings.state) != nil)
    #expect(rig.worker.stop())
    #expect(RelayOutage.reason(in: rig.settings.state) == nil)
  }

  @Test func `what is no request in the spool is told as such, and the next is sent`() throws {
    let rig = try Rig()
    try rig.worker.start()
    try Data("x".utf8).write(to: URL(fileURLWithPath: "\(rig.spool.path)/tmp/x"))
    try FileManager.default.moveItem(
      atPath: "\(rig.spool.path)/tmp/x", toPath: "\(rig.spool.path)/new/evil$.json")
    let log = rig.log
    #expect(try eventually { try log.lines(.rejected).isEmpty ? nil : true } == true)
    _ = try rig.ask("good@example.org")
    rig.lanes.report(try #require(rig.lanes.next(timeout: patience)), .sent)
    #expect(rig.counts { $0[.sent] == 1 })
    let worker = rig.worker!
    #expect(try eventually { worker.remainder == [] ? true : nil } == true)
    #expect(rig.worker.stop())
    #expect(try Directory("\(rig.spool.path)/new").names().isEmpty)
    #expect(try Directory("\(rig.spool.path)/rejected").names().count == 2)
  }
}
