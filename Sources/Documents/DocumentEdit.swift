/// Replaces or adds one value in a JSON5 text, in the text's own style: its quotes, its indentation, its line ends,
/// its trailing commas.
package struct DocumentEdit {
  package enum Value: Hashable, Sendable {
    /// Written as a string in quotes.
    case text(String)
    /// JSON5 as it stands.
    case source(String)
  }

  private let document: Document
  package private(set) var bytes: [UInt8]

  package init(_ document: Document) {
    self.document = document
    bytes = document.bytes
  }

  /// Sets the value that `keys` lead to from the object at `path`; objects between that are missing are made.
  package mutating func set(_ keys: [String], to value: Value, in path: [DocumentValue.Step]) {
    guard let key = keys.first, let object = document.value(at: path),
      case .object(let members) = object.content
    else {
      return
    }
    let rest = Array(keys.dropFirst())
    guard let node = object[.key(key)] else {
      return add(member(key, rest, value, like: members), to: object)
    }
    guard !rest.isEmpty else {
      return bytes.replaceSubrange(
        node.range, with: source(of: value, quote: quote(of: node) ?? quote(among: members)).utf8)
    }
    guard case .object = node.content else {
      // null where an object is meant.
      let object = "{ \(member(rest[0], Array(rest.dropFirst()), value, like: members)) }"
      return bytes.replaceSubrange(node.range, with: object.utf8)
    }
    set(rest, to: value, in: path + [.key(key)])
  }

  // MARK: Adding

  /// After the last member: a comma right behind its value, the new member behind what else stands on that line, so
  /// that a comment stays with the member it speaks of.
  private mutating func add(_ member: String, to object: DocumentValue) {
    guard let last = object.members.last else {
      bytes.replaceSubrange(object.range, with: "{ \(member) }".utf8)
      return
    }
    var scanner = DocumentScanner(bytes, .json5, at: last.value.range.upperBound)
    // The text has been scanned whole before: there is nothing here to fail on.
    try? scanner.skipBlanks()
    let hasComma = bytes[scanner.index] == UInt8(ascii: ",")
    scanner = DocumentScanner(bytes, .json5, at: hasComma ? scanner.index + 1 : last.value.range.upperBound)
    try? scanner.skipBlanksOnLine()
    var place = scanner.index
    let isLineEnd = bytes[place] == 0x0A || bytes[place] == 0x0D
    var addition = "\(member)\(hasComma ? "," : "")"
    if isLineEnd {
      addition = lineEnd(at: place) + indentation(ofLineAt: last.keyRange.lowerBound) + addition
    } else {
      // The closing brace stands on the same line: before the blanks that lead to it.
      while place > last.value.range.upperBound, bytes[place - 1] == 0x20 || bytes[place - 1] == 0x09 {
        place -= 1
      }
      addition = " " + addition
    }
    bytes.insert(contentsOf: addition.utf8, at: place)
    if !hasComma { bytes.insert(UInt8(ascii: ","), at: last.value.range.upperBound) }
  }

  private func lineEnd(at index: Int) -> String {
    guard bytes[index] == 0x0D else { return "\n" }
    return index + 1 < bytes.count && bytes[index + 1] == 0x0A ? "\r\n" : "\r"
  }

  private func indentation(ofLineAt index: Int) -> String {
    let start = bytes[..<index].lastIndex { $0 == 0x0A || $0 == 0x0D }.map { $0 + 1 } ?? 0
    return String(decoding: bytes[start...].prefix { $0 == 0x20 || $0 == 0x09 }, as: UTF8.self)
  }

  // MARK: Writing

  /// `key: value`, the key in quotes where the others around it are or where it needs them.
  private func member(
    _ key: String, _ rest: [String], _ value: Value, like others: [DocumentValue.Member]
  ) -> String {
    let style: Character? = others.first.flatMap { member in quote(at: member.keyRange.lowerBound) }
    let isName = key.utf8.allSatisfy { byte in
      switch byte {
      case 0x41...0x5A, 0x61...0x7A: true
      default: false
      }
    }
    let written = isName && style == nil ? key : Self.string(key, quote: style ?? "\"")
    guard let next = rest.first else {
      return "\(written): \(source(of: value, quote: quote(among: others)))"
    }
    return "\(written): { \(member(next, Array(rest.dropFirst()), value, like: others)) }"
  }

  private func source(of value: Value, quote: Character?) -> String {
    switch value {
    case .text(let text): Self.string(text, quote: quote ?? "\"")
    case .source(let source): source
    }
  }

  private func quote(among members: [DocumentValue.Member]) -> Character? {
    members.lazy.compactMap { member in quote(of: member.value) }.first
  }

  private func quote(of node: DocumentValue) -> Character? {
    if case .string = node.content { quote(at: node.range.lowerBound) } else { nil }
  }

  private func quote(at index: Int) -> Character? {
    switch document.bytes[index] {
    case UInt8(ascii: "\""): "\""
    case UInt8(ascii: "'"): "'"
    default: nil
    }
  }

  private static func string(_ text: String, quote: Character) -> String {
    var result = String(quote)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case _ where Character(scalar) == quote: result += "\\\(quote)"
      case _ where scalar.value < 0x20 || [0x7F, 0x85, 0x2028, 0x2029].contains(scalar.value):
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + String(quote)
  }
}
