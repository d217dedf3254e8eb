import Documents
import Foundation
import Testing

/// What is JSON5 and what is JSON, by their grammars, and what a text of either means.
@Suite struct GrammarTests {
  /// A value in one spelling, with the types told apart.
  static func spelling(_ value: DocumentValue) -> String {
    switch value.content {
    case .null: "null"
    case .boolean(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)d"
    case .string(let text): "'\(text)'"
    case .list(let values): "[\(values.map(spelling).joined(separator: ","))]"
    case .object(let members): "{\(members.map { "\($0.key):\(spelling($0.value))" }.joined(separator: ","))}"
    }
  }

  static func read(_ text: String, _ grammar: Document.Grammar) -> String? {
    (try? Document(Array(text.utf8), as: grammar)).map { spelling($0.root) }
  }

  /// What is JSON is JSON5 and means the same.
  static let json: [(String, String)] = [
    ("{}", "{}"), ("[]", "[]"), ("\"\"", "''"), ("null", "null"), ("true", "true"), ("false", "false"),
    (" \t\r\n{ \"a\" : [ 1 , { \"b\" : null } ] } \n", "{a:[1,{b:null}]}"),
    ("0", "0"), ("-0", "-0.0d"), ("-1", "-1"), ("1.5", "1.5d"), ("1e3", "1000.0d"), ("-1.5E-2", "-0.015d"),
    ("9223372036854775807", "9223372036854775807"), ("-9223372036854775808", "-9223372036854775808"),
    ("9223372036854775808", "9.223372036854776e+18d"), ("0.0e-400", "0.0d"),
    (#""\"\\\/\b\f\n\r\tå""#, "'\"\\/\u{8}\u{C}\n\r\tå'"), (#""😀\u0000""#, "'😀\0'"),
    ("\"å🙂'\u{7F}\u{2028}\"", "'å🙂'\u{7F}\u{2028}'"), ("{\"\":1}", "{:1}"), ("\u{FEFF}[1]", "[1]"),
  ]

  /// What JSON5 adds (spec.json5.org 3 to 8).
  static let json5: [(String, String)] = [
    ("{a:1,}", "{a:1}"), ("[1,2,]", "[1,2]"), ("{'a':\"b\",\"c\":'d'}", "{a:'b',c:'d'}"),
    ("{$_å9:1}", "{$_å9:1}"), ("{ªⅣ\u{301}٣‿:1}", "{ªⅣ\u{301}٣‿:1}"), (#"{\u0061b:1}"#, "{ab:1}"),
    ("{null:1,true:2,Infinity:3}", "{null:1,true:2,Infinity:3}"), ("{a\u{200D}b:1}", "{a\u{200D}b:1}"),
    (#"'\'\"\v\0\x41\u00e5'"#, "''\"\u{B}\0Aå'"), ("'a\\\nb\\\r\nc\\\rd\\\u{2028}e\\\u{2029}f'", "'abcdef'"),
    (#"'\-\å\$'"#, "'-å$'"), ("'a\u{2028}b\tc'", "'a\u{2028}b\tc'"),
    (".5", "0.5d"), ("5.", "5.0d"), ("5.e1", "50.0d"), ("+1", "1"), ("+.5", "0.5d"), ("-.5e1", "-5.0d"),
    ("0x1F", "31"), ("-0XaB", "-171"), ("+0x0", "0"), ("-0x0", "-0.0d"),
    ("0x7FFFFFFFFFFFFFFF", "9223372036854775807"), ("0x8000000000000000", "9.223372036854776e+18d"),
    ("Infinity", "infd"), ("+Infinity", "infd"), ("-Infinity", "-infd"), ("NaN", "nand"), ("-NaN", "nand"),
    ("// c\n[1/* d */,/**/2]// e", "[1,2]"), ("/* a\n * / ** */1", "1"), ("1//", "1"),
    ("//a\u{2028}1", "1"), ("//a\r1", "1"), ("[/***/]", "[]"),
    ("\u{B}\u{C}\u{A0}\u{FEFF}\u{2028}\u{2029}\u{1680}\u{2003}\u{202F}\u{205F}\u{3000}1\u{A0}", "1"),
    ("{\u{A0}a\u{2003}:\u{FEFF}1\u{2029}}", "{a:1}"), ("[1,\u{FEFF}2]", "[1,2]"),
  ]

  static let neither = [
    "", " ", "{", "}", "[", "]", "{a}", "{a:}", "{a:1 b:2}", "{,}", "[,]", "[1,,2]", "{a:1,,}", "{1a:1}",
    "{a-b:1}", "{a:b}", "'x", "'x\ny'", "\"x\r\"", "{a:1}}", "{a:1} x", "1 2", "[1 2]", "{a:1} /* c", "/ {}",
    "'\\u12'", "'\\u12g4'", "'\\x4'", "'\\xg0'", "tru", "True", "nul", "nullx", "undefined", "'b' 'c'",
    "\"b'", "{:1}", "{a::1}", "'\u{1}'", "'\0'", "01", "-01", "00", "08.5", "0x", "0xg", "--1", "+-1", "+ 1",
    "1-2", "1e", "1e+", "1x", "1.5.5", "0x1.5", ".", "-", "+", "e5", ".e5", "infinity", "nan", "+NaNa",
    "-Inf",
    "1_000", "1n", "0b1", "0o7", "{[1]:1}", "{a:1;b:2}", "(1)", "`a`", "'\\ud800'", "'\\udc00'",
    "'\\ud800\\u0041'", "'\\ud800x'", "1e400", "-1e400", "1e-400", "1\u{200B}", "\u{0}1", "#1", "{\\u002d:1}",
    "{\\x61:1}", "'\\q'", "'\\1'", "'\\00'", "{a:1,a:2}", "[{\"a\":1,'a':2}]", "{\\u0061:1,a:2}", "<html>",
  ]

  @Test(arguments: json) func `JSON is read as JSON and as JSON5`(_ text: String, _ value: String) {
    #expect(Self.read(text, .json) == value)
    #expect(Self.read(text, .json5) == value)
  }

  @Test(arguments: json5) func `what JSON5 adds is read as JSON5 alone`(_ text: String, _ value: String) {
    #expect(Self.read(text, .json5) == value)
    #expect(Self.read(text, .json) == nil)
  }

  @Test(arguments: neither) func `what is neither is refused`(_ text: String) {
    #expect(Self.read(text, .json5) == nil)
    #expect(Self.read(text, .json) == nil)
  }

  @Test func `values tell the bytes that they stand in`() throws {
    let text = "// å\n{ 'a' : [ 1.50 , \"x\" ], b: {} }"
    let document = try Document(Array(text.utf8))
    func source(_ range: Range<Int>) -> String { String(decoding: document.bytes[range], as: UTF8.self) }
    let member = try #require(document.root.members.first)
    #expect(source(member.keyRange) == "'a'" && source(member.value.range) == "[ 1.50 , \"x\" ]")
    #expect(document.value(at: [.key("a"), .index(0)]).map { source($0.range) } == "1.50")
    #expect(document.value(at: [.key("a"), .index(1)]).map { source($0.range) } == "\"x\"")
    #expect(document.value(at: [.key("b")]).map { source($0.range) } == "{}")
    #expect(document.value(at: [.key("a"), .index(2)]) == nil && document.value(at: [.key("c")]) == nil)
  }
}
