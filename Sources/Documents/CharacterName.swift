/// What messages call a character that does not belong where it stands.
package enum CharacterName {
  /// `U+000D`.
  package static func code(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  /// `U+201C, a curly quotation mark; write "`; nil for what a person sees as it is.
  package static func odd(_ scalar: Unicode.Scalar) -> String? {
    guard !(0x21...0x7E).contains(scalar.value) || scalar == "`" else { return nil }
    let words: String? =
      switch scalar.value {
      case 0x00...0x1F, 0x7F...0x9F: "a control character; delete it"
      case 0xA0, 0x202F, 0x2007: "a no-break space; write a plain space"
      case 0x1680, 0x2000...0x2006, 0x2008...0x200A, 0x205F: "a space of another width; write a plain space"
      case 0x3000: "an ideographic space; write a plain space"
      case 0x2028, 0x2029: "a line separator; write a line end"
      case 0xFEFF: "a byte order mark, which nobody sees; delete it"
      case 0x60: "a backtick; write \""
      case 0x201C...0x201F, 0xAB, 0xBB, 0x2033, 0xFF02: "a curly quotation mark; write \""
      case 0x2018...0x201B, 0xB4, 0x2032, 0xFF07: "a curly quotation mark; write '"
      case 0xAD, 0x034F, 0x115F, 0x1160, 0x180B...0x180E, 0x200B...0x200D, 0x2060...0x2064, 0x2800, 0x3164,
        0xFE00...0xFE0F, 0xFFA0:
        "an invisible character; delete it"
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

  /// The first character of a text that nobody sees or takes for another one: blanks beyond ASCII, invisible and full-width
  /// ones, quotation marks that are no quotes.
  package static func misleading(in text: String) -> Unicode.Scalar? {
    text.unicodeScalars.first { scalar in
      scalar.value >= 0x80 && (odd(scalar)?.contains(", ") == true)
    }
  }

  /// A key as a message may show it: short, one line, nothing that a terminal acts on.
  static func shown(_ key: String) -> String {
    let isPlain = key.unicodeScalars.allSatisfy {
      ![.control, .lineSeparator, .paragraphSeparator, .format].contains($0.properties.generalCategory)
    }
    guard isPlain else { return "(unprintable)" }
    // A blank that is none of ASCII's would look like another key.
    let key = key.unicodeScalars.reduce(into: "") { shown, scalar in
      if scalar.value >= 0x80, scalar.properties.generalCategory == .spaceSeparator {
        shown += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      } else {
        shown.unicodeScalars.append(scalar)
      }
    }
    return key.count > 80 ? "\(key.prefix(80))…" : key
  }
}
