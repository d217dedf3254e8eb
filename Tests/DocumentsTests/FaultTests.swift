import Documents
import Foundation
import Testing

/// Where a fault points, and what it says.
@Suite struct FaultTests {
  static func fault(_ text: some Sequence<UInt8>, _ grammar: Document.Grammar = .json5) -> DocumentFault? {
    do {
      _ = try Document(Array(text), as: grammar, file: "a.json5")
      return nil
    } catch { return error }
  }

  static let places: [(String, String, String)] = [
    ("", "1:1", "the text ends where a value is expected"),
    ("{\n  a: 1\n  b: 2\n}", "3:3", "expected , or } after the value of a"),
    ("{\n  a: [1\n 2]\n}", "3:2", "expected , or ] after a value"),
    ("{\n  a 1\n}", "2:5", "expected : after the key a"),
    ("{\n  a: [\n    1,\n}", "4:1", "expected a value"),
    ("\n{\n  a: [1,\n\n\n", "3:6", "a list begins here and has no ]"),
    ("\n {\n  a: 1,\n\n\n", "2:2", "an object begins here and has no }"),
    ("{ a: 1 } {", "1:10", "something stands after the end"),
    ("{\n a: 'x\n}", "2:5", "its line ends before its closing quote"),
    ("{ a: 'x", "1:6", "has no closing quote"), ("1 /* x\n\n", "1:3", "has no */"),
    ("[ / 1]", "1:3", "a lone /"),
    ("{ a: yes }", "1:6", "expected a value: a string in quotes, a number"),
    ("{ a-b: 1 }", "1:4", "expected : after the key a"), ("{ 1a: 1 }", "1:3", "expected a key"),
    // Numbers.
    ("[1, 1e999]", "1:5", "a number out of range"), ("[-1e999]", "1:2", "a number out of range"),
    ("[1e-999]", "1:2", "a number out of range"),
    ("[007]", "1:2", "a leading zero"), ("[1.2.3]", "1:5", "does not end where it should"),
    ("[12 000, 1_000]", "1:5", "expected , or ]"), ("[1_000]", "1:3", "does not end where it should"),
    ("[0xZ]", "1:4", "hexadecimal digits"), ("[1e]", "1:4", "the digits of an exponent"),
    // Escapes and what no string holds.
    ("['ab\\ud83dx']", "1:5", "half of a surrogate pair (U+D83D)"),
    ("['\\ude00']", "1:3", "half of a surrogate pair (U+DE00)"),
    ("['\\ud83d\\ud83d']", "1:3", "half of a surrogate pair (U+D83D)"),
    ("['C:\\dir']", "1:5", "an escape that is not read"), ("['\\u00g0']", "1:3", "four hexadecimal digits"),
    ("['\\xg0']", "1:3", "two hexadecimal digits"), ("['a\u{7}b']", "1:4", "the control character U+0007"),
    ("['a\0b']", "1:4", "U+0000"),
    // Odd characters.
    ("{ a: “b” }", "1:6", "U+201C, a curly quotation mark; write \""),
    ("{ a: ‘b’ }", "1:6", "U+2018, a curly"),
    ("{ a： 1 }", "1:4", "U+FF1A, a full-width character; write :"),
    ("{ a: 1， b: 2 }", "1:7", "U+FF0C, a full-width character; write ,"),
    ("{ a: １ }", "1:6", "U+FF11, a full-width character; write 1"),
    ("[1、2]", "1:3", "U+3001, an ideographic"),
    ("{ a: \u{200B}1 }", "1:6", "U+200B, an invisible character; delete it"),
    ("\u{202E}1", "1:1", "U+202E, an invisible mark of the direction"),
    ("[−1]", "1:2", "U+2212, a dash; write -"),
    ("[`a`]", "1:2", "U+0060, a backtick; write \""), ("\0", "1:1", "U+0000, a control character"),
    ("[1] \u{1B}[0m", "1:5", "U+001B, a control character"), ("[\u{FFFD}]", "1:2", "U+FFFD, what stands for"),
    // U+00A0 is a blank, which moves the place by one.
    ("{\u{A0}a:\u{A0}b }", "1:6", "expected a value"),
  ]

  @Test(arguments: places)
  func `a fault points at the first wrong place and says what is expected`(
    _ text: String, _ place: String, _ says: String
  ) throws {
    let fault = try #require(Self.fault(text.utf8))
    #expect("\(fault.line):\(fault.column)" == place)
    #expect(fault.kind == .syntax && fault.message.hasPrefix("is not JSON5: "))
    #expect(fault.message.contains(says), "\(fault.message)")
  }

  @Test(arguments: [
    ("{'a':1}", "1:2", "expected a key in double quotes"),
    ("{a:1}", "1:2", "expected a key in double quotes"),
    ("['a']", "1:2", "expected a value"), ("[1,]", "1:3", "a comma with nothing behind it"),
    ("{\"a\":1,\n}", "1:7", "a comma with nothing behind it"), ("[1 // c\n]", "1:4", "expected , or ]"),
    ("[.5]", "1:2", "expected a value"), ("[5.]", "1:4", "expected a digit"),
    ("[+1]", "1:2", "expected a value"),
    ("[0x1]", "1:3", "does not end"), ("[NaN]", "1:2", "expected a value"), ("[\"\\v\"]", "1:3", "an escape"),
    ("[\u{A0}1]", "1:2", "U+00A0, a no-break space; write a plain space"),
    ("[\u{202F}1]", "1:2", "U+202F, a no-break space"),
    ("[\u{2003}1]", "1:2", "U+2003, a space of another width"),
    ("[\u{3000}1]", "1:2", "U+3000, an ideographic space"),
    ("[\u{2028}1]", "1:2", "U+2028, a line separator"),
    ("[1]\u{FEFF}", "1:4", "U+FEFF, a byte order mark"),
    ("{\u{2800}}", "1:2", "U+2800, an invisible character"),
    ("{\"a\":1,\u{FE0F}\"b\":1}", "1:8", "U+FE0F, an invisible character"), ("[\"a\tb\"]", "1:4", "U+0009"),
    ("[\"\\'\"]", "1:3", "an escape"),
  ])
  func `JSON is strict`(_ text: String, _ place: String, _ says: String) throws {
    let fault = try #require(Self.fault(text.utf8, .json))
    #expect("\(fault.line):\(fault.column)" == place)
    #expect(fault.message.hasPrefix("is not JSON: ") && fault.message.contains(says), "\(fault.message)")
  }

  @Test func `equal keys are faults with both places, however they are spelt and wherever they stand`() throws
  {
    let text = "{\n  app: 1,\n  b: [ {}, { c: 1, 'c': 2 } ],\n  \"\\u0061pp\": 3,\n  app: 4,\n}"
    var faults: [DocumentFault] = []
    let document = try Document(Array(text.utf8), file: "x", repeatedKeys: &faults)
    #expect(
      faults.map(\.description) == [
        "x:3:20: b[1].c stands twice in the same object, first at line 3, column 14; keep one of them",
        "x:4:3: app stands twice in the same object, first at line 2, column 3; keep one of them",
        "x:5:3: app stands twice in the same object, first at line 2, column 3; keep one of them",
      ])
    #expect(document.root["app"]?.content == .integer(1))
    let fault = try #require(Self.fault(text.utf8))
    #expect(fault.kind == .repeatedKey && fault.keyPath == "b[1].c" && fault.line == 3)
    #expect(Self.fault("{\"a\":{\"b\":1,\"b\":1}}".utf8, .json)?.keyPath == "a.b")
  }

  @Test func `a key is shown so that no terminal acts on it`() throws {
    let fault = try #require(Self.fault("{'\\u001b[31m': 1 2}".utf8))
    #expect(fault.message.contains("(unprintable)") && !fault.message.contains("\u{1B}"))
    let long = try #require(Self.fault("{\(String(repeating: "k", count: 5000)) 1}".utf8))
    #expect(long.message.utf8.count < 200)
  }

  @Test func `a blank in a key is shown, since the key would look like another one`() throws {
    let document = try Document(Array("{ 'app\u{A0}': 1 }".utf8), file: "f")
    let fault = #expect(throws: DocumentFault.self) { try document.node.object(["app"]) }
    #expect(
      fault?.description == "f:1:3: app\\u{A0} is not a key here. Known are app.",
      "\(fault?.description ?? "")")
  }

  @Test func `places count lines of every kind of line end, and characters`() throws {
    let text = Array("[1,\n2,\r\n3,\r4, 'å🙂e\u{301}', x]".utf8)
    #expect(Self.fault(text).map { "\($0.line):\($0.column)" } == "4:11")
    let document = try Document(Array("\u{FEFF}[\n\r\n\r]".utf8))
    let places = (3...document.bytes.count).map { offset -> String in
      let (line, column) = document.text.position(of: offset)
      return "\(line):\(column)"
    }
    #expect(places == ["1:1", "1:2", "2:1", "2:2", "3:1", "4:1", "4:2"])
  }
}
