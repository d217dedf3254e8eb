import CodeRequests
import Foundation
import TestSupport
import Testing

/// Held to Foundation's.
@Suite struct TextSearchTests {
  private func texts(of pieces: [String], seed: UInt64) -> [String] {
    var generator = SplitMix(state: seed)
    return (0..<5000).map { _ in
      (0..<Int.random(in: 0...8, using: &generator)).map { _ in pieces.randomElement(using: &generator)! }
        .joined()
    }
  }

  @Test func `trims as Foundation does`() {
    for text in texts(of: [" ", "\t", "\n", "\r\n", "\u{A0}", "\u{2028}", "\u{301}", "a", "ö b"], seed: 1) {
      #expect(
        Array(text.trimmed.utf8) == Array(text.trimmingCharacters(in: .whitespacesAndNewlines).utf8),
        "\(text.debugDescription)")
    }
  }

  @Test func `decodes percent signs as Foundation does`() {
    for text in texts(of: ["%", "%2", "%41", "%c3%b6", "%C3", "a", "ö", "g", "0", "%zz"], seed: 2) {
      #expect(text.percentDecoded == text.removingPercentEncoding, "\(text)")
    }
  }

  @Test func `finds a word in whatever case`() {
    for text in texts(of: ["<", "</", "style", "STYLE", "Sty", "le", "ö", "k"], seed: 3) {
      let theirs = text.range(of: "</style", options: [.caseInsensitive, .literal])
      #expect(text.firstRange(ofASCII: "</style") == theirs, "\(text)")
    }
    #expect("".firstRange(ofASCII: "a") == nil)
  }
}
