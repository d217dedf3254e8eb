/// A value and where it stands: the tree that a document is.
package struct DocumentValue: Hashable, Sendable {
  package enum Content: Hashable, Sendable {
    case null
    case boolean(Bool)
    /// A number without fraction and exponent that an `Int` can hold.
    case integer(Int)
    /// Any other, in JSON5 infinite ones and "not a number" too.
    case number(Double)
    case string(String)
    case list([DocumentValue])
    case object([Member])
  }

  /// A key and its value.
  package struct Member: Hashable, Sendable {
    package let key: String
    package let keyRange: Range<Int>
    package let value: DocumentValue
  }

  package let content: Content
  /// Of bytes: for a string with its quotes, for an object with its braces.
  package let range: Range<Int>

  /// A step from a value to one inside it.
  package enum Step: Hashable, Sendable {
    case key(String)
    case index(Int)
  }

  /// The value one step inside.
  package subscript(step: Step) -> DocumentValue? {
    switch (content, step) {
    case (.object(let members), .key(let key)): members.first { $0.key == key }?.value
    case (.list(let values), .index(let index)): values.indices.contains(index) ? values[index] : nil
    default: nil
    }
  }

  /// The value under a key; nil where it is missing or null.
  package subscript(key: String) -> DocumentValue? {
    guard let value = self[.key(key)], value.content != .null else { return nil }
    return value
  }

  /// The members of an object; of anything else none.
  package var members: [Member] { if case .object(let members) = content { members } else { [] } }
  package var isObject: Bool { if case .object = content { true } else { false } }
  /// The text of a string; of anything else nil.
  package var text: String? { if case .string(let text) = content { text } else { nil } }
  /// The texts of a list of strings; of anything else nil.
  package var texts: [String]? {
    guard case .list(let values) = content else { return nil }
    let texts = values.compactMap(\.text)
    return texts.count == values.count ? texts : nil
  }

  /// What it is, for messages: `a number`.
  var kind: String {
    switch content {
    case .null: "null"
    case .boolean(let value): "\(value)"
    case .integer, .number: "a number"
    case .string: "a string"
    case .list: "a list"
    case .object: "an object"
    }
  }
}

extension [DocumentValue.Step] {
  /// `tenants[0].whenOff.url`.
  package var keyPath: String {
    reduce(into: "") { text, step in
      switch step {
      case .key(let key): text += (text.isEmpty ? "" : ".") + CharacterName.shown(key)
      case .index(let index): text += "[\(index)]"
      }
    }
  }
}
