internal import FoundationEssentials

/// Where everything stands in a JSON5 text: the byte range of each key and value.
///
/// Foundation decodes JSON5 but tells neither the line of a fault nor the place of a value, and takes one of two
/// equal keys without a word. This scanner adds just that: places for messages, equal keys found, and the range
/// that an edit replaces so that comments and formatting stay. Values are still decoded by Foundation.
///
/// On failure: the offset where the text stops being JSON5, and what was expected there.
package struct JSON5Outline: Sendable {
  /// A step from a value to one inside it.
  package enum Step: Hashable, Sendable {
    case key(String)
    case index(Int)
  }

  /// A value and where it stands.
  package struct Node: Sendable {
    package enum Content: Sendable {
      case object([Member])
      case array([Node])
      case string
      /// A number, `true`, `false` or `null`.
      case literal
    }

    package let content: Content
    /// Of bytes: for a string with its quotes, for an object with its braces.
    package let range: Range<Int>
  }

  /// A key and its value.
  package struct Member: Sendable {
    package let key: String
    package let keyRange: Range<Int>
    package let value: Node
  }

  /// Where the text stops being JSON5.
  package struct SyntaxFault: Error, Hashable, Sendable {
    package let offset: Int
    /// What was expected there.
    package let message: String
  }

  package let bytes: [UInt8]
  package let root: Node

  /// Scans a whole text; a byte-order mark before it is skipped.
  package init(_ bytes: [UInt8]) throws(SyntaxFault) {
    if let offset = Self.firstInvalidByte(of: bytes) {
      throw SyntaxFault(offset: offset, message: "a byte that is not UTF-8; save the file as UTF-8")
    }
    var scanner = JSON5Scanner(bytes)
    root = try scanner.document()
    self.bytes = bytes
  }

  private static func firstInvalidByte(of bytes: [UInt8]) -> Int? {
    if String(validating: bytes, as: UTF8.self) != nil { return nil }
    var codec = UTF8()
    var iterator = bytes.makeIterator()
    var offset = 0
    while case .scalarValue(let scalar) = codec.decode(&iterator) { offset += UTF8.width(scalar) }
    return offset
  }

  /// The value at the end of `path`; nil where there is none.
  package func node(at path: [Step]) -> Node? {
    path.reduce(Optional(root)) { node, step in node?[step] }
  }

  /// Where to point at for `path`: the key that leads to the value, else the value, else the nearest thing around it.
  package func offset(of path: [Step]) -> Int {
    var node = root
    var offset = root.range.lowerBound
    for step in path {
      guard let next = node[step] else { break }
      offset = next.range.lowerBound
      if case .key(let key) = step, case .object(let members) = node.content {
        offset = members.last { $0.key == key }?.keyRange.lowerBound ?? offset
      }
      node = next
    }
    return offset
  }

  /// Line and column of an offset, both counted from 1; columns count characters.
  package static func position(of offset: Int, in bytes: [UInt8]) -> (line: Int, column: Int) {
    var line = 1
    var lineStart = 0
    for index in 0..<min(offset, bytes.count) {
      // CR LF ends one line, and so does either alone.
      let isEnd =
        bytes[index] == 0x0A
        || bytes[index] == 0x0D && !(index + 1 < bytes.count && bytes[index + 1] == 0x0A)
      if isEnd {
        line += 1
        lineStart = index + 1
      }
    }
    let before = String(decoding: bytes[lineStart..<max(lineStart, min(offset, bytes.count))], as: UTF8.self)
    return (line, before.count(where: { $0 != "\u{FEFF}" }) + 1)
  }

  /// Keys that stand twice in one object, each with the path to its object.
  package func repeatedKeys() -> [(path: [Step], member: Member)] {
    var found: [(path: [Step], member: Member)] = []
    func visit(_ node: Node, _ path: [Step]) {
      switch node.content {
      case .object(let members):
        var seen: Set<String> = []
        for member in members {
          if !seen.insert(member.key).inserted { found.append((path, member)) }
          visit(member.value, path + [.key(member.key)])
        }
      case .array(let nodes):
        for (index, node) in nodes.enumerated() { visit(node, path + [.index(index)]) }
      case .string, .literal: break
      }
    }
    visit(root, [])
    return found
  }

  /// `tenants[0].whenOff.url`.
  package static func text(of path: [Step]) -> String {
    path.reduce(into: "") { text, step in
      switch step {
      case .key(let key): text += text.isEmpty ? key : ".\(key)"
      case .index(let index): text += "[\(index)]"
      }
    }
  }
}

extension JSON5Outline.Node {
  /// The value one step inside; of equal keys the last.
  package subscript(step: JSON5Outline.Step) -> JSON5Outline.Node? {
    switch (content, step) {
    case (.object(let members), .key(let key)): members.last { $0.key == key }?.value
    case (.array(let nodes), .index(let index)): nodes.indices.contains(index) ? nodes[index] : nil
    default: nil
    }
  }

  /// The members of an object; of anything else none.
  package var members: [JSON5Outline.Member] {
    if case .object(let members) = content { members } else { [] }
  }
}
