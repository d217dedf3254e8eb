/// A passcode that was found in a message, and how: a tester judges by that whether it is the right one.
package struct FoundCode: Hashable, Sendable {
  package enum Part: String, Sendable { case text, html, subject }

  package enum Way: String, Sendable {
    /// It stands alone on its line.
    case line
    /// `@example.com #123456`, the last line of a domain-bound code.
    case domain
    /// Beside a word that means code.
    case word
    /// A parameter of a link.
    case link
    /// Nothing else could be one.
    case only
  }

  /// As somebody would type it: groups of digits are joined.
  package let code: String
  package let part: Part
  package let way: Way

  /// `text-line`: for programs.
  package var note: String { "\(part.rawValue)-\(way.rawValue)" }

  /// `alone on a line of the text`; nil for what no sink of ours writes.
  package static func words(of note: String) -> String? {
    let names = note.split(separator: "-", maxSplits: 1).map(String.init)
    guard names.count == 2, let part = Part(rawValue: names[0]), let way = Way(rawValue: names[1]) else {
      return nil
    }
    let place =
      switch part {
      case .text: "the text"
      case .html: "the HTML"
      case .subject: "the subject"
      }
    return switch way {
    case .line: part == .subject ? "alone in the subject" : "alone on a line of \(place)"
    case .domain: "bound to a domain, in \(place)"
    case .word: "beside a word for code in \(place)"
    case .link: "in a link in \(place)"
    case .only: "the only number in \(place) that can be one"
    }
  }
}
