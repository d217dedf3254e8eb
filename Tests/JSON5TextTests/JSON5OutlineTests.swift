import Foundation
import JSON5Text
import TestSupport
import Testing

/// The scanner finds places and Foundation decodes: the two must agree about what is JSON5, or an edit would hit the
/// wrong bytes.
@Suite struct JSON5OutlineTests {
  /// Any JSON5 value, with the keys of objects.
  indirect enum Value: Decodable, Equatable {
    case object([String: Value]), array([Value]), string(String), other

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
        self = .array(values)
      } else {
        let single = try decoder.singleValueContainer()
        let isLiteral =
          single.decodeNil() || (try? single.decode(Bool.self)) != nil
          || (try? single.decode(Double.self)) != nil
        // Foundation looks into a string only when it is asked for it.
        self = isLiteral ? .other : .string(try single.decode(String.self))
      }
    }
  }

  static func foundation(_ text: some Sequence<UInt8>) -> Value? {
    let decoder = JSONDecoder()
    decoder.allowsJSON5 = true
    return try? decoder.decode(Value.self, from: Data(text))
  }

  static func outline(_ text: String) -> JSON5Outline? { try? JSON5Outline(Array(text.utf8)) }

  /// What the outline says, each string decoded from its own range by Foundation.
  static func value(_ node: JSON5Outline.Node, _ bytes: [UInt8]) -> Value? {
    switch node.content {
    case .object(let members):
      var result: [String: Value] = [:]
      for member in members { result[member.key] = value(member.value, bytes) }
      return .object(result)
    case .array(let nodes): return .array(nodes.compactMap { value($0, bytes) })
    case .string:
      guard case .array(let values)? = foundation([0x5B] + bytes[node.range] + [0x5D]) else { return nil }
      return values.first
    case .literal: return .other
    }
  }

  static let texts = [
    "{}", "[]", "''", "\"\"", "1", "null", "true", "{a:1}", "{a:1,}", "[1,2,]", "{'a':\"b\"}", "{\"a\":'b'}",
    "{a_$9:1}",
    "{å:1}", "{a:{b:[{c:'d'}]}}", "// c\n{}", "{} // c", "/* c */ {} /* d */", "{/**/a/**/:/**/1/**/,/**/}",
    "{a:'//'}", "{a:'/* '}", "{a:'\\''}", "{a:\"\\\"\"}", "{a:'\"'}", "{a:'\\\\'}", "{a:'x\\\ny'}",
    "{a:'x\\\r\ny'}",
    "{a:'\\u00e5\\n\\t'}", "{'\\u0061b':1}", "{'a\\'b':1}", "\u{FEFF}{a:1}", "{a:-1.5e3,b:+2,c:.5,d:0x1F}",
    "{a:Infinity,b:-Infinity}", "{a:'\u{2028}'}", "{a:'å🙂'}", "\t\r\n {}\r\n",
    // Not JSON5.
    "", " ", "{", "}", "[", "{a}", "{a:}", "{a:1 b:2}", "{,}", "[,]", "[1,,2]", "{a:1,,}", "{1a:1}",
    "{a-b:1}", "{a:b}",
    "{a:'x}", "{a:'x\ny'}", "{a:1}}", "{a:1} x", "{a:1} /* c", "/ {}", "{a:'\\u12'}", "{a:tru}",
    "{a:'b' 'c'}",
    "{a:\"b'}", "{:1}", "{a::1}", "undefined", "{a:'\u{1}'}", "\u{B}{}", "{\u{C}}", "{a:1\u{A0}}",
    "\u{2028}{}", "[1,\u{FEFF}2]", "1.", ".5", "+.5", "-0", "01", "00", "0x", "0xg", "--1", "+-1", "1-2",
    "1e", "1e5", "1E-5", "1x", "1.5.5",
    ".", "-", "e5", "-Infinity", "+NaN", "infinity", "nan", "True", "1_000", "-0x10", "0X1f",
  ]

  @Test(arguments: texts)
  func `the outline and Foundation agree`(_ text: String) throws {
    let outline = Self.outline(text)
    let expected = Self.foundation(text.utf8)
    #expect((outline == nil) == (expected == nil))
    guard let outline, let expected else { return }
    #expect(Self.value(outline.root, outline.bytes) == expected)
  }

  @Test
  func `whatever is cut off or changed in the example, the outline takes nothing that Foundation refuses`() {
    // Leniency would let an edit work on a text that no loader reads. The other way round only costs a line number.
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
    for text in damaged where Self.foundation(text) == nil {
      let outline = try? JSON5Outline(text)
      let isRefused = outline == nil
      #expect(isRefused, "\(String(decoding: text, as: UTF8.self))")
    }
  }

  @Test func `a byte that is not UTF-8 is found in its place`() {
    let fault = #expect(throws: JSON5Outline.SyntaxFault.self) {
      try JSON5Outline(Array("{å: '".utf8) + [0xC3] + Array("'}".utf8))
    }
    #expect(fault?.offset == 6)
    #expect(fault?.message.contains("UTF-8") == true)
  }

  @Test func `bytes at random end in a value or a fault`() {
    var generator = SplitMix(state: 7)
    let alphabet = Array("{}[],:'\"\\/*\n\r\t a1ux.-+\u{FEFF}å".utf8) + [0, 0xFF]
    for _ in 0..<5000 {
      let text = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
        alphabet.randomElement(using: &generator)!
      }
      do {
        let outline = try JSON5Outline(text)
        #expect(outline.root.range.upperBound <= text.count)
      } catch { #expect(error.offset <= text.count && !error.message.isEmpty) }
    }
  }

  @Test func `places count lines of every kind of line end`() {
    let bytes = Array("a\nb\r\nc\rd".utf8)
    let places = (0...bytes.count).map { offset -> String in
      let (line, column) = JSON5Outline.position(of: offset, in: bytes)
      return "\(line):\(column)"
    }
    #expect(places == ["1:1", "1:2", "2:1", "2:2", "2:3", "3:1", "3:2", "4:1", "4:2"])
  }

  @Test func `a path leads to a value or stops at the nearest thing around it`() throws {
    let outline = try JSON5Outline(Array("{a: [1, {b: 'c'}]}".utf8))
    #expect(outline.node(at: [.key("a"), .index(1), .key("b")])?.range == 12..<15)
    #expect(outline.node(at: [.key("a"), .index(2)]) == nil)
    #expect(outline.offset(of: [.key("a"), .index(1), .key("b")]) == 9)
    #expect(outline.offset(of: [.key("a"), .index(1), .key("x")]) == 8)
    #expect(outline.offset(of: [.key("x")]) == 0)
  }
}
