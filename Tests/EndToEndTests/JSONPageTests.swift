import CommandVerbs
import Foundation
import TestSupport
import Testing

@testable import passcode

/// What each verb prints with `--json`, against the page that users read. Verbs run in this process: only the worker that
/// brings requests to their ends is another.
@Suite(.waits) struct JSONPageTests {
  /// By the section's name: each field, and whether it is always there.
  private static func page() throws -> [String: [String: Bool]] {
    let text = try String(
      contentsOfFile: "\(Scratch.repository)/Sources/PasscodeService/PasscodeService.docc/JSON.md",
      encoding: .utf8)
    var page: [String: [String: Bool]] = [:]
    for section in text.components(separatedBy: "\n## ").dropFirst() {
      let lines = section.split(separator: "\n")
      var fields: [String: Bool] = [:]
      for line in lines where line.hasPrefix("| `") {
        let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        for name in Self.names(in: cells[0]) { fields[name] = cells[1] == "always" }
      }
      let heads = Self.names(in: String(lines[0]))
      for head in heads.isEmpty ? [String(lines[0])] : heads { page[head] = fields }
    }
    return page
  }

  private static func names(in text: String) -> [String] {
    text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
      .filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
  }

  /// What a verb printed.
  private struct Answer {
    var status: CommandVerbs.ExitStatus
    var output: [[String: Any]]
    var errors: [[String: Any]]
  }

  private static func run(_ scratch: Scratch, _ words: [String], input: String? = nil) throws -> Answer {
    let written = Written()
    let streams = Terminal.Streams(input: input) { written.add($0, isError: $1) }
    let status = Terminal.$streams.withValue(streams) {
      Verbs.command.run(["passcode"] + words + ["--json", "--config", scratch.config])
    }
    return Answer(
      status: status, output: try written.objects(ofErrors: false),
      errors: try written.objects(ofErrors: true))
  }

  private final class Written: @unchecked Sendable {
    // Sendable: one verb writes at a time, on the thread of its test.
    private var text = ["", ""]
    func add(_ piece: String, isError: Bool) { text[isError ? 1 : 0] += piece }
    func objects(ofErrors: Bool) throws -> [[String: Any]] {
      try text[ofErrors ? 1 : 0].split(separator: "\n").map { line in
        try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
      }
    }
  }

  /// `a`, `b.c` of an object in it, `d[].e` of a list of them. What a field's keys are data of has no names.
  private static func fields(_ object: [String: Any], _ known: [String: Bool], in parent: String = "") -> Set<
    String
  > {
    object.reduce(into: []) { names, member in
      let name = parent + member.key
      if known[name] == nil, let inner = member.value as? [String: Any] {
        names.formUnion(fields(inner, known, in: name + "."))
      } else if known[name] == nil, let list = member.value as? [[String: Any]] {
        for inner in list { names.formUnion(fields(inner, known, in: name + "[].")) }
      } else {
        names.insert(name)
      }
    }
  }

  static func check(_ objects: [[String: Any]], against section: String, _ note: String) throws {
    let known = try #require(try page()[section], "\(section) has no section")
    #expect(!objects.isEmpty, "\(note)")
    for object in objects {
      let found = fields(object, known)
      #expect(found.isSubset(of: known.keys), "\(note): \(found.subtracting(known.keys)) of \(object)")
      let always = Set(known.filter(\.value).keys)
      #expect(found.isSuperset(of: always), "\(note): \(always.subtracting(found)) of \(object)")
    }
  }

  @Test func `what each verb prints is what the page says`() throws {
    let scratch = try makeRig(
      extra: """
        tenants: "tenants.json5", limits: { perSubject: [{ count: 1, window: "1h" }] },
        """)
    try """
    { tenants: [{
      id: 'f', name: 'Fabrikam', domains: ['fabrikam.example'], app: 'Fabrikam', locale: 'en',
      federatedDomains: { 'gmail.example': 'google' }, whenOff: { method: 'microsoft', url: 'https://a.example' },
      sender: { name: 'F', address: 'f@fabrikam.example' },
    }] }
    """.write(toFile: "\(scratch.path)/tenants.json5", atomically: true, encoding: .utf8)
    var seen: Set<String> = []
    func check(
      _ words: String, as section: String? = nil, input: String? = nil,
      _ status: CommandVerbs.ExitStatus = .done
    ) throws -> [[String: Any]] {
      let section =
        section
        ?? words.split(separator: " ").prefix { !$0.hasPrefix("-") && !$0.contains("@") }
        .joined(separator: " ")
      let answer = try Self.run(scratch, words.split(separator: " ").map(String.init), input: input)
      #expect(answer.status == status, "\(words): \(answer)")
      try Self.check(answer.output, against: section, words)
      for warning in answer.errors { try Self.check([warning], against: "warnings", words) }
      seen.insert(section)
      return answer.output
    }
    _ = try check("request --to anna@example.org --dry-run", as: "request --dry-run")
    _ = try check("request --to teri@gmail.example --dry-run", as: "request --dry-run", .notAllowed)
    let id = try #require(try check("request --to anna@example.org")[0]["id"] as? String)
    let failed = try #require(try check("request --to rcpt-550-5.1.1@example.org")[0]["id"] as? String)
    let refused = try #require(try check("request --to teri@gmail.example")[0]["id"] as? String)
    let withdrawn = try #require(try check("request --to eva@example.org")[0]["id"] as? String)
    #expect(try check("status \(id)", as: "status")[0]["waiting"] != nil)
    _ = try check("request --to bo@example.org --wait", as: "status", .tryAgain)
    _ = try check("queue cancel \(withdrawn.prefix(8))", as: "queue cancel")
    _ = try check("queue list")
    #expect(try scratch.run("worker", "--drain").status == 0)
    for request in [id, failed, refused, withdrawn] { _ = try check("status \(request)", as: "status") }
    _ = try check("status --to anna@example.org")
    _ = try check("queue failed")
    _ = try check("queue retry \(failed)", as: "queue retry")
    #expect(try scratch.run("worker", "--drain").status == 0)
    _ = try check("queue purge --yes")
    let code = try scratch.code(for: "anna@example.org")
    func verify(_ code: String, _ status: CommandVerbs.ExitStatus = .done) throws -> [String: Any] {
      try check("verify \(id)", as: "verify", input: code, status)[0]
    }
    _ = try verify(code == "000000" ? "000001" : "000000", .incorrect)
    let verified = try verify(code)
    #expect(verified["recipient"] as? String == "anna@example.org")
    let token = try #require((verified["session"] as? [String: Any])?["token"] as? String)
    _ = try verify(code, .used)
    _ = try check("session check", input: token)
    _ = try check("session end", input: token)
    _ = try check("session check", input: token, .notFound)
    _ = try check("request --to anna@example.org")
    #expect(try scratch.run("worker", "--drain").status == 0)
    _ = try check("request --to anna@example.org --dry-run", as: "request --dry-run", .tryAgain)
    let audit = try check("audit --since 1h")
    #expect(Set(audit.compactMap { $0["event"] as? String }).isSuperset(of: ["decision", "send", "check"]))
    #expect(try check("audit --id \(id.prefix(8))").count < audit.count)
    _ = try check("guest show --to anna@example.org")
    _ = try check("guest redeem --to teri@gmail.example --method google")
    _ = try check("guest reset --to anna@example.org")
    _ = try check("method --to teri@gmail.example")
    _ = try check("tenant list")
    _ = try check("tenant show Fabrikam", as: "tenant show")
    _ = try check("tenant set Fabrikam passcodes=disabled", as: "tenant set")
    let resource = #"{"id":"Email","state":"enabled","allowExternalIdToUseEmailOtp":"enabled"}"#
    try resource.write(toFile: "\(scratch.path)/graph.json", atomically: true, encoding: .utf8)
    _ = try check("tenant apply \(scratch.path)/graph.json", as: "tenant apply")
    let resolved = try Self.run(scratch, ["tenant", "resolve", "Fabrikam"]).output
    #expect(resolved[0]["isCommonEndpoint"] as? Bool == false)
    try Self.check([try #require(resolved[0]["tenant"] as? [String: Any])], against: "tenant show", "resolve")
    seen.insert("tenant resolve")
    _ = try check("keys list")
    _ = try check("keys rotate")
    _ = try check("doctor")
    _ = try check("template lint --rules")
    _ = try check("template explain --locale de-AT")
    _ = try check("template send --to anna@example.org --locale en")
    try "{{oops}}".write(
      toFile: "\(scratch.path)/templates/en/sign-in/body.txt", atomically: true, encoding: .utf8)
    _ = try check("template lint", .faultsFound)
    // Every verb has its section; those that are named there print something else.
    let others: Set<String> = [
      "demo", "worker", "sink", "sink wait", "template preview",
    ]
    for verb in Verbs.command.verbNames where !others.contains(verb) {
      #expect(seen.contains(verb), "passcode \(verb)")
    }
    for section in try Self.page().keys
    where !["errors", "warnings", "demo", "Words", "Elsewhere"].contains(section) {
      #expect(seen.contains(section), "nothing prints what the page says of \(section)")
    }
  }

  @Test(arguments: [
    (["status", "nobody-AAAAAAAAAAAAAAAAAAAA"], CommandVerbs.ExitStatus.notFound, ""),
    (["status", "no"], .badInput, "field"), (["frob"], .usage, ""), (["status", "--frob"], .usage, ""),
    (["request", "--to", "anna"], .badInput, "field"),
    (["request", "--to", "anna@example.org", "--purpose", "sign-on"], .badInput, "field"),
    (["status", "nobody-AAAAAAAAAAAAAAAAAAAA", "--config", "/nowhere.json5"], .usage, ""),
  ])
  func `an error is an object on standard error, with the exit status`(
    words: [String], status: CommandVerbs.ExitStatus, further: String
  ) throws {
    let scratch = try Scratch(relay: "127.0.0.1:9")
    let answer = try Self.run(scratch, words)
    #expect(answer.status == status && answer.output.isEmpty && answer.errors.count == 1, "\(answer)")
    try Self.check(answer.errors, against: "errors", "\(words)")
    #expect(answer.errors[0]["exit"] as? Int32 == status.rawValue)
    if !further.isEmpty { #expect(answer.errors[0][further] != nil, "\(answer)") }
  }

  @Test func `a fault of the configuration tells where it is`() throws {
    let scratch = try Scratch(relay: "127.0.0.1:9", extra: "\n  limts: {},")
    let answer = try Self.run(scratch, ["status", "nobody-AAAAAAAAAAAAAAAAAAAA"])
    #expect(answer.status == .configuration)
    try Self.check(answer.errors, against: "errors", "limts")
    for field in ["file", "key", "line", "column"] { #expect(answer.errors[0][field] != nil, "\(answer)") }
  }

  @Test func `times and moments are named by the vocabulary`() throws {
    for (section, fields) in try Self.page() where section != "Words" {
      for field in fields.keys {
        #expect(!field.hasSuffix("Milliseconds") && field != "at" && field != "to", "\(section) \(field)")
      }
    }
  }
}
