import Foundation
import PasscodeVerifier
import Records
import TestSupport
import Testing

/// A database that is damaged, taken away, or put in the place of another.
@Suite(.waits) struct RecordTroubleTests {
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
    #expect(worker.wait(for: "\"event\":\"storage-recovered\""))
    #expect(count("storage-error", worker) == 1, "\(worker.text())")
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
}
