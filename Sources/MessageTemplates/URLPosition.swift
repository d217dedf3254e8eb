internal import LinuxSystem

/// How much of a URL stands before a value: whether the value begins it, and so says where it leads.
struct URLPosition: Equatable, Sendable {
  private enum Part: Equatable {
    /// Nothing yet, or what browsers leave out.
    case start
    /// Letters that a colon would make a scheme, in lower case.
    case scheme([UInt8])
    /// The same with a value among them.
    case schemeWithValue
    /// Behind the scheme, or in a URL without one.
    case later
    case mailbox
    /// Of a scheme that runs or holds something: `javascript:`, `data:`.
    case foreign([UInt8])
    /// A section decides whether anything stands there.
    case unsure
  }

  private var part = Part.start
  /// A character reference that has begun: browsers decode it before they read the URL.
  private var reference: [UInt8] = []

  // MARK: Values

  mutating func value(in list: AttributeKind.URLList) throws(HTMLContext.Problem) -> ValueEscaping {
    let isDecided =
      switch part {
      case .later, .mailbox: true
      default: false
      }
    guard isDecided || reference.isEmpty else {
      throw HTMLContext.Problem(message: "stands in a character reference (&…;) of a URL; write that out")
    }
    reference = []
    switch part {
    case .start:
      part = .later
      return list == .commas ? .urlInList : .url
    case .scheme, .schemeWithValue:
      part = .schemeWithValue
      return .urlPart
    case .later: return .urlPart
    case .mailbox: return .mailbox
    case .foreign(let scheme):
      throw HTMLContext.Problem(
        message:
          "stands in a URL that begins with '\(String(decoding: scheme, as: UTF8.self)):'; expected https, http or mailto"
      )
    case .unsure:
      throw HTMLContext.Problem(
        message:
          "begins a URL or not, as the section before it decides; put the whole attribute into each section")
    }
  }

  static func joined(_ one: URLPosition, _ other: URLPosition) -> URLPosition? {
    guard one.reference == other.reference else { return nil }
    var one = one
    switch (one.part, other.part) {
    case (.foreign, _): break
    case (_, .foreign): one.part = other.part
    case (.later, .mailbox), (.mailbox, .later), (.later, .later): one.part = .later
    default: if one.part != other.part { one.part = .unsure }
    }
    return one
  }

  // MARK: Text

  mutating func read(_ byte: UInt8, in list: AttributeKind.URLList) throws(HTMLContext.Problem) {
    if !reference.isEmpty {
      let isNumber = reference.count == 1 && byte == UInt8(ascii: "#")
      if isNumber || byte.isASCIILetterOrDigit {
        reference.append(byte)
        return
      }
      let decoded = Self.decode(reference)
      reference = []
      for character in decoded { try take(character, in: list) }
      if byte == UInt8(ascii: ";") { return }
    }
    if byte == UInt8(ascii: "&") { reference = [byte] } else { try take(byte, in: list) }
  }

  /// One character of the URL; all beyond ASCII are alike.
  private mutating func take(
    _ byte: UInt8, in list: AttributeKind.URLList
  ) throws(HTMLContext.Problem) {
    // Browsers drop tabs and line ends wherever they stand.
    let isDropped = byte == 0x09 || byte == 0x0A || byte == 0x0D
    switch list {
    case .commas where byte == UInt8(ascii: ","), .blanks where byte.isBlank:
      if case .foreign = part { return }
      part = .start
      return
    default: break
    }
    let isDelimiter = "/?#\\".utf8.contains(byte)
    switch part {
    case .start:
      // Blanks beyond ASCII are dropped by some programs, so they begin nothing.
      if byte > 0x20, byte < 0x7F { part = byte.isASCIILetter ? .scheme([byte.asciiLowercased]) : .later }
    case .scheme(let name):
      if isDropped { return }
      if byte == UInt8(ascii: ":") {
        switch String(decoding: name, as: UTF8.self) {
        case "https", "http": part = .later
        case "mailto": part = .mailbox
        default: part = .foreign(name)
        }
      } else if byte.isASCIILetterOrDigit || "+-.".utf8.contains(byte) {
        if name.count < 40 { part = .scheme(name + [byte.asciiLowercased]) }
      } else {
        part = .later
      }
    case .schemeWithValue:
      if isDelimiter { part = .later }
      if byte == UInt8(ascii: ":") {
        part = .foreign(Array("…".utf8))
        throw HTMLContext.Problem(
          message: "makes a scheme of the value before it; write the scheme out, such as https://")
      }
    case .unsure:
      if isDelimiter { part = .later }
      if byte == UInt8(ascii: ":") { part = .foreign(Array("…".utf8)) }
    case .mailbox: if byte == UInt8(ascii: "?") { part = .later }
    case .later, .foreign: break
    }
  }

  /// What a character reference stands for, as far as it can be part of a scheme or end one. Others are `\u{7F}`.
  private static func decode(_ reference: [UInt8]) -> [UInt8] {
    let text = String(decoding: reference.dropFirst(), as: UTF8.self)
    guard text.hasPrefix("#") else {
      // Browsers ask for the semicolon behind most names. Without it `&` stands there, which no scheme holds.
      return names[text].map { [$0] } ?? [text.isEmpty ? UInt8(ascii: "&") : 0x7F]
    }
    var digits = text.dropFirst()
    let isHex = digits.first == "x" || digits.first == "X"
    if isHex { digits = digits.dropFirst() }
    let number = digits.prefix { isHex ? $0.isHexDigit : $0.isNumber }
    let code = UInt32(number, radix: isHex ? 16 : 10).flatMap { (1..<0x7F).contains($0) ? UInt8($0) : nil }
    // What is no digit of it is text behind it.
    return [code ?? 0x7F] + digits.dropFirst(number.count).utf8
  }

  private static let names: [String: UInt8] = [
    "Tab": 0x09, "NewLine": 0x0A, "colon": UInt8(ascii: ":"), "sol": UInt8(ascii: "/"),
    "bsol": UInt8(ascii: "\\"), "quest": UInt8(ascii: "?"), "num": UInt8(ascii: "#"),
    "period": UInt8(ascii: "."), "plus": UInt8(ascii: "+"), "comma": UInt8(ascii: ","),
    "amp": UInt8(ascii: "&"), "AMP": UInt8(ascii: "&"), "lpar": UInt8(ascii: "("),
  ]
}
