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
  private func mail(of tenant: Tenant, keys: String = "") throws -> String {
    let settings = try Settings(
      json5: Data(
        """
        { sender: { name: "Fabrikam", address: "no-reply@fabrikam.example" }, relays: [{ url: "smtp://127.0.0.1:9" }],
          accent: "#b00020", logo: "HEAD", footer: "ONE", \(keys) }
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
    // 1 800 000 000 is 08:00 in UTC.
    #expect(usual.contains("Beg=C3=A4rd 15 jan. 2027 08:00 UTC\r\n"))
    #expect(usual.contains("#b00020") && usual.contains(">HEAD</td>"))
    #expect(usual.contains("\r\nONE\r\n") && usual.contains(">ONE</td>"))
    let brown = try #require(HexColour("#8a4b00"))
    let branded = try mail(of: Tenant(id: "t", name: "T", brand: Brand(accent: brown, footer: "TWO\nTHREE")))
    #expect(branded.contains("#8a4b00") && !branded.contains("#b00020") && branded.contains(">HEAD</td>"))
    #expect(
      branded.contains("\r\nTWO\r\nTHREE\r\n") && branded.contains(">TWO<br>") && !branded.contains("ONE"))
  }

  @Test
  func `tells when a code was asked for by the clock of the tenant, then of the installation, then UTC`()
    throws
  {
    let installation = "timeZone: \"Europe/Kyiv\""
    #expect(try mail(of: .only, keys: installation).contains("rd 15 jan. 2027 10:00\r\n"))
    let tenant = Tenant(id: "t", name: "T", timeZone: "America/New_York")
    #expect(try mail(of: tenant, keys: installation).contains("rd 15 jan. 2027 03:00\r\n"))
    // Removed since its file was read.
    let gone = Tenant(id: "t", name: "T", timeZone: "Europe/Gone")
    #expect(try mail(of: gone, keys: installation).contains("rd 15 jan. 2027 08:00 UTC\r\n"))
  }
}
