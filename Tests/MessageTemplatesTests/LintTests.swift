import Foundation
import Glibc
import Testing

@testable import MessageTemplates

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

  /// A second language beside the sound set.
  private static let second: [String: String?] = [
    "fi/plurals.json5": TemplateFolder.sound["en/plurals.json5"]!, "fi/sign-in/subject.txt": "Koodi",
    "fi/sign-in/preheader.txt": "Koodi", "fi/sign-in/body.html": "<p>{{code}}</p>",
    "fi/sign-in/body.txt": "{{code}}\n",
  ]

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
    (.missingRequestWords, "en/request.json5", [text: "{{code}}\n{{requestedAtLocal}}\n"]),
    (.missingRequestWords, "en/request.json5", [html: "<p>{{code}}</p>\n<p>{{clientAgentName}}</p>"]),
    (
      .badRequestWords, "en/request.json5:1:3",
      ["en/request.json5": "{ time: 'D', agent: '{{browser}}, {{system}}' }"]
    ),
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
      second.merging([
        "fi/plurals.json5":
          "{ minute: { one: '{{count}} minuutin', other: '{{count}} minuuttia' }, hour: { one: '{{count}} tunnin', other: '{{count}} tuntia' } }",
        "fi/sign-in/body.txt": "{{code}}\nVoimassa 2 tuntia\n",
      ]) { $1 }
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

  /// The rules that look at characters and at copies, as `cases`.
  static let more: [(rule: TemplateRule, place: String, changes: [String: String?])] = [
    (.mojibake, "\(text):2:2", [text: "{{code}}\nfÃ¼r\n"]),
    (.mojibake, "\(text):2:4", [text: "{{code}}\nprzÄ…d\n"]),
    (.mojibake, "\(html):1:21", [html: "<p>{{code}}</p>\n".replacing("\n", with: "<b>x â€“ y</b>")]),
    (.mojibake, "\(text):2:1", [text: "{{code}}\nÐŸÑ€Ð¸Ð²ÐµÑ‚\n"]),
    (.mojibake, "\(text):2:2", [text: "{{code}}\na\u{FFFD}\n"]),
    (.mojibake, "en/sign-in/subject.txt:1:2", ["en/sign-in/subject.txt": "VÃ¡Å¡ kÃ³d"]),
    (.fullWidthBraces, "\(text):2:1", [text: "{{code}}\n｛｛app｝｝\n"]),
    (.fullWidthBraces, "en/sign-in/subject.txt:1:6", ["en/sign-in/subject.txt": "Your ｛app｝"]),
    (.attributeQuotes, "\(html):2:1", [html: "<p>{{code}}</p>\n<p class=“soft”>x</p>"]),
    (.attributeQuotes, "\(html):2:1", [html: "<p>{{code}}</p>\n<td align = ’left’ width=\"5\">x</td>"]),
    (.bareCharacter, "\(html):2:6", [html: "<p>{{code}}</p>\n<p>A & B</p>"]),
    (.bareCharacter, "\(html):2:4", [html: "<p>{{code}}</p>\n<p>&copy 2026</p>"]),
    (.bareCharacter, "\(html):2:6", [html: "<p>{{code}}</p>\n<p>x < 3</p>"]),
    (
      .bareCharacter, "\(html):2:5",
      [html: "<p>{{code}}</p>\n<p>Ä&B; {{app}}</p>".replacing("&B;", with: "& B")]
    ),
    (.embeddedImage, "\(html):2:6", [html: "<p>{{code}}</p>\n<img src=\"data:image/png;base64,AAAA\">"]),
    (
      .embeddedImage, "\(html):2:22",
      [html: "<p>{{code}}</p>\n<p style=\"background:url(data:image/gif;base64,R0)\">x</p>"]
    ),
    (
      .longSubject, "en/sign-in/subject.txt:1",
      ["en/sign-in/subject.txt": "A code with which you may sign in now to the app {{app}}"]
    ),
    (
      .longSubject, "en/sign-in/subject.txt:1",
      [
        "en/sign-in/subject.txt":
          "Your code{{#tenant}} for the account of {{tenant}} here{{/tenant}}{{#clientIP}} from {{clientIP}}{{/clientIP}}"
      ]
    ),
    (
      .sameText, "fi/sign-in/body.txt:3:1",
      second.merging([
        text: "{{code}}\n\nThe code works only once, so be quick.\n",
        "fi/sign-in/body.txt": "{{code}}\n\nThe code works only once, so be quick.\n",
      ]) { $1 }
    ),
    (
      .sameText, "fi/sign-in/body.html:2:1",
      second.merging([
        html: "<p>{{code}}</p>\n<p>The code works only once, {{app}} says.</p>",
        "fi/sign-in/body.html": "<p>{{code}}</p>\n<p class=\"x\">The code works only once, {{app}} says.</p>",
      ]) { $1 }
    ),
  ]

  @Test(arguments: more)
  func `finds what was typed or saved wrongly, or never translated`(
    rule: TemplateRule, place: String, changes: [String: String?]
  ) throws {
    let folder = try TemplateFolder(changes)
    let findings = TemplateLint.findings(in: folder.path)
    #expect(findings.contains { $0.description.hasPrefix(place) }, "\(findings)")
    #expect(findings.allSatisfy { $0.rule == rule }, "\(findings)")
  }

  @Test(arguments: [
    "<p>{{code}}</p>\n<p>A &amp; B &lt; C &#38; &#x26; x > y “quoted” – ‘so’ … Åbo Ä Ã Â é ã</p>",
    "<p>{{code}}</p>\n<!-- a & b < c -->\n<p title=\"a > b\">x</p>\n<a href=\"https://x.example/?a=1&b=2\">x</a>",
    "<p>{{code}}</p>\n<style>p > b { color: #000000 }</style>\n<!--[if mso]><table><tr><td><![endif]-->x<!--[if mso]></td></tr></table><![endif]-->",
  ])
  func `takes nothing for a slip that is none`(html: String) throws {
    let folder = try TemplateFolder([Self.html: html])
    #expect(TemplateLint.findings(in: folder.path).map(\.description) == [])
  }

  @Test(arguments: [
    ("Gib den Code nicht weiter. Sie wurde automatisch gesendet.", nil),
    ("Diese Nachricht ist für dich.\n\nSie gilt 30 Mal.", nil), ("Dein Code. Sie ist kurz.", nil),
    ("Gib den Code ein. Können Sie das?", "Gib"), ("Bitte antworte nicht. Ihr Code:", "antworte"),
    ("Wenn Sie wollen: Antworte nicht.", "Antworte"), ("Sie erhalten ihn. Klick nicht darauf.", "Klick"),
    ("Geben Sie den Code ein. Verwende ihn bald.", "Verwende"), ("Geben Sie ihn ein, bevor du gehst.", "du"),
    ("Bitte geben Sie den Code ein. Sie wurde gesendet.", nil),
    ("Geben Sie die Nummer ein. Gibt es Fragen?", nil),
  ])
  func `tells du from Sie, also in imperatives, and Sie from she and they`(words: String, familiar: String?) {
    let address = GermanAddress(words)
    #expect((address.polite == nil ? nil : address.familiar) == familiar)
  }

  @Test func `neighbours may share a sentence, and English is what others are copied from`() throws {
    var files: [String: String?] = [:]
    for (locale, line) in [
      ("cs", "Kód platí jen jednou dnes"), ("sk", "Kód platí jen jednou dnes"),
      ("de", "Der Code gilt nur einmal"),
    ] {
      for (name, text) in Self.second {
        files[name.replacing("fi/", with: "\(locale)/")] =
          name.hasSuffix("plurals.json5")
          ? text?.replacing("{ minute", with: "{ like: 'en', minute")
          : name.hasSuffix("body.txt") ? "{{code}}\n\(line)\n" : text
      }
    }
    let folder = try TemplateFolder(files)
    #expect(TemplateLint.findings(in: folder.path).map(\.description) == [])
    try folder.write("{{code}}\nDer Code gilt nur einmal\n", to: Self.text)
    #expect(TemplateLint.findings(in: folder.path).map(\.file) == ["de/sign-in/body.txt"])
  }

  @Test func `what many mails lack is told once`() throws {
    var files = Self.german
    files["layout.txt"] = .some(nil)
    let bare = try TemplateFolder(files)
    #expect(
      TemplateLint.findings(in: bare.path).map(\.description).filter {
        $0.hasPrefix("layout.txt")
      }.count == 1)
    var partial = Self.german
    for file in [Self.html, "de/sign-in/body.html"] { partial[file] = "<p>{{code}}</p>\n{{> foot}}" }
    let folder = try TemplateFolder(partial)
    let findings = TemplateLint.findings(in: folder.path)
    #expect(
      findings.count == 1
        && findings[0].description.hasPrefix("de/sign-in/body.html:2:1: there is no partial 'foot'"))
    #expect(findings[0].message.hasSuffix("; one more place lacks it"))
    #expect(folder.faults() == findings)
  }

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
    let alone: Set<TemplateRule> = [.notUTF8, .linkOutside, .unreadable, .untrusted, .unknownTenant]
    let broken = Set((Self.cases + Self.more).map(\.rule)).union(alone)
    #expect(Set(TemplateRule.allCases).subtracting(broken) == [])
    #expect(Set(TemplateRule.allCases.map(\.summary)).count == TemplateRule.allCases.count)
  }
}
