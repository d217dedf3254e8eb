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
    #expect(try rig.service.setAside(limit: 10).map(\.item.id) == [id])
    #expect(try rig.service.retry(id) == .queued)
    #expect(try rig.service.waiting(limit: 10).map(\.item.id) == [id])
    #expect(try rig.service.setAside(limit: 10).isEmpty)
    #expect(try rig.service.status(of: id)?.state == .queued)
  }

  /// Admits a request and brings it to an end.
  private func end(
    _ rig: ServiceRig, _ id: RequestID, _ result: Settlement.Result,
    of recipient: String = "anna@example.org", code: Int? = nil
  ) throws {
    let records = try rig.records()
    let ticket = try records.admit(id, recipient, at: rig.now)
    _ = try records.commit(
      settlements: [
        Settlement(
          requestKey: ticket.requestKey, result: result, replyCode: code, replyText: code.map { _ in "no" },
          at: rig.now)
      ], admissions: [], now: rig.now)
  }

  private func move(_ rig: ServiceRig, _ id: RequestID, to folder: String) throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(rig.spoolPath)/new")
    let name = try #require(names.first { $0.contains(id.rawValue) })
    try FileManager.default.moveItem(
      atPath: "\(rig.spoolPath)/new/\(name)", toPath: "\(rig.spoolPath)/\(folder)/\(name)")
  }

  @Test func `tells for whom each waits or failed, why, and how often it was tried`() throws {
    let rig = try ServiceRig()
    let unread = try rig.ask("bo@example.org")
    rig.advance(1)
    let deferred = try rig.ask()
    try end(rig, deferred, .deferred(until: rig.now + 60), code: 451)
    let failed = try rig.ask("cy@example.org")
    try end(rig, failed, .failed, of: "cy@example.org", code: 550)
    try move(rig, failed, to: "failed")
    let waiting = try rig.service.waiting(limit: 10)
    #expect(Set(waiting.map(\.item.id)) == [unread, deferred])
    let first = try #require(waiting.first { $0.item.id == unread })
    #expect(first.recipient == "b•••@example.org" && first.purpose == "sign-in" && first.attempts == 0)
    let second = try #require(waiting.first { $0.item.id == deferred })
    #expect(second.recipient == "a•••@example.org" && second.attempts == 1 && second.reply == "451 no")
    let entry = try #require(try rig.service.setAside(limit: 10).first)
    #expect(entry.recipient == "c•••@example.org" && entry.reply == "550 no" && entry.reason == nil)
    // As `status` counts: a failed file tells no attempts.
    #expect(entry.attempts == 1 && entry.item.attempts == 0)
    #expect(try rig.service.status(of: failed)?.status?.attempts == 1)
  }

  @Test func `an id may be shortened to what is unique, and to what the log shows`() throws {
    let rig = try ServiceRig()
    func ask(_ id: String) throws -> RequestID {
      var request = try rig.request()
      request.id = try RequestID(id)
      try rig.service.enqueue(try rig.service.check(request))
      return request.id
    }
    let sent = try ask("Ab3d1AAAAAAAAAAAAAAAAAAA")
    try end(rig, sent, .sent)
    try FileManager.default.removeItem(
      atPath: "\(rig.spoolPath)/new/"
        + (try #require(try FileManager.default.contentsOfDirectory(atPath: "\(rig.spoolPath)/new").first)))
    let waits = try ask("Ab3d2AAAAAAAAAAAAAAAAAAA")
    func status(_ text: String) throws -> Service.Found<RequestProgress> {
      try rig.service.status(of: try Service.IDText(text))
    }
    guard case .one(let first) = try status("Ab3d1"), case .one(let second) = try status(waits.description),
      case .one(let whole) = try status(sent.rawValue)
    else {
      Issue.record("not found")
      return
    }
    // Of a request whose file has gone nobody knows the rest.
    #expect(first.id == "Ab3d1AAA…" && first.state == .sent && whole.id == sent.rawValue)
    #expect(second.id == waits.rawValue && second.state == .queued && second.recipient == "a•••@example.org")
    guard case .several(2) = try status("Ab3d"), case .none = try status("Ab3e") else {
      Issue.record("it is not told how many there are")
      return
    }
    guard case .one(.success(waits)) = try rig.service.waiting(try Service.IDText("Ab3d2AA")),
      case .one(.failure(let ended)) = try rig.service.waiting(try Service.IDText("Ab3d1AAA…"))
    else {
      Issue.record("it is not told which waits and which has ended")
      return
    }
    #expect(ended.outcome == .sent)
    for text in ["Ab3", "", "…", "a b c d", "*Ab3d1", String(repeating: "a", count: 65)] {
      #expect(throws: RequestFault.self) { try Service.IDText(text) }
    }
  }

  @Test func `the trail of one request is found by its id, short or whole`() throws {
    let rig = try ServiceRig()
    let (one, other) = (try rig.ask(), try rig.ask("bo@example.org"))
    try end(rig, one, .sent)
    try end(rig, other, .sent, of: "bo@example.org")
    func lines(_ text: String) throws -> [String] {
      var lines: [String] = []
      let found = try rig.service.forEachAuditRecord(
        since: nil, recipient: nil, id: try Service.IDText(text)
      ) {
        lines.append("\($0.event) \($0.result) \($0.shortID ?? "")")
        return true
      }
      #expect(found == nil)
      return lines
    }
    let wanted = ["decision send \(one.short)", "send sent \(one.short)"]
    #expect(try lines(one.rawValue) == wanted && lines(one.description) == wanted)
    guard
      case .none? = try rig.service.forEachAuditRecord(
        since: nil, recipient: nil, id: try Service.IDText("none-such"), { _ in true })
    else {
      Issue.record("what is not there is found")
      return
    }
  }

  @Test func `tells what an address has asked for, the newest first`() throws {
    let rig = try ServiceRig()
    let sent = try rig.ask()
    try end(rig, sent, .sent)
    _ = try rig.ask("bo@example.org")
    rig.advance(1)
    let queued = try rig.ask("Anna@Example.org")
    let found = try rig.service.requests(
      for: try EmailAddress("anna@example.org"), tenant: nil, limit: 10)
    #expect(found.map(\.id) == [queued.rawValue, sent.rawValue])
    #expect(found.map(\.state) == [.queued, .sent] && found[0].waiting == .worker)
    #expect(found.allSatisfy { $0.recipient?.hasSuffix("•••@example.org") == true })
    let newest = try rig.service.requests(for: try EmailAddress("anna@example.org"), tenant: nil, limit: 1)
    #expect(newest.map(\.state) == [.queued])
    #expect(try rig.service.requests(for: try EmailAddress("cy@example.org"), tenant: nil, limit: 9).isEmpty)
  }

  @Test func `removes what failed, and leaves the records of it`() throws {
    let rig = try ServiceRig()
    let id = try rig.ask()
    try end(rig, id, .failed, code: 550)
    try move(rig, id, to: "failed")
    // Files are as old as the kernel says.
    rig.clock.change { $0 = Date() }
    #expect(try rig.service.countSetAside(olderThan: .seconds(3600)) == (0, 0))
    #expect(try rig.service.countSetAside(olderThan: nil) == (1, 0))
    #expect(try rig.service.purgeSetAside(olderThan: .seconds(3600)) == 0)
    #expect(try rig.service.purgeSetAside(olderThan: nil) == 1)
    #expect(try rig.service.setAside(limit: 1).isEmpty)
    #expect(try rig.service.status(of: id)?.outcome == .failed)
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
    #expect(try rig.service.waiting(limit: 10).map(\.item.id) == [waits])
    _ = try rig.ask("cy@example.org")
    #expect(try rig.service.waiting(limit: 1).count == 1)
  }
}
