import CodeRequests
import Foundation
import MessageTemplates
import Testing

/// The templates that ship.
let shipped = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().appendingPathComponent("Templates").path

/// The locales of theirs.
let shippedLocales = [
  "cs", "da", "de", "de-x-informal", "en", "es", "fi", "fr", "it", "nb", "nl", "pl", "sk", "sv", "uk",
]

func tag(_ text: String) -> LocaleTag { try! LocaleTag(text) }

func values(
  app: String = "Fabrikam", code: String = "042917", validity: Duration = .seconds(1800),
  tenant: String? = nil, email: String = "anna@example.org"
) -> TemplateValues {
  TemplateValues(
    app: app, code: try! Passcode(code), validity: validity, email: try! EmailAddress(email),
    tenant: tenant, requestedAt: Date(rfc3339: "2026-11-21T05:22:47Z")!)
}

@Suite struct CatalogueTests {
  @Test func `loads the templates that ship, with both purposes in all locales`() throws {
    let catalogue = try TemplateCatalogue(directory: shipped, needsSubjectWithCode: true)
    #expect(catalogue.locales.map(\.rawValue) == shippedLocales)
    #expect(catalogue.purposes.map(\.rawValue) == ["sign-in", "verify-email"])
    #expect(catalogue.all.count == 30)
    let mail = try catalogue.template(tenant: nil, locale: tag("sv"), purpose: .signIn)!.render(values())
    #expect(mail.subject == "Din inloggningskod till Fabrikam")
    #expect(
      String(decoding: mail.text, as: UTF8.self).contains(
        "\n\n042917\n\nKoden är giltig i 30\u{A0}minuter och"))
    #expect(String(decoding: mail.html, as: UTF8.self).contains(">042917</td>"))
  }
}
