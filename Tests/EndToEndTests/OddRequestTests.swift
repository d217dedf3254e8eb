import Foundation
import Glibc
import TestSupport
import Testing

/// Requests as frontends really make them: wrong clocks, odd languages, names and addresses.
@Suite(.waits) struct OddRequestTests {
  private func json(_ id: String, to recipient: String, _ fields: String = "") -> String {
    "{\"version\":1,\"id\":\"\(id)\",\"recipient\":\"\(recipient)\"\(fields)}"
  }

  @Test func `a frontend's clock that is minutes off changes nothing`() throws {
    let scratch = try makeRig()
    let now = Date().timeIntervalSince1970
    var ids: [String] = []
    for (index, off) in [-700.0, 700, -86_400, 86_400, 0].enumerated() {
      let id = "clock\(index)AAAAAAAAAAAAAAAAAA"
      let name = "\(Int((now + off) * 1000)).\(id).json"
      try scratch.makeSpool()
      let file = "\(scratch.spool)/tmp/\(id)"
      try json(id, to: "a\(index)@example.org").write(toFile: file, atomically: false, encoding: .utf8)
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: now + off)], ofItemAtPath: file)
      #expect(rename(file, "\(scratch.spool)/new/\(name)") == 0)
      ids.append(id)
    }
    #expect(try scratch.run("worker", "--drain").status == 0)
    for id in ids {
      let status = try scratch.status(id)
      #expect(status["outcome"] as? String == "sent", "\(status)")
    }
  }

  @Test func `what a relay refused may be asked for again at once, a few times`() throws {
    let scratch = try makeRig(
      extra:
        "limits: { perSubject: [ { count: 1, window: \"1h\" } ], perClient: [ { count: 1, window: \"1h\" } ] },"
    )
    let worker = try scratch.startWorker()
    func ask(_ address: String) throws -> String? {
      try scratch.run("request", "--to", address, "--client-ip", "192.0.2.1", "--wait", "--json").object()[
        "outcome"]
        as? String
    }
    #expect(try ask("rcpt-550-5.1.1+anna@example.org") == "failed")
    // A slip in the address costs nobody the right one.
    #expect(try ask("anna@example.org") == "sent")
    #expect(try ask("bo@example.org") == "limited")
    worker.signal(SIGTERM)
    _ = try worker.wait()
    let other = try makeRig(extra: "limits: { perSubject: [ { count: 1, window: \"1h\" } ], perClient: [] },")
    let second = try other.startWorker()
    let outcomes = try (0..<4).map { _ in
      try other.run("request", "--to", "rcpt-550-5.1.1+anna@example.org", "--wait", "--json").object()[
        "outcome"]
        as? String
    }
    #expect(outcomes == ["failed", "failed", "failed", "limited"])
    _ = second
  }

  @Test func `no language keeps a code from its reader`() throws {
    let scratch = try makeRig(templates: Scratch.templates)
    let cases = [
      ("sv_SE.UTF-8", "sv", false), ("C", "en", true), ("POSIX", "en", true), ("undefined", "en", true),
      ("null", "en", true), ("i-klingon", "en", true), ("de, ;q=0.5", "de", false), ("", "en", false),
      ("*", "en", false), ("en-US,en;q=0.9,", "en", false), ("zh_Hans_CN", "en", true),
      (String(repeating: "x", count: 300), "en", true), ("not a tag!, cs", "cs", false),
    ]
    var ids: [(String, String)] = []
    for (index, item) in cases.enumerated() {
      ids.append((try scratch.request(to: "a\(index)@example.org", "--locale", item.0), item.1))
      // The same in a file of a frontend's.
      let id = "locale\(100 + index)AAAAAAAAAAAAAAAA"
      try scratch.drop(json(id, to: "b\(index)@example.org", ",\"locale\":\"\(item.0)\""), as: "\(id).json")
      ids.append((id, item.1))
    }
    try scratch.drop(
      json("listAAAAAAAAAAAAAAAAAAAAAA", to: "c@example.org", ",\"locale\":[\"??\",\"pl\",\"\"]"),
      as: "list.json")
    ids.append(("listAAAAAAAAAAAAAAAAAAAAAA", "pl"))
    let result = try scratch.run("worker", "--drain")
    for (id, locale) in ids {
      let status = try scratch.status(id)
      #expect(status["outcome"] as? String == "sent" && status["locale"] as? String == locale, "\(status)")
    }
    #expect(
      result.text.components(separatedBy: "\"event\":\"locale-fallback\"").count - 1 == 2
        * cases.count { $0.2 })
  }

  @Test
  func `every id names its file, and what is unfinished, empty, cut or linked does not hold up the spool`()
    throws
  {
    let scratch = try makeRig()
    try scratch.makeSpool()
    let ids = ["-dashAAAAAAAAAAAAAAAAAA", "_lineAAAAAAAAAAAAAAAAAA", "--twoAAAAAAAAAAAAAAAAAA"]
    let worker = try scratch.startWorker()
    for id in ids { try scratch.drop(json(id, to: "a\(id)@example.org"), as: "\(id).json") }
    let linked = "linkAAAAAAAAAAAAAAAAAAAA"
    try json(linked, to: "linked@example.org").write(
      toFile: "\(scratch.spool)/tmp/mine", atomically: false, encoding: .utf8)
    #expect(link("\(scratch.spool)/tmp/mine", "\(scratch.spool)/new/\(linked).json") == 0)
    try scratch.drop("", as: "empty.json")
    try scratch.drop(
      String(json("cutAAAAAAAAAAAAAAAAAAAAA", to: "cut@example.org").dropLast(9)), as: "cut.json")
    try scratch.drop("{", as: ".request.json.Xy3z")
    try scratch.drop("{", as: "request.json~")
    for id in ids {
      let code = try scratch.code(for: "a\(id)@example.org")
      #expect(try scratch.verify(id, code).status == 0)
      #expect(try scratch.status(id)["outcome"] as? String == "sent")
    }
    #expect(try !scratch.code(for: "linked@example.org").isEmpty)
    #expect(worker.wait(for: "\"event\":\"rejected\"", count: 2))
    #expect(scratch.reason("empty.json")?.contains("empty") == true)
    #expect(scratch.reason("cut.json")?.contains("ends before") == true)
    worker.signal(SIGTERM)
    let log = try worker.wait().text
    for id in ids { #expect(!log.contains(id)) }
    // They may be somebody's for a minute.
    let left = try FileManager.default.contentsOfDirectory(atPath: "\(scratch.spool)/new").sorted()
    #expect(left == [".request.json.Xy3z", "request.json~"])
    #expect(try scratch.run("worker", "--drain").status == 0)
  }

  @Test func `addresses with quotes and dots get their codes, in any spelling, and nothing of them is told`()
    throws
  {
    let scratch = try makeRig(extra: "verification: { byAddress: true },")
    let worker = try scratch.startWorker()
    let addresses = [
      ("taro..yamada@docomo.ne.jp", #""taro..yamada"@docomo.ne.jp"#),
      ("hanako.@ezweb.ne.jp", #""hanako."@EZWEB.ne.jp"#),
      (#""anna svensson"@example.org"#, #""anna\ svensson"@example.org"#),
      (#""plain"@example.org"#, "plain@example.org"),
      (#""mallory> NOTIFY=NEVER"@example.org"#, #""mallory> NOTIFY=NEVER"@example.org"#),
      (#""eve@evil.example"@example.org"#, #""eve@evil.example"@example.org"#),
    ]
    for (given, spelled) in addresses {
      _ = try scratch.request(to: given)
      let code = try scratch.code(for: spelled)
      #expect(try scratch.run("verify", "--to", spelled, input: .text(code)).status == 0, "\(given)")
    }
    let refused = try scratch.run(
      "request", "--to", #""rcpt-550-5.1.1+secret person"@example.org"#, "--wait", "--json")
    #expect(try refused.object()["outcome"] as? String == "failed")
    for bad in ["\"a>\r\nRCPT\"@example.org", "\"a b@example.org", "\"a\"b@example.org"] {
      #expect(try scratch.run("request", "--to", bad).status == 65)
    }
    worker.signal(SIGTERM)
    let log = try worker.wait().text
    for part in ["yamada", "hanako", "svensson", "mallory", "eve@", "secret person", "NOTIFY"] {
      #expect(!log.contains(part), "\(part)")
    }
    #expect(log.contains("t•••@docomo.ne.jp") && log.contains("a•••@example.org"))
  }

  @Test func `a relay that repeats a quoted address tells it to nobody`() throws {
    let reply =
      #"550 5.1.1 <"secret..person"@docomo.ne.jp>: secret..person is unknown, "secret..person" is none"#
    let relay = try ScriptedRelay([ScriptedRelayStep.greet() + [.refuseAll(reply)]])
    defer { relay.stop() }
    let scratch = try Scratch(relay: "127.0.0.1:\(relay.port)")
    let id = try scratch.request(to: "secret..person@docomo.ne.jp")
    let result = try scratch.run("worker", "--drain")
    let status = try scratch.run("status", id)
    #expect(status.text.contains("failed") && status.text.contains("unknown"))
    for text in [result.text, status.text, try scratch.run("queue", "failed").text] {
      #expect(!text.contains("person"), "\(text)")
    }
  }

  @Test func `a folder that somebody left among the templates warns and stops nothing`() throws {
    let (scratch, copy) = try makeTemplateRig(locales: ["en", "sv"])
    for folder in ["sv/sign-in.bak", "sv.old/sign-in", ".git/objects", "lost+found"] {
      try copy.write("{{oops", to: "\(folder)/body.txt")
    }
    for file in ["sv/sign-in/body.txt~", "sv/sign-in/.body.txt.swp"] { try copy.write("{{oops", to: file) }
    #expect(symlink("me@host.1", "\(copy.path)/sv/sign-in/.#body.txt") == 0)
    let worker = try scratch.startWorker()
    let id = try scratch.request(to: "anna@example.org", "--locale", "sv")
    #expect(!id.isEmpty)
    let mail = try scratch.run("sink", "wait", "--store", scratch.store, "--to", "anna@example.org", "--json")
      .object()
    #expect((mail["subject"] as? String)?.hasPrefix("Din inloggningskod") == true)
    try copy.write("x", to: "pl.orig/notes.txt")
    #expect(worker.wait(for: "pl.orig"))
    worker.signal(SIGTERM)
    let log = try worker.wait()
    let warned = log.lines.filter { $0.contains("\"event\":\"template-warning\"") }
    for folder in ["sv/sign-in.bak", "sv.old", "lost+found", "pl.orig"] {
      #expect(
        warned.contains { $0.contains("\"\(folder)\"") || $0.contains(folder.replacing("/", with: "\\/")) },
        "\(folder) \(warned)")
    }
    #expect(!log.text.contains(".git") && !log.text.contains("reload-refused"))
    let lint = try scratch.run("template", "lint")
    #expect(lint.status == 1 && lint.text.contains("sv/sign-in.bak") && !lint.text.contains("body.txt~"))
  }
}
