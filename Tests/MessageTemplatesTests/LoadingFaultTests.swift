import CodeRequests
import Foundation
import Glibc
import MessageTemplates
import Testing

/// Each slip has a message of its own, with file, line and column.
@Suite struct LoadingFaultTests {
  static let body = "en/sign-in/body.html"
  static let cases: [(changes: [String: String?], expected: String)] = [
    (
      [body: "<p>{{code}}</p>\n<p>{{cdoe}}</p>"],
      "\(body):2:6: 'cdoe' is not a known name; did you mean 'code'?"
    ),
    (
      [body: "å {{#Validity}}{{/Validity}}"],
      "\(body):1:6: 'Validity' is not a known name; did you mean 'validity'?"
    ),
    ([body: "{{xyzzyfoo}}"], "\(body):1:3: 'xyzzyfoo' is not a known name; known are app, code,"),
    (
      [body: "{{code}}\n {{app"],
      "\(body):2:2: the tag that begins here does not end on its line; expected }}"
    ),
    ([body: "{{app {{code}}"], "\(body):1:1: the tag that begins here does not end on its line"),
    ([body: "{{code}}{{! never"], "\(body):1:9: the comment that begins here never ends"),
    (
      [body: "{{#app}}\n{{code}}\n{{/code}}"],
      "\(body):3:1: found {{/code}}, expected {{/app}} for the section that opens at 1:1"
    ),
    ([body: "{{code}}{{/app}}"], "\(body):1:9: found {{/app}}, but no section is open"),
    ([body: "{{code}}\n{{^app}}"], "\(body):2:1: the section {{^app}} is never closed; expected {{/app}}"),
    (
      [body: "{{{code}}}"],
      "\(body):1:1: found {{{code}}}, which would not escape the value; expected {{code}}"
    ),
    (
      [body: "{{&code}}"], "\(body):1:1: found {{&code}}, which would not escape the value; expected {{code}}"
    ),
    ([body: "{{=<% %>=}}"], "\(body):1:1: found a set-delimiter tag"),
    ([body: "{{.}}"], "\(body):1:1: found {{.}}; values are strings"),
    ([body: "{{<code}}{{/code}}"], "\(body):1:1: found a block of template inheritance"),
    ([body: "{{ }}"], "\(body):1:1: found a tag without a name"),
    ([body: "{{code.x}}"], "\(body):1:3: 'code.x' is not a name"),
    (
      [body: "{{code}}\n{{> foter}}", "footer.html": "x"],
      "\(body):2:1: there is no partial 'foter'; did you mean 'footer'? looked for en/sign-in/foter.html, en/foter.html, foter.html"
    ),
    (
      [body: "{{> a}}", "a.html": "{{> b}}", "b.html": "\n{{> a}}"],
      "b.html:2:1: {{> a}} includes itself: a.html → b.html → a.html"
    ),
    ([body: "{{> content}}"], "\(body):1:1: {{> content}} includes itself"),
    (["en/sign-in/subject.txt": nil], "en/sign-in/subject.txt: is missing"),
    ([body: nil], "\(body): is missing"),
    (["layout.html": nil], "layout.html: is missing; expected the frame of every mail"),
    (["layout.txt": "hello"], "layout.txt: never includes the locale's body; expected {{> content}}"),
    (["en/plurals.json5": nil], "en/plurals.json5: is missing; expected the forms of minute and hour"),
    (
      ["en/plurals.json5": "{\n minute: { one: '{{count}} m' },\n hour: {} }"],
      "en/plurals.json5:2:2: 'minute' has no form 'other'; 'en' needs one, other"
    ),
    (
      ["en/plurals.json5": "{ minutes: {}, hour: {} }"],
      "en/plurals.json5:1:3: 'minutes' is not a key here; did you mean minute?"
    ),
    (
      ["en/plurals.json5": "{ minute: { few: '1' }, hour: {} }"],
      "en/plurals.json5:1:13: 'minute.few' is no form of 'en'; expected one, other"
    ),
    (["en/plurals.json5": "{\n minute: ["], "en/plurals.json5:2:"),
    (
      ["en/plurals.json5": "{ minute: {},\n minute: {} }"],
      "en/plurals.json5:2:2: 'minute' stands twice in the same object, first at line 1, column 3"
    ),
    (
      ["en/plurals.json5": "{ minute: { one: 'x', other: 'minutes' }, hour: { one: 'x', other: 'y' } }"],
      "en/plurals.json5:1:23: 'minute.other' is \"minutes\"; expected one line with {{count}} once"
    ),
    (["variables.json5": "{ code: {} }"], "variables.json5:1:3: 'code' is a built-in name"),
    (["variables.json5": "{ city: {},\n city: {} }"], "variables.json5:2:2: 'city' stands twice"),
    (["variables.json5": "{ city: { required: 1 } }"], "variables.json5:1:11: 'city.required' is a number"),
    (["variables.json5": "{\n city: {}\n town: {} }"], "variables.json5:3:2: is not JSON5: expected , or }"),
    (["variables.json5": "{ 'a b': {} }"], "variables.json5:1:3: 'a b' is not a name"),
    (
      ["variables.json5": "{ city: { exmaple: '' } }"],
      "variables.json5:1:11: 'city.exmaple' is not a key here; did you mean example?"
    ),
    (["en/sign-in/subject.txt": "one\ntwo\n"], "en/sign-in/subject.txt:2: has more than one line"),
    (["en/sign-in/preheader.txt": " \n"], "en/sign-in/preheader.txt: is empty"),
    (
      ["en/sign-in/subject.txt": "{{code}} is it"],
      "en/sign-in/subject.txt:1: shows {{code}}; put that subject into subject-with-code.txt"
    ),
    ([body: "<p>no code</p>"], "\(body):1: never shows {{code}}"),
    (["en/sign-in/body.txt": ""], "en/sign-in/body.txt:1: never shows {{code}}"),
    ([body: "a\r\nb"], "\(body):1:2: the line ends with a carriage return"),
    ([body: "\u{FEFF}{{code}}"], "\(body):1:1: begins with a byte order mark"),
    ([body: "a\n\u{1B}"], "\(body):2:1: holds a control character"),
    ([body: String(repeating: "x", count: 262_145)], "\(body): has more than 256 KB"),
    (["EN/sign-in/subject.txt": "x"], "is the same locale as"),
    (
      ["tenants/t/en/sign-in/body.txt": "{{nme}}"],
      "tenants/t/en/sign-in/body.txt:1:3: 'nme' is not a known name"
    ),
    (["tenants/t/fi/sign-in/subject.txt": "x"], "tenants/t/fi/sign-in/body.html: is missing"),
    (
      [body: String(repeating: "{{#app}}", count: 40) + String(repeating: "{{/app}}", count: 40)],
      "sections stand more than 32 deep"
    ),
    (
      [
        body: "{{> a}}", "a.html": "{{> b}}{{> b}}{{> b}}{{> b}}", "b.html": "{{> c}}{{> c}}{{> c}}{{> c}}",
        "c.html": String(repeating: "x", count: 100_000),
      ], "this comes to more than 512 KB"
    ),
  ]

  @Test(arguments: cases)
  func `says what is wrong and where`(changes: [String: String?], expected: String) throws {
    let folder = try TemplateFolder(changes)
    let faults = folder.faults().map(\.description)
    #expect(faults.contains { $0.contains(expected) }, "\(faults) lacks \(expected)")
  }

  @Test(arguments: [
    ("svenska!/sign-in/subject.txt", "svenska!: is not a language tag"),
    ("en/Sign In/subject.txt", "en/Sign In: is not a purpose"),
    ("en/sign-in.bak/subject.txt", "en/sign-in.bak: is not a purpose"),
    ("sv.old/sign-in/body.html", "sv.old: is not a language tag"),
    ("en (copy)/sign-in/body.html", "en (copy): is not a language tag"),
    ("lost+found/x", "lost+found: is not a language tag"),
    ("sv2/sign-in/body.txt", "sv2: is not a language tag"),
    ("en/sign-in/old/body.txt", "en/sign-in/old: is inside a purpose"),
    ("en/pictures/logo.png", "en/pictures: holds no part of a mail"),
    ("docs/notes/readme.txt", "docs/notes: holds no part of a mail"),
    ("en/sign-in-old/body.txt", "en/sign-in-old: holds no more than body.txt of a mail"),
    ("backup/sign-in/body.txt", "backup/plurals.json5: how 'backup' counts is not known here; add like:"),
    ("tenants/t/old/sign-in/body.txt", "tenants/t/old/plurals.json5: how 'old' counts is not known here"),
    ("tenants/t/en.old/sign-in/body.txt", "tenants/t/en.old: is not a language tag"),
    ("tenants/t/en/sign-in.bak/body.txt", "tenants/t/en/sign-in.bak: is not a purpose"),
  ])
  func `a folder that was left there warns and stops nothing`(file: String, expected: String) throws {
    let folder = try TemplateFolder([file: "{{never looked at"])
    let catalogue = try folder.catalogue()
    #expect(catalogue.locales.map(\.rawValue).contains("en") && catalogue.purposes == [.signIn])
    #expect(catalogue.warnings.count == 1)
    #expect(catalogue.warnings[0].rule == (expected.contains("counts") ? .badPlurals : .folderName))
    #expect(catalogue.warnings[0].description.hasPrefix(expected), "\(catalogue.warnings)")
    #expect(TemplateLint.findings(in: folder.path).contains(catalogue.warnings[0]))
  }

  @Test func `a language that says how it counts is a locale`() throws {
    var files: [String: String?] = [
      "xx/plurals.json5":
        "{ like: 'en', minute: { one: '{{count}} m', other: '{{count}} m' }, hour: { one: '{{count}} h', other: '{{count}} h' } }"
    ]
    for part in ["subject.txt", "preheader.txt", "body.html", "body.txt"] {
      files["xx/sign-in/\(part)"] = TemplateFolder.sound["en/sign-in/\(part)"]!
    }
    let catalogue = try TemplateFolder(files).catalogue()
    #expect(catalogue.locales.map(\.rawValue) == ["en", "xx"] && catalogue.warnings.isEmpty)
  }

  @Test func `a broken file that no mail is made of warns and stops nothing`() throws {
    let folder = try TemplateFolder(["README.txt": "Hello\r\n", "en/notes.html": "\u{FEFF}x"])
    try folder.write(Data([0x66, 0xF6, 0x72]), to: "en/sign-in/notes.txt")
    #expect(symlink("nowhere", "\(folder.path)/en/old.txt") == 0)
    #expect(mkfifo("\(folder.path)/en/sign-in/pipe", 0o600) == 0)
    let warnings = try folder.catalogue().warnings
    #expect(
      warnings.map(\.file) == [
        "README.txt", "en/notes.html", "en/old.txt", "en/sign-in/notes.txt", "en/sign-in/pipe",
      ])
    #expect(warnings.map(\.rule) == [.carriageReturn, .byteOrderMark, .unreadable, .notUTF8, .unreadable])
    #expect(Set(TemplateLint.findings(in: folder.path)).isSuperset(of: warnings))
    // Where one includes it, it is part of the mail.
    try folder.write("{{code}}\n{{> old }}\n", to: "en/sign-in/body.txt")
    #expect(folder.faults().map(\.file) == ["en/old.txt"])
  }

  @Test(arguments: [
    "en/sign-in/body.txt~", "en/sign-in/.#body.txt", "en/sign-in/#body.txt#", "en/sign-in/.body.txt.swp",
    "en/sign-in/body.txt.swp", ".git/en/sign-in/body.txt", "en/.svn/x.txt", "en/sign-in/body.txt.bak",
    "en/sign-in.tmp/body.txt", ".DS_Store", "en/sign-in~/body.txt",
  ])
  func `what editors and version control leave is passed over in silence`(file: String) throws {
    let folder = try TemplateFolder([file: "{{never looked at"])
    #expect(try folder.catalogue().warnings.isEmpty)
    #expect(TemplateLint.findings(in: folder.path).isEmpty)
  }

  @Test func `says where a file stops being UTF-8`() throws {
    let folder = try TemplateFolder()
    try folder.write(Data("ok\nK".utf8) + Data([0xF6, 0x64]), to: Self.body)
    #expect(
      folder.faults().map(\.description) == [
        "\(Self.body):2:2: is not UTF-8 here; the file may be Latin-1 or Windows-1252, so save it as UTF-8"
      ])
    try folder.write(Data([0xFF, 0xFE, 0x41, 0]), to: Self.body)
    #expect(folder.faults().map(\.message) == ["is UTF-16; save it as UTF-8"])
  }

  @Test func `follows a link inside the directory but not out of it`() throws {
    let folder = try TemplateFolder()
    let outside = try TemplateFolder()
    let file = "\(folder.path)/\(Self.body)"
    try FileManager.default.moveItem(atPath: file, toPath: "\(folder.path)/.real")
    try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: "../../.real")
    #expect(folder.faults().isEmpty)
    try FileManager.default.removeItem(atPath: file)
    try FileManager.default.createSymbolicLink(
      atPath: file, withDestinationPath: "\(outside.path)/\(Self.body)")
    #expect(folder.faults().map(\.rule) == [.linkOutside])
  }

  @Test func `tells every fault at once, in order, each once`() throws {
    let folder = try TemplateFolder([
      Self.body: "{{a1}}\n{{b1}}", "en/sign-in/body.txt": "{{c1}}", "tenants/t/layout.txt": "{{> content}}",
    ])
    #expect(
      folder.faults().map { "\($0.file):\($0.line)" } == [
        "\(Self.body):1", "\(Self.body):2", "en/sign-in/body.txt:1",
      ])
  }

  @Test func `asks for the subject with the code where it is to be shown`() throws {
    let folder = try TemplateFolder()
    #expect(folder.faults(needsSubjectWithCode: true).map(\.file) == ["en/sign-in/subject-with-code.txt"])
    try folder.write("{{code}} it is", to: "en/sign-in/subject-with-code.txt")
    #expect(folder.faults(needsSubjectWithCode: true).isEmpty)
  }

  @Test func `a directory that is not there is one clear fault`() {
    #expect(throws: TemplateFaults.self) { try TemplateCatalogue(directory: "/nowhere/at/all") }
    do throws(TemplateFaults) { _ = try TemplateCatalogue(directory: "/nowhere/at/all") } catch {
      #expect(error.description.hasPrefix("/nowhere/at/all: cannot be opened (No such file or directory)"))
    }
  }

  @Test func `passes over what editors leave behind`() throws {
    let folder = try TemplateFolder([
      "en/sign-in/body.html~": "{{bad", "en/sign-in/.body.html.swp": "{{bad", "README.md": "{{bad",
    ])
    #expect(folder.faults().isEmpty)
  }
}
