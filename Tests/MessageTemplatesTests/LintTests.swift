import Foundation
import Glibc
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

  private static let german2 = german.merging([
    "de/verify-email/subject.txt": "s", "de/verify-email/preheader.txt": "p",
    "de/verify-email/body.html": "<p>{{code}}</p>", "de/verify-email/body.txt": "{{code}}",
  ]) { $1 }

  /// Changes that break one rule and no other, and where lint says so.
  static let cases: [(rule: TemplateRule, place: String, changes: [String: String?])] = [
    (.tooLarge, html, [html: "{{code}}" + String(repeating: "x", count: 262_145)]),
    (.byteOrderMark, "\(html):1:1", [html: "\u{FEFF}<p>{{code}}</p>"]),
    (.carriageReturn, "\(text):1:9", [text: "{{code}}\r\n"]),
    (.controlCharacter, "\(text):2:1", [text: "{{code}}\n\u{1B}\n"]),
    (.controlCharacter, "en/sign-in/subject.txt:1:5", ["en/sign-in/subject.txt": "Your\u{2028}code"]),
    (.controlCharacter, "en/sign-in/preheader.txt:1:2", ["en/sign-in/preheader.txt": "a\u{85}b"]),
    (.missingPart, text, [text: nil]),
    (.missingPart, "layout.txt", ["layout.txt": nil]),
    (.missingPlurals, "en/plurals.json5", ["en/plurals.json5": nil]),
    (.unknownFile, "en/sign-in/bodi.txt", ["en/sign-in/bodi.txt": "x"]),
    (.folderName, "en/Sign In", ["en/Sign In/notes.md": "x"]),
    (.folderName, "svenska!", ["svenska!/plurals.json5": "{}"]),
    (
      .folderName, "tenants/t",
      ["tenants/T/en/sign-in/subject.txt": "x", "tenants/t/en/sign-in/subject.txt": "x"]
    ),
    (
      .countryCode, "at",
      Dictionary(
        uniqueKeysWithValues: german.map {
          (
            $0.key.replacing("de/", with: "at/"),
            $0.value?.replacing("{ minute", with: "{ like: 'de', minute")
          )
        })
    ),
    (.unclosedTag, "\(text):2:1", [text: "{{code}}\n{{app\n"]),
    (.emptyTag, "\(text):2:1", [text: "{{code}}\n{{ }}\n"]),
    (.forbiddenTag, "\(text):2:1", [text: "{{code}}\n{{{app}}}\n"]),
    (.badName, "\(text):2:3", [text: "{{code}}\n{{a.b}}\n"]),
    (.unknownName, "\(text):1:3", [text: "{{cod}} {{code}}"]),
    (.mismatchedTag, "\(text):1:9", [text: "{{code}}{{/app}}"]),
    (.unclosedSection, "\(text):1:9", [text: "{{code}}{{#app}}"]),
    (.missingPartial, "\(text):2:1", [text: "{{code}}\n{{> footer}}\n"]),
    (.recursivePartial, "a.txt:1:1", [text: "{{code}}\n{{> a}}\n", "a.txt": "{{> a}}"]),
    (
      .tooLong, "\(text):2:257",
      [
        text: "{{code}}\n" + String(repeating: "{{#app}}", count: 33)
          + String(repeating: "{{/app}}", count: 33)
      ]
    ),
    (.notOneLine, "en/sign-in/subject.txt:2", ["en/sign-in/subject.txt": "a\nb"]),
    (.emptyPart, "en/sign-in/preheader.txt", ["en/sign-in/preheader.txt": ""]),
    (.emptyPart, "en/sign-in/subject.txt", ["en/sign-in/subject.txt": "{{tenant}}"]),
    (.emptyPart, "en/sign-in/subject.txt", ["en/sign-in/subject.txt": "{{#clientIP}}New code{{/clientIP}}"]),
    (.blankEnds, "en/sign-in/subject.txt:1:1", ["en/sign-in/subject.txt": " Your code\n"]),
    (.blankEnds, "en/sign-in/subject.txt:1:18", ["en/sign-in/subject.txt": "Code for {{app}} \u{A0}\n"]),
    (.blankEnds, "en/sign-in/preheader.txt:1:7", ["en/sign-in/preheader.txt": "A code "]),
    (.tabInHeader, "en/sign-in/subject.txt:1", ["en/sign-in/subject.txt": "Your\tcode"]),
    (.codeInSubject, "en/sign-in/subject.txt:1", ["en/sign-in/subject.txt": "{{code}} is it"]),
    (.badVariables, "variables.json5:1:3", ["variables.json5": "{ code: {} }"]),
    (
      .badPlurals, "en/plurals.json5:1:3",
      ["en/plurals.json5": "{ minute: { one: '1' }, hour: { one: '1' } }"]
    ),
    (.missingCode, "\(text):1", [text: "no code"]),
    (.missingCode, "\(text):1", [text: "{{#tenant}}\n{{code}}\n{{/tenant}}\n"]),
    (.missingCode, "\(html):1", [html: "<p>{{^tenant}}{{code}}{{/tenant}}</p>"]),
    (.missingCode, "layout.txt:1", ["layout.txt": "{{#clientIP}}\n{{> content}}\n{{/clientIP}}\n"]),
    (
      .missingCode, "en/sign-in/subject-with-code.txt:1",
      ["en/sign-in/subject-with-code.txt": "Your code for {{app}}"]
    ),
    (.htmlContext, "\(html):1:6", [html: "<!-- {{code}} --><p>x</p>"]),
    (.htmlContext, "\(html):1:26", [html: "<p style=\"margin:0>Code: {{code}}</p><b title=\"x\">x</b>"]),
    (.hiddenCode, "\(html):1:9", [html: "<p id=\"a{{code}}\">x</p>"]),
    (.hiddenCode, "\(html):1:26", [html: "<p title=\"margin:0>Code: {{code}}</p><b title=\"x\">x</b>"]),
    (.hiddenCode, "\(html):1:29", [html: "<p style=\"display: none\"><b>{{code}}</b></p>"]),
    (
      .htmlContext, "\(html):1:4",
      [
        "layout.html": "<html lang=\"{{locale}}\"><head><title>x</title></head><!-- {{> content}}</html>",
        html: "<p>{{code}}</p>",
      ]
    ),
    (.splitCode, "\(text):1:12", [text: "Your code: {{code}}.\n"]),
    (.splitCode, "\(html):1:10", [html: "<p>Code: {{code}}</p>"]),
    (.unusedName, "variables.json5:1:3", ["variables.json5": "{ city: {} }"]),
    (.missingPurpose, "en/verify-email", german2),
    (.writtenMinutes, "\(text):2:11", [text: "{{code}}\nValid for 30 minutes\n"]),
    (.writtenMinutes, "\(text):2:3", [text: "{{code}}\nA 30-minute code\n"]),
    (.writtenMinutes, "\(html):2:14", [html: "<p>{{code}}</p>\n<p>Valid for 2&nbsp;hours</p>"]),
    (
      .writtenMinutes, "fi/sign-in/body.txt:2:10",
      [
        "fi/plurals.json5":
          "{ minute: { one: '{{count}} minuutin', other: '{{count}} minuuttia' }, hour: { one: '{{count}} tunnin', other: '{{count}} tuntia' } }",
        "fi/sign-in/subject.txt": "Koodi", "fi/sign-in/preheader.txt": "Koodi",
        "fi/sign-in/body.html": "<p>{{code}}</p>", "fi/sign-in/body.txt": "{{code}}\nVoimassa 2 tuntia\n",
      ]
    ),
    (.htmlLanguage, "layout.html:1:1", ["layout.html": "<html lang=\"sv\">{{> content}}</html>"]),
    (.htmlLanguage, "layout.html:1:1", ["layout.html": "<html>{{> content}}</html>"]),
    (.htmlTags, "\(html):2:1", [html: "<p>{{code}}</p>\n<p>x"]),
    (.htmlTags, "\(html):2:5", [html: "<p>{{code}}</p>\nx<b></i></b>"]),
    (.htmlTags, "\(html):2:4", [html: "<p>{{code}}</p>\n<p><b>x</p>"]),
    (.script, "\(html):2:1", [html: "<p>{{code}}</p>\n<script>x()</script>"]),
    (.script, "\(html):2:1", [html: "<p>{{code}}</p>\n<p onclick=\"x()\">x</p>"]),
    (.script, "\(html):2:10", [html: "<p>{{code}}</p>\n<a href=\"javascript:x()\">x</a>"]),
    (.form, "\(html):2:1", [html: "<p>{{code}}</p>\n<form></form>"]),
    (.remoteImage, "\(html):2:1", [html: "<p>{{code}}</p>\n<img src=\"https://x.example/a.png\">"]),
    (
      .remoteImage, "\(html):2:1", [html: "<p>{{code}}</p>\n<link rel=\"stylesheet\" href=\"//x.example/a\">"]
    ),
    (
      .remoteImage, "\(html):2:8", [html: "<p>{{code}}</p>\n<style>@import 'https://x.example/a'</style>"]
    ),
    (
      .styleSize, "\(html):2:1",
      [html: "<p>{{code}}</p>\n<style>\(String(repeating: "p{top:0}", count: 1100))</style>"]
    ),
    (.htmlSize, html, [html: "<p>{{code}}</p>" + String(repeating: "x ", count: 14_000)]),
    (.contrast, "\(html):2:17", [html: "<p>{{code}}</p>\n<p style=\"color:#999999\">faint</p>"]),
    (.contrast, "\(html):2:18", [html: "<p>{{code}}</p>\n<p style=\"color: grey\">faint</p>"]),
    (.contrast, "\(html):2:18", [html: "<p>{{code}}</p>\n<p style=\"color: rgb(150, 150, 150)\">faint</p>"]),
    (
      .contrast, "\(html):2:20",
      [html: "<p>{{code}}</p>\n<style>.x { color: #777; background-color: #555 }</style>"]
    ),
    (
      .formality, "de/sign-in/body.txt:2:1",
      german.merging(["de/sign-in/body.txt": "{{code}}\ndein Code. Bitte antworten Sie nicht.\n"]) { $1 }
    ),
    (
      .formality, "de-x-informal/sign-in/body.txt:2:8",
      [
        "de-x-informal/plurals.json5": german["de/plurals.json5"]!,
        "de-x-informal/sign-in/subject.txt": "Dein Code",
        "de-x-informal/sign-in/preheader.txt": "Code", "de-x-informal/sign-in/body.html": "<p>{{code}}</p>",
        "de-x-informal/sign-in/body.txt": "{{code}}\nBitte, Sie dort.\n",
      ]
    ),
  ]

  @Test func `the templates that ship have no finding`() {
    #expect(TemplateLint.findings(in: shipped, needsSubjectWithCode: true).map(\.description) == [])
  }

  @Test func `the sound set of the tests has no finding, nor has the German one`() throws {
    let folder = try TemplateFolder(Self.german)
    #expect(TemplateLint.findings(in: folder.path).map(\.description) == [])
  }

  @Test(arguments: cases)
  func `finds what breaks a rule, where, and nothing else`(
    rule: TemplateRule, place: String, changes: [String: String?]
  ) throws {
    let folder = try TemplateFolder(changes)
    let findings = TemplateLint.findings(in: folder.path)
    #expect(findings.contains { $0.description.hasPrefix(place) }, "\(findings)")
    #expect(findings.allSatisfy { $0.rule == rule }, "\(findings)")
  }

  @Test
  func `finds what is no text: a file that cannot be read, one that is not UTF-8, a link that leads out`()
    throws
  {
    let bad = try TemplateFolder()
    try bad.write(Data([0x7B, 0xC3, 0x28]), to: Self.text)
    #expect(TemplateLint.findings(in: bad.path).map(\.rule) == [.notUTF8])
    let link = try TemplateFolder()
    try FileManager.default.createSymbolicLink(
      atPath: "\(link.path)/en/sign-in/foot.txt", withDestinationPath: "/etc/hostname")
    #expect(TemplateLint.findings(in: link.path).map(\.rule) == [.linkOutside])
    for (name, make) in [
      ("dangling.txt", { symlink("nowhere", $0) }), ("pipe.txt", { mkfifo($0, 0o600) }),
      ("loop.txt", { symlink("loop.txt", $0) }),
    ] as [(String, (String) -> Int32)] {
      let folder = try TemplateFolder()
      #expect(make("\(folder.path)/en/\(name)") == 0)
      let findings = TemplateLint.findings(in: folder.path)
      #expect(findings.map(\.rule) == [.unreadable] && findings[0].file == "en/\(name)", "\(findings)")
    }
  }

  @Test func `finds a tenant's folder that is spelt like no tenant`() throws {
    let folder = try TemplateFolder(["tenants/Fabrikan/en/sign-in/subject.txt": "Words"])
    #expect(TemplateLint.findings(in: folder.path).isEmpty)
    #expect(
      TemplateLint.findings(in: folder.path, tenants: ["Contoso", "Fabrikam"]).map(\.description) == [
        "tenants/Fabrikan: 'Fabrikan' is the name of no tenant in the tenants file; did you mean 'Fabrikam'?"
      ])
    #expect(TemplateLint.findings(in: folder.path, tenants: ["FABRIKAN"]).isEmpty)
  }

  @Test func `every rule has a template above that breaks just that rule`() {
    let alone: Set<TemplateRule> = [.notUTF8, .linkOutside, .unreadable, .unknownTenant]
    let broken = Set(Self.cases.map(\.rule)).union(alone)
    #expect(Set(TemplateRule.allCases).subtracting(broken) == [])
    #expect(Set(TemplateRule.allCases.map(\.summary)).count == TemplateRule.allCases.count)
  }
}
