import CodeRequests
import Foundation
import Testing

@testable import MessageTemplates

@Suite struct PreviewTests {
  @Test func `shows every mail, with nothing from the network`() throws {
    let preview = TemplatePreview(directory: shipped)
    let page = try #require(preview.files["index.html"])
    #expect(preview.findings.isEmpty && preview.files.count == 1)
    for locale in shippedLocales {
      for purpose in ["sign-in", "verify-email"] { #expect(page.contains("id=\"all-\(locale)-\(purpose)\"")) }
    }
    // Each mail with each sample, and each line of them once.
    let data = try #require(page.firstMatch(of: #/<script type="application/json" id="data">(.*)</script>/#))
      .1
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(data.utf8)) as? [String: Any])
    let (lines, cards) = (object["lines"] as? [String] ?? [], object["cards"] as? [[String: Any]] ?? [])
    #expect(Set(lines).count == lines.count)
    #expect(
      cards.count == 30 && cards.allSatisfy { ($0["html"] as? [String])?.count == preview.samples.count })
    let card = try #require(cards.first { $0["id"] as? String == "all-sv-sign-in" })
    let mail = try #require(card["html"] as? [String])[0].split(separator: " ").map { lines[Int($0) ?? 0] }
    let shown = try #require(preview.cards.first { $0.identifier == "all-sv-sign-in" }).mails[0].mail
    #expect(mail.joined(separator: "\n") == String(decoding: shown.html, as: UTF8.self))
    #expect(!page.contains("http") && !page.contains("version.js"))
    #expect(page.contains("A&amp;B &lt;x&gt;") && !page.contains("A&B <x>"))
  }

  @Test(arguments: [
    ("en", "1 2 5 22 min, 1 2 h"), ("pl", "1 2 5 22 min, 1 2 5 h"), ("cs", "1 2 5 22 min, 1 2 5 h"),
    ("ar", "1 2 3 5 11 22 100 min, 1 2 3 11 h"), ("lv", "1 2 5 10 22 min, 1 2 10 h"),
    ("zh", "1 2 5 22 min, 1 2 h"),
  ])
  func `a sample for each form that a language has, in minutes and in hours`(
    language: String, wanted: String
  ) throws {
    let rule = try #require(PluralRule(language: language))
    let samples = TemplatePreview.samples(of: [rule])
    #expect(samples.first?.label == "30 min" && samples.suffix(2).map(\.app) != ["Fabrikam", "Fabrikam"])
    let times = samples.dropFirst().dropLast(2)
    let minutes = times.filter { $0.minutes % 60 != 0 }.map { "\($0.count)" }.joined(separator: " ")
    let hours = times.filter { $0.minutes % 60 == 0 }.map { "\($0.count)" }.joined(separator: " ")
    #expect("\(minutes) min, \(hours) h" == wanted)
    // Every form that a whole number of a day's minutes takes is among them.
    let reached = Set((1...1440).filter { $0 % 60 != 0 }.map(rule.category))
    #expect(Set(times.filter { $0.minutes % 60 != 0 }.map { rule.category(of: $0.count) }) == reached)
    let reachedByHours = Set((1...24).map(rule.category))
    #expect(Set(times.filter { $0.minutes % 60 == 0 }.map { rule.category(of: $0.count) }) == reachedByHours)
  }

  @Test func `only a watched page asks whether it is the newest, and each version has its own name`() throws {
    let folder = try TemplateFolder()
    func files() -> [String: String] { TemplatePreview(directory: folder.path, isWatched: true).files }
    let (first, again) = (files(), files())
    #expect(first == again, "what has not changed is not loaded again")
    let version = try #require(first["version.js"]?.firstMatch(of: #/previewVersion\("([0-9a-f]+)"\)\n/#)).1
    #expect(try #require(first["index.html"]).contains("<body data-version=\"\(version)\">"))
    try folder.write("Another {{app}} code\n", to: "en/sign-in/subject.txt")
    #expect(files()["version.js"] != first["version.js"])
    #expect(TemplatePreview.ended == "previewVersion(\"\")\n")
    #expect(!TemplatePreview(directory: folder.path).files["index.html"]!.contains("data-version"))
  }

  @Test func `shows a finding beside the mail that has it, the place marked, and leads to it`() throws {
    let folder = try TemplateFolder([
      "en/sign-in/body.html": "<p>{{code}}</p><p style=\"color:#aaaaaa\">x &amp; y</p>"
    ])
    let page = try #require(TemplatePreview(directory: folder.path).files["index.html"])
    let article = try #require(page.range(of: "<article"))
    let screens = try #require(
      page[article.lowerBound...].range(of: "<li id=\"f1-all-en-sign-in\">"))
    #expect(page[screens.upperBound...].hasPrefix("<code>contrast</code> en/sign-in/body.html:1:32"))
    #expect(
      page[screens.upperBound...].contains(
        "color:<mark>#aaaaaa</mark>&quot;&gt;x &amp;amp; y&lt;/p&gt;</bdi>"))
    #expect(page.contains("<li><a href=\"#f1-all-en-sign-in\"><code>contrast</code>"))
    #expect(page.contains("<mark>1 finding</mark>"))
  }

  @Test(arguments: [
    ("subject.txt", "{{code}} now", "code-in-subject"), ("preheader.txt", "{{cod}}", "unknown-name"),
    ("body.txt", "{{code}}.", "split-code"), ("body.html", "<p>{{code}}", "html-tags"),
  ])
  func `each finding stands beside its part`(file: String, text: String, rule: String) throws {
    let folder = try TemplateFolder(["en/sign-in/\(file)": text])
    let page = try #require(TemplatePreview(directory: folder.path).files["index.html"])
    let article = try #require(page.range(of: "<article"))
    #expect(page[article.lowerBound...].contains("<code>\(rule)</code> en/sign-in/\(file):1"))
  }

  @Test func `a mail that cannot be built has a card that says why, and is red in the inbox`() throws {
    let folder = try TemplateFolder([
      "en/sign-in/subject.txt": nil, "tenants/T/en/sign-in/body.txt": "{{> nope}}{{code}}",
    ])
    let page = try #require(TemplatePreview(directory: folder.path).files["index.html"])
    for (card, tenant, finding) in [
      ("all-en-sign-in", "", "missing-part"), ("t-T-en-sign-in", "T", "missing-partial"),
    ] {
      let start = try #require(page.range(of: "<article id=\"\(card)\""), "\(card)")
      let end = try #require(page[start.upperBound...].range(of: "</article>"))
      let text = page[start.upperBound..<end.lowerBound]
      #expect(text.contains("Cannot be built"), "\(text)")
      let item = try #require(
        text.firstMatch(of: #/<li id="(f\d-[^"]+)" class="refused"><code>([a-z-]+)<\/code>/#))
      #expect(text.contains("class=\"refused\"><code>\(finding)</code>"), "\(text)")
      let row = try #require(
        page.range(of: "<li data-locale=\"en\" data-purpose=\"sign-in\" data-tenant=\"\(tenant)\" class=\""))
      #expect(
        page[row.upperBound...].prefix(40).contains("broken refused found\""),
        "\(page[row.upperBound...].prefix(60))")
      #expect(page[row.upperBound...].prefix(120).contains("<a href=\"#\(item.1)\">"))
    }
    #expect(page.contains(" findings: a worker keeps the last good version."))
  }

  @Test(arguments: ["layout.html", "layout.txt", "en/plurals.json5"])
  func `a slip in what mails share is shown in each card that it spoils`(file: String) throws {
    var changes: [String: String?] = [file: "{{nope}}", "tenants/T/en/sign-in/subject.txt": "{{app}}"]
    for (name, text) in TemplateFolder.sound where name.hasPrefix("en/sign-in/") {
      changes[name.replacing("sign-in", with: "recovery")] = text + (name.hasSuffix(".html") ? "" : "\n")
    }
    let folder = try TemplateFolder(changes)
    let preview = TemplatePreview(directory: folder.path)
    #expect(preview.cards.map(\.identifier).starts(with: ["all-en-recovery", "all-en-sign-in"]))
    for card in preview.cards.prefix(2) {
      #expect(card.findings.contains { $0.file == file }, "\(card.identifier): \(card.findings)")
    }
  }

  @Test func `each tenant has a colour of its own, and says which files are its own`() throws {
    let folder = try TemplateFolder([
      "tenants/A/en/sign-in/subject.txt": "a", "tenants/B/layout.txt": "{{> content}}",
    ])
    let page = try #require(TemplatePreview(directory: folder.path).files["index.html"])
    for (tenant, hue) in [("A", 28), ("B", 165)] {
      let card = try #require(page.firstRange(of: "<article id=\"t-\(tenant)-en-sign-in\""))
      #expect(page[card.upperBound...].prefix { $0 != ">" }.contains("style=\"--hue:\(hue)\""))
    }
    #expect(page.contains("<p class=\"own\">tenants/A/en/sign-in/subject.txt</p>"))
    #expect(page.contains("<p class=\"own\">tenants/B/layout.txt</p>"))
  }

  @Test func `explains the locale and each part`() throws {
    let folder = try TemplateFolder(["tenants/t/en/sign-in/subject.txt": "x"])
    let choice = try #require(
      folder.catalogue().choose(
        for: LocalePreference(acceptLanguage: "en-GB"), tenant: "t", tenantLocale: nil,
        defaultLocale: tag("en"), purpose: .signIn))
    #expect(
      choice.explanation.prefix(3) == [
        "en/sign-in, with files of the tenant 't': the reader asks for 'en-GB', and this is the nearest that is there (language matching of CLDR)",
        "subject.txt ← tenants/t/en/sign-in/subject.txt",
        "preheader.txt ← en/sign-in/preheader.txt (not there: tenants/t/en/sign-in/preheader.txt)",
      ])
  }
}
