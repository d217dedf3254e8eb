import Foundation
import MessageTemplates
import TestSupport
import Testing

/// The paths on which a broken template might reach a mailbox, each tried.
@Suite(.waitsLong) struct BrokenTemplateTests {
  struct Slip: Sendable, CustomTestStringConvertible {
    let name: String
    /// What the fault has to name.
    let place: String
    let make: @Sendable (TemplateCopy) throws -> Void
    var testDescription: String { name }
  }

  static let slips: [Slip] = [
    Slip(name: "a misspelt name", place: "sv/sign-in/body.txt:3:") {
      try $0.replace("{{app}}", with: "{{ap}}", in: "sv/sign-in/body.txt")
    },
    Slip(name: "a tag cut off", place: "sv/sign-in/subject.txt:1:") {
      try $0.write("Din kod till {{app", to: "sv/sign-in/subject.txt")
    },
    Slip(name: "a partial that every mail includes", place: "code.html:3:") {
      try $0.replace("{{code}}", with: "{{#code}}{{code}}", in: "code.html")
    },
    Slip(name: "a partial that is gone", place: "there is no partial 'line'") { try $0.remove("line.html") },
    Slip(name: "a tenant's override", place: "tenants/Fabrikam/pl/sign-in/body.html:1:") {
      try $0.write("<p>{{kod}}</p>", to: "tenants/Fabrikam/pl/sign-in/body.html")
    },
    Slip(name: "a tenant's layout without the body", place: "tenants/Fabrikam/layout.html:") {
      try $0.write("<p>Fabrikam</p>", to: "tenants/Fabrikam/layout.html")
    },
    Slip(name: "a layout that drops the code", place: "layout.txt:") {
      try $0.write("Hello\n", to: "layout.txt")
    },
    Slip(name: "a layout that shows the body to tenants alone", place: "layout.txt:1:") {
      try $0.write("{{#tenant}}\n{{> content}}\n{{/tenant}}\n", to: "layout.txt")
    },
    Slip(name: "the code in a comment", place: "code.html:1:9: {{code}} stands in a comment") {
      try $0.write("<!-- <b>{{code}}</b> -->\n", to: "code.html")
    },
    Slip(name: "the code behind a quote that is never closed", place: "hidden") {
      try $0.write("<table role=\"presentation><tr><td>{{code}}</td></tr></table>\n", to: "code.html")
    },
    Slip(name: "variables.json5", place: "variables.json5:1:") {
      try $0.write("{ city: { requierd: true } }", to: "variables.json5")
    },
    Slip(name: "a plural form that is missing", place: "sv/plurals.json5:") {
      try $0.replace("other:", with: "many:", in: "sv/plurals.json5")
    },
    Slip(name: "a locale that has lost a part", place: "sv/sign-in/body.txt") {
      try $0.remove("sv/sign-in/body.txt")
    },
    Slip(name: "a file saved as Latin-1", place: "sv/sign-in/subject.txt:1:") {
      try Data("Din kod f\u{F6}r {{app}}".unicodeScalars.map { UInt8($0.value) })
        .write(to: URL(fileURLWithPath: "\($0.path)/sv/sign-in/subject.txt"))
    },
    Slip(name: "a file saved with CRLF", place: "sv/sign-in/body.txt:1:") {
      try $0.replace("\n", with: "\r\n", in: "sv/sign-in/body.txt")
    },
    Slip(name: "a subject with a line separator", place: "sv/sign-in/subject.txt:1:") {
      try $0.write("Din kod\u{2028}till {{app}}", to: "sv/sign-in/subject.txt")
    },
    Slip(name: "a subject of two lines", place: "sv/sign-in/subject.txt:2") {
      try $0.write("Din kod\nBcc: x@example.org", to: "sv/sign-in/subject.txt")
    },
    Slip(name: "a subject that may be empty", place: "sv/sign-in/subject.txt") {
      try $0.write("{{#clientIP}}Din kod{{/clientIP}}", to: "sv/sign-in/subject.txt")
    },
    Slip(name: "a link out of the directory", place: "sv/sign-in/subject.txt") {
      try $0.remove("sv/sign-in/subject.txt")
      try FileManager.default.createSymbolicLink(
        atPath: "\($0.path)/sv/sign-in/subject.txt", withDestinationPath: "/etc/hostname")
    },
    Slip(name: "a partial that includes itself", place: "code.html:") {
      try $0.write("{{code}}{{> code}}\n", to: "code.html")
    },
  ]

  private static let locales: Set<String> = ["en", "sv", "pl"]

  @Test(arguments: slips)
  func `is not loaded, and lint names the place`(slip: Slip) throws {
    let directory = try TemporaryDirectoryOwner()
    let templates = try TemplateCopy(at: "\(directory.path)/T", locales: Self.locales)
    try slip.make(templates)
    let faults = #expect(throws: TemplateFaults.self) { try TemplateCatalogue(directory: templates.path) }
    #expect(faults.map { "\($0)" }?.contains(slip.place) == true)
    #expect(TemplateLint.findings(in: templates.path).contains { "\($0)".contains(slip.place) })
  }

  /// All that reads templates loads them as the test above does: a few of the slips tell whether it does.
  @Test(arguments: slips.filter { ["a tag cut off", "a tenant's override"].contains($0.name) })
  func `neither the worker starts nor a test mail is sent`(slip: Slip) throws {
    let directory = try TemporaryDirectoryOwner()
    let templates = try TemplateCopy(at: "\(directory.path)/T", locales: Self.locales)
    try slip.make(templates)
    // Nobody listens there: had it come so far, the status would be another.
    let scratch = try Scratch(in: directory, relay: "127.0.0.1:9", templates: templates.path)
    for verb in [["worker", "--drain"], ["template", "send", "--to", "anna@example.org", "--locale", "sv"]] {
      let result = try ChildProcess.run(scratch.command, verb + ["--config", scratch.config])
      #expect(result.status == 78, "\(result)")
      #expect(result.errorText.contains(slip.place), "\(result)")
    }
    let lint = try scratch.run("template", "lint")
    #expect(lint.status == 1)
    #expect(lint.text.contains(slip.place), "\(lint)")
  }

  @Test func `a running worker mails the last good words through one slip after the other, each told once`()
    throws
  {
    let (scratch, templates) = try makeTemplateRig(locales: ["en", "sv"])
    let worker = try scratch.startWorker()
    func mail(_ number: Int) throws -> [String: Any] {
      let address = "reader\(number)@example.org"
      _ = try scratch.request(to: address, "--locale", "sv")
      return try scratch.run("sink", "wait", "--store", scratch.store, "--to", address, "--json").object()
    }
    func check(_ mail: [String: Any], _ subject: String) {
      #expect(mail["subject"] as? String == subject)
      #expect((mail["code"] as? String)?.count == 6)
    }
    let shipped = "Din inloggningskod till Fabrikam"
    check(try mail(0), shipped)
    // A misspelt name; then half a file on top of it; then a locale that vanishes; then all is well again.
    try templates.replace("{{app}}", with: "{{ap}}", in: "sv/sign-in/subject.txt")
    #expect(worker.wait(for: "\"event\":\"reload-refused\"", count: 1))
    #expect(worker.text().contains("sv/sign-in/subject.txt:1:"))
    check(try mail(1), shipped)
    try templates.write("Din ny", to: "sv/sign-in/.subject.txt.swp")
    try templates.write("<p>{{code", to: "sv/sign-in/body.html")
    #expect(worker.wait(for: "\"event\":\"reload-refused\"", count: 2))
    check(try mail(2), shipped)
    try FileManager.default.moveItem(atPath: "\(templates.path)/sv", toPath: "\(templates.path)/.sv")
    #expect(worker.wait(for: "\"event\":\"reload-refused\"", count: 3))
    #expect(worker.text().contains("sv/sign-in: is gone"))
    check(try mail(3), shipped)
    try TemplateCopy(at: "\(templates.path)/.fresh").replace(
      "Din inloggningskod", with: "Ny kod", in: "sv/sign-in/subject.txt")
    #expect(rename("\(templates.path)/.fresh/sv", "\(templates.path)/sv") == 0)
    #expect(worker.wait(for: "\"event\":\"reloaded\""))
    check(try mail(4), "Ny kod till Fabrikam")
    // Each slip was told once, however many mails were sent meanwhile.
    #expect(worker.text().components(separatedBy: "\"event\":\"reload-refused\"").count == 4)
    worker.signal(SIGTERM)
    #expect(try worker.wait().status == 0)
  }

  @Test func `a variable that one tenant's requests lack fails those requests alone, and says which`() throws
  {
    let (scratch, templates) = try makeTemplateRig()
    try templates.write("{ city: { required: true, example: \"Brno\" } }", to: "variables.json5")
    try templates.replace("{{app}}", with: "{{app}} ({{city}})", in: "en/sign-in/subject.txt")
    let worker = try scratch.startWorker()
    let without = try scratch.request(to: "bo@example.org")
    #expect(worker.wait(for: "\"event\":\"failed\""))
    let status = try scratch.run("status", without, "--json")
    #expect(try status.object()["outcome"] as? String == "failed")
    #expect(status.text.contains("variables.city"), "\(status)")
    _ = try scratch.request(to: "anna@example.org", "--variable", "city=Łódź <A&B>")
    let mail = try scratch.run("sink", "wait", "--store", scratch.store, "--to", "anna@example.org", "--json")
    #expect(try mail.object()["subject"] as? String == "Your Fabrikam (Łódź <A&B>) sign-in code")
    let unknown = try scratch.run("request", "--to", "eva@example.org", "--variable", "town=x", "--json")
    #expect(unknown.status != 0 || worker.wait(for: "variables.town"), "\(unknown)")
    let stored = try FileManager.default.contentsOfDirectory(atPath: scratch.store)
    #expect(stored.filter { $0.hasSuffix(".eml") }.count == 1)
    #expect(
      try scratch.run(
        "template", "send", "--to", "anna@example.org", "--locale", "en", "--variable", "city=Brno"
      )
      .status == 0)
    let missing = try scratch.run("template", "send", "--to", "anna@example.org", "--locale", "en")
    #expect(missing.status != 0 && missing.errorText.contains("variables.city"), "\(missing)")
  }
}
