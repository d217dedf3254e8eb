import Foundation
import TestSupport
import Testing

/// Disks that are full, read-only or failing: told once, nothing lost, and the worker goes on when it is mended.
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
    // A child that another test starts holds what filled the disk until it is its program.
    let isTaken = try eventually {
      try rig.scratch.run("request", "--to", "bo@example.org").status == 0 ? true : nil
    }
    #expect(isTaken == true)
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
    #expect(worker.wait(for: "\"event\":\"storage-error\""), "\(worker.text())")
    #expect(try outcomes(scratch, ids).allSatisfy { $0 == nil }, "nothing is sent that is not recorded")
    #expect(try mails(scratch) == 1)
    try rig.disk.free()
    for id in ids { #expect(try outcome(scratch, id) == "sent") }
    #expect(worker.wait(for: "\"event\":\"storage-recovered\""))
    #expect(count("storage-error", worker) == 1, "\(worker.text())")
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
    #expect(worker.wait(for: "\"event\":\"storage-error\""), "\(worker.text())")
    #expect(try scratch.status(id)["outcome"] as? String == "failed")
    #expect(try rig.names("new").count == 1)
    #expect(try rig.names("failed").allSatisfy { $0.hasSuffix(".reason") })
    try rig.disk.free()
    #expect(worker.wait(for: "\"event\":\"storage-recovered\""), "\(worker.text())")
    #expect(try scratch.run("queue", "failed", "--json").text.contains("5.1.1"))
    #expect(try rig.names("new").isEmpty)
    #expect(count("storage-error", worker) == 1, "\(worker.text())")
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
    #expect(worker.wait(for: "\"event\":\"storage-error\""), "\(worker.text())")
    #expect(try rig.names("new").count == 1, "it cannot be removed")
    let refused = try scratch.run("request", "--to", "bo@example.org")
    #expect(refused.status == 73 && refused.errorText.contains("ead-only"), "\(refused)")
    try rig.disk.remount("rw")
    // The same worker goes on.
    let next = try scratch.request(to: "bo@example.org")
    #expect(try outcome(scratch, next) == "sent")
    #expect(count("storage-error", worker) == 1, "\(worker.text())")
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
    #expect(worker.wait(for: "\"event\":\"storage-error\""), "\(worker.text())")
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

  private func outcomes(_ scratch: Scratch, _ ids: [String]) throws -> [String?] {
    try ids.map { try scratch.status($0)["outcome"] as? String }
  }
}
