import Foundation
import TestSupport
import Testing

@testable import Documents

/// Texts that nobody wrote in good faith: each ends in a value or a fault, in bounded time and memory.
@Suite struct HostileTests {
  static let grammars = [Document.Grammar.json5, .json]

  static func repeated(_ text: String, _ count: Int) -> [UInt8] {
    Array(String(repeating: text, count: count).utf8)
  }

  @Test(arguments: grammars)
  func `nesting has an end`(_ grammar: Document.Grammar) {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
      let fits = String(repeating: open, count: 64) + "1" + String(repeating: close, count: 64)
      #expect((try? Document(Array(fits.utf8), as: grammar)) != nil)
      for count in [66, 1000, 100_000] {
        let fault = #expect(throws: DocumentFault.self) {
          try Document(Self.repeated(open, count), as: grammar)
        }
        #expect(fault?.message.contains("64 levels") == true)
        #expect(fault?.line == 1 && fault?.column == 65 * open.count + 1)
      }
    }
  }

  @Test(arguments: grammars)
  func `size and count have an end`(_ grammar: Document.Grammar) {
    let large = #expect(throws: DocumentFault.self) {
      try Document([UInt8](repeating: 0x20, count: Document.maximumSize + 1), as: grammar)
    }
    #expect(large?.message.contains("at most 16777216") == true)
    #expect(Document.maximumCount == 1_000_000)
    let many = Array("[".utf8) + Self.repeated("1,", 1001)
    let slip = #expect(throws: DocumentScanner.Slip.self) {
      var scanner = DocumentScanner(many, grammar, most: 1000)
      _ = try scanner.document()
    }
    // The list is one of them.
    #expect(slip?.message == "more than 1000 values" && slip?.offset == 1 + 2 * 999)
  }

  @Test(arguments: grammars)
  func `much of one thing ends in a fault or a value`(_ grammar: Document.Grammar) {
    let units = [
      "\0", "\u{FF}", "{", "}", "\"", "'", "\\", "/", "/*", "//", ",", ":", "-", "9", "0", ".", "e", "a",
      "\n",
      "\u{A0}", "\u{FEFF}", "\\u", "\"\\ud800", "[{", "{a", "{\"a\":1,", "\"a\",", "🙂", "0x", "1e",
    ]
    for unit in units {
      _ = try? Document(Self.repeated(unit, 100_000 / unit.utf8.count), as: grammar)
    }
    #expect((try? Document(Self.repeated("9", 300), as: grammar)) != nil)
    #expect((try? Document(Self.repeated("9", 100_000), as: grammar)) == nil)
    let string = Array("\"".utf8) + Self.repeated("\\n", 40_000) + Array("\"".utf8)
    #expect((try? Document(string, as: grammar))?.root.text?.utf8.count == 40_000)
  }

  @Test func `many equal keys are told in bounded time`() {
    var faults: [DocumentFault] = []
    _ = try? Document(Array("{".utf8) + Self.repeated("a:1,\n", 5000) + [0x7D], repeatedKeys: &faults)
    #expect(faults.count == 4999 && faults.last?.line == 5000)
  }

  @Test(arguments: grammars)
  func `garbage ends in a fault`(_ grammar: Document.Grammar) {
    var generator = SplitMix(state: 11)
    let bytes = (0..<1 << 17).map { _ in UInt8.random(in: 0...255, using: &generator) }
    #expect(throws: DocumentFault.self) { try Document(bytes, as: grammar) }
    let ascii = bytes.map { $0 & 0x7F }
    #expect(throws: DocumentFault.self) { try Document(ascii, as: grammar) }
    #expect(throws: DocumentFault.self) { try Document([0x22] + ascii, as: grammar) }
  }

  @Test(arguments: grammars)
  func `a byte that is not UTF-8 is found in its place`(_ grammar: Document.Grammar) {
    let rows: [(String, [UInt8], Int)] = [
      ("{\"å\":\n\"å", [0xC3], 3), ("{\"å\":\n\"å", [0xC3, 0x22], 3), ("\n\n", [0xFF], 1),
      ("\n\n", [0xF0, 0x9F], 1),
      ("\n\n", [0xED, 0xA0, 0x80], 1), ("\n\n\"", [0xC0, 0x80], 2), ("\n\n", [0x80], 1),
    ]
    for (before, bytes, column) in rows {
      let fault = #expect(throws: DocumentFault.self) {
        try Document(Array(before.utf8) + bytes, as: grammar)
      }
      #expect(fault?.message.contains("not UTF-8") == true)
      #expect(fault?.column == column && fault.map { $0.line > 1 } == true)
    }
  }

  @Test(arguments: grammars)
  func `a mark before the text is skipped, and no other encoding is read`(_ grammar: Document.Grammar) {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    #expect((try? Document(mark + Array("1".utf8), as: grammar)) != nil)
    #expect((try? Document(mark, as: grammar)) == nil)
    #expect((try? Document(Array(mark.prefix(2)) + [0x31], as: grammar)) == nil)
    for order in [[0xFF, 0xFE, 0x31, 0], [0xFE, 0xFF, 0, 0x31], [0x31, 0, 0, 0]] as [[UInt8]] {
      #expect((try? Document(order, as: grammar)) == nil)
    }
  }

  @Test func `bytes at random end in a value or a fault that points into the text`() {
    var generator = SplitMix(state: 7)
    let alphabet = Array("{}[],:'\"\\/*\n\r\t a1ux.-+0eEI\u{FEFF}å".utf8) + [0, 0xFF]
    for _ in 0..<5000 {
      let text = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
        alphabet.randomElement(using: &generator)!
      }
      for grammar in Self.grammars {
        do {
          let document = try Document(text, as: grammar)
          #expect(document.root.range.upperBound <= text.count)
        } catch {
          #expect(
            error.line >= 1 && error.column >= 1 && error.column <= text.count + 1 && !error.message.isEmpty)
        }
      }
    }
  }
}
