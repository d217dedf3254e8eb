import Branding
import CodeRequests
import Configuration
import Foundation
import GuestPolicy
import MessageTemplates
import TestSupport
import Testing

@testable import MailWorker

/// What the mails of a tenant have in common.
@Suite struct LetterheadTests {
  private func mail(of tenant: Tenant) throws -> String {
    let settings = try Settings(
      json5: Data(
        """
        { sender: { name: "Fabrikam", address: "no-reply@fabrikam.example" }, relays: [{ url: "smtp://127.0.0.1:9" }],
          accent: "#b00020", logo: "HEAD", footer: "ONE" }
        """.utf8), file: "/c.json5")
    let catalogue = try TemplateCatalogue(directory: Scratch.templates, needsSubjectWithCode: false)
    let template = try #require(catalogue.all.first { $0.locale.rawValue == "sv" })
    let bytes = try Letterhead(settings: settings, tenant: tenant).sample(
      template, to: EmailAddress("anna@example.org"), variables: [:],
      now: Date(timeIntervalSince1970: 1_800_000_000))
    return String(decoding: bytes, as: UTF8.self).replacing("=\r\n", with: "")
  }

  @Test func `a tenant's accent, text mark and footer go before the installation's`() throws {
    let usual = try mail(of: .only)
    #expect(usual.contains("#b00020") && usual.contains(">HEAD</td>"))
    #expect(usual.contains("\r\nONE\r\n") && usual.contains(">ONE</td>"))
    let brown = try #require(HexColour("#8a4b00"))
    let branded = try mail(of: Tenant(id: "t", name: "T", brand: Brand(accent: brown, footer: "TWO\nTHREE")))
    #expect(branded.contains("#8a4b00") && !branded.contains("#b00020") && branded.contains(">HEAD</td>"))
    #expect(
      branded.contains("\r\nTWO\r\nTHREE\r\n") && branded.contains(">TWO<br>") && !branded.contains("ONE"))
  }
}
