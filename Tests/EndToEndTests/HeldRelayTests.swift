import Foundation
import TestSupport
import Testing

/// What waits for a relay belongs to the queue: it is told as such, can be cancelled, and makes way for newer requests.
@Suite(.waits) struct HeldRelayTests {
  private func waiting(_ scratch: Scratch, _ id: String) throws -> String? {
    try eventually { try scratch.status(id)["waiting"] as? String }
  }

  @Test func `tells what a request waits for while the relay is away, and lets it be cancelled`() throws {
    let scratch = try Scratch(relay: "127.0.0.1:9")
    let worker = try scratch.startWorker()
    let id = try scratch.request(to: "anna@example.org")
    let reason = try #require(try waiting(scratch, id))
    #expect(reason.contains("127.0.0.1:9"), "\(reason)")
    #expect(try scratch.status(id)["state"] as? String == "queued")
    #expect(try scratch.run("status", id).text.contains("waits for a relay"))
    let cancelled = try scratch.run("queue", "cancel", id)
    #expect(cancelled.status == 0, "\(cancelled)")
    #expect(try scratch.status(id)["outcome"] as? String == "cancelled")
    #expect(try scratch.run("queue").text.contains("nothing waits"))
    worker.signal(SIGTERM)
    #expect(try worker.wait().status == 0)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: scratch.state).allSatisfy { $0 != "relays.json" })
  }

  @Test func `withdraws a mail that waits for a lane, when it is cancelled or a newer one comes`() throws {
    // The one lane waits for the reply to Anna's mail.
    let rig = try MailInFlight(extra: "limits: { perSubject: [], perClient: [] },", relayKeys: "lanes: 1")
    let scratch = rig.scratch
    let older = try scratch.request(to: "carol@example.org")
    let cancelled = try scratch.request(to: "bo@example.org")
    for id in [older, cancelled] {
      #expect(try eventually { try scratch.status(id)["state"] as? String == "sending" ? true : nil } == true)
    }
    let result = try scratch.run("queue", "cancel", cancelled)
    #expect(result.status == 0, "\(result)")
    let newer = try scratch.request(to: "carol@example.org")
    for event in ["cancelled", "superseded"] {
      #expect(rig.worker.wait(for: "\"event\":\"\(event)\""), "\(rig.worker.text())")
    }
    rig.answer()
    let outcomes = try [rig.id, older, cancelled, newer].map { id in
      try eventually { try scratch.status(id)["outcome"] as? String }
    }
    #expect(outcomes == ["sent", "superseded", "cancelled", "sent"])
    #expect(try scratch.run("queue").text.contains("nothing waits"))
    let mails = rig.received.components(separatedBy: "RCPT TO:")
    #expect(mails.count { $0.hasPrefix("<carol@example.org>") } == 1)
    let lines = try #require(mails.last).components(separatedBy: "\r\n")
    let code = try #require(
      lines.first { $0.utf8.count == 6 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
    #expect(try scratch.verify(newer, code).status == 0)
  }
}
