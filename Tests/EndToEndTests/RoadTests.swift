import Foundation
import Testing
import TestSupport

@Suite(.waits) struct RoadTests {
  @Test func `mails a code in each language, and each code signs in once`() throws {
    let scratch = try makeRig(templates: Scratch.templates)
    let worker = try scratch.startWorker()
    let subjects = [
      "sv": "Din inloggningskod till Fabrikam", "pl": "Kod logowania do serwisu Fabrikam",
      "de": "Ihr Anmeldecode für Fabrikam", "cs": "Váš přihlašovací kód do služby Fabrikam",
      "en": "Your Fabrikam sign-in code", "de-x-informal": "Dein Anmeldecode für Fabrikam",
    ]
    for (locale, subject) in subjects {
      let address = "guest+\(locale)@example.org"
      let id = try scratch.request(to: address, "--locale", locale)
      let mail = try scratch.run("sink", "wait", "--store", scratch.store, "--to", address, "--json").object()
      #expect(mail["subject"] as? String == subject)
      let code = try #require(mail["code"] as? String)
      let wrong = try scratch.verify(id, code == "000000" ? "000001" : "000000")
      #expect(wrong.status == 10)
      #expect(try wrong.object()["attemptsLeft"] as? Int == 4)
      let right = try scratch.verify(id, code)
      #expect(right.status == 0)
      #expect(((try right.object()["session"] as? [String: Any])?["token"] as? String)?.count == 54)
      #expect(try scratch.verify(id, code).status == 12)
      #expect(try scratch.status(id)["locale"] as? String == locale)
    }
    worker.signal(SIGTERM)
    #expect(try worker.wait().status == 0)
  }

  @Test func `tells an unknown id and a locked challenge apart by exit status`() throws {
    let scratch = try makeRig(extra: "passcode: { attempts: 2 },")
    let worker = try scratch.startWorker()
    #expect(try scratch.verify("AAAAAAAAAAAAAAAAAAAAAAAA", "123456").status == 14)
    let id = try scratch.request(to: "anna@example.org")
    let code = try scratch.code(for: "anna@example.org")
    let wrong = code == "000000" ? "000001" : "000000"
    #expect(try scratch.verify(id, wrong).status == 10)
    #expect(try scratch.verify(id, wrong).status == 10)
    #expect(try scratch.verify(id, code).status == 13)
    _ = worker
  }

  @Test func `verifies by address where that is on, and says how to switch it on where it is not`() throws {
    let scratch = try makeRig(extra: "verification: { byAddress: true },")
    let worker = try scratch.startWorker()
    _ = try scratch.request(to: "Anna@EXAMPLE.org")
    let code = try scratch.code(for: "Anna@example.org")
    let spaced = "\(code.prefix(3)) \(code.suffix(3))"
    #expect(try scratch.run("verify", "--to", "Anna@example.org", input: .text(spaced)).status == 0)
    _ = worker
    let usual = try makeRig().run("verify", "--to", "anna@example.org", input: .text(code))
    #expect(usual.status == 64 && usual.errorText.contains("verification: { byAddress: true }"), "\(usual)")
  }

  @Test func `what is given beside an id must fit, and another purpose begins no session`() throws {
    let scratch = try makeRig()
    let worker = try scratch.startWorker()
    let asked = try scratch.run(
      "request", "--to", "anna@example.org", "--purpose", "verify-email", "--wait", "--json")
    let id = try asked.string("id")
    let code = try scratch.code(for: "anna@example.org")
    func verify(_ arguments: [String]) throws -> ChildResult {
      try ChildProcess.run(
        scratch.command, ["verify", id, "--json", "--config", scratch.config] + arguments,
        input: .text(code + "\n"))
    }
    for arguments in [
      ["--purpose", "sign-in"], ["--tenant", "no-such-tenant"], ["--to", "eva@example.org"],
      ["--to", "anna@example.org", "--purpose", "sign-in"],
    ] {
      let result = try verify(arguments)
      #expect(result.status == 14 && result.text == "{\"result\":\"unknown\"}\n", "\(arguments) \(result)")
    }
    let verified = try verify(["--to", "Anna@example.org", "--purpose", "verify-email"])
    #expect(verified.status == 0)
    #expect(
      verified.text
        == #"{"result":"verified","recipient":"anna@example.org","purpose":"verify-email"}"# + "\n")
    _ = worker
  }

  @Test func `waits for the outcome and says it`() throws {
    let scratch = try makeRig()
    let worker = try scratch.startWorker()
    let sent = try scratch.run("request", "--to", "anna@example.org", "--wait", "--json")
    #expect(sent.status == 0)
    #expect(try sent.object()["outcome"] as? String == "sent")
    let limited = try scratch.run("request", "--to", "anna@example.org", "--wait", "10s", "--json")
    #expect(limited.status == 75)
    #expect(try limited.object()["outcome"] as? String == "limited")
    let failed = try scratch.run("request", "--to", "rcpt-550-5.1.1@example.org", "--wait", "--json")
    #expect(failed.status == 69)
    #expect((try failed.object()["reply"] as? String)?.contains("5.1.1") == true)
    let rejected = try scratch.run("request", "--to", "bo@example.org", "--purpose", "nothing", "--wait")
    #expect(rejected.status == 65)
    worker.signal(SIGTERM)
    _ = try worker.wait()
    let alone = try scratch.run("request", "--to", "eva@example.org", "--wait")
    #expect(alone.status == 75 && alone.text.contains("; no worker is running"), "\(alone)")
  }

  @Test func `drains what is there and ends, with what was put off once tried again`() throws {
    let scratch = try makeRig(extra: "delivery: { retryDelays: [\"100ms\"] },")
    let plain = try (0..<20).map { try scratch.request(to: "guest\($0)@example.org") }
    let greylisted = try scratch.request(to: "greylist-2+anna@example.org")
    let refused = try scratch.request(to: "data-554-5.6.0+bo@example.org")
    let result = try scratch.run("worker", "--drain")
    #expect(result.status == 0, "\(result)")
    for id in plain + [greylisted] { #expect(try scratch.status(id)["outcome"] as? String == "sent") }
    #expect(try scratch.status(greylisted)["attempts"] as? Int == 3)
    #expect(try scratch.status(refused)["outcome"] as? String == "failed")
    #expect(try scratch.run("queue").text.contains("nothing waits"))
    #expect(try scratch.run("queue", "failed", "--json").text.contains(refused))
    let code = try scratch.code(for: "greylist-2+anna@example.org")
    #expect(try scratch.verify(greylisted, code).status == 0)
  }

  @Test func `sends with as many lanes as can be configured`() throws {
    let directory = try TemporaryDirectoryOwner()
    let sink = try Sink("--store", "\(directory.path)/mail")
    let others = (0..<4).map { _ in "{ url: \"smtp://\(sink.address)\", security: \"plaintext\", lanes: 64 }"
    }
    let scratch = try Scratch(
      in: directory, relay: sink.address,
      relayKeys: "security: \"plaintext\", lanes: 64 }, \(others.joined(separator: ", ").dropLast(2))",
      sink: sink)
    let id = try scratch.request(to: "anna@example.org")
    #expect(try scratch.run("worker", "--drain").status == 0)
    #expect(try scratch.status(id)["outcome"] as? String == "sent")
  }

  @Test func `takes a relay's password by name from the credentials that systemd gives`() throws {
    let directory = try TemporaryDirectoryOwner()
    try FileManager.default.createDirectory(
      atPath: "\(directory.path)/credentials", withIntermediateDirectories: true)
    try "good-secret".write(
      toFile: "\(directory.path)/credentials/relay.password", atomically: true, encoding: .utf8)
    try "good-secret".write(toFile: "\(directory.path)/sink.password", atomically: true, encoding: .utf8)
    let sink = try Sink(
      "--store", "\(directory.path)/mail", "--user", "mailer", "--password-file",
      "\(directory.path)/sink.password")
    let scratch = try Scratch(
      in: directory, relay: sink.address,
      relayKeys: "security: \"plaintext\", username: \"mailer\", passwordFile: \"relay.password\"", sink: sink
    )
    let id = try scratch.request(to: "anna@example.org")
    let result = try ChildProcess.run(
      scratch.command, ["worker", "--drain", "--config", scratch.config],
      environment: ["CREDENTIALS_DIRECTORY": "\(directory.path)/credentials"])
    #expect(result.status == 0, "\(result)")
    #expect(!result.text.contains("good-secret"))
    #expect(try scratch.status(id)["outcome"] as? String == "sent")
  }

  @Test func `tries a failed request again when that is asked for, and keeps it where it fails again`() throws
  {
    let scratch = try makeRig()
    let id = try scratch.request(to: "data-554+anna@example.org")
    #expect(try scratch.run("worker", "--drain").status == 0)
    #expect(try scratch.status(id)["outcome"] as? String == "failed")
    #expect(try scratch.run("queue", "retry", id).status == 0)
    #expect(try scratch.status(id)["state"] as? String == "queued")
    #expect(try scratch.run("queue", "retry", id).status == 66)
    #expect(try scratch.run("worker", "--drain").status == 0)
    #expect(try scratch.status(id)["outcome"] as? String == "failed")
    #expect(try scratch.status(id)["attempts"] as? Int == 2)
    #expect(try scratch.run("queue", "failed", "--json").text.contains(id))
  }

  @Test func `runs the demo to its end with every language good`() throws {
    let result = try ChildProcess.run(
      try ExternalTool.built("passcode"), ["demo", "--json"], directory: Scratch.repository,
      timeout: .seconds(60))
    #expect(result.status == 0, "\(result)")
    let rows = try result.lines.map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(Set(rows.compactMap { $0["locale"] as? String }).isSuperset(of: ["sv", "pl", "de", "cs", "en"]))
    try JSONPageTests.check(rows, against: "demo", "demo")
    for row in rows {
      #expect(row["rightCode"] as? String == "verified")
      #expect(row["secondUse"] as? String == "used")
      #expect(row["wrongCode"] as? String == "incorrect")
      let html = try String(contentsOfFile: try #require(row["html"] as? String), encoding: .utf8)
      #expect(html.contains("<html lang=\"\(try #require(row["locale"] as? String))\""))
    }
    let html = URL(fileURLWithPath: try #require(rows.first?["html"] as? String))
    try FileManager.default.removeItem(at: html.deletingLastPathComponent().deletingLastPathComponent())
  }

  @Test func `puts no code, no whole address and no plaintext into log, spool or records`() throws {
    let scratch = try makeRig()
    let worker = try scratch.startWorker()
    let id = try scratch.request(to: "secret.person@example.org")
    let code = try scratch.code(for: "secret.person@example.org")
    _ = try scratch.verify(id, code)
    worker.signal(SIGTERM)
    let result = try worker.wait()
    #expect(!result.text.contains(code) && !result.text.contains("secret.person"))
    #expect(result.text.contains("s•••@example.org"))
    #expect(!result.text.contains(id))
    let files = FileManager.default.enumerator(atPath: scratch.state)?.allObjects as? [String] ?? []
    for file in files {
      guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: "\(scratch.state)/\(file)")) else {
        continue
      }
      #expect(bytes.range(of: Data("secret.person".utf8)) == nil, "\(file)")
      #expect(bytes.range(of: Data(id.utf8)) == nil, "\(file)")
      if !file.hasSuffix(".key") { #expect(bytes.range(of: Data(code.utf8)) == nil, "\(file)") }
      let mode = try FileManager.default.attributesOfItem(atPath: "\(scratch.state)/\(file)")[
        .posixPermissions]
      #expect((mode as? Int ?? 0o777) & 0o077 == 0, "\(file)")
    }
  }
}
