import CodeRequests
import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import RequestSpool

@Suite(.waits) struct QueueTests {
  @Test func `lists what waits and what failed, oldest first`() throws {
    let fixture = try SpoolFixture()
    let intake = try fixture.intake()
    let requests = try (0..<4).map { _ in try fixture.request() }
    for (index, request) in requests.enumerated() {
      try fixture.spool.enqueue(request, now: fixture.start + Double(index))
    }
    let batch = try intake.take(at: fixture.start + 5)
    try intake.defer(batch[1], until: fixture.start + 60, attempts: 2)
    try intake.fail(batch[2], reason: "550 no\nsecond line", keeping: intake.read(batch[2]).bytes)
    try intake.reject(batch[3], reason: "id: is bad")
    let waiting = try fixture.spool.items()
    #expect(waiting.map(\.state) == [.queued, .deferred])
    #expect(waiting.map(\.id) == [requests[0].id, requests[1].id])
    #expect(waiting[1].dueAt == fixture.start + 60)
    #expect(waiting[1].attempts == 2)
    #expect(waiting[1].queuedAt == fixture.start + 1)
    let ended = try fixture.spool.items([.failed, .rejected])
    #expect(ended.map(\.reason) == ["550 no", "id: is bad"])
    #expect(try QueueItem.State.allCases.map { try fixture.spool.count($0) } == [1, 1, 1, 1])
    #expect(try fixture.spool.items(limit: 1).count == 1)
  }

  @Test func `a look at a spool makes nothing, and tells what is missing and what waits`() throws {
    let fixture = try SpoolFixture()
    for _ in 0..<2 { try fixture.spool.enqueue(try fixture.request()) }
    try fixture.drop("being written", as: ".x.json")
    #expect(try Spool.view(of: fixture.path) == Spool.View(missing: [], waiting: 2))
    let deferred = "\(fixture.path)/deferred"
    try FileManager.default.removeItem(atPath: deferred)
    #expect(try Spool.view(of: fixture.path).missing == [deferred])
    #expect(try Spool.view(of: "\(fixture.path)/none").missing.count == 6)
    #expect(!FileManager.default.fileExists(atPath: deferred))
    let fault = #expect(throws: SpoolError.self) { try Spool.view(of: "\(fixture.path)/new/.x.json") }
    #expect(fault?.place == "\(fixture.path)/new/.x.json/new")
  }

  @Test func `finds a request by its id, whoever named the file`() throws {
    let fixture = try SpoolFixture()
    let request = try fixture.request()
    try fixture.drop(String(decoding: try request.json(), as: UTF8.self), as: "by-hand.json")
    try fixture.drop("not json", as: "other.json")
    try fixture.spool.enqueue(try fixture.request())
    #expect(try fixture.spool.items(of: request.id).map(\.fileName) == ["by-hand.json"])
    #expect(try fixture.spool.items(of: .random()).isEmpty)
  }

  @Test func `finds ids by what they begin with, whoever named the file`() throws {
    let fixture = try SpoolFixture()
    let ids = try ["Ab3d1AAAAAAAAAAAAAAAAAAA", "Ab3d2AAAAAAAAAAAAAAAAAAA", "zb3d1AAAAAAAAAAAAAAAAAAA"]
      .map { try RequestID($0) }
    for id in ids[1...] {
      try fixture.spool.enqueue(CodeRequest(id: id, recipient: try EmailAddress("anna@example.org")))
    }
    let own = CodeRequest(id: ids[0], recipient: try EmailAddress("anna@example.org"))
    try fixture.drop(String(decoding: try own.json(), as: UTF8.self), as: "by-hand.json")
    #expect(try fixture.spool.ids(beginningWith: "Ab3d") == Set(ids[..<2]))
    #expect(try fixture.spool.ids(beginningWith: "Ab3d1") == [ids[0]])
    #expect(try fixture.spool.ids(beginningWith: "Ab3d", in: [.failed]).isEmpty)
  }

  @Test func `removes what was set aside, with its reasons, and nothing that waits`() throws {
    let fixture = try SpoolFixture()
    let intake = try fixture.intake()
    try fixture.spool.enqueue(try (0..<3).map { _ in try fixture.request() }, now: fixture.start)
    let batch = try intake.take(at: fixture.start + 5)
    try intake.fail(batch[0], reason: "550 no", keeping: intake.read(batch[0]).bytes)
    try intake.reject(batch[1], reason: "id: is bad")
    intake.release(batch[2])
    let all: [QueueItem.State] = QueueItem.State.allCases
    #expect(try fixture.spool.purge(all, before: Date() - 3600) == 0)
    #expect(try fixture.spool.count(.failed, before: Date() - 3600) == 0)
    #expect(try fixture.spool.count(.failed, before: Date() + 3600) == 1)
    #expect(try fixture.spool.purge([.failed], before: Date() + 3600) == 1)
    #expect(try fixture.names("failed").isEmpty && fixture.names("rejected").count == 2)
    #expect(try fixture.spool.purge(all) == 1)
    #expect(try fixture.names("rejected").isEmpty && fixture.names("new").count == 1)
  }

  @Test func `what is put aside is out of the queue, and removed by this intake or the next`() throws {
    let fixture = try SpoolFixture()
    let intake = try fixture.intake()
    try fixture.spool.enqueue(try (0..<5).map { _ in try fixture.request() }, now: fixture.start)
    for entry in try intake.take() { try intake.putAside(entry) }
    #expect(intake.isDrained)
    #expect(try fixture.names("new") == [])
    #expect(try fixture.names("tmp").count == 5)
    let foreign = "\(fixture.path)/tmp/being-written"
    try Data().write(to: URL(fileURLWithPath: foreign))
    #expect(try intake.removeAside(max: 2) == 2)
    #expect(try fixture.names("tmp").count == 4)
    let next = try fixture.intake()
    #expect(try next.removeAside(max: 100) == 3)
    #expect(try next.removeAside(max: 100) == 0)
    #expect(try fixture.names("tmp") == ["being-written"])
  }

  @Test func `retry puts deferred and failed requests back, and the worker sees them at once`() throws {
    let fixture = try SpoolFixture()
    let intake = try fixture.intake()
    let requests = try (0..<2).map { _ in try fixture.request() }
    try fixture.spool.enqueue(requests, now: fixture.start)
    let batch = try intake.take()
    try intake.defer(batch[0], until: fixture.start + 600, attempts: 4)
    try intake.fail(batch[1], reason: "550", keeping: intake.read(batch[1]).bytes)
    #expect(try intake.take().isEmpty)
    for entry in batch {
      let isRetried = try fixture.spool.retry(try #require(entry.id), now: fixture.start + 60)
      #expect(isRetried)
    }
    let again = try intake.take()
    #expect(Set(again.compactMap(\.id)) == Set(batch.compactMap(\.id)))
    // The failed one counts as queued at its retry, the deferred one as before.
    #expect(again.first { $0.id == batch[0].id }?.name == batch[0].name)
    let milliseconds = Int64((fixture.start + 60).timeIntervalSince1970 * 1000)
    #expect(again.first { $0.id == batch[1].id }?.name.hasPrefix("\(milliseconds).") == true)
    #expect(try fixture.names("failed") == [])
    let isRetried = try fixture.spool.retry(.random())
    #expect(!isRetried)
  }

  @Test func `a retry of an entry in flight waits until that is settled`() throws {
    let fixture = try SpoolFixture()
    let intake = try fixture.intake()
    let request = try fixture.request()
    try fixture.spool.enqueue(request, now: fixture.start)
    try intake.defer(try intake.take()[0], until: fixture.start + 1, attempts: 1)
    let inFlight = try intake.take(at: fixture.start + 1)[0]
    let isRetried = try fixture.spool.retry(request.id)
    #expect(isRetried)
    #expect(try intake.take(at: fixture.start + 1).isEmpty)
    let isRemoved = try intake.remove(inFlight)
    #expect(!isRemoved)
    #expect(try intake.take(at: fixture.start + 1).map(\.folder) == [.new])
  }

  @Test func `cancel takes out what waits, and either it or the worker wins`() throws {
    let fixture = try SpoolFixture()
    let intake = try fixture.intake()
    let requests = try (0..<200).map { _ in try fixture.request() }
    try fixture.spool.enqueue(requests, now: fixture.start)
    let cancelled = Monitor(0)
    let spool = fixture.spool
    let canceller = try LinuxThread("canceller") {
      for request in requests {
        if (try? spool.cancel(request.id)) == true { cancelled.withLock { $0 += 1 } }
      }
    }
    var worked = 0
    for entry in try intake.take(200).reversed() where try intake.remove(entry) { worked += 1 }
    canceller.join()
    #expect(worked + cancelled.withLock { $0 } == 200)
    #expect(try fixture.names("new") == [])
    #expect(intake.isDrained)
  }
}
