import CodeRequests
import Foundation
import LinuxSystem
import MessageTemplates
import Testing

@testable import MessageComposition

private let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
let shippedTemplates = here.deletingLastPathComponent().deletingLastPathComponent()
  .appendingPathComponent("Templates").path

/// The mails as they ship, byte for byte. After a wanted change: `GOLDEN=write swift test --filter GoldenMailTests`,
/// then look at the difference.
@Suite struct GoldenMailTests {
  struct Mail {
    let name: String
    let rendered: RenderedMail
    let bytes: [UInt8]
  }

  static func mails() throws -> [Mail] {
    let catalogue = try TemplateCatalogue(directory: shippedTemplates, needsSubjectWithCode: true)
    let composer = try MessageComposer(
      sender: Mailbox(name: "Fabrikam Zürich", address: EmailAddress("no-reply@fabrikam.example")),
      replyTo: Mailbox(address: EmailAddress("help@fabrikam.example")), feedbackID: "code:fabrikam:passcode")
    let recipient = try EmailAddress("anna@example.org")
    let date = Date(rfc3339: "2026-11-21T05:22:47Z")!
    return try catalogue.all.map { template in
      let values = TemplateValues(
        app: "Fabrikam", code: try Passcode("042917"), validity: .seconds(22 * 60), email: recipient,
        requestedAt: date, replyTo: try EmailAddress("help@fabrikam.example"))
      let rendered = try template.render(values)
      // As the worker makes it: fixed text was encoded beforehand.
      var message = ByteBuffer(capacity: 0)
      try template.compose(
        values, by: composer, messageID: "x7Ck2mQ9", entityRef: "r-\(template.locale)", date: date,
        into: &message)
      let name = "\(template.locale).\(template.purpose)"
      return Mail(name: name, rendered: rendered, bytes: [UInt8](message))
    }
  }

  @Test func `every mail that ships is the golden one, byte for byte`() throws {
    for mail in try Self.mails() {
      let file = here.appendingPathComponent("Golden/\(mail.name).eml")
      if ProcessInfo.processInfo.environment["GOLDEN"] == "write" { try Data(mail.bytes).write(to: file) }
      let golden = try Data(contentsOf: file)
      #expect(golden == Data(mail.bytes), "\(mail.name) differs from \(file.path)")
    }
  }

  @Test(.enabled(if: PythonMail.isAvailable, "python3 is missing"))
  func `Python reads every mail that ships without a defect`() throws {
    let mails = try Self.mails()
    #expect(mails.count == 30)
    for (mail, reading) in zip(mails, try PythonMail.read(mails.map(\.bytes))) {
      #expect(reading.defects == [], "\(mail.name)")
      #expect(reading.types == ["multipart/alternative", "text/plain", "text/html"])
      #expect(reading.name == "Fabrikam Zürich")
      #expect(reading.address == "no-reply@fabrikam.example")
      #expect(reading.header("Subject") == mail.rendered.subject)
      #expect(reading.header("To") == "anna@example.org")
      #expect(reading.header("Date") == "Sat, 21 Nov 2026 05:22:47 +0000")
      #expect(reading.header("Message-ID") == "<x7Ck2mQ9@fabrikam.example>")
      #expect(reading.header("Content-Language") == mail.rendered.language)
      #expect(reading.header("Auto-Submitted") == "auto-generated")
      #expect(reading.header("Reply-To") == "help@fabrikam.example")
      #expect(reading.header("X-Entity-Ref-ID") == "r-\(mail.rendered.language)")
      #expect(reading.header("Feedback-ID") == "code:fabrikam:passcode")
      #expect(reading.header("MIME-Version") == "1.0")
      #expect(Array(reading.text.utf8) == mail.rendered.text)
      #expect(Array(reading.html.utf8) == mail.rendered.html)
      #expect(!reading.headers.contains { $0[1].contains("042917") })
    }
  }
}
