/// What mails show of whose they are, beside their words: of an installation, or of one of its tenants.
package struct Brand: Hashable, Sendable {
  /// Nil: the usual one.
  package var accent: HexColour?
  /// A text in place of a picture, at the head of a mail; nil: the name of the service.
  package var logo: String?
  /// The company's details at the foot of a mail, in lines; nil: none.
  package var footer: String?

  package init(accent: HexColour? = nil, logo: String? = nil, footer: String? = nil) {
    self.accent = accent
    self.logo = logo
    self.footer = footer
  }

  /// What this says, and what `other` says where this says nothing.
  package func over(_ other: Brand) -> Brand {
    Brand(accent: accent ?? other.accent, logo: logo ?? other.logo, footer: footer ?? other.footer)
  }

  package var palette: AccentPalette { accent.map(AccentPalette.init) ?? .usual }

  /// The most characters that a logo has, and the most lines and characters of a footer.
  package static let longestLogo = 40
  package static let mostFooterLines = 8
  package static let longestFooter = 600

  /// Why a text cannot be the logo, in words that go on after its key; nil where it can.
  package static func problem(ofLogo text: String) -> String? {
    text.count > longestLogo
      ? "has \(text.count) characters; at most \(longestLogo) are shown in one line" : nil
  }

  /// The same of a footer's lines.
  package static func problem(ofFooter lines: [String]) -> String? {
    if lines.isEmpty { return "lists no line; leave it out for no footer" }
    if lines.count > mostFooterLines {
      return "has \(lines.count) lines; at most \(mostFooterLines) are shown"
    }
    let count = lines.reduce(0) { $0 + $1.count }
    return count > longestFooter ? "has \(count) characters; at most \(longestFooter) are shown" : nil
  }
}
