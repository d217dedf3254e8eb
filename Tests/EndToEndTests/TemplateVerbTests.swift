import Foundation
import TestSupport
import Testing

@Suite(.waits) struct TemplateVerbTests {
  @Test func `finds nothing in the templates that ship`() throws {
    let result = try ChildProcess.run(
      try ExternalTool.built("passcode"), ["template", "lint", "--templates", Scratch.templates])
    #expect(result.status == 0, "\(result)")
    #expect(result.text.contains("nothing found"))
  }

  @Test func `tells file, line and rule of a finding, and exits with 1`() throws {
    let directory = try TemporaryDirectoryOwner()
    try FileManager.default.copyItem(atPath: Scratch.templates, toPath: "\(directory.path)/T")
    let file = "\(directory.path)/T/de/sign-in/body.txt"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    try text.replacing("{{validity}}", with: "30 Minuten").write(
      toFile: file, atomically: true, encoding: .utf8)
    let result = try ChildProcess.run(
      try ExternalTool.built("passcode"),
      ["template", "lint", "--templates", "\(directory.path)/T", "--json"])
    #expect(result.status == 1)
    let finding = try result.object()
    #expect(finding["file"] as? String == "de/sign-in/body.txt", "\(result)")
    #expect(finding["rule"] as? String == "written-minutes", "\(result)")
  }

  @Test func `writes a preview that needs no network`() throws {
    let directory = try TemporaryDirectoryOwner()
    let result = try ChildProcess.run(
      try ExternalTool.built("passcode"),
      ["template", "preview", "--templates", Scratch.templates, "--out", "\(directory.path)/out"])
    #expect(result.status == 0, "\(result)")
    // The operator's colleagues may look, nobody else.
    for (file, mode) in [("out", 0o750), ("out/index.html", 0o640)] {
      let attributes = try FileManager.default.attributesOfItem(atPath: "\(directory.path)/\(file)")
      #expect(attributes[.posixPermissions] as? Int == mode, "\(file)")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(directory.path)/out") == ["index.html"])
    let page = try String(contentsOfFile: "\(directory.path)/out/index.html", encoding: .utf8)
    #expect(page.contains("Din inloggningskod till") && page.contains("Kod logowania"))
    #expect(!page.contains("src=\"http") && !page.contains("href=\"http"))
  }

  @Test func `sends a test mail through the relay, and says where none is`() throws {
    let scratch = try makeRig(templates: Scratch.templates)
    #expect(try scratch.run("template", "send", "--to", "anna@example.org", "--locale", "cs").status == 0)
    #expect(try !scratch.code(for: "anna@example.org").isEmpty)
    // Without a configuration, in a directory of one's own; where a language is not there, it says so as `request` does.
    let copy = try TemplateCopy(at: "\(scratch.path)/T", locales: ["en", "de"])
    try copy.write("Dein Wort\n", to: "tenants/Contoso/de/sign-in/subject.txt")
    let explained = try ChildProcess.run(
      scratch.command,
      [
        "template", "explain", "--locale", "de-AT", "--tenant", "contoso", "--json", "--templates", copy.path,
      ],
      environment: ["PASSCODE_CONFIG": nil], directory: scratch.path)
    #expect(try explained.object()["locale"] as? String == "de", "\(explained)")
    #expect(explained.text.contains("tenants/Contoso/de/sign-in/subject.txt"))
    let klingon = try scratch.run(
      "template", "send", "--to", "bo@example.org", "--locale", "klingon", "--templates", copy.path)
    #expect(klingon.status == 0, "\(klingon)")
    #expect(
      klingon.errorText.contains("there are no templates for klingon; the mail will be in en"), "\(klingon)")
    #expect(try scratch.run("template", "explain", "--templates", "/nowhere").status == 66)
    let doctor = try scratch.run("doctor", "--json")
    #expect(doctor.status == 0, "\(doctor)")
    #expect(doctor.text.contains("PIPELINING"))
  }

  @Test(arguments: [
    (
      ScriptedRelayStep.greet(["AUTH PLAIN"]) + [
        .expect("AUTH PLAIN"), .say("334 "), .expect(""), .say("535 5.7.8 bad credentials"),
      ], "535 5.7.8 bad credentials"
    ),
    ([.say("554 5.7.1 not from your network")], "554 5.7.1 not from your network"),
    (
      ScriptedRelayStep.greet(["AUTH PLAIN"]) + [
        .expect("AUTH PLAIN"), .say("334 "), .expect(""), .say("235 Ok"),
        .refuseAt("recipient", "504 5.5.2 <vm>: Helo command rejected: need fully-qualified hostname"),
      ], "hello"
    ),
    (
      ScriptedRelayStep.greet(["AUTH PLAIN"]) + [
        .expect("AUTH PLAIN"), .say("334 "), .expect(""), .say("235 Ok"),
        .refuseAt("recipient", "554 5.7.1 Relay access denied"),
      ], "554 5.7.1 Relay access denied"
    ),
    (
      ScriptedRelayStep.greet(["AUTH PLAIN"]) + [
        .expect("AUTH PLAIN"), .say("334 "), .expect(""), .say("235 Ok"), .expect("MAIL"), .say("250 Ok"),
        .expect("RCPT"), .say("250 Ok"), .expect("DATA"), .say("354 go"), .expectMessage, .close,
      ], "it may have arrived"
    ),
  ])
  func `a test mail that no relay takes ends at once, and says what was refused`(
    _ script: [ScriptedRelayStep], _ words: String
  ) throws {
    let relay = try ScriptedRelay([], afterwards: script)
    defer { relay.stop() }
    let directory = try TemporaryDirectoryOwner()
    let secret = "\(directory.path)/relay.password"
    try Data("hunter2".utf8).write(to: URL(fileURLWithPath: secret))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: secret)
    let scratch = try Scratch(
      in: directory, relay: "127.0.0.1:\(relay.port)",
      relayKeys: "security: \"plaintext\", username: \"mailer\", passwordFile: \"relay.password\"")
    let result = try scratch.run("template", "send", "--to", "anna@example.org", "--locale", "sv")
    #expect(result.status == 69, "\(result)")
    #expect(result.errorText.contains(words), "\(result)")
    #expect(!result.errorText.contains("hunter2"))
    // The lanes end with the command: nothing is tried again.
    #expect(relay.sessions.count <= 2)
  }

  @Test func `lists every rule with what it asks for`() throws {
    let program = try ExternalTool.built("passcode")
    let list = try ChildProcess.run(program, ["template", "lint", "--rules"])
    #expect(list.status == 0)
    #expect(list.text.contains("\ncontrast           text has a contrast of at least 4.5:1\n"), "\(list)")
    let json = try ChildProcess.run(program, ["template", "lint", "--rules", "--json"])
    #expect(json.lines.count == list.lines.count && list.lines.count > 40)
    #expect(try json.object()["rule"] as? String == "written-minutes")
  }

  @Test func `finds a tenant's folder that no tenant of the tenants file has`() throws {
    let (scratch, templates) = try makeTemplateRig(
      extra: "tenants: \"tenants.json5\",", locales: ["en", "sv"])
    try "{ tenants: [{ id: \"t1\", name: \"Fabrikam\" }] }".write(
      toFile: "\(scratch.path)/tenants.json5", atomically: true, encoding: .utf8)
    try templates.write("Kod från oss", to: "tenants/Fabrikan/sv/sign-in/subject.txt")
    let lint = try scratch.run("template", "lint", "--json")
    #expect(lint.status == 1)
    #expect(try lint.object()["rule"] as? String == "unknown-tenant", "\(lint)")
    #expect(rename("\(templates.path)/tenants/Fabrikan", "\(templates.path)/tenants/fabrikam") == 0)
    #expect(try scratch.run("template", "lint").status == 0)
  }

  @Test
  func `a tenant has a layout and words of its own, in explain, in a test mail and in the worker's mail`()
    throws
  {
    let (scratch, templates) = try makeTemplateRig(
      extra: "tenants: \"tenants.json5\",", locales: ["en", "de"])
    try """
    { tenants: [
      { id: "t1", name: "Fabrikam", app: "Fabrikam Portal", locale: "de", passcodes: "enabled" },
      { id: "t2", name: "Contoso", passcodes: "enabled" },
    ] }
    """.write(toFile: "\(scratch.path)/tenants.json5", atomically: true, encoding: .utf8)
    try templates.write("FABRIKAM\n\n{{> content}}", to: "tenants/Fabrikam/layout.txt")
    try templates.write("Code für {{tenant}}", to: "tenants/Fabrikam/de/sign-in/subject.txt")
    let explained = try scratch.run("template", "explain", "--locale", "de-AT", "--tenant", "fabrikam")
    #expect(explained.status == 0, "\(explained)")
    for line in [
      "de/sign-in, with files of the tenant 'Fabrikam': the reader asks for 'de-AT', and this is the nearest",
      "subject.txt ← tenants/Fabrikam/de/sign-in/subject.txt", "layout.txt ← tenants/Fabrikam/layout.txt",
      "body.html ← de/sign-in/body.html (not there: tenants/Fabrikam/de/sign-in/body.html)",
      "plurals.json5 ← de/plurals.json5",
    ] { #expect(explained.text.contains(line), "\(line) in \(explained)") }
    // Without a locale of the reader's, the tenant's; then the default.
    let json = try scratch.run("template", "explain", "--tenant", "t1", "--json").object()
    #expect(json["locale"] as? String == "de" && json["reason"] as? String == "tenant")
    let other = try scratch.run("template", "explain", "--tenant", "Contoso", "--json").object()
    #expect(other["locale"] as? String == "en" && other["reason"] as? String == "default")
    #expect(try scratch.run("template", "explain", "--tenant", "nobody").status == 65)
    #expect(try scratch.run("template", "explain", "--purpose", "reset").status == 65)

    #expect(
      try scratch.run(
        "template", "send", "--to", "anna@example.org", "--tenant", "Fabrikam", "--locale", "fr"
      )
      .status == 0)
    let worker = try scratch.startWorker()
    _ = try scratch.request(to: "bo@example.org", "--tenant", "Fabrikam")
    _ = try scratch.request(to: "eva@example.org", "--tenant", "Contoso", "--locale", "de")
    for (address, subject, isOwn) in [
      ("anna@example.org", "Code für Fabrikam", true), ("bo@example.org", "Code für Fabrikam", true),
      ("eva@example.org", "Ihr Anmeldecode für Fabrikam", false),
    ] {
      let mail = try scratch.run("sink", "wait", "--store", scratch.store, "--to", address, "--json").object()
      #expect(mail["subject"] as? String == subject)
      let bytes = try String(contentsOfFile: try #require(mail["file"] as? String), encoding: .utf8)
      #expect(bytes.contains("\r\n\r\nFABRIKAM\r\n\r\n") == isOwn)
      #expect(bytes.contains("Fabrikam Portal") == isOwn)
    }
    _ = worker
  }

  @Test func `follows edits: a save in place, a save by renaming, a slip, and its mending`() throws {
    let directory = try TemporaryDirectoryOwner()
    let templates = try TemplateCopy(at: "\(directory.path)/T", locales: ["en", "sv", "pl"])
    let out = "\(directory.path)/out"
    let preview = try ChildProcess(
      try ExternalTool.built("passcode"),
      ["template", "preview", "--templates", templates.path, "--out", out, "--watch"])
    func page() throws -> String { try String(contentsOfFile: "\(out)/index.html", encoding: .utf8) }
    #expect(preview.wait(for: "nothing found", count: 1))
    #expect(try page().contains("Din inloggningskod till Fabrikam"))
    try templates.replace("Din inloggningskod", with: "Din engångskod", in: "sv/sign-in/subject.txt")
    #expect(preview.wait(for: "nothing found", count: 2))
    #expect(try page().contains("Din engångskod till Fabrikam"))
    // As vim and many others save: written beside it, then renamed over it.
    try templates.write("Koden till {{app}}\n", to: "sv/sign-in/.subject.txt.swx")
    let saved = "\(templates.path)/sv/sign-in/subject.txt"
    #expect(rename("\(templates.path)/sv/sign-in/.subject.txt.swx", saved) == 0)
    #expect(preview.wait(for: "nothing found", count: 3))
    #expect(try page().contains("Koden till Fabrikam"))
    try templates.write("Koden till {{ap}}\n", to: "sv/sign-in/subject.txt")
    #expect(preview.wait(for: "1 finding, shown in place"))
    let broken = try page()
    #expect(broken.contains("<code>unknown-name</code> sv/sign-in/subject.txt:1:14"))
    #expect(broken.contains("Kod logowania do serwisu Fabrikam"))
    try templates.remove("sv/sign-in/subject.txt")
    #expect(preview.wait(for: "1 finding, shown in place", count: 2))
    #expect(try page().contains("Cannot be built"))
    try templates.write("Koden till {{app}}\n", to: "sv/sign-in/subject.txt")
    #expect(preview.wait(for: "nothing found", count: 4))
    #expect(try !page().contains("class=\"findings\""))
    preview.signal(SIGTERM)
    #expect(try preview.wait().status == 0)
  }

  @Test func `measures rendering and loading`() throws {
    let result = try ChildProcess.run(
      try ExternalTool.built("passcode-bench"),
      ["render", "--count", "200", "--runs", "1", "--tenants", "2", "--lint", "--json"],
      directory: Scratch.repository)
    #expect(result.status == 0, "\(result)")
    let object = try result.object()
    for key in [
      "microsecondsPerMail", "baselineMicroseconds", "ratio", "allocationsPerMail", "loadMilliseconds",
      "lintMilliseconds",
    ] {
      let value = try #require(object[key] as? Double, "\(key) in \(object)")
      #expect(value > 0 && value.isFinite, "\(key)")
    }
    #expect(object["bench"] as? String == "render: 200 mails; load: 2 tenants × 15 locales × 2 purposes")
  }
}
