internal import LinuxSystem

extension StringProtocol {
  /// Without white space at its ends: what Unicode calls White_Space, ends of lines among it.
  package var trimmed: String {
    let scalars = unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return String(String.UnicodeScalarView(scalars[first...last]))
  }

  /// With each `%41` read as the byte that it stands for; nil where a `%` begins none, or they make no UTF-8.
  package var percentDecoded: String? {
    var bytes: [UInt8] = []
    var rest = utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(Self.hexDigit),
        let low = rest.popFirst().flatMap(Self.hexDigit)
      else { return nil }
      bytes.append(high << 4 | low)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func hexDigit(_ byte: UInt8) -> UInt8? {
    Character(Unicode.Scalar(byte)).hexDigitValue.map(UInt8.init)
  }

  /// What stands before and behind the first `=`; nil where there is none. By bytes: a mark that combines with the `=` is
  /// the first of the value.
  package func pair() -> (key: String, value: String)? {
    guard let equals = utf8.firstIndex(of: UInt8(ascii: "=")) else { return nil }
    return (
      String(decoding: utf8[..<equals], as: UTF8.self),
      String(decoding: utf8[utf8.index(after: equals)...], as: UTF8.self)
    )
  }

  /// Where `word`, which is ASCII, first stands, in whatever case.
  package func firstRange(ofASCII word: String) -> Range<Index>? {
    let wanted = word.utf8.map(\.asciiLowercased)
    var start = utf8.startIndex
    while let index = utf8[start...].firstIndex(where: { $0.asciiLowercased == wanted[0] }) {
      let candidate = utf8[index...].prefix(wanted.count)
      if candidate.lazy.map(\.asciiLowercased).elementsEqual(wanted) { return index..<candidate.endIndex }
      start = utf8.index(after: index)
    }
    return nil
  }
}
