import CodeRequests
import Foundation
import MessageComposition
import Testing

@Suite struct ComposerTests {
  @Test func `puts the text before the HTML`() throws {
    let composer = try MessageComposer(
      sender: Mailbox(name: "Fabrikam", address: EmailAddress("no-reply@fabrikam.example")))
    let message = try composer.compose(
      subject: "Kod", text: Array("Kod: 042917\n".utf8), html: Array("<p>042917</p>\n".utf8), language: "pl",
      to: EmailAddress("anna@example.org"), messageID: "abc", entityRef: "r1",
      date: Date(rfc3339: "2026-11-21T05:22:47Z")!)
    let text = String(decoding: message, as: UTF8.self)
    let plain = try #require(text.range(of: "text/plain"))
    let html = try #require(text.range(of: "text/html"))
    #expect(plain.lowerBound < html.lowerBound)
  }
}
