extension DocumentScanner {
  /// A key: a string, or in JSON5 a name of ECMAScript 5.1 (section 7.6).
  mutating func key() throws(Slip) -> String {
    if current == UInt8(ascii: "\"") || isJSON5 && current == UInt8(ascii: "'") { return try string() }
    guard isJSON5 else { throw slip("expected a key in double quotes, or }") }
    let start = index
    var name = String.UnicodeScalarView()
    while let (scalar, width) = scalar {
      if scalar == "\\" {
        let place = index
        guard byte(after: 1) == UInt8(ascii: "u") else {
          throw slip("expected \\uXXXX in a key without quotes")
        }
        index += 1
        guard let escaped = try escapedUnicode(from: place),
          Self.isNamePart(escaped, isFirst: name.isEmpty)
        else { throw Slip(place, "what no key without quotes may hold; put the key in quotes") }
        name.append(escaped)
      } else if Self.isNamePart(scalar, isFirst: name.isEmpty) {
        name.append(scalar)
        index += width
      } else {
        break
      }
    }
    guard index > start else { throw slip("expected a key or }") }
    return String(name)
  }

  static func isNamePart(_ scalar: Unicode.Scalar, isFirst: Bool) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "$", "_": return true
    case "0"..."9": return !isFirst
    case "\u{200C}", "\u{200D}": return !isFirst
    default:
      if scalar.isASCII { return false }
      switch scalar.properties.generalCategory {
      case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
        .letterNumber:
        return true
      case .nonspacingMark, .spacingMark, .decimalNumber, .connectorPunctuation: return !isFirst
      default: return false
      }
    }
  }

  /// A string with its quotes.
  mutating func string() throws(Slip) -> String {
    let start = index
    let quote = bytes[start]
    index += 1
    var run = index
    var unescaped: [UInt8] = []
    while let byte = current {
      switch byte {
      case quote:
        let end = index
        index += 1
        // Nearly all have no escape.
        if run == start + 1 { return String(decoding: bytes[run..<end], as: UTF8.self) }
        return String(decoding: unescaped + bytes[run..<end], as: UTF8.self)
      case UInt8(ascii: "\\"):
        unescaped += bytes[run..<index]
        if let scalar = try escape() { unescaped += Array(String(Character(scalar)).utf8) }
        run = index
      case 0x0A, 0x0D:
        throw Slip(start, "a string begins here and its line ends before its closing quote")
      case 0x09 where isJSON5: index += 1
      case 0..<0x20:
        throw Slip(
          index,
          "the control character \(CharacterName.code(Unicode.Scalar(byte))) in a string; write it as \\u00XX"
        )
      default: index += 1
      }
    }
    throw Slip(start, "a string begins here and has no closing quote")
  }

  /// What stands after a backslash; nil for a line that goes on.
  private mutating func escape() throws(Slip) -> Unicode.Scalar? {
    let start = index
    index += 1
    guard let (scalar, width) = scalar else { throw Slip(start, "the text ends in an escape") }
    if scalar == "u" { return try escapedUnicode(from: start) }
    index += width
    switch scalar {
    case "\"", "\\", "/": return scalar
    case "b": return "\u{8}"
    case "f": return "\u{C}"
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    default: break
    }
    guard isJSON5 else {
      throw Slip(
        start, "an escape that JSON does not have; known are \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX")
    }
    switch scalar {
    case "v": return "\u{B}"
    case "0" where !(current.map { (0x30...0x39).contains($0) } ?? false): return "\0"
    case "x": return Unicode.Scalar(UInt8(try hexadecimal(digits: 2, of: "\\x", from: start)))
    case "\r":
      if current == 0x0A { index += 1 }
      return nil
    case "\n", "\u{2028}", "\u{2029}": return nil
    case "a"..."z", "A"..."Z", "0"..."9":
      // The grammar would leave the backslash out, and nobody would see what became of C:\dir.
      throw Slip(
        start,
        "an escape that is not read; known are \\\" \\' \\\\ \\/ \\b \\f \\n \\r \\t \\v \\0 \\xXX \\uXXXX")
    default: return scalar
    }
  }

  /// `u` and its digits, and the second half of a pair.
  private mutating func escapedUnicode(from start: Int) throws(Slip) -> Unicode.Scalar? {
    index += 1
    let unit = try hexadecimal(digits: 4, of: "\\u", from: start)
    if let scalar = Unicode.Scalar(unit) { return scalar }
    if unit < 0xDC00, current == UInt8(ascii: "\\"), byte(after: 1) == UInt8(ascii: "u") {
      let second = index
      index += 2
      let low = try hexadecimal(digits: 4, of: "\\u", from: second)
      if (0xDC00...0xDFFF).contains(low) {
        return Unicode.Scalar(0x10000 + ((unit & 0x3FF) << 10) + (low & 0x3FF))
      }
    }
    throw Slip(
      start,
      "half of a surrogate pair (U+\(String(unit, radix: 16, uppercase: true))); write the character itself or both halves"
    )
  }

  private mutating func hexadecimal(digits: Int, of name: String, from start: Int) throws(Slip) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<digits {
      guard let digit = current.flatMap({ Self.digit($0) }) else {
        throw Slip(start, "expected \(digits == 2 ? "two" : "four") hexadecimal digits after \(name)")
      }
      value = value << 4 | UInt32(digit)
      index += 1
    }
    return value
  }

  /// The value of a hexadecimal digit.
  static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
  }
}
