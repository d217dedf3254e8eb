import CodeRequests
import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import RequestSpool

/// Clocks that are wrong: of a frontend, which names its files, and of this machine.
@Suite(.waits) struct SpoolClockTests {
  @Test(arguments: [-700.0, 700, -34_560_000, 0])
  func `neither the time in a name nor a file's modification time is asked`(off: Double) throws {
    let fixture = try SpoolFixture()
    let before = Date()
    let wrong = before + off
    try fixture.drop("{}", as: "\(wrong.unixMilliseconds).AAAAAAAAAAAAAAAAAAAAAA.json", modified: wrong)
    try fixture.drop("{}", as: "AAAAAAAAAAAAAAAAAAAAAB.json", modified: wrong)
    try fixture.drop("{}", as: "by-hand.json", modified: wrong)
    try fixture.spool.enqueue(try fixture.request(), now: wrong)
    let after = Date()
    func queued(at moment: Date) throws -> [Date] {
      let intake = try SpoolIntake(fixture.spool)
      return try intake.take(at: moment).map { try intake.read($0).queuedAt }
    }
    let times = try queued(at: after)
    #expect(times.count == 4)
    // The kernel stamps files with a clock that lags a few milliseconds.
    #expect(times.allSatisfy { $0 > before - 1 && $0 <= after }, "\(times)")
    for item in try fixture.spool.items() {
      #expect(item.queuedAt > before - 1 && item.queuedAt <= after + 1)
    }
    // The clock was set back since: what comes from the future has come now.
    let back = before - 120
    #expect(try queued(at: back).allSatisfy { $0.unixMilliseconds == back.unixMilliseconds })
    // The clock has gone on: as old as it is.
    #expect(try queued(at: after + 500).allSatisfy { $0 > before - 1 && $0 <= after })
  }

  @Test func `what is old by its name alone does not turn the order round`() throws {
    let fixture = try SpoolFixture()
    let now = Date()
    for age in [700.0, 690, 3, 2, 1] {
      try fixture.drop("{}", as: "\((now - age).unixMilliseconds).r.json")
    }
    let names = try fixture.names("new")
    let intake = try SpoolIntake(fixture.spool)
    #expect(try (0..<5).flatMap { _ in try intake.take(1, at: now) }.map(\.name) == names)
  }

  @Test func `names of a clock that is behind do not hide that others wait too long`() throws {
    let fixture = try SpoolFixture()
    var settings = IntakeSettings()
    let start = fixture.start
    // Three frontends' files: of the one that is behind by ten minutes they have just come.
    settings.publishedAt = { name, _ in
      (name.contains("behind") ? start - 1 : start - 60).unixMilliseconds
    }
    for index in 0..<8 {
      try fixture.drop("{}", as: "\((start - 600 + Double(index)).unixMilliseconds).behind\(index).json")
      try fixture.drop("{}", as: "\((start - 60 + Double(index)).unixMilliseconds).right\(index).json")
    }
    let intake = try fixture.intake(settings)
    func take(_ count: Int) throws -> [String] {
      try intake.take(count).map { entry in
        _ = try intake.read(entry)
        return String(entry.name.dropFirst(14).dropLast(5))
      }
    }
    #expect(try take(2) == ["behind0", "behind1"])
    #expect(
      try take(8) == ["behind2", "behind3", "behind4", "behind5", "behind6", "behind7", "right0", "right1"])
    // The oldest of those is stale, so the newest go first.
    #expect(try take(2) == ["right7", "right6"])
  }

  @Test func `a clock that is set back delays no deferred request`() throws {
    let fixture = try SpoolFixture()
    let start = fixture.start
    let intake = try fixture.intake()
    let requests = try (0..<3).map { _ in try fixture.request() }
    for (index, request) in requests.enumerated() {
      try fixture.spool.enqueue(request, now: start + Double(index))
    }
    let batch = try intake.take(at: start + 3)
    try intake.defer(batch[0], until: start + 8, attempts: 1)
    try intake.defer(batch[1], until: start + 100, attempts: 1)
    try intake.defer(batch[2], until: start + 5, attempts: 4)
    let flying = try #require(try intake.take(at: start + 5).first)
    // Set back by two minutes. One is to come in three seconds, the other in 95.
    #expect(try intake.take(at: start - 115).isEmpty)
    #expect(try intake.take(at: start - 113).isEmpty)
    let first = try #require(try intake.take(at: start - 111.9).first)
    #expect(first.id == requests[0].id && first.queuedAt <= start)
    #expect(try intake.take(at: start - 21).isEmpty)
    let second = try #require(try intake.take(at: start - 19.9).first)
    #expect(second.id == requests[1].id)
    // What was in flight is settled under the name it had, and put off anew.
    try intake.defer(flying, until: start - 10, attempts: 5)
    for entry in [first, second] { try intake.remove(entry) }
    #expect(try intake.take(at: start - 10).map(\.attempts) == [5])
  }

  @Test func `nor does one that was set back while no worker ran`() throws {
    let fixture = try SpoolFixture()
    let request = try fixture.request()
    let now = Date()
    try fixture.spool.enqueue(request, now: now)
    let intake = try SpoolIntake(fixture.spool)
    try intake.defer(try intake.take(at: now)[0], until: now + 60, attempts: 1)
    // While the clock is right it waits.
    #expect(try SpoolIntake(fixture.spool).take(at: now + 1).isEmpty)
    let entry = try #require(try SpoolIntake(fixture.spool).take(at: now - 120).first)
    #expect(entry.id == request.id && entry.attempts == 1)
    #expect(entry.queuedAt.unixMilliseconds == (now - 120).unixMilliseconds)
  }

  @Test func `what is parked does not wait longer for a clock that is set back`() throws {
    let fixture = try SpoolFixture()
    let intake = try fixture.intake()
    try fixture.spool.enqueue(try fixture.request(), now: fixture.start)
    intake.postpone(try intake.take()[0], until: fixture.start + 60)
    #expect(try intake.take(at: fixture.start - 120).isEmpty)
    #expect(try intake.take(at: fixture.start - 61).isEmpty)
    #expect(try intake.take(at: fixture.start - 59).count == 1)
  }

  @Test func `the time of the first queueing outlives every try, and a kill`() throws {
    let fixture = try SpoolFixture()
    try fixture.drop("{}", as: "by-hand.json", modified: fixture.start - 5)
    var due = fixture.start
    for attempt in 0..<4 {
      let intake = try fixture.intake()
      let entry = try #require(try intake.take(at: due).first)
      #expect(entry.queuedAt == fixture.start - 5 && entry.attempts == attempt)
      due += 30
      try intake.defer(entry, until: due, attempts: attempt + 1)
    }
    // A name of the version before.
    try fixture.shell("mv deferred/*.json deferred/1795238400000.2.by-hand.json")
    let entry = try #require(try fixture.intake().take().first)
    #expect(entry.attempts == 2 && entry.name == "by-hand.json")
  }

  @Test(arguments: [
    "1795238400000.2-179523840000.a.json", "1795238400000.2-17952384000000.a.json", "1795238400000.2-.a.json",
    "1795238400000.-1795238400000.a.json", "1795238400000.2-1795238400000.json",
    "1795238400000.12345-1795238400000.a.json", "1795238400000.2-179523840000x.a.json",
  ])
  func `a deferred name that is none is set aside`(name: String) throws {
    let fixture = try SpoolFixture()
    try fixture.shell("echo '{}' > deferred/\(name)")
    #expect(try fixture.intake().take().isEmpty)
    #expect(try fixture.names("rejected").contains(name))
  }

  #if DEBUG
    @Test func `a deferred entry that cannot be brought forward comes at its time`() throws {
      let fixture = try SpoolFixture()
      let intake = try fixture.intake()
      try fixture.spool.enqueue(try fixture.request(), now: fixture.start)
      try intake.defer(try intake.take()[0], until: fixture.start + 5, attempts: 1)
      #expect(
        try SystemFault.$injected.withValue(
          { call, _ in call == "rename" ? EIO : nil },
          operation: { try intake.take(at: SpoolFixture.start - 114) }
        ).isEmpty)
      #expect(try intake.take(at: fixture.start + 4).isEmpty)
      #expect(try intake.take(at: fixture.start + 5).count == 1)
    }
  #endif
}
