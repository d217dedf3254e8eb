import Documents
import Foundation
import Testing

/// An edit in place agrees with the reader about where things stand.
@Suite struct DocumentEditTests {
  @Test(arguments: [
    ("{a:1}", ["a"], "{a:\"x\"}"), ("{ }", ["a"], "{ a: \"x\" }"),
    ("{'b':'c'}", ["a"], "{'b':'c', 'a': 'x'}"),
    ("{ b: 1\u{A0}/* c */\u{2003}}", ["a"], "{ b: 1,\u{A0}/* c */\u{2003} a: \"x\"}"),
    ("{ b: 1, // c\u{A0}\n}", ["a"], "{ b: 1, // c\u{A0}\na: \"x\",\n}"),
    ("{ b: '\\x41}' }", ["a"], "{ b: '\\x41}', a: 'x' }"), ("{a:{b:null}}", ["a", "b"], "{a:{b:\"x\"}}"),
    ("{a:null}", ["a", "b"], "{a:{ b: \"x\" }}"), ("{}", ["a", "b"], "{ a: { b: \"x\" } }"),
    ("{ \\u0061: 1 }", ["a"], "{ \\u0061: \"x\" }"), ("{b:1}", ["c.d"], "{b:1, \"c.d\": \"x\"}"),
  ])
  func `sets one value and leaves the rest`(_ text: String, _ keys: [String], _ expected: String) throws {
    var edit = DocumentEdit(try Document(Array(text.utf8)))
    edit.set(keys, to: .text("x"), in: [])
    #expect(String(decoding: edit.bytes, as: UTF8.self) == expected)
    let document = try Document(edit.bytes)
    #expect(document.value(at: keys.map { .key($0) })?.text == "x")
  }

  @Test(arguments: ["'", "\"", "\\", "a\nb", "\u{2028}\u{7F}\u{0}", "å🙂", "'\"\\\"'"])
  func `any text comes back as it was set`(_ text: String) throws {
    for source in ["{a:''}", "{a:\"\"}", "{}"] {
      var edit = DocumentEdit(try Document(Array(source.utf8)))
      edit.set(["a"], to: .text(text), in: [])
      #expect(try Document(edit.bytes).root["a"]?.text == text)
    }
  }
}
