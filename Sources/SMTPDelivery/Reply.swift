internal import LinuxSystem

/// An enhanced status code (RFC 3463), such as 5.1.1.
package struct EnhancedStatus: Hashable, Sendable, CustomStringConvertible {
  package let `class`: Int
  package let subject: Int
  package let detail: Int

  package init(_ class: Int, _ subject: Int, _ detail: Int) {
    self.class = `class`
    self.subject = subject
    self.detail = detail
  }

  package var description: String {
    guard `class` < 10, subject < 10, detail < 10 else { return "\(`class`).\(subject).\(detail)" }
    // Nearly all of them, several times a mail.
    return String(unsafeUninitializedCapacity: 5) { buffer in
      for (index, number) in [`class`, subject, detail].enumerated() {
        buffer[2 * index] = UInt8(ascii: "0") + UInt8(number)
        if index < 2 { buffer[2 * index + 1] = UInt8(ascii: ".") }
      }
      return 5
    }
  }

  /// Reads one at the start of a reply's text: `class.subject.detail`, each at most three digits, and a space
  /// or the end after it (RFC 2034 4); also as `#5.1.0`, `(5.7.1)`, `[5.7.1]` and `5.7.1:`, as some servers write it.
  ///
  /// - Parameter end: where the text after it begins.
  init?(prefixOf text: [UInt8], end: inout Int) {
    guard let (status, after) = Self.read(text, at: 0) else { return nil }
    self = status
    end = after
  }

  /// The one in a reply's text, at its start or, where there is none, behind it: `(#5.1.1)` at the end as qmail has
  /// it, the reply's own code repeated before it, or punctuation. Version numbers and IP addresses are none.
  ///
  /// - Parameter code: the reply's; a status of another class is none.
  package init?(in text: [UInt8], code: Int) {
    let replyClass = code / 100
    guard replyClass == 2 || replyClass == 4 || replyClass == 5 else { return nil }
    if let (status, _) = Self.read(text, at: 0) {
      guard status.class == replyClass else { return nil }
      self = status
      return
    }
    // Servers tell of trouble behind their words, never of success.
    guard replyClass != 2 else { return nil }
    let digit = UInt8(ascii: "0") + UInt8(replyClass)
    var index = 1
    while index < text.count {
      if text[index] == digit, Self.mayStand(in: text, at: index, code: code),
        let (status, _) = Self.read(text, at: Self.isBracket(text[index - 1]) ? index - 1 : index)
      {
        self = status
        return
      }
      index += 1
    }
    return nil
  }

  /// Reads `5.1.1` with a mark or bracket before it and what belongs to it behind.
  private static func read(_ text: [UInt8], at start: Int) -> (EnhancedStatus, end: Int)? {
    var index = start
    var closing: UInt8?
    if skip(UInt8(ascii: "("), in: text, &index) {
      closing = UInt8(ascii: ")")
    } else if skip(UInt8(ascii: "["), in: text, &index) {
      closing = UInt8(ascii: "]")
    }
    _ = skip(UInt8(ascii: "#"), in: text, &index)
    guard let first = number(in: text, &index), first == 2 || first == 4 || first == 5,
      skip(UInt8(ascii: "."), in: text, &index), let second = number(in: text, &index),
      skip(UInt8(ascii: "."), in: text, &index), let third = number(in: text, &index)
    else { return nil }
    let status = EnhancedStatus(first, second, third)
    if let closing {
      guard skip(closing, in: text, &index) else { return nil }
    } else if skip(UInt8(ascii: ","), in: text, &index) || skip(UInt8(ascii: ";"), in: text, &index) {
      return (status, index)
    }
    _ = skip(UInt8(ascii: ":"), in: text, &index)
    guard index < text.count, !skip(0x20, in: text, &index) else { return (status, index) }
    switch text[index] {
    case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "\""), UInt8(ascii: "'"): return (status, index)
    default: return nil
    }
  }

  /// One to three digits.
  private static func number(in text: [UInt8], _ index: inout Int) -> Int? {
    var value = 0
    let start = index
    while index < text.count, index - start < 3, (0x30...0x39).contains(text[index]) {
      value = value * 10 + Int(text[index] - 0x30)
      index += 1
    }
    return index > start ? value : nil
  }

  private static func skip(_ byte: UInt8, in text: [UInt8], _ index: inout Int) -> Bool {
    guard index < text.count, text[index] == byte else { return false }
    index += 1
    return true
  }

  private static func isBracket(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "(") || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "#")
  }

  /// True where what stands before `index` lets a status follow: `#`, a bracket, punctuation and a blank, or the
  /// reply's code; not a word, which a version would follow.
  private static func mayStand(in text: [UInt8], at index: Int, code: Int) -> Bool {
    switch text[index - 1] {
    case UInt8(ascii: "#"), UInt8(ascii: "\""), UInt8(ascii: "'"): return true
    case UInt8(ascii: "("), UInt8(ascii: "["):
      return !isVersionWord(text[..<(index - 1)])
    case UInt8(ascii: " "), UInt8(ascii: "-"):
      let before = text[..<(index - 1)]
      if before.suffix(3).elementsEqual(String(code).utf8) {
        return before.count == 3 || !before[before.endIndex - 4].isASCIILetterOrDigit
      }
      guard text[index - 1] == 0x20, let last = before.last else { return false }
      return "-:;,.!)]>".utf8.contains(last) && !isVersionWord(before.dropLast())
    default: return false
    }
  }

  /// True where the text ends with a word after which a number is a version.
  private static func isVersionWord(_ text: ArraySlice<UInt8>) -> Bool {
    let trimmed = text.last == 0x20 ? text.dropLast() : text
    let word = trimmed.reversed().prefix { $0.isASCIILetterOrDigit }.reversed().map(\.asciiLowercased)
    return ["version", "release", "v", "ver", "build", "rev"].contains { $0.utf8.elementsEqual(word) }
  }
}

/// What a relay answered, fit to be kept and shown.
package struct Reply: Hashable, Sendable, CustomStringConvertible {
  package let code: Int
  package let enhanced: EnhancedStatus?
  /// At most 400 bytes on one line, without control characters, passcodes or addresses.
  package let text: String

  package init(code: Int, enhanced: EnhancedStatus? = nil, text: String = "") {
    self.code = code
    self.enhanced = enhanced
    self.text = text
  }

  package var description: String {
    var words = String(code)
    if let enhanced {
      words += " "
      words += enhanced.description
    }
    if !text.isEmpty {
      words += " "
      words += text
    }
    return words
  }
}
