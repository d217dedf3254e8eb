internal import Documents

/// What stands before the `@`: read as a dot-string or a quoted string (RFC 5321 4.1.2), and written as the one that says
/// the same and is the plainest.
struct LocalPart {
  /// Where the `@` behind it stands, in bytes.
  let end: Int
  /// How it is written where that is not as it was given.
  private(set) var quoted: String?

  /// Reads from the start of an address. Control characters have been looked for.
  init(_ text: borrowing Span<UInt8>, _ fault: (String) -> RequestFault) throws(RequestFault) {
    if text[0] == UInt8(ascii: "\"") {
      let content: [UInt8]
      (content, end) = try Self.quotedContent(text, fault)
      try Self.checkVisible(content, fault)
      let form = Self.written(content)
      let isAsGiven = form.utf8.count == end && zip(form.utf8, 0..<end).allSatisfy { text[$1] == $0 }
      quoted = isAsGiven ? nil : form
      return
    }
    var at = text.count - 1
    while at >= 0, text[at] != UInt8(ascii: "@") { at -= 1 }
    guard at >= 0 else { throw fault(Self.withoutAt(text)) }
    guard at > 0 else { throw fault("has nothing before the @") }
    end = at
    var previous = UInt8(ascii: ".")
    var isASCII = true
    var isDotString = true
    var hasText = false
    for index in 0..<at {
      let byte = text[index]
      switch byte {
      case UInt8(ascii: "."): if previous == byte { isDotString = false }
      case UInt8(ascii: " "): throw fault("holds a space; an address holds none outside quotes")
      case UInt8(ascii: "<"), UInt8(ascii: ">"): throw fault("holds < or >; give the bare address")
      case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ":"),
        UInt8(ascii: ";"), UInt8(ascii: ","), UInt8(ascii: "\\"), UInt8(ascii: "@"), UInt8(ascii: "\""):
        throw fault(
          "holds '\(Character(Unicode.Scalar(byte)))' before the @, which stands only inside quotes: \"…\"@example.org"
        )
      case 0x80...:
        isASCII = false
        hasText = true
      default: hasText = true
      }
      previous = byte
    }
    guard hasText else { throw fault("has nothing but dots before the @") }
    if previous == UInt8(ascii: ".") { isDotString = false }
    if isASCII, isDotString { return }
    let content = (0..<at).map { text[$0] }
    if !isASCII { try Self.checkVisible(content, fault) }
    if !isDotString { quoted = Self.written(content) }
  }

  /// What stands between the quotes, and where the `@` behind them is.
  private static func quotedContent(
    _ text: borrowing Span<UInt8>, _ fault: (String) -> RequestFault
  ) throws(RequestFault) -> (content: [UInt8], end: Int) {
    var content: [UInt8] = []
    var index = 1
    while index < text.count {
      switch text[index] {
      case UInt8(ascii: "\""):
        guard index + 1 < text.count, text[index + 1] == UInt8(ascii: "@") else {
          throw fault(
            "has something other than @ behind its closing quote; quotes stand around all of the local part")
        }
        guard !content.isEmpty else { throw fault("has nothing between its quotes") }
        return (content, index + 1)
      case UInt8(ascii: "\\"):
        index += 1
        guard index < text.count, (0x20...0x7E).contains(text[index]) else {
          throw fault("has a backslash in its quotes that no printable ASCII character follows")
        }
        content.append(text[index])
      default: content.append(text[index])
      }
      index += 1
    }
    throw fault("has a quote before the @ that is never closed")
  }

  /// As a dot-string where it is one, else as a quoted string with as few backslashes as may be.
  private static func written(_ content: [UInt8]) -> String {
    if isDotString(content) { return String(decoding: content, as: UTF8.self) }
    var bytes = [UInt8(ascii: "\"")]
    for byte in content {
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
      bytes.append(byte)
    }
    bytes.append(UInt8(ascii: "\""))
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func isDotString(_ content: [UInt8]) -> Bool {
    let dot = UInt8(ascii: ".")
    var previous = dot
    for byte in content {
      guard byte == dot ? previous != dot : isAtomText(byte) else { return false }
      previous = byte
    }
    return previous != dot
  }

  /// RFC 5322 3.2.3, with RFC 6531 3.3 for what is not ASCII.
  private static func isAtomText(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...: true
    default: "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
    }
  }

  /// The content of a quoted string that `written` made.
  static func unquoted(_ text: String) -> String {
    var content: [UInt8] = []
    var isPair = false
    for byte in text.utf8.dropFirst().dropLast() {
      if !isPair, byte == UInt8(ascii: "\\") {
        isPair = true
      } else {
        content.append(byte)
        isPair = false
      }
    }
    return String(decoding: content, as: UTF8.self)
  }

  /// Nothing but its dots asks for the quotes.
  static func isSpokenUnquoted(_ content: String) -> Bool {
    content.utf8.allSatisfy { $0 == UInt8(ascii: ".") || isAtomText($0) }
  }

  /// White space and format characters beyond ASCII: two addresses that look alike must not differ by them.
  private static func checkVisible(
    _ content: [UInt8], _ fault: (String) -> RequestFault
  ) throws(RequestFault) {
    guard content.contains(where: { $0 >= 0x80 }) else { return }
    guard let scalar = firstInvisible(in: String(decoding: content, as: UTF8.self)) else { return }
    throw fault(invisible(scalar, "before the @"))
  }

  /// The first character beyond ASCII that nobody sees, that is a blank, or that stands for one that was lost (U+FFFD).
  static func firstInvisible(in text: String) -> Unicode.Scalar? {
    text.unicodeScalars.first { scalar in
      guard scalar.value >= 0x80 else { return false }
      switch scalar.properties.generalCategory {
      case .spaceSeparator, .lineSeparator, .paragraphSeparator, .format, .control, .unassigned, .privateUse,
        .surrogate:
        return true
      default:
        // Marks and letters that are drawn as nothing, such as U+FE0F and the Hangul fillers; U+2800 is a blank.
        return scalar.properties.isDefaultIgnorableCodePoint || scalar == "\u{FFFD}" || scalar == "\u{2800}"
      }
    }
  }

  static func invisible(_ scalar: Unicode.Scalar, _ place: String) -> String {
    let name = CharacterName.odd(scalar) ?? CharacterName.code(scalar)
    let what =
      switch scalar.properties.generalCategory {
      case _ where name.contains(","): ""
      case .unassigned, .privateUse: ", which has no meaning that all agree on"
      default: ", an invisible character; delete it"
      }
    return "holds \(name)\(what) (\(place))"
  }

  /// Which character was typed for the @, where it was one that looks like it.
  private static func withoutAt(_ text: borrowing Span<UInt8>) -> String {
    var bytes: [UInt8] = []
    for index in text.indices { bytes.append(text[index]) }
    let twin = String(decoding: bytes, as: UTF8.self).unicodeScalars.first {
      "＠﹫".unicodeScalars.contains($0)
    }
    guard let twin else { return "has no @; expected an address such as anna@example.org" }
    return "has \(CharacterName.code(twin)), which looks like an @ and is another character; write @"
  }
}
