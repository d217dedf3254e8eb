import CodeRequests
import Foundation
import LinuxSystem
import PasscodeService
import Records
import RequestSpool
import TestSupport
import Testing

@Suite struct QueueTests {
  @Test func `withdraws what waits, file and all`() throws {
    let rig = try ServiceRig()
    let id = try rig.ask()
    #expect(try rig.service.cancel(id) == .cancelled)
    #expect(try rig.service.status(of: id)?.outcome == .cancelled)
    #expect(try rig.service.waiting(limit: 10).isEmpty)
    #expect(try rig.service.cancel(id) == .ended(.cancelled))
    #expect(try rig.service.cancel(.random()) == .unknown)
    #expect(rig.pauses.withLock { $0 } == 0)
  }

  @Test func `does not withdraw what has ended`() throws {
    let rig = try ServiceRig()
    let id = try rig.ask()
    let records = try rig.records()
    try records.settle(try records.admit(id, at: rig.now), .sent, at: rig.now)
    #expect(try rig.service.cancel(id) == .ended(.sent))
  }

  @Test func `says that a relay has it where the worker does not withdraw it in time`() throws {
    let rig = try ServiceRig()
    let id = try rig.ask()
    _ = try rig.records().admit(id, at: rig.now)
    #expect(try rig.service.cancel(id) == .sending)
    #expect(rig.pauses.withLock { $0 } == 20)
  }

  @Test(arguments: [
    (Settlement.Result.cancelled, Service.Withdrawal.cancelled), (.sent, .ended(.sent)),
    (.deferred(until: Date(timeIntervalSince1970: 1_795_000_060)), .cancelled),
  ])
  func `waits for what the worker makes of a mail in flight`(
    result: Settlement.Result, withdrawal: Service.Withdrawal
  ) throws {
    let rig = try ServiceRig()
    let id = try rig.ask()
    // The process that admitted it is the one that settles it.
    let records = Monitor(try rig.records())
    let ticket = try records.withLock { try $0.admit(id, at: rig.now) }
    rig.pausing { count in
      if count == 2 { records.withLock { try? $0.settle(ticket, result, at: rig.now) } }
    }
    #expect(try rig.service.cancel(id) == withdrawal)
    #expect(rig.pauses.withLock { $0 } == 2)
  }

  @Test func `tries a failed request again`() throws {
    let rig = try ServiceRig()
    let id = try rig.ask()
    #expect(try rig.service.retry(id) == .unknown)
    let name = try #require(try FileManager.default.contentsOfDirectory(atPath: "\(rig.spoolPath)/new").first)
    let records = try rig.records()
    try records.settle(try records.admit(id, at: rig.now), .failed, at: rig.now)
    try FileManager.default.moveItem(
      atPath: "\(rig.spoolPath)/new/\(name)", toPath: "\(rig.spoolPath)/failed/\(name)")
    #expect(try rig.service.setAside(limit: 10).map(\.id) == [id])
    #expect(try rig.service.retry(id) == .queued)
    #expect(try rig.service.waiting(limit: 10).map(\.id) == [id])
    #expect(try rig.service.setAside(limit: 10).isEmpty)
    #expect(try rig.service.status(of: id)?.state == .queued)
  }

  @Test func `does not try again what was sent, whatever its file says`() throws {
    let rig = try ServiceRig()
    let id = try rig.ask()
    let name = try #require(try FileManager.default.contentsOfDirectory(atPath: "\(rig.spoolPath)/new").first)
    let records = try rig.records()
    try records.settle(try records.admit(id, at: rig.now), .sent, at: rig.now)
    try FileManager.default.moveItem(
      atPath: "\(rig.spoolPath)/new/\(name)", toPath: "\(rig.spoolPath)/failed/\(name)")
    #expect(try rig.service.retry(id) == .ended(.sent))
  }

  @Test func `lists what waits without files of what has ended`() throws {
    let rig = try ServiceRig()
    let ended = try rig.ask("bo@example.org")
    let waits = try rig.ask()
    let records = try rig.records()
    try records.settle(try records.admit(ended, "bo@example.org", at: rig.now), .sent, at: rig.now)
    #expect(try rig.service.waiting(limit: 10).map(\.id) == [waits])
    _ = try rig.ask("cy@example.org")
    #expect(try rig.service.waiting(limit: 1).count == 1)
  }
}
