import Branding
import CodeRequests
import Foundation
import TestSupport
import Testing

@testable import MessageTemplates

/// Colours and the text mark, as the configuration gives them to templates.
@Suite struct BrandTests {
  private static func html(_ brand: Brand) throws -> String {
    let catalogue = try TemplateCatalogue(directory: Scratch.templates, needsSubjectWithCode: false)
    let template = try #require(catalogue.all.first { $0.locale.rawValue == "sv" && $0.purpose == .signIn })
    var values = values()
    values.logo = brand.logo
    values.palette = brand.palette
    return String(decoding: try template.render(values).html, as: UTF8.self)
  }

  @Test func `the mail that ships has the accent in its bar, its mark and its box, for light and for dark`()
    throws
  {
    let red = AccentPalette(HexColour(0xB0, 0, 0x20))
    let html = try Self.html(Brand(accent: red.accent, logo: "FABRIKAM & CO"))
    for part in [
      "bgcolor=\"#b00020\" style=\"height:6px;border-radius:14px 14px 0 0;background-color:#b00020;",
      "color:\(red.text);", "bgcolor=\"\(red.tint)\"", "background-color:\(red.tint);color:#1a1e29",
      ".bar { background-color: \(red.darkAccent) !important }",
      ".mark { color: \(red.darkText) !important }",
      ".code { background-color: \(red.darkTint) !important; color: #ffffff", ">FABRIKAM &amp; CO</td>",
    ] { #expect(html.contains(part), "\(part): \(html)") }
    #expect(try Self.html(Brand()).contains(">Fabrikam</td>"))
  }

  @Test func `the grounds that contrasts are computed with are those of the mail that ships`() throws {
    let layout = try String(contentsOfFile: "\(Scratch.templates)/layout.html", encoding: .utf8)
    let (light, dark) = (AccentPalette.lightGrounds, AccentPalette.darkGrounds)
    for (name, colours) in [("page", (light[0], dark[0])), ("card", (light[1], dark[1]))] {
      #expect(layout.contains("class=\"\(name)\"") && layout.contains("bgcolor=\"\(colours.0)\""))
      #expect(layout.contains(".\(name) { background-color: \(colours.1) !important"), "\(name)")
    }
  }

  @Test(arguments: [
    "<p style=\"color:{{accent}}\">", "<p STYLE='border:1px solid {{accentDark}}'>",
    "<style>p{color:{{accentText}}}</style>",
    "<td bgcolor=\"{{accentTint}}\"></td>", "{{#accent}}<p style=\"color:{{accent}}\">{{/accent}}",
    "<p title=\"{{accent}}\">{{accentTextDark}}</p>",
  ])
  func `a colour may stand in a style`(_ html: String) throws {
    let folder = try HTMLContextTests.folder(html)
    #expect(folder.faults() == [])
  }

  @Test(arguments: [
    ("<p style=\"color:{{logo}}\">", "stands in the attribute 'style'"),
    ("<style>p{color:{{app}}}</style>", "stands in <style>"),
    ("<p onclick=\"{{accent}}\">", "which is a script"),
    ("<script>{{accent}}</script>", "stands in <script>"),
    ("<p style={{accent}}>", "without quotes"),
    ("<style></sty{{accent}}", "stands in <style>"),
  ])
  func `nothing else may, and a colour nowhere else that values may not`(_ html: String, _ message: String)
    throws
  {
    let folder = try HTMLContextTests.folder(html)
    #expect(folder.faults().contains { $0.message.contains(message) }, "\(folder.faults())")
  }

  @Test func `the preview shows each tenant in its colours, also one that has no words of its own`() throws {
    let folder = try TemplateFolder([
      "en/sign-in/body.html":
        "<p style=\"color:{{accent}}\">{{#logo}}{{logo}}{{/logo}}{{^logo}}plain{{/logo}}</p>\n<p>{{code}}</p>\n{{#footer}}<p>{{footer}}</p>{{/footer}}\n",
      "tenants/Fabrikam/en/sign-in/subject.txt": "Fabrikam code\n",
    ])
    let book = BrandBook(
      common: Brand(accent: HexColour("#b00020")),
      tenants: [
        "fabrikam": Brand(logo: "FAB", footer: "F AB"), "Contoso": Brand(accent: HexColour("#8a4b00")),
      ])
    let preview = TemplatePreview(directory: folder.path, brands: book)
    func html(_ tenant: String?) -> String? {
      preview.cards.first { $0.tenant == tenant }?.mails.first.map {
        String(decoding: $0.mail.html, as: UTF8.self)
      }
    }
    #expect(html(nil)?.contains("color:#b00020\">plain<") == true && html(nil)?.contains("F AB") == false)
    #expect(
      html("Fabrikam")?.contains("color:#b00020\">FAB<") == true
        && html("Fabrikam")?.contains("<p>F AB</p>") == true)
    #expect(html("Contoso")?.contains("color:#8a4b00\">plain<") == true)
    #expect(preview.cards.count == 3 && preview.findings == [], "\(preview.findings)")
  }

  @Test func `templates of one's own need none of it`() throws {
    let folder = try TemplateFolder()
    var values = values()
    values.logo = "L"
    values.palette = AccentPalette(.black)
    values.footer = "F"
    let mail = try folder.catalogue().all[0].render(values)
    #expect(String(decoding: mail.html, as: UTF8.self).contains("<p>042917</p>"))
    #expect(TemplateLint.findings(in: folder.path) == [])
  }
}
