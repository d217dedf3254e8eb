import Foundation
import MessageTemplates
import Testing

@Suite struct LintTests {
  static let html = "en/sign-in/body.html"
  static let text = "en/sign-in/body.txt"
  static let german: [String: String?] = [
    "de/plurals.json5": TemplateFolder.sound["en/plurals.json5"]!, "de/sign-in/subject.txt": "Ihr Code",
    "de/sign-in/preheader.txt": "Code", "de/sign-in/body.html": "<p>{{code}}</p>",
    "de/sign-in/body.txt": "{{code}}\nBitte antworten Sie nicht.\n",
  ]

  /// A change that breaks one rule, and where lint says so.
  static let cases: [(rule: TemplateRule, place: String, changes: [String: String?])] = [
    (.missingCode, "\(text):1", [text: "no code"]),
    (.unknownName, "\(text):1:3", [text: "{{cod}} {{code}}"]),
    (.splitCode, "\(text):1:12", [text: "Your code: {{code}}.\n"]),
    (.splitCode, "\(html):1:10", [html: "<p>Code: {{code}}</p>"]),
    (.unusedName, "variables.json5:1:3", ["variables.json5": "{ city: {} }"]),
    (.unknownFile, "en/sign-in/bodi.txt", ["en/sign-in/bodi.txt": "x"]),
    (
      .missingPurpose, "en/verify-email",
      german.merging([
        "de/verify-email/subject.txt": "s", "de/verify-email/preheader.txt": "p",
        "de/verify-email/body.html": "<p>{{code}}</p>", "de/verify-email/body.txt": "{{code}}",
      ]) { $1 }
    ),
    (.writtenMinutes, "\(text):2:11", [text: "{{code}}\nValid for 30 minutes\n"]),
    (.htmlLanguage, "layout.html:1:1", ["layout.html": "<html lang=\"sv\">{{> content}}</html>"]),
    (.htmlLanguage, "layout.html:1:1", ["layout.html": "<html>{{> content}}</html>"]),
    (.script, "\(html):2:1", [html: "<p>{{code}}</p>\n<script>x()</script>"]),
    (.script, "\(html):2:1", [html: "<p>{{code}}</p>\n<p onclick=\"x()\">x</p>"]),
    (.form, "\(html):2:1", [html: "<p>{{code}}</p>\n<form></form>"]),
    (.remoteImage, "\(html):2:1", [html: "<p>{{code}}</p>\n<img src=\"https://x.example/a.png\">"]),
    (
      .styleSize, "\(html):2:1",
      [html: "<p>{{code}}</p>\n<style>\(String(repeating: "p{top:0}", count: 1100))</style>"]
    ),
    (.htmlSize, html, [html: "<p>{{code}}</p>" + String(repeating: "x ", count: 14_000)]),
    (.contrast, "\(html):2:17", [html: "<p>{{code}}</p>\n<p style=\"color:#999999\">faint</p>"]),
    (
      .formality, "de/sign-in/body.txt:2:1",
      german.merging(["de/sign-in/body.txt": "{{code}}\ndein Code. Bitte antworten Sie nicht.\n"]) { $1 }
    ),
    (.countryCode, "se", ["se/sign-in/subject.txt": "x"]),
    (
      .badPlurals, "en/plurals.json5:1:3",
      ["en/plurals.json5": "{ minute: { one: '1' }, hour: { one: '1' } }"]
    ),
    (.notOneLine, "en/sign-in/subject.txt:2", ["en/sign-in/subject.txt": "a\nb"]),
    (.emptyPart, "en/sign-in/preheader.txt", ["en/sign-in/preheader.txt": ""]),
    (.missingPart, "en/sign-in/body.txt", [text: nil]),
    (.unclosedSection, "\(text):1:9", [text: "{{code}}{{#app}}"]),
    (.mismatchedTag, "\(text):1:9", [text: "{{code}}{{/app}}"]),
  ]

  @Test func `the templates that ship have no finding`() {
    #expect(TemplateLint.findings(in: shipped, needsSubjectWithCode: true).map(\.description) == [])
  }

  @Test func `the sound set of the tests has no finding, nor has the German one`() throws {
    let folder = try TemplateFolder(Self.german)
    #expect(TemplateLint.findings(in: folder.path).map(\.description) == [])
  }

  @Test(arguments: cases)
  func `finds what breaks a rule, and where`(
    rule: TemplateRule, place: String, changes: [String: String?]
  ) throws {
    let folder = try TemplateFolder(changes)
    let findings = TemplateLint.findings(in: folder.path)
    let found = findings.filter { $0.rule == rule }
    #expect(found.contains { $0.description.hasPrefix("\(place): ") }, "\(findings)")
    if rule != .countryCode { #expect(found.count == findings.count, "\(findings)") }
  }
}
