import Foundation
import MessageTemplates
import TestSupport
import Testing

/// The HTML part without images and styles, as w3m prints it.
@Suite(.waits) struct TextBrowserTests {
  private static func words(_ text: some StringProtocol) -> [String] {
    text.split { $0.isWhitespace }.map { String($0) }
  }

  @Test(.enabled(if: ExternalTool.has("w3m"), "needs w3m"))
  func `without styles the HTML says what the text says, in the same order`() throws {
    let templates = try TemplateCatalogue(directory: shipped).all
    #expect(templates.count == 30)
    for template in templates {
      // One of them for what escaping does.
      let hostile = values(app: #"A&B <x> "q""#, validity: .seconds(120))
      for given in [values()] + (template.locale == tag("en") ? [hostile] : []) {
        let mail = try template.render(given)
        let result = try ChildProcess.run(
          "w3m", ["-dump", "-T", "text/html", "-I", "UTF-8", "-O", "UTF-8", "-cols", "400"],
          environment: ["HOME": "/nonexistent"], input: .bytes(mail.html))
        #expect(result.status == 0, "\(result)")
        // It shows what styles hide: the preheader; then the name above the card.
        let expected =
          Self.words(try template.renderPreheader(given)) + Self.words(given.app)
          + Self.words(String(decoding: mail.text, as: UTF8.self))
        #expect(Self.words(result.text) == expected, "\(template.locale)/\(template.purpose)")
        // The code is alone on its line here too.
        #expect(result.lines.contains { $0.trimmingCharacters(in: .whitespaces) == "042917" })
      }
    }
  }
}
