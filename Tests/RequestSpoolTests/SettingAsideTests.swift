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
    // Nothing of it is kept, and what was in the directory goes when there is time.
    #expect(try fixture.text("rejected/directory.json") == "{}" + "\n")
    #expect(try fixture.shell("! grep -rx x .") == 1 && intake.removeAside(max: 10) == 1)
    #expect(try fixture.shell("! grep -rx x .") == 0)
  }

  @Test func `the reason is there first, and again where the worker was killed behind it`() throws {
    let fixture = try SpoolFixture()
    let watch = try DirectoryWatch()
    try watch.add("\(fixture.path)/rejected")
    try fixture.drop("{}", as: "two words.json")
    let intake = try fixture.intake()
    #expect(try intake.take().isEmpty)
    let aside = ["two%20words.json.reason", "two%20words.json"]
    let told = try watch.changes().moved.map(\.name)
    let places = aside.map { name in told.firstIndex { $0 == name } }
    #expect(try #require(places[0]) < #require(places[1]), "\(told)")
    // As it lies there where the worker was killed before the file went: told of again, never lost.
    try fixture.drop("{}", as: "two words.json")
    #expect(try fixture.intake().take().isEmpty)
    #expect(
      try fixture.names("rejected") == [
        "two%20words.json", "two%20words.json.reason", "two%20words.json~1", "two%20words.json~1.reason",
      ])
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

  @Test func `thousands of files that are none hold up nobody, whatever they are`() throws {
    let fixture = try SpoolFixture()
    try fixture.shell(
      """
      cd new; seq -f 'bad name %g.json' 200 | xargs -d '\\n' touch; seq -f '1795238400000.d%g.json' 100 | xargs mkdir
      ln -s nowhere 1795238400000.l1.json; ln -s nowhere 1795238400000.l2.json
      """)
    try fixture.spool.enqueue(try fixture.request(), now: fixture.start + 1)
    let intake = try fixture.intake()
    let reasons = { try fixture.names("rejected").count { $0.hasSuffix(".reason") } }
    #expect(try intake.take(at: fixture.start + 1).count == 1)
    #expect(try reasons() == SpoolIntake.straysBeside)
    for _ in 0..<5 { #expect(try intake.take(at: fixture.start + 1).isEmpty) }
    #expect(try reasons() == 302 && fixture.names("new").count == 1)
  }

  @Test func `what is beyond those that are remembered is found by the next scan`() throws {
    let fixture = try SpoolFixture()
    var settings = SpoolFixture.settings
    settings.mostStrays = 10
    try fixture.shell("cd new; seq -f 'bad name %g.json' 200 | xargs -d '\\n' touch")
    let intake = try fixture.intake(settings)
    for _ in 0..<20 { #expect(try intake.take().isEmpty) }
    #expect(try fixture.names("new").isEmpty && fixture.names("rejected").count == 400)
    #expect(intake.isDrained)
  }

  @Test func `what has lain long enough in failed and rejected is removed, and the rest stays`() throws {
    let fixture = try SpoolFixture()
    let intake = try fixture.intake()
    for (age, folder) in [(100, "failed"), (100, "rejected"), (0, "failed"), (0, "rejected")] {
      let name = "\((fixture.start - Double(age)).unixMilliseconds).\(age).json"
      for suffix in ["", ".reason"] { try fixture.shell("echo x > \(folder)/\(name)\(suffix)") }
    }
    try fixture.shell("mkdir -p rejected/1795238300000.x/deep; echo x > rejected/1795238300000.x/deep/file")
    #expect(try intake.removeKept(before: fixture.start - 50, max: 2) == 2)
    #expect(try intake.removeKept(before: fixture.start - 50, max: 64) == 3)
    for folder in ["failed", "rejected"] {
      #expect(try fixture.names(folder) == ["1795238400000.0.json", "1795238400000.0.json.reason"])
    }
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
    #expect(try fixture.text("rejected/same.json") == "{\"size\":8}\n")
  }

  @Test func `a file of more than 64 KiB is not read`() throws {
    let fixture = try SpoolFixture()
    let intake = try fixture.intake()
    try fixture.drop(String(repeating: "x", count: 65535) + "}", as: "1795238400000.most.json")
    try fixture.drop(String(repeating: "x", count: 65536) + "}", as: "1795238400001.more.json")
    let batch = try intake.take()
    #expect(try intake.read(batch[0]).bytes.count == 65536)
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
    try intake.reject(
      other, reason: "id: is missing", telling: RequestOutline(id: nil, fields: ["code"]))
    #expect(try fixture.text("rejected/1795238400000.b.json") == "{\"size\":17,\"fields\":[\"code\"]}\n")
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
    #expect(try intake.read(whole).bytes.count == 20)
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
        #expect(try intake.read(entry).bytes.count == 13)
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
    for entry in batch { #expect(try intake.read(entry).bytes.count == text.utf8.count, "\(entry.name)") }
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
    #expect(try intake.read(entry).bytes.count == 7)
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
      #expect(try intake.read(entry).bytes.count == 7)
      try intake.remove(entry)
    }
    // Its other name is its owner's.
    #expect(try fixture.names("tmp") == ["a"] && intake.isDrained)
  }

  enum Step: CaseIterable { case remove, putAside, reject, fail, `defer`, rewrite }

  @Test(arguments: Step.allCases)
  func `a file that takes the place of one in flight is kept and handed out, also under an id's name`(
    step: Step
  )
    throws
  {
    let fixture = try SpoolFixture()
    let intake = try fixture.intake()
    let name = "1795238400000.AAAAAAAAAAAAAAAAAAAAAA.json"
    try fixture.drop(#"{"n":1}"#, as: name)
    let first = try intake.take()[0]
    #expect(try intake.read(first).bytes.count == 7)
    try fixture.drop(#"{"n":"two"}"#, as: name)
    switch step {
    case .remove: #expect(try !intake.remove(first))
    case .putAside: try intake.putAside(first)
    case .reject: try intake.reject(first, reason: "x")
    case .fail: try intake.fail(first, reason: "x", keeping: nil)
    case .defer:
      try intake.defer(first, until: fixture.start + 60, attempts: 1, bytes: { Array(#"{"n":1}"#.utf8) })
      #expect(try fixture.text("deferred/\(fixture.names("deferred")[0])") == #"{"n":1}"#)
    case .rewrite:
      let error = #expect(throws: SpoolError.self) { try intake.rewrite(first, Array("{}".utf8)) }
      #expect(error?.code == .gone)
    }
    #expect(try fixture.text("new/\(name)") == #"{"n":"two"}"#)
    let second = try #require(try intake.take().first)
    #expect(try intake.read(second).bytes.count == 11)
    try intake.remove(second)
    #expect(try fixture.names("new").isEmpty)
    if step == .defer { #expect(try intake.take(at: fixture.start + 61).count == 1) }
  }

  @Test func `a worker that is killed while it seals a file leaves one that is whole`() throws {
    let fixture = try SpoolFixture()
    try fixture.drop(#"{"code":"918273"}"#, as: "request.json")
    let watch = try DirectoryWatch()
    try watch.add("\(fixture.path)/tmp")
    let first = try fixture.intake()
    let entry = try first.take()[0]
    _ = try first.read(entry)
    try first.rewrite(entry, Array(#"{"sealed":1}"#.utf8))
    #expect(try fixture.text("new/request.json") == #"{"sealed":1}"#)
    // Written whole, then exchanged in one step: what lay there before has the name of the draft until it is removed.
    let names = Set(try watch.changes().moved.map(\.name))
    let draft = try #require(names.first)
    #expect(names.count == 1)
    // As a worker leaves it that is killed before that.
    try Data(#"{"code":"918273"}"#.utf8).write(to: URL(fileURLWithPath: "\(fixture.path)/tmp/\(draft)"))
    let intake = try fixture.intake()
    #expect(try intake.take().count == 1 && intake.removeAside(max: 10) == 1)
    #expect(try fixture.names("tmp").isEmpty)
  }

  @Test func `a name that is used again while the first is in flight loses neither`() throws {
    let fixture = try SpoolFixture()
    let intake = try fixture.intake()
    try fixture.drop(#"{"n":1}"#, as: "request.json")
    let first = try intake.take()[0]
    #expect(try intake.read(first).bytes.count == 7)
    try fixture.drop(#"{"n":"two"}"#, as: "request.json")
    #expect(try intake.take().isEmpty)
    let isRemoved = try intake.remove(first)
    #expect(!isRemoved)
    let second = try #require(try intake.take().first)
    #expect(try intake.read(second).bytes.count == 11)
    try intake.remove(second)
    #expect(intake.isDrained)
  }
}
