import Foundation
import TestSupport
import Testing

@Suite struct TemplateVerbTests {
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
    let page = try String(contentsOfFile: "\(directory.path)/out/index.html", encoding: .utf8)
    #expect(page.contains("Din inloggningskod till") && page.contains("Kod logowania"))
    #expect(!page.contains("src=\"http") && !page.contains("href=\"http"))
  }

  @Test func `sends a test mail through the relay, and says where none is`() throws {
    let scratch = try makeRig()
    #expect(try scratch.run("template", "send", "--to", "anna@example.org", "--locale", "cs").status == 0)
    #expect(try !scratch.code(for: "anna@example.org").isEmpty)
    let explained = try scratch.run("template", "explain", "--locale", "de-AT", "--json")
    #expect(try explained.object()["locale"] as? String == "de")
    let doctor = try scratch.run("doctor", "--json")
    #expect(doctor.status == 0, "\(doctor)")
    #expect(doctor.text.contains("PIPELINING"))
  }
}
