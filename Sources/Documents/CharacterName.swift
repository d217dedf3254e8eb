/// What messages call a character that does not belong where it stands.
package enum CharacterName {
  /// `U+000D`.
  package static func code(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  /// `U+201C, a curly quotation mark; write "`; nil for what a person sees as it is.
  static func odd(_ scalar: Unicode.Scalar) -> String? {
    guard !(0x21...0x7E).contains(scalar.value) || scalar == "`" else { return nil }
    let words: String? =
      switch scalar.value {
      case 0x00...0x1F, 0x7F...0x9F: "a control character; delete it"
      case 0x60: "a backtick; write \""
      case 0x201C...0x201F, 0xAB, 0xBB, 0x2033, 0xFF02: "a curly quotation mark; write \""
      case 0x2018...0x201B, 0xB4, 0x2032, 0xFF07: "a curly quotation mark; write '"
      case 0xAD, 0x200B...0x200D, 0x2060...0x2064, 0x180E: "an invisible character; delete it"
      case 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069:
        "an invisible mark of the direction of writing; delete it"
      case 0x2010...0x2015, 0x2212: "a dash; write -"
      case 0x3001: "an ideographic comma; write ,"
      case 0xFF01...0xFF5E: "a full-width character; write \(Unicode.Scalar(scalar.value - 0xFEE0)!)"
      case 0xFFFD: "what stands for a character that was lost; save the file as UTF-8"
      default: nil
      }
    return code(scalar) + (words.map { ", \($0)" } ?? "")
  }

  /// A key as a message may show it: short, one line, nothing that a terminal acts on.
  static func shown(_ key: String) -> String {
    let isPlain = key.unicodeScalars.allSatisfy {
      ![.control, .lineSeparator, .paragraphSeparator, .format].contains($0.properties.generalCategory)
    }
    guard isPlain else { return "(unprintable)" }
    return key.count > 80 ? "\(key.prefix(80))…" : key
  }
}
