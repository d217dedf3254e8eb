internal import CodeRequests
internal import FoundationEssentials
internal import LinuxSystem

/// Writes header fields (RFC 5322 2.2, RFC 2047) to the end of a message.
///
/// Values are written whole or refused: a control character or a Unicode line separator is a fault, never dropped.
struct HeaderWriter {
  /// RFC 5322 2.1.1: a line should have at most 78 characters.
  static let lineLimit = 78
  /// RFC 2047 section 2: an encoded word has at most 75, and a line with one at most 76.
  static let wordLimit = 75
  static let encodedLineLimit = 76
  /// `=?UTF-8?Q?` and `?=`.
  private static let wordOverhead = 12

  private static func write(_ name: StaticString, to output: inout ByteBuffer) {
    output.append(literal: name)
    output.append(literal: ": ")
  }

  /// RFC 5322 3.3, in UTC: `Date: Sat, 21 Nov 2026 05:22:47 +0000`.
  static func writeDate(_ date: Date, to output: inout ByteBuffer) {
    let time = CivilTime(date)
    func name(_ names: StaticString, _ index: Int) {
      output.append(UnsafeBufferPointer(start: names.utf8Start + 3 * index, count: 3))
    }
    func twoDigits(_ number: Int, then next: UInt8) {
      output.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / 10 % 10))
      output.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10))
      output.append(next)
    }
    write("Date", to: &output)
    name("SunMonTueWedThuFriSat", time.weekday)
    output.append(literal: ", ")
    twoDigits(time.day, then: UInt8(ascii: " "))
    name("JanFebMarAprMayJunJulAugSepOctNovDec", time.month - 1)
    output.append(UInt8(ascii: " "))
    output.append(decimal: time.year)
    output.append(UInt8(ascii: " "))
    twoDigits(time.hour, then: UInt8(ascii: ":"))
    twoDigits(time.minute, then: UInt8(ascii: ":"))
    twoDigits(time.second, then: UInt8(ascii: " "))
    output.append(literal: "+0000\r\n")
  }

  static func endLine(_ output: inout ByteBuffer) { output.append(literal: "\r\n") }

  private static func check(
    _ value: UnsafeBufferPointer<UInt8>, _ field: String
  ) throws(CompositionFault) {
    guard let control = firstControlCharacter(in: value) else { return }
    throw CompositionFault(
      code: "control-character", field: field,
      "holds the control character \(CodeRequests.name(of: control)), which no header can carry")
  }

  /// Unstructured text such as a subject (UTF-8): as it is where that is safe, else encoded words.
  static func writeText(
    _ name: StaticString, _ value: UnsafeBufferPointer<UInt8>, field: String, to output: inout ByteBuffer
  ) throws(CompositionFault) {
    try check(value, field)
    let start = output.count
    write(name, to: &output)
    if isPlain(value) {
      appendFolded(value, lineStart: start, to: &output)
    } else {
      appendEncodedWords(value, lineStart: start, inPhrase: false, to: &output)
    }
    endLine(&output)
  }

  /// `Name <address>`.
  static func writeMailbox(
    _ name: StaticString, _ mailbox: Mailbox, field: String, to output: inout ByteBuffer
  ) throws(CompositionFault) {
    var lineStart = output.count
    var limit = lineLimit
    write(name, to: &output)
    let address = mailbox.address.rawValue
    guard let display = mailbox.name.map({ Array($0.utf8) }) else {
      output.append(address)
      return endLine(&output)
    }
    try display.withUnsafeBufferPointer { bytes throws(CompositionFault) in
      try check(bytes, field)
      let isASCII = isPlain(bytes) && bytes.count <= 60
      if isASCII, bytes.allSatisfy({ isAtomText($0) || $0 == UInt8(ascii: " ") }) {
        output.append(bytes)
      } else if isASCII {
        output.append(UInt8(ascii: "\""))
        for byte in bytes {
          if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { output.append(UInt8(ascii: "\\")) }
          output.append(byte)
        }
        output.append(UInt8(ascii: "\""))
      } else {
        lineStart = appendEncodedWords(bytes, lineStart: lineStart, inPhrase: true, to: &output)
        limit = encodedLineLimit
      }
    }
    if output.count - lineStart + address.utf8.count + 3 > limit { endLine(&output) }
    output.append(literal: " <")
    output.append(address)
    output.append(literal: ">\r\n")
  }

  /// Printable ASCII that reads back as it is: no blanks at the ends or in a row (folding could eat them), nothing
  /// that looks like an encoded word, and no word too long for a line.
  private static func isPlain(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = bytes.first, let last = bytes.last else { return true }
    let space = UInt8(ascii: " ")
    guard first != space, last != space else { return false }
    var previous: UInt8 = 0
    var run = 0
    for byte in bytes {
      guard (0x20...0x7E).contains(byte) else { return false }
      if previous == UInt8(ascii: "="), byte == UInt8(ascii: "?") { return false }
      if byte == space {
        if previous == space { return false }
        run = 0
      } else {
        run += 1
        if run > 60 { return false }
      }
      previous = byte
    }
    return true
  }

  private static func appendFolded(
    _ bytes: UnsafeBufferPointer<UInt8>, lineStart: Int, to output: inout ByteBuffer
  ) {
    var used = output.count - lineStart
    if used + bytes.count <= lineLimit { return output.append(bytes) }
    var isFirst = true
    for word in bytes.split(separator: UInt8(ascii: " ")) {
      if !isFirst {
        if used + 1 + word.count > lineLimit {
          endLine(&output)
          used = 0
        }
        output.append(UInt8(ascii: " "))
        used += 1
      }
      isFirst = false
      output.append(UnsafeBufferPointer(rebasing: word))
      used += word.count
    }
  }

  /// Encoded words, Q or B, whichever is shorter, each cut between characters. Blanks between them belong to the
  /// folding and are not part of the text (RFC 2047 6.2), so the whole text is encoded.
  ///
  /// - Returns: where the last line begins.
  @discardableResult
  static func appendEncodedWords(
    _ bytes: UnsafeBufferPointer<UInt8>, lineStart: Int, inPhrase: Bool, to output: inout ByteBuffer
  ) -> Int {
    var quotedLength = 0
    for byte in bytes { quotedLength += quotedSize(byte, inPhrase) }
    let isBase64 = quotedLength > (bytes.count + 2) / 3 * 4
    var lineStart = lineStart
    var room = min(wordLimit, encodedLineLimit - (output.count - lineStart)) - wordOverhead
    var start = 0
    while start < bytes.count {
      if start > 0 {
        endLine(&output)
        lineStart = output.count
        output.append(UInt8(ascii: " "))
        room = wordLimit - wordOverhead
      }
      var end = start
      var size = 0
      while end < bytes.count {
        let width = characterWidth(bytes[end])
        var next = size
        for byte in bytes[end..<min(end + width, bytes.count)] {
          next += isBase64 ? 1 : quotedSize(byte, inPhrase)
        }
        if (isBase64 ? (next + 2) / 3 * 4 : next) > room { break }
        size = next
        end = min(end + width, bytes.count)
      }
      output.append(literal: isBase64 ? "=?UTF-8?B?" : "=?UTF-8?Q?")
      if isBase64 {
        Base64.append(UnsafeBufferPointer(rebasing: bytes[start..<end]), to: &output)
      } else {
        for byte in bytes[start..<end] { appendQuoted(byte, inPhrase, to: &output) }
      }
      output.append(literal: "?=")
      start = end
    }
    return lineStart
  }

  private static func characterWidth(_ lead: UInt8) -> Int {
    switch lead {
    case ..<0x80: 1
    case ..<0xE0: 2
    case ..<0xF0: 3
    default: 4
    }
  }

  private static func quotedSize(_ byte: UInt8, _ inPhrase: Bool) -> Int {
    byte == UInt8(ascii: " ") || isSafeInWord(byte, inPhrase) ? 1 : 3
  }

  private static func appendQuoted(_ byte: UInt8, _ inPhrase: Bool, to output: inout ByteBuffer) {
    if byte == UInt8(ascii: " ") {
      output.append(UInt8(ascii: "_"))
    } else if isSafeInWord(byte, inPhrase) {
      output.append(byte)
    } else {
      output.append(UInt8(ascii: "="))
      output.append(Hexadecimal.upper(byte >> 4))
      output.append(Hexadecimal.upper(byte & 15))
    }
  }

  /// RFC 2047 section 5 (3) for a phrase; the rest of printable ASCII but `=?_` elsewhere.
  private static func isSafeInWord(_ byte: UInt8, _ inPhrase: Bool) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    case UInt8(ascii: "!"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "/"): true
    case UInt8(ascii: "="), UInt8(ascii: "?"), UInt8(ascii: "_"): false
    default: !inPhrase && (0x21...0x7E).contains(byte)
    }
  }

  /// RFC 5322 3.2.3.
  static func isAtomText(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
    }
  }
}
