import CodeRequests
import Foundation
import Glibc
import LinuxSystem
import TestSupport
import Testing

@testable import RequestSpool

@Suite(.waits) struct SettingAsideTests {
  @Test func `what is no request is set aside with its reason, and the others go through`() throws {
    let fixture = try SpoolFixture()
    try fixture.shell(
      """
      mkdir new/directory.json && echo x > new/directory.json/inside
      ln -s /etc/passwd new/link.json
      mkfifo new/fifo.json
      echo '{}' > 'new/two words.json'; echo '{}' > 'new/å.json'; echo '{}' > 'new/a$b.json'
      echo '{}' > new/-dash.json; echo '{}' > new/$(printf 'a%.0s' $(seq 129)).json
      echo '{}' > "new/$(printf 'bad\\377\\nx').json"; echo '{}' > new/_line.json
      """)
    try fixture.drop("{}", as: "good.json")
    try fixture.drop("{}", as: String(repeating: "b", count: 128) + ".json")
    let told = Monitor([String: String]())
    let intake = try SpoolIntake(fixture.spool, settings: SpoolFixture.settings) { event in
      if case .setAside(let name, let reason) = event { told.withLock { $0[name] = reason } }
    }
    #expect(
      Set(try intake.take().map(\.name)) == [
        "good.json", String(repeating: "b", count: 128) + ".json", "-dash.json", "_line.json",
      ])
    let rejected = try fixture.names("rejected").filter { !$0.hasSuffix(".reason") }
    #expect(
      Set(rejected) == [
        "directory.json", "link.json", "fifo.json", "two%20words.json", "%C3%A5.json", "a%24b.json",
        String(repeating: "a", count: 129) + ".json", "bad%FF%0Ax.json",
      ])
    for name in rejected {
      let reason = told.withLock { $0[name] }
      #expect(try fixture.text("rejected/\(name).reason") == (reason ?? "?") + "\n")
    }
    #expect(try fixture.text("rejected/link.json.reason").contains("link"))
    #expect(try fixture.text("rejected/fifo.json.reason").contains("FIFO"))
    #expect(try fixture.text("rejected/directory.json.reason").contains("directory"))
    #expect(try fixture.text("rejected/directory.json/inside") == "x\n")
  }

  @Test func `the reason is there first, and again where the worker was killed behind it`() throws {
    let fixture = try SpoolFixture()
    let watch = try DirectoryWatch()
    try watch.add("\(fixture.path)/rejected")
    try fixture.drop("{}", as: "two words.json")
    let intake = try fixture.intake()
    #expect(try intake.take().isEmpty)
    let aside = ["two%20words.json.reason", "two%20words.json"]
    let told = try watch.changes().names.map(\.name)
    #expect(
      told.last == aside[1] && told.dropLast().allSatisfy { $0 == aside[0] } && told.count > 1, "\(told)")
    // As it lies there between the two steps.
    try fixture.shell(
      "mv rejected/two%20words.json 'new/two words.json'; echo old > rejected/two%20words.json.reason")
    #expect(try fixture.intake().take().isEmpty)
    #expect(try fixture.names("rejected").sorted() == aside.sorted())
    #expect(try fixture.text("rejected/two%20words.json.reason") != "old\n")
    #expect(try fixture.names("new").isEmpty)
  }

  @Test func `arrivals are looked at as well`() throws {
    let fixture = try SpoolFixture()
    let intake = try fixture.intake()
    #expect(try intake.take().isEmpty)
    try fixture.shell(
      "mkdir d && mv d new/d.json; echo 1 > 'new/a b.json'; ln -s x l && mv l new/l.json; mkfifo tmp/f && mv tmp/f new/1795238400000.f.json"
    )
    let batch = try intake.take()
    #expect(
      try fixture.names("rejected").filter { !$0.hasSuffix(".reason") } == ["a%20b.json", "d.json", "l.json"])
    // A name of our shape is believed until it is opened.
    let fifo = try #require(batch.first)
    let error = #expect(throws: SpoolError.self) { try intake.read(fifo) }
    #expect(error?.code == .unacceptable)
    try intake.reject(fifo, reason: error?.message ?? "")
    #expect(try fixture.text("rejected/1795238400000.f.json.reason").contains("FIFO"))
    #expect(intake.isDrained)
  }

  @Test func `nothing that lies in rejected is replaced`() throws {
    let fixture = try SpoolFixture()
    let intake = try fixture.intake()
    for round in 0..<3 {
      try fixture.drop("round \(round)}", as: "same.json")
      try intake.reject(try intake.take(at: fixture.start + 61 * Double(round))[0], reason: "round \(round)")
    }
    let files = try fixture.names("rejected")
    #expect(
      files == [
        "same.json", "same.json.reason", "same.json~1", "same.json~1.reason", "same.json~2",
        "same.json~2.reason",
      ])
    #expect(try fixture.text("rejected/same.json~2.reason") == "round 2\n")
    #expect(try fixture.text("rejected/same.json") == "round 0}")
  }

  @Test func `a file of more than 64 KiB is not read`() throws {
    let fixture = try SpoolFixture()
    let intake = try fixture.intake()
    try fixture.drop(String(repeating: "x", count: 65535) + "}", as: "1795238400000.most.json")
    try fixture.drop(String(repeating: "x", count: 65536) + "}", as: "1795238400001.more.json")
    let batch = try intake.take()
    #expect(try intake.read(batch[0]).count == 65536)
    let error = #expect(throws: SpoolError.self) { try intake.read(batch[1]) }
    #expect(error?.code == .unacceptable)
    #expect(error?.message.contains("65537") == true)
  }

  @Test func `a failed request keeps the bytes given, not its own`() throws {
    let fixture = try SpoolFixture()
    let intake = try fixture.intake()
    try fixture.drop(#"{"code":"424242"}"#, as: "1795238400000.a.json")
    let entry = try intake.take()[0]
    try intake.fail(entry, reason: "550 no such user", keeping: Array("{}".utf8))
    #expect(try fixture.text("failed/1795238400000.a.json") == "{}")
    #expect(try fixture.text("failed/1795238400000.a.json.reason") == "550 no such user\n")
    try fixture.drop(#"{"code":"424242"}"#, as: "1795238400000.b.json")
    let other = try intake.take(at: fixture.start + 61)[0]
    try intake.reject(other, reason: "id: is missing", keeping: Array("{}".utf8))
    #expect(try fixture.text("rejected/1795238400000.b.json") == "{}")
    #expect(intake.isDrained)
    #expect(try fixture.shell("! grep -r 424242 .") == 0)
  }

  @Test func `a failed request of which nothing may be kept is listed with its reason all the same`() throws {
    let fixture = try SpoolFixture()
    let intake = try fixture.intake()
    let request = try fixture.request()
    try fixture.spool.enqueue(request, now: fixture.start)
    try intake.fail(try intake.take()[0], reason: "550 no", keeping: nil)
    let item = try #require(try fixture.spool.items([.failed]).first)
    #expect(item.id == request.id && item.reason == "550 no" && item.queuedAt == fixture.start)
    #expect(try !fixture.text("failed/\(item.fileName)").contains("anna"))
  }

  @Test func `what cannot be moved is left, told once, and ignored`() throws {
    let fixture = try SpoolFixture()
    let told = Monitor([String]())
    let intake = try SpoolIntake(fixture.spool, settings: SpoolFixture.settings) { event in
      if case .leftBehind(let name, _) = event { told.withLock { $0.append(name) } }
    }
    // rejected/ is gone for good: no rename into it can succeed.
    try fixture.shell("rmdir rejected; echo x > 'new/a b.json'; echo '{}' > new/good.json")
    #expect(try intake.take().map(\.name) == ["good.json"])
    #expect(try intake.take(at: fixture.start + 61).isEmpty)
    #expect(told.withLock { $0 } == ["a%20b.json"])
    #expect(try fixture.names("new") == ["a b.json", "good.json"])
  }

  @Test func `an entry that was cancelled is gone, in each step`() throws {
    let fixture = try SpoolFixture()
    let intake = try fixture.intake()
    try fixture.spool.enqueue(try (0..<4).map { _ in try fixture.request() }, now: fixture.start)
    let batch = try intake.take()
    try fixture.shell("rm new/*")
    let error = #expect(throws: SpoolError.self) { try intake.read(batch[0]) }
    #expect(error?.code == .gone)
    let results = [
      try intake.remove(batch[1]), try intake.defer(batch[2], until: fixture.start, attempts: 1),
    ]
    #expect(results == [false, false])
    try intake.reject(batch[3], reason: "x")
    #expect(intake.isDrained)
    #expect(try fixture.names("deferred") == [])
  }

  @Test(arguments: ["by-hand.json", "1795238400000.AAAAAAAAAAAAAAAAAAAAAA.json"])
  func `a file written in place is taken when it is whole`(name: String) throws {
    let fixture = try SpoolFixture()
    try fixture.drop(#"{"version":1,"#, as: name)
    try fixture.settle()
    let writer = try FileDescriptor.open("\(fixture.path)/new/\(name)", [.writeOnly, .append])
    let intake = try fixture.intake()
    let half = try #require(try intake.take().first)
    let error = #expect(throws: SpoolError.self) { try intake.read(half) }
    #expect(error?.code == .gone)
    #expect(!intake.isDrained)
    #expect(try intake.take(at: fixture.start + 0.9).isEmpty)
    try writer.writeAll(Array(#""id":1}"#.utf8))
    let whole = try #require(try intake.take(at: fixture.start + 1).first)
    #expect(try intake.read(whole).count == 20)
    try intake.remove(whole)
    #expect(intake.isDrained)
  }

  @Test func `what stays half while its writer holds it open is judged in the end`() throws {
    let fixture = try SpoolFixture()
    try fixture.drop(#"{"version":1,"#, as: "torn.json")
    try fixture.settle()
    let writer = try FileDescriptor.open("\(fixture.path)/new/torn.json", .writeOnly)
    let intake = try fixture.intake()
    for second in 0..<6 {
      let entry = try #require(try intake.take(at: fixture.start + Double(second)).first)
      if second < 5 {
        #expect(throws: SpoolError.self) { try intake.read(entry) }
      } else {
        #expect(try intake.read(entry).count == 13)
      }
    }
    _ = consume writer
  }

  @Test(arguments: ["", "{", #"{"version":1,"#, "\n", #"{"version":1,"id":"AAAAAAAAAAAAAAAAAAAA"#])
  func `an empty or truncated file that nobody writes does not wait`(text: String) throws {
    let fixture = try SpoolFixture()
    let intake = try fixture.intake()
    #expect(try intake.take().isEmpty)
    // However it got there, and whatever its times say.
    try fixture.drop(text, as: "renamed.json", modified: fixture.start + 86400)
    try fixture.drop(text, as: "1795238400000.AAAAAAAAAAAAAAAAAAAAAA.json")
    try fixture.drop(text, as: "../tmp/a")
    try fixture.drop(text, as: "../tmp/b")
    try fixture.shell(
      "ln tmp/a new/linked.json; ln tmp/b new/moved.json; rm tmp/b; printf %s '\(text)' > new/written.json")
    try fixture.settle()
    let batch = try intake.take()
    #expect(
      Set(batch.map(\.name)).isSuperset(of: [
        "renamed.json", "1795238400000.AAAAAAAAAAAAAAAAAAAAAA.json", "linked.json", "written.json",
      ]))
    for entry in batch { #expect(try intake.read(entry).count == text.utf8.count, "\(entry.name)") }
  }

  @Test func `a file that its writer links into the spool and keeps open is taken after a second`() throws {
    let fixture = try SpoolFixture()
    let intake = try fixture.intake()
    #expect(try intake.take().isEmpty)
    try fixture.drop(#"{"n":1}"#, as: "../tmp/a")
    let writer = try FileDescriptor.open("\(fixture.path)/tmp/a", .writeOnly)
    try fixture.shell("ln tmp/a new/a.json; rm tmp/a")
    #expect(try intake.take(at: fixture.start + 0.5).isEmpty && !intake.isDrained)
    let entry = try #require(try intake.take(at: fixture.start + 1.5).first)
    #expect(try intake.read(entry).count == 7)
    try intake.remove(entry)
    #expect(intake.isDrained)
    _ = consume writer
  }

  @Test func `files that are linked into the spool are taken at once`() throws {
    let fixture = try SpoolFixture()
    let intake = try fixture.intake()
    #expect(try intake.take().isEmpty)
    try fixture.drop(#"{"n":1}"#, as: "../tmp/a")
    try fixture.drop(#"{"n":2}"#, as: "../tmp/b")
    try fixture.shell("ln tmp/a new/kept.json; ln tmp/b new/moved.json; rm tmp/b")
    try fixture.settle()
    let batch = try intake.take()
    #expect(batch.map(\.name).sorted() == ["kept.json", "moved.json"])
    for entry in batch {
      #expect(try intake.read(entry).count == 7)
      try intake.remove(entry)
    }
    // Its other name is its owner's.
    #expect(try fixture.names("tmp") == ["a"] && intake.isDrained)
  }

  @Test func `a name that is used again while the first is in flight loses neither`() throws {
    let fixture = try SpoolFixture()
    let intake = try fixture.intake()
    try fixture.drop(#"{"n":1}"#, as: "request.json")
    let first = try intake.take()[0]
    #expect(try intake.read(first).count == 7)
    try fixture.drop(#"{"n":"two"}"#, as: "request.json")
    #expect(try intake.take().isEmpty)
    let isRemoved = try intake.remove(first)
    #expect(!isRemoved)
    let second = try #require(try intake.take().first)
    #expect(try intake.read(second).count == 11)
    try intake.remove(second)
    #expect(intake.isDrained)
  }
}
