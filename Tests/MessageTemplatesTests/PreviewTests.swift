import CodeRequests
import Foundation
import MessageTemplates
import Testing

@Suite struct PreviewTests {
  @Test func `shows every mail, with nothing from the network and no script`() throws {
    let preview = TemplatePreview(directory: shipped)
    let page = try #require(preview.files["index.html"])
    #expect(preview.findings.isEmpty)
    for locale in ["cs", "de", "de-x-informal", "en", "pl", "sv"] {
      for purpose in ["sign-in", "verify-email"] { #expect(page.contains("id=\"all-\(locale)-\(purpose)\"")) }
    }
    #expect(page.components(separatedBy: "<iframe").count - 1 == 12 * 7 * 4)
    #expect(!page.contains("<script") && !page.contains("http"))
    #expect(page.contains("A&amp;B &lt;x&gt;") && !page.contains("A&B <x>"))
    if let file = ProcessInfo.processInfo.environment["PREVIEW"] {
      try page.write(toFile: file, atomically: true, encoding: .utf8)
    }
  }

  @Test func `shows a finding beside the mail that has it, and the rest all the same`() throws {
    let folder = try TemplateFolder([
      "en/sign-in/body.html": "<p>{{code}}</p><p style=\"color:#aaaaaa\">x</p>"
    ])
    let page = try #require(TemplatePreview(directory: folder.path).files["index.html"])
    let article = try #require(page.range(of: "<article"))
    #expect(page[article.lowerBound...].contains("<code>contrast</code> en/sign-in/body.html:1:32"))
  }

  @Test func `explains the locale and each part`() throws {
    let folder = try TemplateFolder(["tenants/t/en/sign-in/subject.txt": "x"])
    let choice = try #require(
      folder.catalogue().choose(
        for: LocalePreference(acceptLanguage: "en-GB"), tenant: "t", tenantLocale: nil,
        defaultLocale: tag("en"), purpose: .signIn))
    #expect(
      choice.explanation.prefix(3) == [
        "en/sign-in, with files of the tenant 't': the reader asks for 'en-GB', and this is the nearest that is there (RFC 4647 look-up)",
        "subject.txt ← tenants/t/en/sign-in/subject.txt",
        "preheader.txt ← en/sign-in/preheader.txt (not there: tenants/t/en/sign-in/preheader.txt)",
      ])
  }
}
