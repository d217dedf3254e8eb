import Testing

@testable import CommandVerbs

@Suite struct InvocationTests {
  private static let verb = Verb(
    path: ["queue", "retry"], summary: "test", operands: ["ID"],
    options: [
      .value("to", "ADDR", ""), .flag("now", ""), .repeated("variable", "K=V", ""),
      .init(name: "wait", value: .optionalDuration("TIMEOUT"), help: ""),
    ]
  ) { _ in .done }

  private func parse(_ words: String...) throws(CommandFault) -> Invocation {
    try Self.invocation(words)
  }

  private static func invocation(_ words: [String], of verb: Verb = verb) throws(CommandFault) -> Invocation {
    try Invocation(verb: verb, words: words[...], program: "passcode", common: Verb.common)
  }

  @Test func `takes options before, after and between operands`() throws {
    let invocation = try parse("--to", "a", "id", "--now")
    #expect(invocation.operands == ["id"])
    #expect(invocation.string("to") == "a")
    #expect(invocation.has("now"))
    #expect(!invocation.has("wait"))
  }

  @Test func `takes a value after an equals sign, however it looks`() throws {
    #expect(try parse("id", "--to=--x=y").string("to") == "--x=y")
  }

  @Test func `takes an optional duration only where one stands`() throws {
    #expect(try parse("--wait", "30s", "id").string("wait") == "30s")
    #expect(try parse("--wait", "id").operands == ["id"])
    #expect(try parse("--wait", "id").has("wait"))
  }

  @Test(arguments: [("5", 5.0), ("30s", 30), ("2m", 120), ("250ms", 0.25)])
  func `a duration is seconds, or has a unit`(_ text: String, _ seconds: Double) throws {
    for words in [["id", "--wait", text], ["id", "--wait=\(text)"]] {
      #expect(try Self.invocation(words).duration("wait") == .seconds(seconds))
    }
    #expect(try parse("id", "--wait").duration("wait") == nil)
  }

  @Test(arguments: [
    ("note=", "note", ""), ("note=a=b", "note", "a=b"), ("note=\u{301}x", "note", "\u{301}x"),
    ("note=\u{FE0F}", "note", "\u{FE0F}"),
    ("n\u{303}=1", "n\u{303}", "1"), ("note==\u{338}", "note", "=\u{338}"),
  ])
  func `a pair is split at its first equals sign, whatever mark combines with it`(
    _ text: String, _ key: String, _ value: String
  ) throws {
    let pairs = try parse("id", "--variable", text).pairs("variable")
    #expect(
      pairs.map { [Array($0.key.unicodeScalars), Array($0.value.unicodeScalars)] } == [
        [Array(key.unicodeScalars), Array(value.unicodeScalars)]
      ])
    #expect(try parse("id", "--to=\u{301}").string("to") == "\u{301}")
  }

  @Test func `a name is one of those that there are, and the nearest is told`() throws {
    let names = ["google", "microsoft"]
    #expect(try parse("id", "--to", "google").choice("to", of: names) == "google")
    #expect(try parse("id").choice("to", of: names) == nil)
    let fault = #expect(throws: CommandFault.self) {
      try parse("id", "--to", "goggle").choice("to", of: names)
    }
    #expect(
      fault?.message == "--to does not know 'goggle'; did you mean google? Known are google, microsoft.")
  }

  @Test func `keeps all values of a repeatable option`() throws {
    #expect(try parse("id", "--variable", "a=1", "--variable", "b=2").strings("variable") == ["a=1", "b=2"])
  }

  @Test func `reads words after two hyphens as operands`() throws {
    #expect(try parse("--", "-id").operands == ["-id"])
  }

  @Test(arguments: ["-dYfmpLftFmYpW5DwfrZ2n", "--AAAAAAAAAAAAAAAAAAAA"])
  func `takes an id that begins with a hyphen`(id: String) throws {
    #expect(try parse(id, "--now").operands == [id])
    let other = Verb(path: ["request"], summary: "test") { _ in .done }
    #expect(throws: CommandFault.self) { try Self.invocation([id], of: other) }
  }

  @Test(arguments: [
    (["id", "--tp", "x"], "did you mean --to?"), (["id", "--now=1"], "takes no value"),
    (["id", "--to"], "--to needs ADDR"), (["id", "--to", "a", "--to", "b"], "given twice"),
    ([], "needs ID"), (["id", "extra"], "one too many"),
    (["id", "--wait=soon"], "takes seconds or a duration, such as 30 or 2m"),
    (["id", "--wait="], "takes seconds"),
    (["-x", "id"], "has no option -x"),
  ])
  func `says what is wrong with the words`(words: [String], message: String) {
    let fault = #expect(throws: CommandFault.self) {
      try Self.invocation(words)
    }
    #expect(fault?.status == .usage)
    #expect(fault?.message.contains(message) == true, "\(fault?.message ?? "")")
  }

  @Test func `asks for nothing where help is wanted`() throws {
    #expect(try parse("--help").has("help"))
    #expect(try parse("-h").has("help"))
  }
}
