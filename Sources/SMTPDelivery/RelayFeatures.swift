/// What a relay offered in its last EHLO (RFC 5321 4.1.1.1), read in any case and with the blanks, tabs and `=` that
/// servers put between words.
///
/// On failure: a line that cannot be read offers nothing.
package struct RelayFeatures: Hashable, Sendable {
  package var hasPipelining = false
  package var has8BitMIME = false
  package var hasSMTPUTF8 = false
  package var hasSTARTTLS = false
  package var hasSize = false
  /// The most bytes it takes; nil where it names none.
  package var maxSize: Int?
  /// Upper case, in the order offered, at most 64.
  package var mechanisms: [String] = []
  /// All keyword lines, as they came, at most 64.
  package var lines: [String] = []

  package init() {}

  /// Adds the text of one EHLO line after the first: keyword, then parameters.
  mutating func add(_ line: String) {
    if lines.count < 64 { lines.append(line) }
    let words = line.utf8.split { $0 <= 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "=") }.map { word in
      String(decoding: word.map { (0x61...0x7A).contains($0) ? $0 & 0xDF : $0 }, as: UTF8.self)
    }
    switch words.first {
    case "PIPELINING": hasPipelining = true
    case "8BITMIME": has8BitMIME = true
    case "SMTPUTF8": hasSMTPUTF8 = true
    case "STARTTLS": hasSTARTTLS = true
    case "SIZE":
      hasSize = true
      // 0 means no fixed limit (RFC 1870 3), and so does what is no number.
      if words.count > 1, let size = Int(words[1]), size > 0 { maxSize = size }
    case "AUTH":
      // Old servers say `AUTH=LOGIN` beside `AUTH LOGIN`, or alone; some put commas between.
      for word in words.dropFirst().joined(separator: " ").split(whereSeparator: { " ,".contains($0) })
        .map(String.init) where !mechanisms.contains(word) && mechanisms.count < 64
      {
        mechanisms.append(word)
      }
    default: break
    }
  }
}
