import CodeRequests
import Foundation
import RecordKeys
import TestSupport
import Testing

@testable import PasscodeVerifier
@testable import Records
@testable import SQLiteRecords

/// The built command in the hands of somebody who guesses, from outside.
@Suite(.waits) struct AttackTests {
  private func admit(_ scratch: Scratch, to address: String, resendOf challenge: RequestID? = nil) throws -> (
    id: RequestID, code: String
  ) {
    let keyring = try Keyring(directory: "\(scratch.state)/keys")
    let store = try RecordStore(
      path: "\(scratch.state)/records.sqlite", keyring: keyring,
      limits: LimitSettings(perSubject: [], perMailbox: [], perClient: [], perDevice: []))
    let request = CodeRequest(recipient: try EmailAddress(address), challenge: challenge)
    let now = Date()
    let admission = AdmissionRequest(
      request: request, queuedAt: now, deadline: now.addingTimeInterval(600))
    guard case .send(let ticket)? = try store.commit(settlements: [], admissions: [admission], now: now).first
    else { throw Unexpected("not admitted", "") }
    return (request.id, ticket.passcode.reveal())
  }

  /// Codes that are none of `codes`.
  private func wrong(_ count: Int, not codes: [String]) -> [String] {
    (0..<count + codes.count).map { String(format: "%06d", 100_000 + $0) }.filter { !codes.contains($0) }
  }

  @Test func `fifty processes get no more guesses than the budget, whatever they name the challenge by`()
    throws
  {
    let scratch = try Scratch(relay: "127.0.0.1:9", extra: "verification: { byAddress: true },")
    let first = try admit(scratch, to: "anna@example.org")
    let resend = try admit(scratch, to: "anna@example.org", resendOf: first.id)
    let guesses = wrong(100, not: [first.code, resend.code])
    let names = [
      first.id.rawValue, resend.id.rawValue, "--to anna@example.org", "--to anna@EXAMPLE.org.",
      "--to anna@Example.Org",
    ]
    // Each process is a shell that tries two codes, one after the other.
    let processes = try (0..<50).map { index in
      let tries = (0..<2).map { turn in
        "echo \(guesses[2 * index + turn]) | \(scratch.command) verify \(names[(index + turn) % names.count]) --config \(scratch.config) --json"
      }
      return try ChildProcess("/bin/sh", ["-c", tries.joined(separator: "; ")])
    }
    let answers = try processes.flatMap { process in
      try process.wait(timeout: .seconds(100)).lines.map(String.init)
    }
    #expect(answers.count == 100)
    // Five for the challenge and its resend together; by address nothing more once that one is locked.
    #expect(answers.count { $0.contains("incorrect") } == 5, "\(answers)")
    #expect(answers.count { $0.contains("locked") } == 95, "\(answers)")
    for left in 0..<5 { #expect(answers.count { $0.contains("\"attemptsLeft\":\(left)") } == 1) }
    // Neither of the right codes is worth anything now.
    #expect(try scratch.verify(first.id.rawValue, first.code).status == 13)
    #expect(try scratch.verify(resend.id.rawValue, resend.code).status == 13)
  }

  @Test func `whoever guesses at an address locks nobody out, and guest reset opens its windows`() throws {
    let scratch = try Scratch(relay: "127.0.0.1:9")
    for _ in 0..<5 {
      let asked = try admit(scratch, to: "anna@example.org")
      for guess in wrong(6, not: [asked.code]).prefix(6) { _ = try scratch.verify(asked.id.rawValue, guess) }
    }
    // Five of one client's six in a day: no more mail for that client, and no lock.
    let id = try scratch.request(to: "anna@example.org")
    #expect(try scratch.run("worker", "--drain").status == 0)
    #expect(try scratch.status(id)["outcome"] as? String == "limited")
    let shown = try scratch.run("guest", "show", "--to", "anna@example.org", "--json").object()
    let windows = try #require(shown["windows"] as? [[String: Any]])
    #expect(windows.first { $0["limit"] as? String == "limits.perMailbox" }?["taken"] as? Int == 5)
    #expect(try scratch.run("guest", "reset", "--to", "anna@example.org").status == 0)
    let open = try admit(scratch, to: "anna@example.org")
    #expect(try scratch.verify(open.id.rawValue, open.code).status == 0)
  }

  @Test func `hostile text in every field is text`() throws {
    let scratch = try Scratch(relay: "127.0.0.1:9", extra: "verification: { byAddress: true },")
    let asked = try admit(scratch, to: "anna@example.org")
    let sql = "x'; DROP TABLE request; --"
    #expect(try scratch.verify(asked.id.rawValue, sql).status == 10)
    #expect(try scratch.verify(asked.id.rawValue, "\u{0}\u{1B}[2J' OR 1=1 --").status == 10)
    #expect(try scratch.verify(sql, asked.code).status == 14)
    for arguments in [
      ["verify", "--to", sql], ["verify", "--to", "anna@example.org", "--purpose", sql],
      ["verify", "--to", "anna@example.org", "--code-fd", sql], ["guest", "show", "--to", sql],
      ["audit", "--to", sql], ["audit", "--since", sql], ["status", sql],
    ] {
      let result = try ChildProcess.run(
        scratch.command, arguments + ["--config", scratch.config], input: .text(asked.code + "\n"))
      #expect([64, 65].contains(result.status), "\(arguments) \(result)")
    }
    // Without tenants any name of one means nothing; the code is right.
    let result = try scratch.run(
      "verify", "--to", "anna@example.org", "--tenant", sql, input: .text(asked.code + "\n"))
    #expect(result.status == 0, "\(result)")
    for token in [sql, String(repeating: "A", count: 1_000_000), "\u{0}"] {
      #expect(try scratch.run("session", "check", input: .text(token + "\n")).status == 66)
    }
  }

  @Test func `a megabyte for a code is a wrong code, and is answered at once`() throws {
    let scratch = try Scratch(relay: "127.0.0.1:9")
    let asked = try admit(scratch, to: "anna@example.org")
    let megabyte = String(repeating: "1", count: 1 << 20)
    let result = try scratch.verify(asked.id.rawValue, megabyte)
    #expect(result.status == 10)
    #expect(try result.object()["attemptsLeft"] as? Int == 4)
    // No code in it either, however it begins or ends.
    let padded = asked.code + String(repeating: "\u{200B}", count: 400_000)
    #expect(try scratch.verify(asked.id.rawValue, padded).status == 10)
    #expect(try scratch.verify(asked.id.rawValue, asked.code).status == 0)
  }

  @Test func `an address that was never there is answered as one that was`() throws {
    let scratch = try Scratch(
      relay: "127.0.0.1:9", extra: "verification: { byAddress: true },")
    let asked = try admit(scratch, to: "anna@example.org")
    let guess = wrong(1, not: [asked.code])[0]
    var answers: [[String]] = [[], []]
    for _ in 0..<6 {
      for (index, address) in ["anna@example.org", "nobody@example.org"].enumerated() {
        let result = try scratch.run("verify", "--to", address, "--json", input: .text(guess + "\n"))
        answers[index].append("\(result.status ?? -1) \(result.text)")
      }
    }
    #expect(answers[0] == answers[1])
  }
}
