import CodeRequests
import Foundation
import MessageTemplates
import Testing

@Suite struct PreviewTests {
  @Test func `shows every mail, with nothing from the network and no script`() throws {
    let preview = TemplatePreview(directory: shipped)
    let page = try #require(preview.files["index.html"])
    #expect(preview.findings.isEmpty)
    for locale in shippedLocales {
      for purpose in ["sign-in", "verify-email"] { #expect(page.contains("id=\"all-\(locale)-\(purpose)\"")) }
    }
    #expect(page.components(separatedBy: "<iframe").count - 1 == 30 * 7 * 2)
    #expect(!page.contains("<script") && !page.contains("http"))
    #expect(page.contains("A&amp;B &lt;x&gt;") && !page.contains("A&B <x>"))
  }

  @Test func `shows a finding beside the mail that has it, and the rest all the same`() throws {
    let folder = try TemplateFolder([
      "en/sign-in/body.html": "<p>{{code}}</p><p style=\"color:#aaaaaa\">x</p>"
    ])
    let page = try #require(TemplatePreview(directory: folder.path).files["index.html"])
    let article = try #require(page.range(of: "<article"))
    let screens = try #require(
      page[article.lowerBound...].range(of: "<div class=\"screens\"><ul class=\"findings\">"))
    #expect(page[screens.upperBound...].hasPrefix("<li><code>contrast</code> en/sign-in/body.html:1:32"))
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

  @Test func `a mail that cannot be built has a card that says why`() throws {
    let folder = try TemplateFolder([
      "en/sign-in/subject.txt": nil, "tenants/T/en/sign-in/body.txt": "{{> nope}}{{code}}",
    ])
    let page = try #require(TemplatePreview(directory: folder.path).files["index.html"])
    for (card, finding) in [("all-en-sign-in", "missing-part"), ("t-T-en-sign-in", "missing-partial")] {
      let start = try #require(page.range(of: "<article id=\"\(card)\""), "\(card)")
      let end = try #require(page[start.upperBound...].range(of: "</article>"))
      let text = page[start.upperBound..<end.lowerBound]
      #expect(text.contains("Cannot be built"), "\(text)")
      #expect(text.contains("<li class=\"refused\"><code>\(finding)</code>"), "\(text)")
    }
    #expect(page.contains(" findings: a worker keeps the last good version."))
  }

  @Test func `each tenant has a colour of its own, and says which files are its own`() throws {
    let folder = try TemplateFolder([
      "tenants/A/en/sign-in/subject.txt": "a", "tenants/B/layout.txt": "{{> content}}",
    ])
    let page = try #require(TemplatePreview(directory: folder.path).files["index.html"])
    #expect(page.contains("<article id=\"t-A-en-sign-in\" style=\"--hue:28\""))
    #expect(page.contains("<article id=\"t-B-en-sign-in\" style=\"--hue:165\""))
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
