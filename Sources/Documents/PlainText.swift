/// Text that comes from elsewhere, made fit to be shown: what a terminal acts on (escape sequences, backspaces, returns),
/// what turns the direction of writing, and what nobody sees is written out, `\u{1B}`. A mail's subject or a relay's reply
/// can then neither move the cursor nor look like another line than it is.
package enum PlainText {
  /// What stays as it is beside characters with a shape.
  package enum Kept: Sendable {
    case nothing
    /// The text has lines of our own.
    case lineFeeds
  }

  package static func escaped(_ text: String, keeping kept: Kept = .nothing) -> String {
    var text = text
    let isPlain = text.withUTF8 { bytes in
      bytes.allSatisfy { (0x20...0x7E).contains($0) || kept == .lineFeeds && $0 == 0x0A }
    }
    if isPlain { return text }
    var shown = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if isActive(scalar), !(kept == .lineFeeds && scalar == "\n") {
        shown += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}".unicodeScalars
      } else {
        shown.append(scalar)
      }
    }
    return String(shown)
  }

  /// Whether something acts on the character, or nobody sees it: Unicode's categories Cc, Cf, Zl and Zp, as of Unicode 16,
  /// but for the two joiners (U+200C, U+200D), which scripts and emoji are spelt with.
  package static func isActive(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x00...0x1F, 0x7F...0x9F: true
    case 0xA0...0xAC, 0xAE...0x5FF: false
    case 0xAD, 0x600...0x605, 0x61C, 0x6DD, 0x70F, 0x890...0x891, 0x8E2, 0x180E: true
    case 0x200B, 0x200E...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB: true
    case 0x110BD, 0x110CD, 0x13430...0x1343F, 0x1BCA0...0x1BCA3, 0x1D173...0x1D17A, 0xE0000...0xE007F: true
    default: false
    }
  }
}
