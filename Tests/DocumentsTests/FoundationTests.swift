import Documents
import Foundation
import TestSupport
import Testing

/// Foundation's decoder as a second opinion on what texts mean.
@Suite struct FoundationTests {
  /// Any value, as either reader finds it.
  indirect enum Value: Decodable, Equatable {
    case null, boolean(Bool), number(Double), string(String), list([Value]), object([String: Value])

    struct Key: CodingKey {
      let stringValue: String
      var intValue: Int? { nil }
      init?(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
      if let keyed = try? decoder.container(keyedBy: Key.self) {
        self = .object(
          try Dictionary(
            uniqueKeysWithValues: keyed.allKeys.map {
              ($0.stringValue, try keyed.decode(Value.self, forKey: $0))
            }))
      } else if var list = try? decoder.unkeyedContainer() {
        var values: [Value] = []
        while !list.isAtEnd { values.append(try list.decode(Value.self)) }
        self = .list(values)
      } else {
        let single = try decoder.singleValueContainer()
        if single.decodeNil() {
          self = .null
        } else if let value = try? single.decode(Bool.self) {
          self = .boolean(value)
        } else if let value = try? single.decode(Double.self) {
          self = .number(value)
        } else {
          self = .string(try single.decode(String.self))
        }
      }
    }

    init(_ value: DocumentValue) {
      switch value.content {
      case .null: self = .null
      case .boolean(let value): self = .boolean(value)
      case .integer(let value): self = .number(Double(value))
      case .number(let value): self = .number(value)
      case .string(let text): self = .string(text)
      case .list(let values): self = .list(values.map(Value.init))
      case .object(let members):
        self = .object(
          Dictionary(members.map { ($0.key, Value($0.value)) }, uniquingKeysWith: { first, _ in first }))
      }
    }
  }

  static func foundation(_ text: some Sequence<UInt8>, isJSON5: Bool) -> Value? {
    let decoder = JSONDecoder()
    decoder.allowsJSON5 = isJSON5
    return try? decoder.decode(Value.self, from: Data(text))
  }

  static func ours(_ text: some Sequence<UInt8>, _ grammar: Document.Grammar) -> Value? {
    (try? Document(Array(text), as: grammar)).map { Value($0.root) }
  }

  /// A text of JSON at random, with blanks, escapes and numbers of all kinds.
  struct Writer {
    var generator: SplitMix
    var text = ""

    mutating func pick(_ words: [String]) -> String { words.randomElement(using: &generator)! }
    mutating func blank() {
      if Int.random(in: 0..<4, using: &generator) == 0 { text += pick([" ", "\n", "\t", "\r\n"]) }
    }

    mutating func string(_ prefix: String = "") {
      text += "\"" + prefix
      for _ in 0..<Int.random(in: 0...6, using: &generator) {
        text += pick([
          "a", "Z", " ", "å", "€", "🙂", "e\u{301}", "\\n", "\\\"", "\\\\", "\\/", "\\u00e5", "\\ud83d\\ude42",
          "\\u2028", "\u{2028}", "'", "{", "//", "\u{7F}", "\\u0000", "\u{FEFF}",
        ])
      }
      text += "\""
    }

    mutating func value(depth: Int) {
      blank()
      switch Int.random(in: 0..<(depth > 4 ? 5 : 8), using: &generator) {
      case 0: text += pick(["null", "true", "false"])
      case 1: string()
      case 2: text += "\(Int64(bitPattern: generator.next()) >> Int64.random(in: 0..<64, using: &generator))"
      case 3:
        text += pick(["-1", "10", "123456789012345678", "9007199254740993", "18446744073709551615"])
        text += pick(["", ".0", ".5", ".000123", ".1e5", "e2", "E-3", "e+10", "e-320"])
      case 4:
        text += pick([
          "1e308", "-1.7976931348623157e308", "5e-324", "0", "-0", "-0.0", "0.1", "2.2250738585072014e-308",
        ])
      case 5, 6:
        text += "{"
        let count = Int.random(in: 0...4, using: &generator)
        for index in 0..<count {
          blank()
          string("\(index)")
          blank()
          text += ":"
          value(depth: depth + 1)
          if index + 1 < count { text += "," }
        }
        text += "}"
      default:
        text += "["
        let count = Int.random(in: 0...4, using: &generator)
        for index in 0..<count {
          value(depth: depth + 1)
          if index + 1 < count { text += "," }
        }
        text += "]"
      }
      blank()
    }
  }

  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func `JSON at random means the same to both`(_ seed: UInt64) throws {
    var writer = Writer(generator: SplitMix(state: seed))
    for _ in 0..<250 {
      writer.text = ""
      writer.value(depth: 0)
      let expected = try #require(Self.foundation(writer.text.utf8, isJSON5: false), "\(writer.text)")
      #expect(Self.ours(writer.text.utf8, .json) == expected, "\(writer.text)")
      #expect(Self.ours(writer.text.utf8, .json5) == expected, "\(writer.text)")
    }
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func `JSON that is damaged is not read where Foundation refuses it`(_ seed: UInt64) throws {
    var writer = Writer(generator: SplitMix(state: seed + 100))
    for _ in 0..<500 {
      writer.text = ""
      writer.value(depth: 0)
      var bytes = Array(writer.text.utf8)
      let place = Int.random(in: bytes.indices, using: &writer.generator)
      switch Int.random(in: 0..<3, using: &writer.generator) {
      case 0: bytes.remove(at: place)
      case 1: bytes[place] = Array("{}[],:\"\\/\n a1-.e\0".utf8).randomElement(using: &writer.generator)!
      default: bytes.removeSubrange(place...)
      }
      // Foundation looks at strings and numbers when they are asked for, which `Value` does.
      let theirs = Self.foundation(bytes, isJSON5: false)
      let ours = Self.ours(bytes, .json)
      guard let ours else { continue }
      let text = String(decoding: bytes, as: UTF8.self)
      // It refuses 0e2, which is JSON.
      if theirs == nil, text.contains(/(^|[^0-9.])0[eE]/) { continue }
      #expect(theirs == ours, "\(text)")
    }
  }

  @Test func `what is cut off or changed in JSON5 is not read where Foundation refuses it`() {
    let bytes = Array(
      """
      // A comment.
      {
        endpoint: "allowed", // or "refused"
        list: [ { id: "72f988bf", name: "Fabrikam", domains: ["a.example", "b.example"], flag: true, count: -1.5e3,
          nested: { "gmail.com": "google" }, none: null,
        }, {
          id: '0f3a9c11', name: 'Contoso Größe', /* beyond ASCII */ hex: 0xFF, plus: +1, dot: .5,
        } ],
      }
      """.utf8)
    var generator = SplitMix(state: 42)
    var damaged: [[UInt8]] = stride(from: 0, to: bytes.count, by: 7).map { Array(bytes[..<$0]) }
    for _ in 0..<400 {
      var copy = bytes
      copy[Int.random(in: copy.indices, using: &generator)] =
        Array("{}[],:'\"\\/*\n a1".utf8).randomElement(using: &generator)!
      damaged.append(copy)
    }
    for text in damaged {
      guard let ours = Self.ours(text, .json5) else { continue }
      #expect(Self.foundation(text, isJSON5: true) == ours, "\(String(decoding: text, as: UTF8.self))")
    }
    #expect(Self.ours(bytes, .json5) == Self.foundation(bytes, isJSON5: true))
  }
}
