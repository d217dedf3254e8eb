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
    ([], "needs ID"), (["id", "extra"], "one too many"), (["id", "--wait=soon"], "takes a duration"),
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
