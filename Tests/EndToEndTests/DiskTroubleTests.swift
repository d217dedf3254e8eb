import Foundation
import PasscodeVerifier
import Records
import TestSupport
import Testing

/// Disks that are full, read-only or failing, and a database that is damaged: told once, nothing lost, and the worker
/// goes on when it is mended.
@Suite(.waits) struct DiskTroubleTests {
  /// An installation whose state lies on a file system of its own.
  private final class Rig {
    let disk: SmallFileSystem
    let sink: Sink
    let scratch: Scratch

    /// - Parameter apartFromRecords: only the spool lies on it, and nothing there stays open for writing, so that it can
    ///   be remounted under a running worker: the lock is a file of another file system.
    init(_ options: String, extra: String = "", apartFromRecords: Bool = false) throws {
      disk = try SmallFileSystem(options)
      let directory = try TemporaryDirectoryOwner()
      sink = try Sink("--store", "\(directory.path)/mail")
      scratch = try Scratch(
        in: directory, relay: sink.address,
        extra: "limits: { perSubject: [], perMailbox: [], perClient: [] }, \(extra)",
        sink: sink)
      guard apartFromRecords else {
        try FileManager.default.createSymbolicLink(atPath: scratch.state, withDestinationPath: disk.path)
        return
      }
      try FileManager.default.createDirectory(
        atPath: scratch.state, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
      try FileManager.default.createSymbolicLink(atPath: scratch.spool, withDestinationPath: disk.path)
      try disk.bindFile("lock")
    }

    func names(_ folder: String) throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: "\(scratch.spool)/\(folder)")
    }
  }

  private func count(_ event: String, _ worker: ChildProcess) -> Int {
    worker.text().split(separator: "\n").count { $0.contains("\"event\":\"\(event)\"") }
  }

  private func outcome(_ scratch: Scratch, _ id: String) throws -> String? {
    try eventually { try scratch.status(id)["outcome"] as? String }
  }

  // MARK: Real file systems

  @Test(
    .enabled(if: SmallFileSystem.isAllowed, "needs root, and the right to mount a tmpfs"),
    arguments: ["blocks", "inodes"])
  func `a request on a full disk exits with 73 and leaves nothing behind`(what: String) throws {
    let rig = try Rig("size=1m,nr_inodes=60")
    _ = try rig.scratch.request(to: "anna@example.org")
    if what == "blocks" { try rig.disk.fill() } else { rig.disk.fillInodes() }
    let result = try rig.scratch.run("request", "--to", "bo@example.org")
    #expect(result.status == 73, "\(result)")
    #expect(result.errorText.contains("No space left") && result.text.isEmpty, "\(result)")
    #expect(try rig.names("tmp").isEmpty && rig.names("new").count == 1)
    try rig.disk.free()
    #expect(try rig.scratch.run("request", "--to", "bo@example.org").status == 0)
  }

  @Test(.enabled(if: SmallFileSystem.isAllowed, "needs root, and the right to mount a tmpfs"))
  func `request, verify and worker exit with 73 on a read-only file system`() throws {
    let rig = try Rig("size=8m")
    let id = try rig.scratch.request(to: "anna@example.org")
    #expect(try rig.scratch.run("worker", "--drain").status == 0)
    let code = try rig.scratch.code(for: "anna@example.org")
    try rig.disk.remount("ro")
    for result in [
      try rig.scratch.run("request", "--to", "bo@example.org"), try rig.scratch.verify(id, code),
      try rig.scratch.run("worker", "--drain"),
    ] {
      #expect(result.status == 73, "\(result)")
      #expect(result.errorText.contains("ead-only") || result.errorText.contains("only be read"), "\(result)")
    }
    try rig.disk.remount("rw")
    #expect(try rig.scratch.verify(id, code).status == 0)
  }

  @Test(.enabled(if: SmallFileSystem.isAllowed, "needs root, and the right to mount a tmpfs"))
  func `a worker whose disk fills says so once, and sends everything when there is room again`() throws {
    let rig = try Rig("size=3m")
    let scratch = rig.scratch
    let worker = try scratch.startWorker()
    let first = try scratch.request(to: "first@example.org")
    #expect(try outcome(scratch, first) == "sent")
    let code = try scratch.code(for: "first@example.org")
    rig.sink.process.signal(SIGTERM)
    _ = try rig.sink.process.wait()
    let ids = try (0..<12).map { try scratch.request(to: "late\($0)@example.org") }
    #expect(worker.wait(for: "relay-down"))
    try rig.disk.fill()
    let refused = try scratch.verify(first, code)
    #expect(refused.status == 73 && refused.errorText.contains("the disk is full"), "\(refused)")
    let sink = try Sink("--store", scratch.store, listen: rig.sink.address)
    #expect(worker.wait(for: "\"event\":\"storage-trouble\""), "\(worker.text())")
    #expect(try outcomes(scratch, ids).allSatisfy { $0 == nil }, "nothing is sent that is not recorded")
    #expect(try mails(scratch) == 1)
    try rig.disk.free()
    for id in ids { #expect(try outcome(scratch, id) == "sent") }
    #expect(worker.wait(for: "\"event\":\"storage-mended\""))
    #expect(count("storage-trouble", worker) == 1, "\(worker.text())")
    #expect(try mails(scratch) == 13)
    #expect(try scratch.verify(first, code).status == 0)
    #expect(try scratch.verify(ids[3], scratch.code(for: "late3@example.org")).status == 0)
    #expect(try rig.names("new").isEmpty && rig.names("tmp").isEmpty)
    _ = sink
  }

  @Test(.enabled(if: SmallFileSystem.isAllowed, "needs root, and the right to mount a tmpfs"))
  func `a failed request stays in the queue until there is an inode to keep it`() throws {
    let rig = try Rig("size=8m,nr_inodes=60")
    let scratch = rig.scratch
    rig.sink.process.signal(SIGTERM)
    _ = try rig.sink.process.wait()
    let worker = try scratch.startWorker()
    let id = try scratch.request(to: "rcpt-550-5.1.1@example.org")
    #expect(worker.wait(for: "relay-down"))
    rig.disk.fillInodes()
    let sink = try Sink("--store", scratch.store, listen: rig.sink.address)
    #expect(worker.wait(for: "\"event\":\"storage-trouble\""), "\(worker.text())")
    #expect(try scratch.status(id)["outcome"] as? String == "failed")
    #expect(try rig.names("new").count == 1)
    #expect(try rig.names("failed").allSatisfy { $0.hasSuffix(".reason") })
    try rig.disk.free()
    #expect(worker.wait(for: "\"event\":\"storage-mended\""), "\(worker.text())")
    #expect(try scratch.run("queue", "failed", "--json").text.contains("5.1.1"))
    #expect(try rig.names("new").isEmpty)
    #expect(count("storage-trouble", worker) == 1, "\(worker.text())")
    #expect(count("failed", worker) == 1, "told once")
    _ = sink
  }

  @Test(.enabled(if: SmallFileSystem.isAllowed, "needs root, and the right to mount a tmpfs"))
  func `a worker whose spool turns read-only sends what it has, says so, and sends nothing twice`() throws {
    let rig = try Rig("size=8m", apartFromRecords: true)
    let scratch = rig.scratch
    let worker = try scratch.startWorker()
    let slow = try scratch.request(to: "slow-1s+anna@example.org")
    #expect(try eventually { try scratch.status(slow)["state"] as? String == "sending" ? true : nil } == true)
    try rig.disk.remount("ro")
    #expect(try outcome(scratch, slow) == "sent")
    #expect(worker.wait(for: "\"event\":\"storage-trouble\""), "\(worker.text())")
    #expect(try rig.names("new").count == 1, "it cannot be removed")
    let refused = try scratch.run("request", "--to", "bo@example.org")
    #expect(refused.status == 73 && refused.errorText.contains("ead-only"), "\(refused)")
    try rig.disk.remount("rw")
    // The same worker goes on.
    let next = try scratch.request(to: "bo@example.org")
    #expect(try outcome(scratch, next) == "sent")
    #expect(count("storage-trouble", worker) == 1, "\(worker.text())")
    worker.signal(SIGTERM)
    #expect(try worker.wait().status == 0)
    #expect(try scratch.run("worker", "--drain").status == 0)
    #expect(try rig.names("new").isEmpty && rig.names("tmp").isEmpty)
    #expect(try mails(scratch) == 2)
  }

  @Test(
    .enabled(if: FailingFileSystem.isAllowed, "needs root, mkfs.ext4, and the right to mount a loop device"))
  func `a worker whose file system fails for good takes nothing more, and the next one goes on`() throws {
    let disk = try FailingFileSystem()
    let sink = try Sink("--store", "\(disk.directory.path)/mail")
    let scratch = try Scratch(
      in: disk.directory, relay: sink.address,
      extra: "limits: { perSubject: [], perMailbox: [], perClient: [] },", sink: sink
    )
    try FileManager.default.createSymbolicLink(atPath: scratch.state, withDestinationPath: disk.path)
    let worker = try scratch.startWorker()
    let first = try scratch.request(to: "first@example.org")
    #expect(try outcome(scratch, first) == "sent")
    let slow = try scratch.request(to: "slow-1s+anna@example.org")
    #expect(try eventually { try scratch.status(slow)["state"] as? String == "sending" ? true : nil } == true)
    try disk.abort()
    #expect(worker.wait(for: "\"event\":\"storage-trouble\""), "\(worker.text())")
    let refused = try scratch.run("request", "--to", "bo@example.org")
    #expect([73, 74].contains(refused.status) && refused.errorText.contains(scratch.state), "\(refused)")
    #expect(worker.isRunning && count("sent", worker) == 1, "what is not recorded is not told")
    worker.signal(SIGKILL)
    _ = try worker.wait()
    try disk.repair()
    #expect(try scratch.run("worker", "--drain").status == 0)
    for id in [first, slow] { #expect(try scratch.status(id)["outcome"] as? String == "sent") }
    // The one in flight went out once more: nobody could know.
    #expect(try mails(scratch) == 3)
    #expect(try scratch.verify(first, scratch.code(for: "first@example.org")).status == 0)
    #expect(try scratch.verify(slow, scratch.code(for: "slow-1s+anna@example.org")).status == 0)
  }

  // MARK: Injected failures

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
    .enabled(if: isDebugBuild, "faults are in debug builds only"),
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

  @Test(.enabled(if: isDebugBuild, "faults are in debug builds only"))
  func `sends nothing while fsync fails, says so once, and goes on; a code is not used up by it`() throws {
    let scratch = try makeRig()
    let (environment, set) = faults(scratch)
    let worker = try startWorker(scratch, environment)
    try set("sync 5")
    let id = try scratch.request(to: "anna@example.org")
    #expect(worker.wait(for: "\"event\":\"storage-trouble\""), "\(worker.text())")
    #expect(!worker.wait(for: "\"event\":\"sent\"", timeout: .seconds(2)))
    #expect(try mails(scratch) == 0)
    try set(nil)
    #expect(try outcome(scratch, id) == "sent")
    #expect(try scratch.status(id)["attempts"] as? Int == 1)
    #expect(worker.wait(for: "\"event\":\"storage-mended\""))
    #expect(count("storage-trouble", worker) == 1)
    #expect(try mails(scratch) == 1)
    let code = try scratch.code(for: "anna@example.org")
    try set("sync 5")
    let refused = try run(scratch, environment, "verify", id, input: code)
    #expect(refused.status == 74 && refused.errorText.contains("records.sqlite"), "\(refused)")
    try set(nil)
    #expect(try scratch.verify(id, code).status == 0)
  }

  @Test(.enabled(if: isDebugBuild, "faults are in debug builds only"))
  func `turns that cannot be synced while it drains are written again, and every mail goes out once`() throws
  {
    let scratch = try makeRig(extra: "limits: { perSubject: [], perMailbox: [], perClient: [] },")
    let (environment, set) = faults(scratch)
    let now = Int(Date().timeIntervalSince1970 * 1000)
    let ids = (0..<1500).map { "\($0)-AAAAAAAAAAAAAAAAAAAAAAAAAA" }
    for (index, id) in ids.enumerated() {
      try scratch.drop(
        "{\"version\":1,\"id\":\"\(id)\",\"recipient\":\"u\(index)@example.org\"}",
        as: "\(now + index - 1500).\(id).json")
    }
    let worker = try startWorker(scratch, environment)
    #expect(worker.wait(for: "\"event\":\"sent\""))
    try set("sync 5")
    #expect(worker.wait(for: "\"event\":\"storage-trouble\""), "\(worker.text())")
    #expect(try mails(scratch) < ids.count, "the trouble came after everything")
    try set(nil)
    #expect(try eventually { count("sent", worker) == ids.count ? true : nil } == true)
    #expect(count("storage-trouble", worker) == 1 && count("storage-mended", worker) == 1)
    #expect(try mails(scratch) == ids.count)
    for index in stride(from: 0, to: ids.count, by: 250) {
      #expect(try scratch.status(ids[index])["attempts"] as? Int == 1)
      #expect(try scratch.verify(ids[index], scratch.code(for: "u\(index)@example.org")).status == 0)
    }
  }

  @Test(.enabled(if: isDebugBuild, "faults are in debug builds only"))
  func `a deferral that cannot be renamed is told once and tried all the same`() throws {
    let scratch = try makeRig(extra: "delivery: { retryDelays: [\"100ms\"] },")
    let (environment, set) = faults(scratch)
    let worker = try startWorker(scratch, environment)
    try set("rename 30")
    let other = try scratch.request(to: "bo@example.org")
    let id = try scratch.request(to: "greylist-2+anna@example.org")
    #expect(try outcome(scratch, id) == "sent")
    #expect(try outcome(scratch, other) == "sent")
    #expect(count("storage-trouble", worker) == 1, "\(worker.text())")
    try set(nil)
    #expect(try eventually { try scratch.run("queue").text.contains("nothing waits") ? true : nil } == true)
  }

  @Test(.enabled(if: isDebugBuild, "faults are in debug builds only"))
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
    #expect((1...16).contains(count("storage-trouble", worker)), "\(worker.text())")
    #expect(!worker.text().contains("AAAAAAAAAAAAAAAA"), "ids are shortened")
    worker.signal(SIGTERM)
    #expect(try worker.wait().status == 0)
    try set(nil)
    #expect(try scratch.run("worker", "--drain").status == 0)
    #expect(try mails(scratch) == 41)
  }

  @Test(
    .enabled(if: isDebugBuild, "faults are in debug builds only"),
    arguments: [
      ("open 5 .bad", 74, 1, 0), ("open 13 .bad", 0, 0, 1), ("open 13 .bad\nrename 13 .bad", 74, 1, 0),
    ])
  func `a drain ends when all that is left are files that the disk keeps, and names them`(
    fault: String, status: Int32, kept: Int, rejected: Int
  ) throws {
    let scratch = try makeRig(extra: "limits: { perSubject: [], perMailbox: [], perClient: [] },")
    let (environment, set) = faults(scratch)
    let id = "badAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    let name = "\(Int(Date().timeIntervalSince1970 * 1000)).\(id).json"
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

  @Test(.enabled(if: isDebugBuild, "faults are in debug builds only"))
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

  // MARK: The database

  @Test func `goes on with a database that was put in the place of another`() throws {
    let scratch = try makeRig(extra: "limits: { perSubject: [], perMailbox: [], perClient: [] },")
    let before = try scratch.request(to: "before@example.org")
    #expect(try scratch.run("worker", "--drain").status == 0)
    let records = "\(scratch.state)/records.sqlite"
    try FileManager.default.copyItem(atPath: records, toPath: "\(scratch.path)/backup")
    let worker = try scratch.startWorker()
    let lost = try scratch.request(to: "lost@example.org")
    #expect(try outcome(scratch, lost) == "sent")
    try FileManager.default.createDirectory(
      atPath: "\(scratch.path)/away", withIntermediateDirectories: false)
    for suffix in ["", "-wal", "-shm"] {
      try FileManager.default.moveItem(
        atPath: records + suffix, toPath: "\(scratch.path)/away/records.sqlite\(suffix)")
    }
    let waiting = try scratch.request(to: "waiting@example.org")
    #expect(worker.wait(for: "was taken away"), "\(worker.text())")
    #expect(!FileManager.default.fileExists(atPath: records), "none is made behind the operator's back")
    try FileManager.default.moveItem(atPath: "\(scratch.path)/backup", toPath: records)
    #expect(try outcome(scratch, waiting) == "sent")
    #expect(worker.wait(for: "\"event\":\"storage-mended\""))
    #expect(count("storage-trouble", worker) == 1, "\(worker.text())")
    worker.signal(SIGTERM)
    #expect(try worker.wait().status == 0)
    // What the worker wrote is in the file that stands there now, also after both were closed.
    #expect(try scratch.verify(waiting, try scratch.code(for: "waiting@example.org")).status == 0)
    #expect(try scratch.verify(before, try scratch.code(for: "before@example.org")).status == 0)
  }

  @Test func `a verifier that stays open goes on with a database that was put in the place of another`()
    throws
  {
    let scratch = try makeRig(extra: "limits: { perSubject: [], perMailbox: [], perClient: [] },")
    func sent(_ name: String) throws -> (code: TypedCode, id: ChallengeID, text: String) {
      let id = try scratch.request(to: "\(name)@example.org")
      #expect(try scratch.run("worker", "--drain").status == 0)
      return (TypedCode(try scratch.code(for: "\(name)@example.org")), ChallengeID(id), id)
    }
    let (first, second) = (try sent("first"), try sent("second"))
    let records = "\(scratch.state)/records.sqlite"
    try FileManager.default.copyItem(atPath: records, toPath: "\(scratch.path)/backup")
    let verifier = try Verifier(state: scratch.state)
    let lost = try sent("lost")
    for one in [first, lost] {
      #expect(try verifier.verify(one.code, challenge: one.id).name == "verified")
    }
    for suffix in ["", "-wal", "-shm"] {
      try FileManager.default.moveItem(atPath: records + suffix, toPath: "\(scratch.path)/away\(suffix)")
    }
    let error = #expect(throws: RecordError.self) { try verifier.verify(second.code, challenge: second.id) }
    #expect(error?.code == .cannotOpen && error?.message.contains("was taken away") == true)
    #expect(!FileManager.default.fileExists(atPath: records), "none is made behind the operator's back")
    try FileManager.default.moveItem(atPath: "\(scratch.path)/backup", toPath: records)
    let later = try sent("later")
    #expect(try verifier.verify(lost.code, challenge: lost.id) == .unknown)
    // What was done since the backup is forgotten, as it is for every other process.
    for one in [first, second, later] {
      #expect(try verifier.verify(one.code, challenge: one.id).name == "verified")
    }
    for one in [first, second, later] {
      #expect(try scratch.verify(one.text, "123456").status == 12, "another process sees that it is used")
    }
  }

  @Test func `verify says what is wrong with a damaged database`() throws {
    let scratch = try makeRig()
    let id = try scratch.request(to: "anna@example.org")
    #expect(try scratch.run("worker", "--drain").status == 0)
    let records = "\(scratch.state)/records.sqlite"
    let whole = try Data(contentsOf: URL(fileURLWithPath: records))
    // All pages but the first are gone wrong.
    var damaged = whole
    damaged.replaceSubrange(4096..., with: Data(repeating: 0xA5, count: whole.count - 4096))
    try damaged.write(to: URL(fileURLWithPath: records))
    let malformed = try scratch.verify(id, "123456")
    #expect(malformed.status == 74, "\(malformed)")
    #expect(malformed.errorText.contains("records.sqlite") && malformed.errorText.contains("damaged"))
    try Data(repeating: 0x41, count: 8192).write(to: URL(fileURLWithPath: records))
    let foreign = try scratch.verify(id, "123456")
    #expect(foreign.status == 78 && foreign.errorText.contains("not an SQLite database"), "\(foreign)")
    try whole.write(to: URL(fileURLWithPath: records))
    #expect(try scratch.verify(id, try scratch.code(for: "anna@example.org")).status == 0)
  }

  // MARK: Counting

  private func mails(_ scratch: Scratch) throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: scratch.store).count { $0.hasSuffix(".eml") }
  }

  private func outcomes(_ scratch: Scratch, _ ids: [String]) throws -> [String?] {
    try ids.map { try scratch.status($0)["outcome"] as? String }
  }
}

#if DEBUG
  private let isDebugBuild = true
#else
  private let isDebugBuild = false
#endif
