import CodeRequests
import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import RequestSpool

@Suite(.waits) struct SpoolIntakeTests {
  @Test func `hands out what was enqueued, once, oldest first`() throws {
    let fixture = try SpoolFixture()
    let start = fixture.start
    let intake = try fixture.intake()
    let requests = try (0..<5).map { _ in try fixture.request() }
    for (index, request) in requests.enumerated() {
      try fixture.spool.enqueue(request, now: start + Double(4 - index))
    }
    let batch = try intake.take(3, at: start + 5) + intake.take(at: start + 5)
    #expect(batch.map(\.id) == requests.reversed().map(\.id))
    #expect(batch.map(\.queuedAt) == (0..<5).map { start + Double($0) })
    #expect(try intake.take(at: start + 70).isEmpty)
    #expect(try CodeRequest(json: intake.read(batch[0]).bytes).id == requests[4].id)
    #expect(!intake.isDrained)
    for entry in batch {
      let isRemoved = try intake.remove(entry)
      #expect(isRemoved)
    }
    #expect(intake.isDrained)
    #expect(try fixture.names("new") == [])
  }

  @Test func `puts off, hands out when due, and tells the attempts`() throws {
    let fixture = try SpoolFixture()
    let start = fixture.start
    let intake = try fixture.intake()
    let request = try fixture.request()
    try fixture.spool.enqueue(request, now: start)
    let entry = try #require(try intake.take().first)
    try intake.defer(entry, until: start + 20, attempts: 3)
    #expect(
      try fixture.names("deferred") == [
        "1795238420000.3-1795238400000.1795238400000.\(request.id.rawValue).json"
      ])
    #expect(!intake.isDrained)
    #expect(try intake.take(at: start + 19.999).isEmpty)
    // Another worker after a crash finds it in the directory.
    for intake in [intake, try fixture.intake()] {
      let again = try #require(try intake.take(at: start + 20).first)
      #expect(again.attempts == 3)
      #expect(again.id == request.id)
      #expect(again.queuedAt == start)
      #expect(again.dueAt == start + 20)
    }
  }

  @Test func `a due time of a clock that was wrong does not hold a request for years`() throws {
    let fixture = try SpoolFixture()
    let intake = try fixture.intake()
    try fixture.spool.enqueue(try fixture.request(), now: fixture.start)
    try intake.defer(try intake.take()[0], until: fixture.start + 400 * 86400, attempts: 1)
    #expect(try intake.take().count == 1)
  }

  @Test func `released entries come again, also from another intake`() throws {
    let fixture = try SpoolFixture()
    let intake = try fixture.intake()
    try fixture.spool.enqueue(try (0..<3).map { _ in try fixture.request() }, now: fixture.start)
    let batch = try intake.take()
    intake.release(batch[1])
    #expect(try intake.take() == [batch[1]])
    intake.release(batch[1])
    intake.release(batch[1])
    #expect(try intake.take() == [batch[1]])
    #expect(try fixture.intake().take().count == 3)
  }

  @Test func `newest first while the oldest is stale, with a share for what is long past`() throws {
    let fixture = try SpoolFixture()
    let start = fixture.start
    for age in 0..<100 {
      try fixture.drop("{}", as: "\((start - Double(age)).unixMilliseconds).a\(age).json")
    }
    for age in 0..<9 {
      try fixture.drop("{}", as: "\((start - 700 - Double(age)).unixMilliseconds).old\(age).json")
    }
    let intake = try fixture.intake()
    let batch = try intake.take(16)
    let ages = batch.map { Int(start.timeIntervalSince($0.queuedAt)) }
    #expect(ages.sorted() == Array(0..<12) + [705, 706, 707, 708])
    // When what is stale is gone, the oldest goes first again.
    var rest: [SpoolEntry] = []
    for _ in 0..<20 where rest.count < 109 { rest += try intake.take(16) }
    #expect(rest.count == 93)
    try fixture.spool.enqueue(try (0..<2).map { _ in try fixture.request() }, now: start + 1)
    try fixture.spool.enqueue(try fixture.request(), now: start)
    #expect(try intake.take(at: start + 5).map(\.queuedAt) == [start, start + 1, start + 1])
  }

  @Test func `a name is held once under one time`() {
    var list = CandidateList(keepFirst: 8, keepLast: 2)
    for _ in 0..<2 {
      for (rank, name) in [(2, "b.json"), (1, "a.json"), (2, "a.json"), (1, "b.json")] as [(Int64, String)] {
        list.insert(rank: rank, name: name)
      }
    }
    #expect(list.count == 4)
    list.remove(rank: 2, name: "b.json")
    #expect(list.popLast()?.name == "a.json" && list.popFirst()?.name == "a.json" && list.count == 1)
  }

  @Test(arguments: SpoolOrder.allCases, [0.0, 31])
  func `goes on where more requests have one time than it may remember`(order: SpoolOrder, age: Double) throws
  {
    let fixture = try SpoolFixture()
    var settings = SpoolFixture.settings
    settings.capacity = 16
    settings.order = order
    for index in 0..<200 { try fixture.drop("{}", as: "\(fixture.start.unixMilliseconds).r\(index).json") }
    let intake = try fixture.intake(settings)
    let start = fixture.start
    // On a thread of its own: it once scanned for ever.
    let result = Monitor<Result<Set<String>, any Error>?>(nil)
    let thread = try LinuxThread("intake") {
      let taken = Result {
        var seen: Set<String> = []
        while case let batch = try intake.take(7, at: start + age), !batch.isEmpty {
          // False: the kernel told of a file once more that was done with, as in the next test.
          for entry in batch where try intake.remove(entry) { #expect(seen.insert(entry.name).inserted) }
        }
        return seen
      }
      result.change { $0 = taken }
    }
    let seen = try #require(result.wait(timeout: patience) { $0 }, "it goes on for ever").get()
    #expect(seen.count == 200)
    thread.join()
  }

  @Test(arguments: SpoolOrder.allCases)
  func `hands out everything once, however little it may remember`(order: SpoolOrder) throws {
    let fixture = try SpoolFixture(on: .memory)
    let start = fixture.start
    var settings = SpoolFixture.settings
    settings.capacity = 16
    settings.order = order
    var expected: Set<String> = []
    for index in 0..<300 {
      let name =
        index.isMultiple(of: 3)
        ? "hand-\(index).json" : "\((start - Double(index % 60)).unixMilliseconds).r\(index).json"
      try fixture.drop("{}", as: name, modified: start - Double(index % 50))
      expected.insert(name)
    }
    let intake = try fixture.intake(settings)
    var seen: [String] = []
    var held: [SpoolEntry] = []
    while true {
      // Arrivals between the batches, more than are remembered.
      if seen.count < 200 {
        for index in 0..<5 {
          let name = "\((start + Double(index)).unixMilliseconds).late\(seen.count)-\(index).json"
          try fixture.drop("{}", as: name)
          expected.insert(name)
        }
      }
      let batch = try intake.take(7, at: start + 10)
      if batch.isEmpty { break }
      for entry in batch {
        // A child that another test starts holds what was open here until it is its program, and the kernel then tells
        // of the file once more, which may be done with: nothing is there to be read.
        do throws(SpoolError) { _ = try intake.read(entry) } catch {
          #expect(error.code == .gone)
          continue
        }
        seen.append(entry.name)
        // Some stay in flight for a while, more than are remembered, too.
        held.append(entry)
      }
      while held.count > 40 { try intake.remove(held.removeFirst()) }
    }
    #expect(seen.count == expected.count)
    #expect(Set(seen) == expected)
    for entry in held { try intake.remove(entry) }
    #expect(intake.isDrained)
  }

  @Test func `oldest first holds beyond what it remembers`() throws {
    let fixture = try SpoolFixture()
    var settings = SpoolFixture.settings
    settings.capacity = 8
    settings.order = .oldestFirst
    for index in (0..<200).shuffled() {
      try fixture.drop("{}", as: "\((fixture.start + Double(index)).unixMilliseconds).r.json")
    }
    let intake = try fixture.intake(settings)
    var order: [Date] = []
    while case let batch = try intake.take(3, at: fixture.start + 300), !batch.isEmpty {
      // As above: what is gone was told of once more.
      for entry in batch where try intake.remove(entry) { order.append(entry.queuedAt) }
    }
    #expect(order == (0..<200).map { fixture.start + Double($0) })
  }

  @Test func `more deferred entries than it remembers come by due time`() throws {
    let fixture = try SpoolFixture()
    var settings = SpoolFixture.settings
    settings.capacity = 4
    let intake = try fixture.intake(settings)
    for index in (0..<50).shuffled() {
      let due = fixture.start + Double(index)
      try Data("{}".utf8).write(
        to: URL(fileURLWithPath: "\(fixture.path)/deferred/\(due.unixMilliseconds).1.r\(index).json"))
    }
    var order: [Date?] = []
    while case let batch = try intake.take(3, at: fixture.start + 29), !batch.isEmpty {
      order += batch.map(\.dueAt)
      for entry in batch { try intake.remove(entry) }
    }
    #expect(order == (0..<30).map { fixture.start + Double($0) })
    #expect(!intake.isDrained)
  }

  @Test func `waits for an arrival from another process`() throws {
    let fixture = try SpoolFixture()
    let intake = try fixture.intake()
    #expect(try intake.take().isEmpty)
    let script = Process()
    script.executableURL = URL(fileURLWithPath: "/bin/sh")
    script.currentDirectoryURL = URL(fileURLWithPath: fixture.path)
    script.arguments = ["-c", "printf '{\"a\":1}' > tmp/x && mv tmp/x new/by-hand.json"]
    try script.run()
    let batch = try intake.next(max: 5, now: { Date() }, timeout: patience)
    script.waitUntilExit()
    #expect(batch.map(\.name) == ["by-hand.json"])
    #expect(batch.first?.id == nil)
    #expect(abs(batch[0].queuedAt.timeIntervalSinceNow) < 30)
    #expect(try String(decoding: intake.read(batch[0]).bytes, as: UTF8.self) == "{\"a\":1}")
  }

  @Test func `a file that was open for writing when it came is not handed out again at its close`() throws {
    let fixture = try SpoolFixture()
    let intake = try fixture.intake()
    #expect(try intake.take().isEmpty)
    // As a child has it that is started while a frontend writes a request.
    let draft = "\(fixture.path)/tmp/draft"
    let late = open(draft, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    #expect(write(late, "{}", 2) == 2)
    #expect(rename(draft, "\(fixture.path)/new/by-hand.json") == 0)
    let entry = try #require(try intake.take().first)
    try intake.defer(entry, until: fixture.start + 600, attempts: 1)
    close(late)
    #expect(try intake.take().isEmpty)
    let other = open("\(fixture.path)/new/written.json", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    #expect(write(other, "{}", 2) == 2)
    close(other)
    #expect(try intake.take().map(\.name) == ["written.json"])
  }

  @Test func `wake and a deferral end a wait`() throws {
    let fixture = try SpoolFixture()
    let intake = try fixture.intake()
    try fixture.spool.enqueue(try fixture.request())
    let entry = try #require(try intake.next(max: 1, now: { Date() }, timeout: .zero).first)
    let results = BoundedQueue<Int>(capacity: 10)
    let waiter = try LinuxThread("waiter") {
      for _ in 0..<2 {
        results.push((try? intake.next(max: 5, now: { Date() }, timeout: patience).count) ?? -1)
      }
    }
    #expect(results.pop(timeout: .milliseconds(50)) == nil)
    try intake.defer(entry, until: Date() + 0.02, attempts: 1)
    #expect(results.pop(timeout: patience) == 1)
    intake.wake()
    #expect(results.pop(timeout: patience) == 0)
    waiter.join()
    // A wake that comes before the wait is not lost.
    intake.wake()
    #expect(try intake.next(max: 5, now: { Date() }, timeout: patience).isEmpty)
  }

  @Test func `finds what the kernel did not tell`() throws {
    let fixture = try SpoolFixture()
    let intake = try fixture.intake()
    #expect(try intake.take().isEmpty)
    // Overflow of the kernel's queue, 16384 events by default, is not made here; a name that was never told is, since
    // deferred/ is not watched.
    try fixture.shell("echo '{}' > deferred/1795238400000.1.untold.json")
    #expect(try intake.take(at: fixture.start + 59).isEmpty)
    #expect(try intake.take(at: fixture.start + 60).map(\.name) == ["untold.json"])
  }

  @Test func `a clock that is set back does not stop the scans`() throws {
    let fixture = try SpoolFixture()
    let intake = try fixture.intake()
    #expect(try intake.take().isEmpty)
    try fixture.shell("echo '{}' > deferred/1795238400000.1.untold.json")
    #expect(try intake.take(at: fixture.start - 86400).map(\.name) == ["untold.json"])
  }

  @Test func `several threads take, settle and put off at once, and nothing is lost or doubled`() throws {
    let fixture = try SpoolFixture(on: .memory)
    var settings = SpoolFixture.settings
    settings.capacity = 50
    settings.rescanEvery = .milliseconds(1)
    let intake = try fixture.intake(settings)
    let total = 600
    let settled = Monitor([String: Int]())
    let work = BoundedQueue<SpoolEntry>(capacity: 64)
    let spool = fixture.spool
    let writer = try LinuxThread("writer") {
      for _ in 0..<(total / 20) {
        let requests = (0..<20).map { _ in
          CodeRequest(recipient: try! EmailAddress("anna@example.org"))
        }
        try! spool.enqueue(requests)
      }
    }
    let lanes = try (0..<3).map { lane in
      try LinuxThread("lane") {
        while let entry = work.pop() {
          if entry.attempts == 0, entry.name.utf8.last == 0x6E, entry.name.hashValue % 3 == 0 {
            try! intake.defer(entry, until: Date(), attempts: 1)
          } else if lane == 2, entry.name.hashValue % 5 == 0 {
            intake.release(entry)
          } else {
            // False: the kernel told the name of a file that a scan had found before, and it is done with.
            if try! intake.remove(entry) { settled.change { $0[entry.name, default: 0] += 1 } }
          }
        }
      }
    }
    let end = ContinuousClock.now + patience
    while settled.withLock({ $0.count }) < total, ContinuousClock.now < end {
      for entry in try intake.next(max: 16, now: { Date() }, timeout: .milliseconds(20)) { work.push(entry) }
    }
    writer.join()
    work.close()
    for lane in lanes { lane.join() }
    #expect(settled.withLock { $0.count } == total)
    #expect(settled.withLock { $0.values.allSatisfy { $0 == 1 } })
    // What the kernel told of once more is nowhere.
    for entry in try intake.next(max: 1000, now: { Date() }, timeout: .zero) {
      #expect(try !intake.remove(entry))
    }
    #expect(intake.isDrained)
  }
}
