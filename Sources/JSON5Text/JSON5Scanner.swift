internal import FoundationEssentials

/// One pass over a JSON5 text that notes ranges and decodes nothing but keys. Nesting is bounded, so that a
/// hostile file ends in a fault and not in a full stack.
struct JSON5Scanner {
  typealias Node = JSON5Outline.Node
  typealias Member = JSON5Outline.Member
  typealias Fault = JSON5Outline.SyntaxFault

  private static let maximumDepth = 64

  private let bytes: [UInt8]
  private(set) var index: Int

  init(_ bytes: [UInt8], at index: Int = 0) {
    self.bytes = bytes
    self.index = index
    if index == 0, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { self.index = 3 }
  }

  private var current: UInt8? { index < bytes.count ? bytes[index] : nil }
  private func byte(after count: Int) -> UInt8? {
    index + count < bytes.count ? bytes[index + count] : nil
  }
  private func fault(_ message: String, at offset: Int? = nil) -> Fault {
    Fault(offset: offset ?? index, message: message)
  }

  mutating func document() throws(Fault) -> Node {
    try skipBlanks()
    let node = try value(depth: 0)
    try skipBlanks()
    guard index == bytes.count else { throw fault("something stands after the end of the value") }
    return node
  }

  // MARK: Between values

  /// White space and comments.
  mutating func skipBlanks() throws(Fault) {
    repeat { skipWhiteSpace() } while try skipComment()
  }

  /// White space and comments up to, and not including, the end of the line.
  mutating func skipBlanksOnLine() throws(Fault) {
    while true {
      if let byte = current, byte == 0x20 || byte == 0x09 {
        index += 1
      } else if try !skipComment() {
        return
      }
    }
  }

  private mutating func skipWhiteSpace() {
    while let byte = current, byte == 0x20 || (0x09...0x0D).contains(byte) { index += 1 }
  }

  private mutating func skipComment() throws(Fault) -> Bool {
    guard current == UInt8(ascii: "/") else { return false }
    let start = index
    switch byte(after: 1) {
    case UInt8(ascii: "/"):
      while let byte = current, byte != 0x0A, byte != 0x0D { index += 1 }
    case UInt8(ascii: "*"):
      index += 2
      while true {
        guard index + 1 < bytes.count else { throw fault("a comment begins here and has no */", at: start) }
        if current == UInt8(ascii: "*"), byte(after: 1) == UInt8(ascii: "/") { break }
        index += 1
      }
      index += 2
    default: throw fault("a lone /; a comment begins with // or /*")
    }
    return true
  }

  // MARK: Values

  private mutating func value(depth: Int) throws(Fault) -> Node {
    guard depth <= Self.maximumDepth else { throw fault("more than \(Self.maximumDepth) levels of nesting") }
    let start = index
    switch current {
    case UInt8(ascii: "{"):
      let members = try object(depth: depth)
      return Node(content: .object(members), range: start..<index)
    case UInt8(ascii: "["):
      let nodes = try array(depth: depth)
      return Node(content: .array(nodes), range: start..<index)
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      try string()
      return Node(content: .string, range: start..<index)
    case nil: throw fault("the text ends where a value is expected")
    default:
      try literal()
      return Node(content: .literal, range: start..<index)
    }
  }

  private mutating func object(depth: Int) throws(Fault) -> [Member] {
    let start = index
    var members: [Member] = []
    index += 1
    while true {
      try skipBlanks()
      if current == UInt8(ascii: "}") { break }
      if current == nil { throw fault("an object begins here and has no }", at: start) }
      let keyStart = index
      let key = try self.key()
      let keyRange = keyStart..<index
      try skipBlanks()
      guard current == UInt8(ascii: ":") else { throw fault("expected : after the key \(key)") }
      index += 1
      try skipBlanks()
      members.append(Member(key: key, keyRange: keyRange, value: try value(depth: depth + 1)))
      try skipBlanks()
      switch current {
      case UInt8(ascii: ","): index += 1
      case UInt8(ascii: "}"): break
      case nil: throw fault("an object begins here and has no }", at: start)
      default: throw fault("expected , or } after the value of \(key)")
      }
    }
    index += 1
    return members
  }

  private mutating func array(depth: Int) throws(Fault) -> [Node] {
    let start = index
    var nodes: [Node] = []
    index += 1
    while true {
      try skipBlanks()
      if current == UInt8(ascii: "]") { break }
      if current == nil { throw fault("a list begins here and has no ]", at: start) }
      nodes.append(try value(depth: depth + 1))
      try skipBlanks()
      switch current {
      case UInt8(ascii: ","): index += 1
      case UInt8(ascii: "]"): break
      case nil: throw fault("a list begins here and has no ]", at: start)
      default: throw fault("expected , or ] after a value")
      }
    }
    index += 1
    return nodes
  }

  // MARK: Tokens

  private mutating func key() throws(Fault) -> String {
    let start = index
    if current == UInt8(ascii: "\"") || current == UInt8(ascii: "'") {
      try string()
      let raw = bytes[start..<index]
      guard raw.contains(UInt8(ascii: "\\")) else {
        return String(decoding: raw.dropFirst().dropLast(), as: UTF8.self)
      }
      let decoder = JSONDecoder()
      decoder.allowsJSON5 = true
      guard let key = try? decoder.decode([String].self, from: Data([0x5B] + raw + [0x5D])).first else {
        throw fault("a key with an escape that JSON5 does not have", at: start)
      }
      return key
    }
    while let byte = current, Self.isNameByte(byte) { index += 1 }
    guard index > start, !(0x30...0x39).contains(bytes[start]) else {
      throw fault("expected a key or }", at: start)
    }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...: true
    default: false
    }
  }

  private mutating func string() throws(Fault) {
    let start = index
    let quote = bytes[start]
    index += 1
    while let byte = current {
      switch byte {
      case quote:
        index += 1
        return
      case UInt8(ascii: "\\"): try escape()
      case 0x0A, 0x0D:
        throw fault("a string begins here and its line ends before its closing quote", at: start)
      case 0..<0x20: throw fault("a control character in a string; write it as \\u00XX")
      default: index += 1
      }
    }
    throw fault("a string begins here and has no closing quote", at: start)
  }

  private mutating func escape() throws(Fault) {
    switch byte(after: 1) {
    case UInt8(ascii: "u"):
      for count in 2..<6 {
        guard let digit = byte(after: count), Character(Unicode.Scalar(digit)).isHexDigit else {
          throw fault("expected four hexadecimal digits after \\u")
        }
      }
      index += 6
    case 0x0D where byte(after: 2) == 0x0A: index += 3
    case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
      UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"), 0x0A, 0x0D:
      index += 2
    default:
      throw fault("an escape that is not read; known are \\\" \\' \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX")
    }
  }

  private mutating func literal() throws(Fault) {
    let start = index
    while let byte = current, byte < 0x80, Self.isNameByte(byte) || [0x2B, 0x2D, 0x2E].contains(byte) {
      index += 1
    }
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    guard ["true", "false", "null"].contains(text) || Self.isNumber(text) else {
      throw fault("expected a value: a string in quotes, a number, true, false, null, { or [", at: start)
    }
  }

  private static func isNumber(_ text: String) -> Bool {
    let digits = text.first == "+" || text.first == "-" ? text.dropFirst() : text[...]
    if ["Infinity", "NaN"].contains(digits) { return true }
    if digits.prefix(2).lowercased() == "0x" {
      return digits.count > 2 && digits.dropFirst(2).allSatisfy { $0.isHexDigit }
    }
    // No leading zeros, and none of the words that Double reads beyond numbers.
    let isPlain = digits.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x2B, 0x2D, 0x2E, UInt8(ascii: "e"), UInt8(ascii: "E"): true
      default: false
      }
    }
    let hasLeadingZero = digits.count > 1 && digits.first == "0" && digits.dropFirst().first?.isNumber == true
    let beginsPlain = digits.first?.isNumber == true || digits.first == "."
    return isPlain && beginsPlain && !hasLeadingZero && Double(digits) != nil
  }
}
