internal import CodeRequests

/// Takes out of a relay's words what must not be kept: addresses, and where a mail was begun, the recipient's local
/// part, the mail's confidential texts however they are spaced, and digits that could be a passcode (4 to 12 in a
/// row, or two groups of 2 to 6 with a space or hyphen between them) and are not clearly a measure, time, port or
/// number of the server's. Queue ids, which mix letters and digits, stay.
///
/// Relays do quote: "550 <anna@example.org> unknown", "554 rejected: Subject: 123 456 is your code".
struct ReplyRedaction {
  static let limit = 400
  private static let hidden = Array("••••".utf8)

  let recipient: EmailAddress?
  let confidential: [String]
  private let hidesDigits: Bool

  /// For words about a connection, the relay's, libcurl's or ours: no mail is in them, and their numbers are times,
  /// sizes, ports and codes.
  init() {
    recipient = nil
    confidential = []
    hidesDigits = false
  }

  /// For what is said of a mail.
  init(recipient: EmailAddress?, confidential: [String] = []) {
    self.recipient = recipient
    self.confidential = confidential
    hidesDigits = true
  }

  func reply(_ parser: ReplyParser) -> Reply {
    var end = 0
    let enhanced = EnhancedStatus(prefixOf: parser.text, end: &end)
    return Reply(
      code: parser.code, enhanced: parser.enhanced,
      text: parser.text.withUnsafeBufferPointer {
        redact(UnsafeBufferPointer(rebasing: $0[(enhanced == nil ? 0 : end)...]))
      })
  }

  func redact(_ text: String) -> String { Array(text.utf8).withUnsafeBufferPointer { redact($0) } }

  private func redact(_ original: UnsafeBufferPointer<UInt8>) -> String {
    if isHarmless(original) { return String(decoding: original, as: UTF8.self) }
    var bytes = Array(original)
    for secret in confidential { hide(secret, in: &bytes) }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      var end = index
      while end < bytes.count, !isSeparator(bytes[end]) { end += 1 }
      if end == index {
        result.append(bytes[index])
        index += 1
      } else if isAddress(bytes[index..<end]) {
        result += Self.hidden
        index = end
      } else {
        appendHidingDigits(bytes[index..<end], after: index, of: bytes, to: &result)
        index = end
      }
    }
    var text = String(decoding: result.prefix(Self.limit), as: UTF8.self)
    if firstControlCharacter(in: text) != nil {
      text = String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? "?" : $0 }))
    }
    // A cut through a character leaves U+FFFD at the end.
    while text.unicodeScalars.last == "\u{FFFD}" { text.unicodeScalars.removeLast() }
    return text
  }

  /// True where nothing in these words can be one that is taken out: most replies are a short yes.
  private func isHarmless(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard bytes.count <= Self.limit else { return false }
    var isAfterDigit = false
    for byte in bytes {
      let isDigit = isDigit(byte)
      if !(0x20...0x7E).contains(byte) || byte == UInt8(ascii: "@")
        || hidesDigits && isDigit && isAfterDigit
      {
        return false
      }
      isAfterDigit = isDigit
    }
    func holds(_ word: String) -> Bool {
      var word = word
      return word.withUTF8 { word in
        bytes.indices.contains { spaced(word, at: $0, of: bytes) != nil }
      }
    }
    return !confidential.contains(where: holds) && !(recipient.map { holds($0.localPart) } ?? false)
  }

  private func isControl(_ scalar: Unicode.Scalar) -> Bool {
    firstControlCharacter(in: String(Character(scalar))) != nil
  }

  private func isSeparator(_ byte: UInt8) -> Bool {
    switch byte {
    case 0...0x20, 0x7F, UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "("), UInt8(ascii: ")"),
      UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ":"),
      UInt8(ascii: "\""), UInt8(ascii: "'"):
      true
    default: false
    }
  }

  private func isAddress(_ word: ArraySlice<UInt8>) -> Bool {
    if word.contains(UInt8(ascii: "@")) { return true }
    guard let recipient else { return false }
    let trimmed = word.last == UInt8(ascii: ".") ? word.dropLast() : word
    // The local part holds no @, so it is the word where an @ follows as many bytes that are the same.
    let address = recipient.rawValue.utf8
    return zip(address, trimmed).allSatisfy { lower($0) == lower($1) }
      && address.dropFirst(trimmed.count).first == UInt8(ascii: "@")
  }

  private func appendHidingDigits(
    _ word: ArraySlice<UInt8>, after start: Int, of bytes: [UInt8], to result: inout [UInt8]
  ) {
    var index = word.startIndex
    while index < word.endIndex {
      var end = index
      while end < word.endIndex, isDigit(word[end]) { end += 1 }
      let isAlone =
        hidesDigits && (index == 0 || !isLetterOrDigit(bytes[index - 1]))
        && (end == bytes.count || !isLetterOrDigit(bytes[end]))
      let count = end - index
      if count == 0 {
        result.append(word[index])
        index += 1
      } else if isAlone, (4...12).contains(count) || (2...6).contains(count) && hasPartner(index, end, bytes),
        !ReplyNumbers.isMeasure(index..<end, of: bytes)
      {
        result += Self.hidden
        index = end
      } else {
        result += word[index..<end]
        index = end
      }
    }
  }

  /// True where the digits at `start..<end` have as many digits beside them, one space or hyphen away: `123 456`.
  private func hasPartner(_ start: Int, _ end: Int, _ bytes: [UInt8]) -> Bool {
    func isBetween(_ byte: UInt8) -> Bool { byte == 0x20 || byte == UInt8(ascii: "-") }
    let count = end - start
    if end < bytes.count, isBetween(bytes[end]) {
      let next = bytes[(end + 1)...].prefix { isDigit($0) }
      if next.count == count, next.endIndex == bytes.count || !isLetterOrDigit(bytes[next.endIndex]) {
        return true
      }
    }
    if start > 0, isBetween(bytes[start - 1]) {
      let before = bytes[..<(start - 1)].reversed().prefix { isDigit($0) }.count
      if before == count { return true }
    }
    return false
  }

  private func hide(_ secret: String, in bytes: inout [UInt8]) {
    var secret = secret
    secret.withUTF8 { secret in
      var index = 0
      while index < bytes.count {
        if let end = bytes.withUnsafeBufferPointer({ spaced(secret, at: index, of: $0) }) {
          bytes.replaceSubrange(index..<end, with: Self.hidden)
          index += Self.hidden.count
        } else {
          index += 1
        }
      }
    }
  }

  /// Where the secret ends that stands at `start`, in any case and with up to three blanks, hyphens, dots or bytes
  /// beyond ASCII between any two of its characters: `123456`, `123 456`, `1-2-3-4-5-6`, `123\u{A0}456`.
  private func spaced(
    _ secret: UnsafeBufferPointer<UInt8>, at start: Int, of bytes: UnsafeBufferPointer<UInt8>
  ) -> Int? {
    guard let first = secret.first, lower(bytes[start]) == lower(first) else { return nil }
    var index = start
    for (place, byte) in secret.enumerated() {
      if place > 0 {
        var gap = 0
        while index < bytes.count, lower(bytes[index]) != lower(byte), gap < 3, isGap(bytes[index]) {
          index += 1
          gap += 1
        }
      }
      guard index < bytes.count, lower(bytes[index]) == lower(byte) else { return nil }
      index += 1
    }
    return index
  }

  private func isGap(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x20, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), 0x80...: true
    default: false
    }
  }

  private func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
  private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
  private func isLetterOrDigit(_ byte: UInt8) -> Bool {
    isDigit(byte) || (0x61...0x7A).contains(byte | 0x20)
  }
}
