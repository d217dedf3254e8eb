import CodeRequests
import Foundation
import PasscodeVerifier
import Records
import SQLiteRecords
import RecordKeys
import TestSupport
import Testing

/// The exit statuses of `verify` that time and tenants bring about.
@Suite(.waits) struct VerifyStatusTests {
  /// Admits a request as a worker would have done at `time`, and returns its id and code.
  private func admit(_ scratch: Scratch, at time: Date, tenant: String? = nil) throws -> (
    id: String, code: String
  ) {
    let keyring = try Keyring(directory: "\(scratch.state)/keys")
    let store = try RecordStore(path: "\(scratch.state)/records.sqlite", keyring: keyring)
    let request = CodeRequest(recipient: try EmailAddress("anna@example.org"))
    let admission = AdmissionRequest(
      request: request, queuedAt: time, deadline: time.addingTimeInterval(600), tenant: tenant)
    let admissions = try store.commit(settlements: [], admissions: [admission], now: time)
    guard case .send(let ticket)? = admissions.first else {
      Issue.record("not admitted")
      return ("", "")
    }
    return (request.id.rawValue, ticket.passcode.reveal())
  }

  @Test func `exits with 11 for a code older than its validity, and with 0 for one just within it`() throws {
    let scratch = try Scratch(relay: "127.0.0.1:9")
    let old = try admit(scratch, at: Date().addingTimeInterval(-31 * 60))
    let result = try scratch.verify(old.id, old.code)
    #expect(result.status == 11, "\(result)")
    #expect(try result.object()["result"] as? String == "expired")
    let young = try admit(scratch, at: Date().addingTimeInterval(-29 * 60))
    #expect(try scratch.verify(young.id, young.code).status == 0)
  }

  @Test func `exits with 15 where the tenant has turned passcodes off, and sends no further code`() throws {
    let scratch = try Scratch(relay: "127.0.0.1:9", extra: "tenants: \"tenants.json5\",")
    let tenants = "\(scratch.path)/tenants.json5"
    func write(_ passcodes: String) throws {
      try """
      { tenants: [ // ours
        { id: "f1", name: "Fabrikam", domains: ["fabrikam.example"], passcodes: "\(passcodes)",
          whenOff: { method: "microsoft-account", url: "https://signup.example" } },
      ] }
      """.write(toFile: tenants, atomically: true, encoding: .utf8)
    }
    try write("enabled")
    let code = try admit(scratch, at: Date(), tenant: "f1")
    #expect(try scratch.run("tenant", "set", "Fabrikam", "passcodes=disabled").status == 0)
    #expect(try String(contentsOfFile: tenants, encoding: .utf8).contains("// ours"))
    let result = try scratch.verify(code.id, code.code)
    #expect(result.status == 15, "\(result)")
    let method = try scratch.run("method", "--to", "bo@example.org", "--tenant", "fabrikam.example", "--json")
    #expect(try method.object()["method"] as? String == "microsoft-account")
    let id = try scratch.request(to: "bo@example.org", "--tenant", "Fabrikam")
    #expect(try scratch.run("worker", "--drain").status == 0)
    let status = try scratch.status(id)
    #expect(status["outcome"] as? String == "refused")
    #expect(status["url"] as? String == "https://signup.example")
    #expect(try scratch.run("tenant", "set", "Fabrikam", "passcodes=enabled").status == 0)
    #expect(try scratch.verify(code.id, code.code).status == 0)
  }

  @Test func `checks and ends the session that a code began`() throws {
    let scratch = try Scratch(relay: "127.0.0.1:9")
    let code = try admit(scratch, at: Date())
    let session = try #require(try scratch.verify(code.id, code.code).object()["session"] as? [String: Any])
    let token = try #require(session["token"] as? String)
    #expect(try scratch.run("session", "check", input: .text(token + "\n")).status == 0)
    #expect(try scratch.run("session", "check", input: .text("x" + token + "\n")).status == 66)
    #expect(try scratch.run("session", "end", input: .text(token + "\n")).status == 0)
    #expect(try scratch.run("session", "check", input: .text(token + "\n")).status == 66)
  }

  @Test func `keeps a code valid through a rotation of keys`() throws {
    let scratch = try Scratch(relay: "127.0.0.1:9")
    let code = try admit(scratch, at: Date())
    #expect(try scratch.run("keys", "rotate").status == 0)
    let keys = try scratch.run("keys", "list", "--json")
    #expect(keys.lines.count == 2, "\(keys)")
    #expect(try scratch.verify(code.id, code.code).status == 0)
  }
}
