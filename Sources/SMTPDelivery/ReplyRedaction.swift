internal import CodeRequests

/// Takes out of a relay's words what must not be kept: addresses, and where a mail was begun, the recipient's local
/// part and the mail's confidential texts however they are spelt (`ReplySpelling`) and spaced. Where the words speak of
/// a code, digits that could be another passcode go, too (4 to 12 in a row, or groups of 2 to 6 with a space or hyphen
/// between them) that are not clearly a measure, time, port or number of the server's. All else stays: other numbers,
/// queue ids, and a local part that is a word which replies are made of, `ok`, where it is not said as somebody's name.
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
    let spelling = ReplySpelling(original)
    let bytes = spelling.bytes
    var isHidden = hiddenSecrets(bytes)
    let speaksOfCode = hidesDigits && ReplyNames.speaksOfCode(bytes)
    var index = 0
    while index < bytes.count {
      var end = index
      while end < bytes.count, !isHidden[end], !isSeparator(bytes[end]) { end += 1 }
      if end == index {
        index += 1
      } else {
        if isAddress(index..<end, of: bytes) {
          for place in index..<end { isHidden[place] = true }
        } else if speaksOfCode {
          hideDigits(in: index..<end, of: bytes, &isHidden)
        }
        index = end
      }
    }
    return shown(spelling, isHidden)
  }

  /// The original, with a mark for each run that is hidden.
  private func shown(_ spelling: ReplySpelling, _ isHidden: [Bool]) -> String {
    var result: [UInt8] = []
    result.reserveCapacity(spelling.original.count)
    for index in isHidden.indices {
      if !isHidden[index] {
        result += spelling.original[spelling.starts[index]..<spelling.starts[index + 1]]
      } else if index == 0 || !isHidden[index - 1] {
        result += Self.hidden
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
        || byte == UInt8(ascii: "%") || hidesDigits && isDigit && isAfterDigit
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

  private func isAddress(_ range: Range<Int>, of bytes: [UInt8]) -> Bool {
    let word = bytes[range]
    if word.contains(UInt8(ascii: "@")) { return true }
    guard let recipient else { return false }
    let trimmed = word.last == UInt8(ascii: ".") ? word.dropLast() : word
    // The local part holds no @, so it is the word where an @ follows as many bytes that are the same.
    let address = recipient.rawValue.utf8
    guard zip(address, trimmed).allSatisfy({ lower($0) == lower($1) }),
      address.dropFirst(trimmed.count).first == UInt8(ascii: "@")
    else { return false }
    return !ReplyNames.isUsual(trimmed) || ReplyNames.isNamedPerson(range, of: bytes)
  }

  private func hideDigits(in word: Range<Int>, of bytes: [UInt8], _ isHidden: inout [Bool]) {
    // A link's numbers are its own: what is the mail's has been hidden already.
    guard !bytes[word].starts(with: "//".utf8) else { return }
    var index = word.lowerBound
    while index < word.upperBound {
      var end = index
      while end < word.upperBound, isDigit(bytes[end]) { end += 1 }
      let isAlone =
        (index == 0 || !isLetterOrDigit(bytes[index - 1]))
        && (end == bytes.count || !isLetterOrDigit(bytes[end]))
      let count = end - index
      if isAlone, (4...12).contains(count) || (2...6).contains(count) && hasPartner(index, end, bytes),
        !ReplyNumbers.isMeasure(index..<end, of: bytes)
      {
        for place in index..<end { isHidden[place] = true }
      }
      index = max(end, index + 1)
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

  /// The mail's own texts and its address, in whatever spelling.
  private func hiddenSecrets(_ bytes: [UInt8]) -> [Bool] {
    var isHidden = [Bool](repeating: false, count: bytes.count)
    for secret in confidential + addressSpellings {
      var secret = secret
      secret.withUTF8 { secret in
        bytes.withUnsafeBufferPointer { bytes in
          var index = 0
          while index < bytes.count {
            let end = spaced(secret, at: index, of: bytes)
            if let end, isWhole(index..<end, of: bytes, secret) {
              for place in index..<end { isHidden[place] = true }
              index = end
            } else {
              index += 1
            }
          }
        }
      }
    }
    return isHidden
  }

  /// As it stands in delivery status notifications (RFC 3461, 4), in VERP and on pages. With an @ it is a word.
  private var addressSpellings: [String] {
    guard let recipient, recipient.localPart.utf8.count > 1 else { return [] }
    return ["+40", "=40", "=", "&#64;", "(at)", "[at]", " at "].map {
      "\(recipient.localPart)\($0)\(recipient.domain)"
    }
  }

  /// Whether what is spelt like the secret is no piece of something longer: of a number, a queue id, another address.
  private func isWhole(
    _ range: Range<Int>, of bytes: UnsafeBufferPointer<UInt8>, _ secret: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    // A token or an address in quotes is long enough to be nothing else.
    guard secret.count <= 12, secret.allSatisfy(isLetterOrDigit) else { return true }
    let before = bytes[..<range.lowerBound].reversed().prefix(while: isLetterOrDigit)
    let after = bytes[range.upperBound...].prefix(while: isLetterOrDigit)
    // Letters may touch digits, `code123456is`, as long as there are no other digits: then it is an id.
    guard secret.allSatisfy(isDigit) else { return before.isEmpty && after.isEmpty }
    return !before.contains(where: isDigit) && !after.contains(where: isDigit)
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
