/// What a relay offered in its last EHLO.
package struct RelayFeatures: Hashable, Sendable {
  package var hasPipelining = false
  package var has8BitMIME = false
  package var hasSMTPUTF8 = false
  package var hasSize = false
  /// The most bytes it takes; nil where it names none.
  package var maxSize: Int?
  package var mechanisms: [String] = []
  /// All keyword lines, as they came, at most 64.
  package var lines: [String] = []

  package init() {}

  /// Adds the text of one EHLO line after the first: keyword, then parameters.
  mutating func add(_ line: String) {
    guard lines.count < 64 else { return }
    lines.append(line)
    let words = line.uppercased().split(whereSeparator: { $0 == " " || $0 == "=" })
    switch words.first {
    case "PIPELINING": hasPipelining = true
    case "8BITMIME": has8BitMIME = true
    case "SMTPUTF8": hasSMTPUTF8 = true
    case "SIZE":
      hasSize = true
      // 0 means no fixed limit (RFC 1870 3).
      if words.count > 1, let size = Int(words[1]), size > 0 { maxSize = size }
    case "AUTH":
      for word in words.dropFirst() where !mechanisms.contains(String(word)) {
        mechanisms.append(String(word))
      }
    default: break
    }
  }
}
