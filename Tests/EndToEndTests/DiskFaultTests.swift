import Foundation
import TestSupport
import Testing

/// System calls that fail by injection: told once, nothing lost, and the worker goes on when they succeed again.
@Suite(.waits, .enabled(if: isDebugBuild, "faults are in debug builds only")) struct DiskFaultTests {
  /// A file of faults for processes that are started with it.
  private func faults(_ scratch: Scratch) -> (environment: [String: String?], set: (String?) throws -> Void) {
    let path = "\(scratch.path)/faults"
    return (
      ["PASSCODE_SYSTEM_FAULTS": path],
      { text in
        guard let text else { return try FileManager.default.removeItem(atPath: path) }
        try Data((text + "\n").utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
      }
    )
  }

  private func run(
    _ scratch: Scratch, _ environment: [String: String?], _ words: String..., input: String = ""
  ) throws -> ChildResult {
    try ChildProcess.run(
      scratch.command, words + ["--config", scratch.config], environment: environment, input: .text(input))
  }

  private func startWorker(_ scratch: Scratch, _ environment: [String: String?]) throws -> ChildProcess {
    let worker = try ChildProcess(
      scratch.command, ["worker", "--config", scratch.config], environment: environment)
    try #require(worker.wait(for: "\"event\":\"started\""), "\(worker.text())")
    return worker
  }

  @Test(
    arguments: [
      ("fsync 5", Int32(74)), ("fsync 5 /new", 74), ("write 5", 74), ("rename 5", 74), ("rename 30", 73),
      ("open 28 /tmp", 73), ("open 24 /tmp", 75),
    ])
  func `a request that the disk refuses exits with its status and leaves nothing behind`(
    fault: String, status: Int32
  ) throws {
    let scratch = try Scratch(relay: "127.0.0.1:9")
    _ = try scratch.request(to: "anna@example.org")
    let (environment, set) = faults(scratch)
    try set(fault)
    let result = try run(scratch, environment, "request", "--to", "bo@example.org")
    #expect(result.status == status, "\(result)")
    #expect(result.text.isEmpty && result.errorText.contains(scratch.spool), "\(result)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(scratch.spool)/tmp").isEmpty)
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(scratch.spool)/new").count == 1)
  }

  @Test
  func `sends nothing while fsync fails, says so once, and goes on; a code is not used up by it`() throws {
    let scratch = try makeRig()
    let (environment, set) = faults(scratch)
    let worker = try startWorker(scratch, environment)
    try set("sync 5")
    let id = try scratch.request(to: "anna@example.org")
    #expect(worker.wait(for: "\"event\":\"storage-error\""), "\(worker.text())")
    #expect(!worker.wait(for: "\"event\":\"sent\"", timeout: .seconds(2)))
    #expect(try mails(scratch) == 0)
    try set(nil)
    #expect(try outcome(scratch, id) == "sent")
    #expect(try scratch.status(id)["attempts"] as? Int == 1)
    #expect(worker.wait(for: "\"event\":\"storage-recovered\""))
    #expect(count("storage-error", worker) == 1)
    #expect(try mails(scratch) == 1)
    let code = try scratch.code(for: "anna@example.org")
    try set("sync 5")
    let refused = try run(scratch, environment, "verify", id, input: code)
    #expect(refused.status == 74 && refused.errorText.contains("records.sqlite"), "\(refused)")
    try set(nil)
    #expect(try scratch.verify(id, code).status == 0)
  }

  @Test
  func `turns that cannot be synced while it drains are written again, and every mail goes out once`() throws
  {
    let scratch = try makeRig(extra: "limits: { perSubject: [], perMailbox: [], perClient: [] },")
    let (environment, set) = faults(scratch)
    let now = Int(Date().timeIntervalSince1970 * 1000)
    // The relay takes its time, so that the trouble comes before all have gone.
    let ids = (0..<300).map { "\($0)-AAAAAAAAAAAAAAAAAAAAAAAAAA" }
    for (index, id) in ids.enumerated() {
      try scratch.drop(
        "{\"version\":1,\"id\":\"\(id)\",\"recipient\":\"slow-40ms+u\(index)@example.org\"}",
        as: "\(now + index - 300).\(id).json")
    }
    let worker = try startWorker(scratch, environment)
    #expect(worker.wait(for: "\"event\":\"sent\""))
    try set("sync 5")
    #expect(worker.wait(for: "\"event\":\"storage-error\""), "\(worker.text())")
    #expect(try mails(scratch) < ids.count, "the trouble came after everything")
    try set(nil)
    #expect(worker.wait(for: "\"event\":\"sent\"", count: ids.count))
    #expect(worker.wait(for: "\"event\":\"storage-recovered\""))
    #expect(count("storage-error", worker) == 1 && count("storage-recovered", worker) == 1)
    #expect(try mails(scratch) == ids.count)
    for index in stride(from: 0, to: ids.count, by: 100) {
      #expect(try scratch.status(ids[index])["attempts"] as? Int == 1)
      #expect(
        try scratch.verify(ids[index], scratch.code(for: "slow-40ms+u\(index)@example.org")).status == 0)
    }
  }

  @Test
  func `files that cannot be read flood no log, hold up nobody, and are sent when they can`() throws {
    let scratch = try makeRig(extra: "limits: { perSubject: [], perMailbox: [], perClient: [] },")
    let (environment, set) = faults(scratch)
    try set("open 5 .bad")
    for index in 0..<40 {
      let id = "bad\(index)-AAAAAAAAAAAAAAAAAAAAAAAAAA"
      try scratch.drop(
        "{\"version\":1,\"id\":\"\(id)\",\"recipient\":\"u\(index)@example.org\"}",
        as: "\(Int(Date().timeIntervalSince1970 * 1000) - 1000).\(id).json")
    }
    let worker = try startWorker(scratch, environment)
    let good = try scratch.request(to: "anna@example.org")
    #expect(try outcome(scratch, good) == "sent")
    #expect((1...16).contains(count("storage-error", worker)), "\(worker.text())")
    #expect(!worker.text().contains("AAAAAAAAAAAAAAAA"), "ids are shortened")
    worker.signal(SIGTERM)
    #expect(try worker.wait().status == 0)
    try set(nil)
    #expect(try scratch.run("worker", "--drain").status == 0)
    #expect(try mails(scratch) == 41)
  }

  @Test(
    arguments: [
      ("open 5 /bad", 74, 1, 0), ("open 13 /bad", 0, 0, 1), ("open 13 /bad\nunlink 13 new/bad", 74, 1, 0),
    ])
  func `a drain ends when all that is left are files that the disk keeps, and names them`(
    fault: String, status: Int32, kept: Int, rejected: Int
  ) throws {
    let scratch = try makeRig(extra: "limits: { perSubject: [], perMailbox: [], perClient: [] },")
    let (environment, set) = faults(scratch)
    let id = "badAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    let name = "\(id).json"
    try scratch.drop("{\"version\":1,\"id\":\"\(id)\",\"recipient\":\"bad@example.org\"}", as: name)
    let good = try scratch.request(to: "good@example.org")
    try set(fault)
    let drain = try run(scratch, environment, "worker", "--drain")
    #expect(drain.status == status, "\(drain)")
    #expect(try scratch.status(good)["outcome"] as? String == "sent")
    let shown = name.replacing("\(id.dropFirst(8)).json", with: "….json")
    #expect(drain.errorText.contains("new/\(shown)") == (status != 0), "\(drain.errorText)")
    func count(_ folder: String) throws -> Int {
      try FileManager.default.contentsOfDirectory(atPath: "\(scratch.spool)/\(folder)")
        .count { !$0.hasSuffix(".reason") }
    }
    #expect(try count("new") == kept && count("rejected") == rejected)
    try set(nil)
    #expect(try scratch.run("worker", "--drain").status == 0)
    #expect(try mails(scratch) == kept + 1)
  }

  @Test
  func `a drain ends when a failed request cannot be kept, and names it`() throws {
    let scratch = try makeRig(extra: "limits: { perSubject: [], perMailbox: [], perClient: [] },")
    let (environment, set) = faults(scratch)
    let id = try scratch.request(to: "rcpt-550-5.1.1@example.org")
    let good = try scratch.request(to: "good@example.org")
    try set("rename 13 /tmp")
    let drain = try run(scratch, environment, "worker", "--drain")
    #expect(drain.status == 74, "\(drain)")
    #expect(drain.errorText.contains("new/") && drain.errorText.contains(String(id.prefix(8))), "\(drain)")
    #expect(!drain.errorText.contains(id))
    #expect(try scratch.status(id)["outcome"] as? String == "failed")
    #expect(try scratch.status(good)["outcome"] as? String == "sent")
    try set(nil)
    #expect(try scratch.run("worker", "--drain").status == 0)
    #expect(try scratch.run("queue", "failed", "--json").text.contains("5.1.1"))
    #expect(try mails(scratch) == 1)
  }
}

#if DEBUG
  private let isDebugBuild = true
#else
  private let isDebugBuild = false
#endif
