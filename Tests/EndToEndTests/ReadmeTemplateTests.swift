import Foundation
import TestSupport
import Testing

/// What the README tells ops people to do with templates, run as it stands there.
@Suite(.waits) struct ReadmeTemplateTests {
  /// The shell blocks of the how-to, in order, each with the words that head it.
  private static func steps() throws -> [(title: String, script: String)] {
    let readme = try String(contentsOfFile: "\(Scratch.repository)/README.md", encoding: .utf8)
    let start = try #require(readme.range(of: "\n### How to\n"))
    let end = try #require(readme[start.upperBound...].range(of: "\n## "))
    let paragraphs = readme[start.upperBound..<end.lowerBound].components(separatedBy: "\n**").dropFirst()
    return paragraphs.map { paragraph in
      let pieces = paragraph.components(separatedBy: "```sh\n")
      return (
        paragraph.components(separatedBy: ".**")[0],
        pieces.dropFirst().map { $0.components(separatedBy: "```")[0] }.joined()
      )
    }
  }

  @Test func `each step of the how-to does what it says`() throws {
    let directory = try TemporaryDirectoryOwner()
    let root = directory.path
    // What the steps need: each of the ten commands loads all that there is.
    let templates = try TemplateCopy(at: "\(root)/Templates", locales: ["en", "sv"])
    let live = try TemplateCopy(at: "\(root)/live", locales: ["en", "sv"])
    let sink = try Sink("--store", "\(root)/.passcode/mail")
    try FileManager.default.createDirectory(atPath: "\(root)/Config", withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: "\(Scratch.repository)/Config/tenants.json5", toPath: "\(root)/Config/tenants.json5")
    // The developer's configuration, with this sink.
    try String(contentsOfFile: "\(Scratch.repository)/Config/passcode.json5", encoding: .utf8)
      .replacing("smtp://127.0.0.1:2525", with: "smtp://\(sink.address)")
      .write(toFile: "\(root)/Config/passcode.json5", atomically: true, encoding: .utf8)
    let scratch = try Scratch(
      in: directory, relay: sink.address, extra: "tenants: \"Config/tenants.json5\",", templates: live.path)
    let worker = try scratch.startWorker()

    let bin = URL(fileURLWithPath: scratch.command).deletingLastPathComponent().path
    var outputs: [String: String] = [:]
    let steps = try Self.steps()
    #expect(
      steps.map(\.title) == [
        "See every mail", "Change the Swedish words", "Add a language", "Brand one tenant",
        "Test it on the sink",
        "Roll it out",
      ])
    for (title, script) in steps {
      let result = try ChildProcess.run(
        "/bin/sh", ["-e", "-c", script.replacing("/etc/passcode/Templates", with: live.path)],
        environment: [
          "PATH": "\(bin):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")",
          "PASSCODE_CONFIG": "\(root)/Config/passcode.json5",
        ], directory: root)
      #expect(result.status == 0 && !script.isEmpty, "\(title): \(result)")
      outputs[title] = result.text
    }
    let page = try String(contentsOfFile: "\(root)/.passcode/preview/index.html", encoding: .utf8)
    #expect(page.contains("Din inloggningskod till Fabrikam"))
    #expect(outputs["Change the Swedish words"]?.contains("nothing found") == true)
    #expect(try templates.text("sv/sign-in/subject.txt") == "Din engångskod till {{app}}\n")
    let added = try #require(outputs["Add a language"])
    #expect(added.contains("6 templates in en pt sv"))
    #expect(outputs["Add a language"]?.contains("plurals.json5 ← pt/plurals.json5") == true)
    let branding = try #require(outputs["Brand one tenant"])
    for part in [
      "#8a4b00", "KUNDPORTALEN", "Fabrikam AB · Storgatan 1, Stockholm",
      "subject.txt ← tenants/Fabrikam/sv/sign-in/subject.txt",
    ] { #expect(branding.contains(part), "\(part): \(branding)") }
    let sample = try #require(outputs["Test it on the sink"])
    #expect(sample.contains("Din kod till kundportalen"), "\(sample)")

    let branded = try String(contentsOfFile: "\(root)/.passcode/mail/1.eml", encoding: .utf8)
      .replacing("=\r\n", with: "")
    for part in ["background-color:#8a4b00", ">KUNDPORTALEN</td>", "Storgatan 1, Stockholm"] {
      #expect(branded.contains(part), "\(part): \(branded)")
    }

    // Rolled out: the worker that runs takes it, and mails it.
    #expect(worker.wait(for: "\"event\":\"reloaded\",\"templates\":"))
    for (address, arguments, subject) in [
      ("bo@example.org", ["--locale", "sv", "--tenant", "Fabrikam"], "Din kod till kundportalen"),
      (
        "eva@example.org", ["--locale", "pt-PT", "--tenant", "Fabrikam"],
        "Seu código de acesso a Fabrikam kundportal"
      ),
    ] {
      let request = try ChildProcess.run(
        scratch.command, ["request", "--to", address, "--json", "--config", scratch.config] + arguments)
      #expect(request.status == 0, "\(request)")
      let mail = try scratch.run(
        "sink", "wait", "--store", "\(root)/.passcode/mail", "--to", address, "--json")
      #expect(try mail.object()["subject"] as? String == subject, "\(mail.text)")
    }
    _ = worker
  }

  @Test func `a language that runs from right to left says so, and keeps its code running the other way`()
    throws
  {
    let directory = try TemporaryDirectoryOwner()
    let templates = try TemplateCopy(at: "\(directory.path)/T", locales: ["en"])
    try FileManager.default.copyItem(atPath: "\(templates.path)/en", toPath: "\(templates.path)/he")
    try templates.write("קוד הכניסה שלך ל-{{app}}\n", to: "he/sign-in/subject.txt")
    let forms = "{ one: \"דקה\", two: \"{{count}} דקות\", other: \"{{count}} דקות\" }"
    try templates.write("{ minute: \(forms), hour: \(forms) }", to: "he/plurals.json5")
    let lint = try ChildProcess.run(
      try ExternalTool.built("passcode"), ["template", "lint", "--templates", templates.path])
    // Nobody has translated the copy, which is all that there is to say.
    let findings = lint.text.split(separator: "\n").filter { $0.contains("[") }
    #expect(lint.status == 1 && findings.allSatisfy { $0.hasSuffix("[same-text]") }, "\(lint)")
    let preview = try ChildProcess.run(
      try ExternalTool.built("passcode"),
      ["template", "preview", "--templates", templates.path, "--out", "\(directory.path)/out"])
    #expect(preview.status == 0)
    let page = try String(contentsOfFile: "\(directory.path)/out/index.html", encoding: .utf8)
    #expect(page.contains(#"\u003Chtml lang=\"he\" dir=\"rtl\">"#))
    #expect(page.contains(#"\u003Ctd class=\"code\" dir=\"ltr\""#))
  }
}
