/// A value together with the keys that lead to it: what settings and files are decoded by, so that every fault names
/// file, line, column and key.
package struct DocumentNode: Sendable {
  let text: DocumentText
  package let path: [DocumentValue.Step]
  package let value: DocumentValue
  /// Where faults point: at the key that leads to it, else at the value.
  let offset: Int

  package var file: String { text.file }

  package func fault(_ message: String, _ kind: DocumentFault.Kind = .badValue) -> DocumentFault {
    text.fault(kind, message, path, at: offset)
  }

  /// The same of a text that is not what is expected: names the character in it that may be to blame, since nobody sees it
  /// or takes it for another one.
  package func fault(of text: String, _ message: String) -> DocumentFault {
    let odd = CharacterName.misleading(in: text).flatMap(CharacterName.odd)
    return fault(message + (odd.map { "; it holds \($0)" } ?? ""))
  }

  package func wrongType(_ expected: String) -> DocumentFault {
    fault("is \(value.kind); expected \(expected)", .wrongType)
  }

  package func string(_ expected: String = "a string in quotes") throws(DocumentFault) -> String {
    guard case .string(let text) = value.content else { throw wrongType(expected) }
    return text
  }

  package func boolean() throws(DocumentFault) -> Bool {
    guard case .boolean(let value) = value.content else { throw wrongType("true or false") }
    return value
  }

  package func number() throws(DocumentFault) -> Double {
    switch value.content {
    case .integer(let value): return Double(value)
    case .number(let value): return value
    default: throw wrongType("a number")
    }
  }

  package func integer(in range: ClosedRange<Int>) throws(DocumentFault) -> Int {
    let number: Int?
    switch value.content {
    case .integer(let value): number = value
    case .number(let value): number = Int(exactly: value)
    default: number = nil
    }
    if let number, range.contains(number) { return number }
    guard number != nil || isBeyondInt else {
      throw wrongType("a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    throw fault("is \(source); expected \(range.lowerBound) to \(range.upperBound)")
  }

  private var isBeyondInt: Bool {
    if case .number(let value) = value.content { abs(value) > 1e18 } else { false }
  }

  /// The value as it is written, short.
  private var source: String {
    let source = String(decoding: text.bytes[value.range], as: UTF8.self)
    return source.count > 40 ? "\(source.prefix(40))…" : source
  }

  package func list(_ expected: String = "a list [ … ]") throws(DocumentFault) -> [DocumentNode] {
    guard case .list(let values) = value.content else { throw wrongType(expected) }
    return values.enumerated().map { index, value in
      DocumentNode(text: text, path: path + [.index(index)], value: value, offset: value.range.lowerBound)
    }
  }

  /// The members of an object in their order, whatever their keys; null among them.
  package func members(
    _ expected: String = "an object { … }"
  ) throws(DocumentFault) -> [(key: String, node: DocumentNode)] {
    guard case .object(let members) = value.content else { throw wrongType(expected) }
    return members.map { ($0.key, node(of: $0)) }
  }

  /// An object with known keys and no others.
  package func object(_ known: [String]) throws(DocumentFault) -> DocumentObject {
    guard value.isObject else { throw wrongType("an object with \(known.joined(separator: ", "))") }
    if let (_, fault) = unknownKeys(known).first { throw fault }
    return DocumentObject(node: self)
  }

  /// A fault for each key that is not known.
  package func unknownKeys(_ known: [String]) -> [(key: String, fault: DocumentFault)] {
    value.members.filter { !known.contains($0.key) }.map { member in
      let message = unknownName(
        "is not a key here", nearest: nearest(to: member.key, in: known),
        known: "known are \(known.joined(separator: ", "))")
      return (member.key, node(of: member).fault(message, .unknownKey))
    }
  }

  func node(of member: DocumentValue.Member) -> DocumentNode {
    DocumentNode(
      text: text, path: path + [.key(member.key)], value: member.value, offset: member.keyRange.lowerBound)
  }
}

/// The members of an object, by key.
package struct DocumentObject: Sendable {
  package let node: DocumentNode

  /// Of any keys; of what is no object none.
  package init(node: DocumentNode) { self.node = node }

  package var file: String { node.file }

  /// The value under `key`; nil where it is missing or null.
  package subscript(key: String) -> DocumentNode? {
    guard let member = node.value.members.first(where: { $0.key == key }), member.value.content != .null
    else { return nil }
    return node.node(of: member)
  }

  package func required(_ key: String, _ meaning: String) throws(DocumentFault) -> DocumentNode {
    if let node = self[key] { return node }
    throw fault("is missing and required: \(meaning)", .missing, of: [key])
  }

  /// A fault of what `keys` lead to; where that is not there it points at the nearest thing around it.
  package func fault(
    _ message: String, _ kind: DocumentFault.Kind = .badValue, of keys: [String]
  ) -> DocumentFault {
    var offset = node.offset
    var value = node.value
    for key in keys {
      guard let member = value.members.first(where: { $0.key == key }) else { break }
      (offset, value) = (member.keyRange.lowerBound, member.value)
    }
    return node.text.fault(kind, message, node.path + keys.map { .key($0) }, at: offset)
  }
}
