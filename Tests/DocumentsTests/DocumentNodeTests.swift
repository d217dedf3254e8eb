import Documents
import Foundation
import Testing

/// Reading a document by its keys: values of the right type, and faults that name file, place and key.
@Suite struct DocumentNodeTests {
  static func node(_ text: String) throws -> DocumentNode { try Document(Array(text.utf8), file: "f").node }

  static func fault(_ text: String, _ read: (DocumentObject) throws(DocumentFault) -> Void) throws -> String {
    let object = DocumentObject(node: try node(text))
    do {
      try read(object)
      return ""
    } catch { return error.description }
  }

  @Test func `values of the type that is asked for are read`() throws {
    let object = try Self.node(
      "{ a: 'x', b: true, c: 5, d: 5.0, e: 5e1, f: [1, 'y'], g: null, h: { i: 1 }, j: .5 }"
    )
    .object(["a", "b", "c", "d", "e", "f", "g", "h", "j"])
    #expect(try object["a"]?.string() == "x" && object["b"]?.boolean() == true)
    #expect(try ["c", "d"].map { try object[$0]?.integer(in: 1...9) } == [5, 5])
    #expect(
      try object["e"]?.integer(in: 1...50) == 50 && object["j"]?.number() == 0.5 && object["c"]?.number() == 5
    )
    #expect(object["g"] == nil && object["k"] == nil)
    #expect(try object["f"]?.list().count == 2 && object["h"]?.members().map(\.key) == ["i"])
  }

  static let faults: [(String, @Sendable (DocumentObject) throws(DocumentFault) -> Void, String)] = [
    (
      "{\n a: 5 }", { (o) throws(DocumentFault) in _ = try o["a"]?.string() },
      "f:2:2: a is a number; expected a string"
    ),
    (
      "{ a: 'x' }", { (o) throws(DocumentFault) in _ = try o["a"]?.boolean() },
      "f:1:3: a is a string; expected true"
    ),
    (
      "{ a: true }", { (o) throws(DocumentFault) in _ = try o["a"]?.number() },
      "f:1:3: a is true; expected a number"
    ),
    (
      "{ a: 5.5 }", { (o) throws(DocumentFault) in _ = try o["a"]?.integer(in: 1...9) },
      "f:1:3: a is a number; expected a whole number from 1 to 9"
    ),
    (
      "{ a: 12 }", { (o) throws(DocumentFault) in _ = try o["a"]?.integer(in: 1...9) },
      "f:1:3: a is 12; expected 1 to 9"
    ),
    (
      "{ a: 99999999999999999999 }", { (o) throws(DocumentFault) in _ = try o["a"]?.integer(in: 1...9) },
      "f:1:3: a is 99999999999999999999; expected 1 to 9"
    ),
    (
      "{ a: Infinity }", { (o) throws(DocumentFault) in _ = try o["a"]?.integer(in: 1...9) },
      "f:1:3: a is Infinity; expected 1 to 9"
    ),
    (
      "{ a: {} }", { (o) throws(DocumentFault) in _ = try o["a"]?.list() },
      "f:1:3: a is an object; expected a list"
    ),
    (
      "{ a: [] }", { (o) throws(DocumentFault) in _ = try o["a"]?.members() },
      "f:1:3: a is a list; expected an object"
    ),
    (
      "{ a: [\n1, null] }", { (o) throws(DocumentFault) in _ = try o["a"]?.list()[1].string() },
      "f:2:4: a[1] is null; expected a string"
    ),
    (
      "{ a: {\n lenght: 1 } }", { (o) throws(DocumentFault) in _ = try o["a"]?.object(["length", "x"]) },
      "f:2:2: a.lenght is not a key here; did you mean length? Known are length, x."
    ),
    (
      "{ a: {\n other: 1 } }", { (o) throws(DocumentFault) in _ = try o["a"]?.object(["length", "x"]) },
      "f:2:2: a.other is not a key here. Known are length, x."
    ),
    (
      "{ a: {} }", { (o) throws(DocumentFault) in _ = try o["a"]?.object(["b"]).required("b", "what it is") },
      "f:1:3: a.b is missing and required: what it is"
    ),
    (
      "{ a: { b: null } }",
      { (o) throws(DocumentFault) in _ = try o["a"]?.object(["b"]).required("b", "what it is") },
      "a.b is missing"
    ),
    (
      "{ a: {\n b: 1 } }", { (o) throws(DocumentFault) in throw o.fault("is odd", of: ["a", "b"]) },
      "f:2:2: a.b is odd"
    ),
    (
      "{ a: {\n b: 1 } }", { (o) throws(DocumentFault) in throw o.fault("is odd", of: ["a", "c"]) },
      "f:1:3: a.c is odd"
    ),
  ]

  @Test(arguments: faults.indices)
  func `a fault names file, place, key, what was found and what is expected`(_ index: Int) throws {
    let (text, read, says) = Self.faults[index]
    let fault = try Self.fault(text, read)
    #expect(fault.contains(says), "\(fault)")
  }

  @Test func `every unknown key is told`() throws {
    let unknown = try Self.node("{ a: 1, b: 2, c: 3 }").unknownKeys(["b"])
    #expect(unknown.map(\.key) == ["a", "c"] && unknown.map(\.fault.column) == [3, 15])
  }

  @Test func `values are looked at without faults too`() throws {
    let root = try Document(
      Array("{\"a\":\"x\",\"b\":[\"y\",\"z\"],\"c\":[1,\"y\"],\"d\":null}".utf8), as: .json
    ).root
    #expect(root["a"]?.text == "x" && root["b"]?.texts == ["y", "z"])
    #expect(root["c"]?.texts == nil && root["a"]?.texts == nil && root["b"]?.text == nil && root["d"] == nil)
    #expect(root[.key("d")]?.content == .null && root[.index(0)] == nil && root["b"]?["a"] == nil)
  }
}
