import CodeRequests
import Foundation
import TestSupport
import Testing

/// Pages of the database that go wrong under a running worker.
@Suite struct DamagedRecordsTests {
  private func request(_ recipient: String) -> EnqueuedRequest {
    EnqueuedRequest(id: RequestID.random().rawValue, recipient: recipient)
  }

  /// Has other processes' eyes see what the worker has in memory: everything is in the one file, and a change of somebody
  /// else's makes the worker read it again.
  private func settle(_ records: String) throws {
    let other = try RecordsFile(records)
    try other.execute("UPDATE recordKey SET neededUntil = neededUntil + 1 WHERE version > 0")
    _ = try other.rows("PRAGMA wal_checkpoint(TRUNCATE)")
  }

  @Test(arguments: [4096, 0], ["mended", "replaced"])
  func `a worker that finds its records damaged says so, sends nothing, and goes on when that is mended`(
    from first: Int, by cure: String
  ) throws {
    let rig = try CrashRig()
    let records = "\(rig.scratch.state)/records.sqlite"
    let worker = try rig.scratch.startWorker()
    try rig.enqueue([request("before@example.org")])
    #expect(worker.wait(for: "\"event\":\"sent\""))
    try settle(records)
    let whole = try Data(contentsOf: URL(fileURLWithPath: records))
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: records))
    try file.seek(toOffset: UInt64(first))
    try file.write(contentsOf: Data(repeating: 0xA5, count: whole.count - first))
    try rig.enqueue((0..<3).map { request("during\($0)@example.org") })
    #expect(worker.wait(for: "\"event\":\"storage-error\""), "\(worker.text())")
    #expect(worker.text().contains("records.sqlite"))
    #expect(try worker.isRunning && StoredMail.all(in: rig.scratch.store).count == 1)
    if cure == "mended" {
      try file.seek(toOffset: 0)
      try file.write(contentsOf: whole)
    } else {
      for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: records + suffix) }
      try whole.write(to: URL(fileURLWithPath: "\(records).backup"))
      guard rename("\(records).backup", records) == 0 else { throw Unexpected("rename failed", records) }
    }
    #expect(worker.wait(for: "\"event\":\"sent\"", count: 4), "\(worker.text())")
    #expect(worker.text().contains("\"event\":\"storage-recovered\""))
    worker.signal(SIGTERM)
    #expect(try worker.wait().status == 0)
    #expect(try rig.check(try rig.finish()).map(\.description) == [])
  }
}
