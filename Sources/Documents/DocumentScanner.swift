/// One pass over a text: blanks, comments, objects and lists. Strings and numbers have files of their own. The edit
/// in place uses it too, so that both agree about where things stand.
struct DocumentScanner {
  typealias Value = DocumentValue

  /// Where the text leaves the grammar, and what was expected there.
  struct Slip: Error {
    let offset: Int
    let message: String

    init(_ offset: Int, _ message: String) {
      self.offset = offset
      self.message = message
    }
  }

  let bytes: [UInt8]
  let isJSON5: Bool
  var index: Int
  private var count = 0
  private let most: Int
  private var path: [Value.Step] = []
  /// Keys that stand in their object already, in the order of the text, with where they stood first.
  private(set) var repeatedKeys: [(path: [Value.Step], range: Range<Int>, first: Range<Int>)] = []

  /// - Parameter most: how many values there may be.
  init(
    _ bytes: [UInt8], _ grammar: Document.Grammar = .json5, at index: Int = 0,
    most: Int = Document.maximumCount
  ) {
    self.bytes = bytes
    self.most = most
    self.index = index
    isJSON5 = grammar == .json5
    if index == 0, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { self.index = 3 }
  }

  var current: UInt8? { index < bytes.count ? bytes[index] : nil }
  func byte(after count: Int) -> UInt8? { index + count < bytes.count ? bytes[index + count] : nil }

  /// The character here and its bytes; the text is UTF-8.
  var scalar: (scalar: Unicode.Scalar, width: Int)? {
    guard let byte = current else { return nil }
    if byte < 0x80 { return (Unicode.Scalar(byte), 1) }
    var codec = UTF8()
    var rest = bytes[index..<min(index + 4, bytes.count)].makeIterator()
    guard case .scalarValue(let scalar) = codec.decode(&rest) else { return ("\u{FFFD}", 1) }
    return (scalar, UTF8.width(scalar))
  }

  /// That something else stands here, with its name where it is odd.
  func slip(_ message: String) -> Slip {
    let odd = scalar.flatMap { CharacterName.odd($0.scalar) }
    return Slip(index, message + (odd.map { "; found \($0)" } ?? ""))
  }

  mutating func document() throws(Slip) -> Value {
    try skipBlanks()
    let value = try value()
    try skipBlanks()
    guard index == bytes.count else { throw slip("something stands after the end of the value") }
    return value
  }

  // MARK: Between values

  /// White space and comments.
  mutating func skipBlanks() throws(Slip) {
    repeat { skipWhiteSpace() } while try skipComment()
  }

  /// White space and comments up to, and not including, the end of the line.
  mutating func skipBlanksOnLine() throws(Slip) {
    repeat { skipWhiteSpace(stopsAtLineEnd: true) } while try skipComment()
  }

  private mutating func skipWhiteSpace(stopsAtLineEnd: Bool = false) {
    while let byte = current {
      switch byte {
      case 0x20, 0x09: index += 1
      case 0x0A, 0x0D:
        if stopsAtLineEnd { return }
        index += 1
      case 0x0B, 0x0C:
        guard isJSON5 else { return }
        index += 1
      case 0x80...:
        guard isJSON5, let (scalar, width) = scalar, Self.isBlank(scalar) else { return }
        index += width
      default: return
      }
    }
  }

  /// Beyond ASCII: U+00A0, U+FEFF, the line and paragraph separators and the spaces of Unicode.
  private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0xFEFF, 0x2028, 0x2029: true
    default: scalar.properties.generalCategory == .spaceSeparator
    }
  }

  private mutating func skipComment() throws(Slip) -> Bool {
    guard isJSON5, current == UInt8(ascii: "/") else { return false }
    let start = index
    switch byte(after: 1) {
    case UInt8(ascii: "/"):
      while let byte = current, byte != 0x0A, byte != 0x0D, !isSeparator { index += 1 }
    case UInt8(ascii: "*"):
      index += 2
      while true {
        guard index + 1 < bytes.count else { throw Slip(start, "a comment begins here and has no */") }
        if current == UInt8(ascii: "*"), byte(after: 1) == UInt8(ascii: "/") { break }
        index += 1
      }
      index += 2
    default: throw slip("a lone /; a comment begins with // or /*")
    }
    return true
  }

  /// U+2028 or U+2029, which end a line in JSON5.
  private var isSeparator: Bool {
    current == 0xE2 && byte(after: 1) == 0x80 && (byte(after: 2) == 0xA8 || byte(after: 2) == 0xA9)
  }

  // MARK: Values

  private mutating func value() throws(Slip) -> Value {
    guard path.count <= Document.maximumDepth else {
      throw slip("more than \(Document.maximumDepth) levels of nesting")
    }
    count += 1
    guard count <= most else { throw slip("more than \(most) values") }
    let start = index
    let content: Value.Content
    switch current {
    case UInt8(ascii: "{"): content = .object(try object())
    case UInt8(ascii: "["): content = .list(try list())
    case UInt8(ascii: "\""): content = .string(try string())
    case UInt8(ascii: "'") where isJSON5: content = .string(try string())
    case nil: throw slip("the text ends where a value is expected")
    default: content = try literal()
    }
    return Value(content: content, range: start..<index)
  }

  private mutating func object() throws(Slip) -> [Value.Member] {
    let start = index
    var members: [Value.Member] = []
    var known: [String: Int] = [:]
    index += 1
    try skipBlanks()
    while current != UInt8(ascii: "}") {
      if current == nil { throw Slip(start, "an object begins here and has no }") }
      let keyStart = index
      let key = try self.key()
      let keyRange = keyStart..<index
      path.append(.key(key))
      if let first = known[key] {
        repeatedKeys.append((path, keyRange, members[first].keyRange))
      } else {
        known[key] = members.count
      }
      try skipBlanks()
      guard current == UInt8(ascii: ":") else {
        throw slip("expected : after the key \(CharacterName.shown(key))")
      }
      index += 1
      try skipBlanks()
      members.append(Value.Member(key: key, keyRange: keyRange, value: try value()))
      path.removeLast()
      try skipBlanks()
      guard try !separator(UInt8(ascii: "}")) else { continue }
      if current == nil { throw Slip(start, "an object begins here and has no }") }
      throw slip("expected , or } after the value of \(CharacterName.shown(key))")
    }
    index += 1
    return members
  }

  private mutating func list() throws(Slip) -> [Value] {
    let start = index
    var values: [Value] = []
    index += 1
    try skipBlanks()
    while current != UInt8(ascii: "]") {
      if current == nil { throw Slip(start, "a list begins here and has no ]") }
      path.append(.index(values.count))
      values.append(try value())
      path.removeLast()
      try skipBlanks()
      guard try !separator(UInt8(ascii: "]")) else { continue }
      if current == nil { throw Slip(start, "a list begins here and has no ]") }
      throw slip("expected , or ] after a value")
    }
    index += 1
    return values
  }

  /// Goes over a comma and what is blank behind it. In JSON no end may follow.
  ///
  /// - Returns: true too at the end of what it stands in.
  private mutating func separator(_ end: UInt8) throws(Slip) -> Bool {
    if current == end { return true }
    guard current == UInt8(ascii: ",") else { return false }
    let comma = index
    index += 1
    try skipBlanks()
    if !isJSON5, current == end { throw Slip(comma, "a comma with nothing behind it") }
    return true
  }
}
