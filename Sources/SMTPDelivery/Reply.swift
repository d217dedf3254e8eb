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
  /// or the end after it (RFC 2034 4).
  ///
  /// - Parameter end: where the text after it begins.
  init?(prefixOf text: [UInt8], end: inout Int) {
    var index = 0
    func number() -> Int? {
      var value = 0
      let start = index
      while index < text.count, index - start < 3, (0x30...0x39).contains(text[index]) {
        value = value * 10 + Int(text[index] - 0x30)
        index += 1
      }
      return index > start ? value : nil
    }
    func dot() -> Bool {
      guard index < text.count, text[index] == UInt8(ascii: ".") else { return false }
      index += 1
      return true
    }
    guard let first = number(), first == 2 || first == 4 || first == 5, dot(),
      let second = number(), dot(), let third = number()
    else { return nil }
    if index < text.count {
      guard text[index] == 0x20 else { return nil }
      index += 1
    }
    self.init(first, second, third)
    end = index
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
