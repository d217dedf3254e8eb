import Documents
import Foundation
import TestSupport
import Testing

@Suite struct JSONLineTests {
  @Test func `keys stand in the order they were added, and what is nil is left out`() {
    var nested = JSONLine()
    nested.add("x", 1)
    var line = JSONLine()
    line.add("z", "å/\"\\\u{1}\u{7F}\n")
    line.add("a", nil as String?)
    line.add("n", Int.min)
    line.add("t", true)
    line.add("l", ["a", "b"])
    line.add("e", [] as [String])
    line.add("o", nested)
    line.add("os", [nested, JSONLine()])
    line.add("in") { line in
      line.add("y", 0)
      line.add("deep") { line in line.add("s", "{") }
      line.add("empty") { _ in }
      line.add("w", false)
    }
    line.add("last", 9)
    let expected =
      #"{"z":"å/\"\\\u0001\u007f\u000a","n":-9223372036854775808,"t":true,"l":["a","b"],"e":[],"o":{"x":1},"#
      + #""os":[{"x":1},{}],"in":{"y":0,"deep":{"s":"{"},"empty":{},"w":false},"last":9}"#
    #expect(line.text == expected)
    var bytes: [UInt8] = []
    line.append(to: &bytes)
    #expect(bytes == Array((expected + "\n").utf8))
    #expect(line.finish() == Array(expected.utf8))
  }

  @Test func `no text in it acts on a terminal, and each is read back as it was`() throws {
    for text in [
      "\u{1B}]0;t\u{7}", "\u{9B}31m", "\u{202E}moc", "\u{2028}\u{2029}\u{85}", "\u{E0041}", "\u{7F}\u{8}\r\n",
      "żółć 👩‍👧",
    ] {
      var line = JSONLine()
      line.add("subject", text)
      line.add("list", [text])
      #expect(line.text == PlainText.escaped(line.text))
      let read = try JSONSerialization.jsonObject(with: Data(line.text.utf8)) as? [String: Any]
      #expect(read?["subject"] as? String == text && read?["list"] as? [String] == [text])
    }
    var line = JSONLine()
    line.add("x", "ż\u{E0041}\u{9B}")
    #expect(line.text == #"{"x":"ż\udb40\udc41\u009b"}"#)
  }

  @Test func `starts anew with the room it had`() {
    var line = JSONLine(capacity: 512)
    for number in 0..<3 {
      line.restart()
      line.add("a", number)
      line.add("b", "x")
      #expect(line.text == "{\"a\":\(number),\"b\":\"x\"}")
    }
  }

  @Test func `leaves out a number that is none`() {
    var line = JSONLine()
    for value in [Double.nan, .infinity, -.infinity] { line.add("x", decimal: value) }
    #expect(line.text == "{}")
  }

  @Test(arguments: [
    (0.0, "0"), (1.5, "1.5"), (0.001, "0.001"), (-0.25, "-0.25"), (12.3456, "12.3456"),
    (12.34567891, "12.34568"), (0.00001, "0.00001"), (0.000001, "0"), (100, "100"), (0.042_917_3, "0.04292"),
    (0.050_07, "0.05007"),
  ])
  func `writes decimals with at most five places, so that none reads like a code`(value: Double, text: String)
  {
    var line = JSONLine()
    line.add("x", decimal: value)
    #expect(Double(line.text.dropFirst(5).dropLast()) == Double(text))
  }

  @Test func `whatever text is written is read back by our reader and by Foundation's`() throws {
    var generator = SplitMix(state: 3)
    for _ in 0..<500 {
      let scalars = (0..<Int.random(in: 0...12, using: &generator)).compactMap { _ in
        Unicode.Scalar(
          UInt32.random(in: 0...(Bool.random(using: &generator) ? 0xFF : 0x10FFFF), using: &generator))
      }
      let text = String(String.UnicodeScalarView(scalars))
      var line = JSONLine()
      line.add("text", text)
      let document = try Document(line.finish(), as: .json)
      #expect(document.root["text"]?.text.map { Array($0.utf8) } == Array(text.utf8))
      let object = try JSONSerialization.jsonObject(with: Data(document.bytes)) as? [String: String]
      #expect(object?["text"].map { Array($0.utf8) } == Array(text.utf8))
    }
  }
}
