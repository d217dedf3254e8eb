import CodeRequests
import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import RequestSpool

/// Files in new/ whose names say that somebody is still writing them.
@Suite(.waits) struct TemporaryFileTests {
  private static let names = [
    ".request.json", ".1795238400000.a.json.Xy3z", "request.json~", "request.json.swp", "request.tmp", "4913",
    "#request.json#", "request.JSON", "å.part", ".json", "a b.txt", "-x",
  ]

  private func rejected(_ fixture: borrowing SpoolFixture) throws -> Set<String> {
    Set(try fixture.names("rejected").filter { !$0.hasSuffix(".reason") })
  }

  @Test(arguments: [true, false])
  func `are left alone for a minute, and then set aside with a reason`(isThereBefore: Bool) throws {
    let fixture = try SpoolFixture()
    let told = Monitor([String: String]())
    let intake = try SpoolIntake(fixture.spool, settings: SpoolFixture.settings) { event in
      if case .setAside(let name, let reason) = event { told.withLock { $0[name] = reason } }
    }
    if !isThereBefore { #expect(try intake.take().isEmpty) }
    for name in Self.names { try fixture.drop("{}", as: name) }
    try fixture.drop("{}", as: "good.json")
    #expect(try intake.take().map(\.name) == ["good.json"])
    #expect(try intake.take(at: fixture.start + 59.9).isEmpty)
    #expect(try fixture.names("new").count == Self.names.count + 1 && rejected(fixture).isEmpty)
    #expect(try intake.take(at: fixture.start + 60).isEmpty)
    #expect(try fixture.names("new") == ["good.json"])
    #expect(try rejected(fixture) == Set(Self.names.map { SpoolName.printable(Array($0.utf8)) }))
    #expect(told.withLock { $0.count } == Self.names.count)
    for (name, reason) in told.withLock({ $0 }) {
      #expect(reason.contains("being written") && reason.contains("60 s"))
      #expect(try fixture.text("rejected/\(name).reason") == reason + "\n")
    }
  }

  @Test func `are taken when their writer gives them their name, and forgotten when he removes them`() throws
  {
    let fixture = try SpoolFixture()
    let intake = try fixture.intake()
    try fixture.drop("{}", as: ".a.json.tmp")
    try fixture.drop("{}", as: "b.part")
    #expect(try intake.take().isEmpty)
    try fixture.shell("mv new/.a.json.tmp new/a.json; rm new/b.part")
    #expect(try intake.take(at: fixture.start + 1).map(\.name) == ["a.json"])
    #expect(try intake.take(at: fixture.start + 61).isEmpty)
    #expect(try rejected(fixture).isEmpty)
  }

  @Test func `wait as long as something happens to them`() throws {
    let fixture = try SpoolFixture()
    let intake = try fixture.intake()
    for second in stride(from: 0.0, to: 200, by: 50) {
      try fixture.drop("{", as: "slow.part", modified: fixture.start + second)
      #expect(try intake.take(at: fixture.start + second).isEmpty)
    }
    #expect(try intake.take(at: fixture.start + 209).isEmpty)
    #expect(try rejected(fixture).isEmpty)
    #expect(try intake.take(at: fixture.start + 210).isEmpty)
    #expect(try rejected(fixture) == ["slow.part"])
  }

  @Test func `that were there for long are set aside at once, and no clock keeps them`() throws {
    let fixture = try SpoolFixture()
    try fixture.drop("{", as: "old.part", modified: fixture.start - 60)
    try fixture.drop("{", as: "ahead.part", modified: fixture.start + 86400)
    let intake = try fixture.intake()
    #expect(try intake.take().isEmpty)
    #expect(try rejected(fixture) == ["old.part"])
    // Set back by two minutes meanwhile: not a minute more for that.
    #expect(try intake.take(at: fixture.start + 30).isEmpty)
    #expect(try intake.take(at: fixture.start - 90).isEmpty)
    #expect(try rejected(fixture) == ["old.part"])
    #expect(try intake.take(at: fixture.start - 59).isEmpty)
    #expect(try rejected(fixture) == ["ahead.part", "old.part"])
  }

  @Test func `of other kinds wait too where an editor or rsync makes them`() throws {
    let fixture = try SpoolFixture()
    try fixture.shell("ln -s nobody@nowhere.1 new/.#request.json; mkdir new/.~tmp~")
    let intake = try SpoolIntake(fixture.spool)
    let now = Date()
    #expect(try intake.take(at: now).isEmpty)
    #expect(try fixture.names("new") == [".#request.json", ".~tmp~"])
    #expect(try intake.take(at: now + 61).isEmpty)
    #expect(try fixture.names("new").isEmpty)
  }

  @Test func `beyond those that are remembered are found by each scan`() throws {
    let fixture = try SpoolFixture()
    var settings = SpoolFixture.settings
    settings.mostTemporaries = 2
    for index in 0..<5 { try fixture.drop("{", as: "\(index).part") }
    let intake = try fixture.intake(settings)
    #expect(try intake.take().isEmpty)
    #expect(intake.state.withLock { $0.temporaries.count } == 2)
    #expect(try intake.take(at: fixture.start + 60).isEmpty)
    #expect(try rejected(fixture).count == 5)
  }

  @Test func `every id is the name of a request`() throws {
    let fixture = try SpoolFixture()
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
    var expected: Set<String> = []
    for first in alphabet {
      for count in [22, 43, 64] {
        let id = String(first) + String((1..<count).map { alphabet[($0 * 7 + count) % 64] })
        let json = #"{"version":1,"id":"\#(id)","recipient":"anna@example.org"}"#
        try fixture.drop(json, as: "\(id).json")
        expected.insert(id)
      }
    }
    let intake = try fixture.intake()
    let batch = try intake.take(1000)
    #expect(Set(try batch.map { try CodeRequest(json: intake.read($0).bytes).id.rawValue }) == expected)
    // Put off and found again, and listed.
    for entry in batch { try intake.defer(entry, until: fixture.start + 5, attempts: 1) }
    #expect(try fixture.intake().take(1000, at: fixture.start + 5).count == expected.count)
    #expect(Set(try fixture.spool.items().compactMap(\.id?.rawValue)) == expected)
  }
}
