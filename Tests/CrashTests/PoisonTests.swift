import CodeRequests
import Foundation
import LinuxSystem
import TestSupport
import Testing

/// A request that kills whoever sends it, and records that cannot be written while mails are in flight.
@Suite(.waits) struct PoisonTests {
  private func request(_ recipient: String, or alternatives: Set<String> = []) -> EnqueuedRequest {
    EnqueuedRequest(
      id: RequestID.random().rawValue, recipient: recipient, alternatives: alternatives)
  }

  @Test func `fails what was in flight at three crashes, and nobody who was beside it`() throws {
    let rig = try CrashRig()
    // Nobody's mail is answered before the worker dies; the poison's never is.
    let poison = "slow-60s+poison@example.org"
    try rig.enqueue([request(poison)])
    try rig.enqueue((0..<9).map { request("slow-100ms+guest\($0)@example.org") })
    for _ in 0..<3 { try rig.work(killedWhenStored: poison) }
    // At two crashes it was a suspect among others, so the third time it went alone.
    let last = rig.kills[2].rows.filter { row in
      row.state == "sending" && !rig.kills[..<2].contains { $0.rows.contains { $0.run == row.run } }
    }
    #expect(last.count == 1)
    let evidence = try rig.finish()
    #expect(try rig.check(evidence).map(\.description) == [])
    let digest = RecordsFile.digest(of: rig.requests[0].id)
    for row in evidence.end.rows {
      #expect(row.state == (row.id == digest ? "failed" : "sent"), "\(row)")
    }
    let told = try rig.scratch.run("queue", "failed", "--json")
    #expect(told.text.contains("in flight when the worker died three times"))
    #expect(told.lines.count == 1)
  }

  @Test func `records what was in flight once the records can be written again, and sends nothing twice`()
    throws
  {
    let rig = try CrashRig()
    let worker = try rig.scratch.startWorker()
    let slow = "slow-2s+slow@example.org"
    try rig.enqueue([request(slow)])
    try rig.awaitMail(to: slow)
    let writer = try RecordsFile("\(rig.scratch.state)/records.sqlite")
    try writer.execute("BEGIN IMMEDIATE")
    try rig.enqueue((0..<5).map { request("guest\($0)@example.org") })
    #expect(worker.wait(for: "\"event\":\"storage-error\""), "\(worker.text())")
    #expect(try rig.scratch.status(rig.requests[0].id)["state"] as? String == "sending")
    try writer.execute("ROLLBACK")
    #expect(worker.wait(for: "\"event\":\"sent\"", count: 6))
    #expect(worker.text().contains("\"event\":\"storage-recovered\""))
    worker.signal(SIGTERM)
    #expect(try worker.wait().status == 0)
    #expect(try rig.check(try rig.finish()).map(\.description) == [])
  }

  @Test func `a worker that cannot record what it sent ends with 74, and the next one sends that once more`()
    throws
  {
    let rig = try CrashRig(delivery: "grace: \"1s\",")
    let worker = try rig.scratch.startWorker()
    let slow = "slow-300ms+slow@example.org"
    try rig.enqueue([request(slow)])
    try rig.awaitMail(to: slow)
    let writer = try RecordsFile("\(rig.scratch.state)/records.sqlite")
    try writer.execute("BEGIN IMMEDIATE")
    worker.signal(SIGTERM)
    #expect(try worker.wait().status == 74)
    try writer.execute("ROLLBACK")
    #expect(try rig.scratch.status(rig.requests[0].id)["state"] as? String == "sending")
    // It did not die by a kill, so the judge has no snapshot that explains the copy.
    let evidence = try rig.finish()
    #expect(evidence.mails.count == 2)
    #expect(try rig.check(evidence).map(\.promise) == [.fewCopies])
  }
}
