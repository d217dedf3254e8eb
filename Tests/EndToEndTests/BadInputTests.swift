import Foundation
import Testing
import TestSupport

/// One bad thing at a time, between two good requests that must go through.
@Suite(.waits) struct BadInputTests {
  private static func json(_ fields: String) -> String {
    "{\"version\":1,\"id\":\"abcdefghijklmnopqrstuvwx\",\"recipient\":\"anna@example.org\"\(fields)}"
  }

  /// What is dropped into the spool, and what the reason has to name.
  private static let texts = [
    ("{\"version\":1,", "JSON"), (json(",\"colour\":\"red\""), "colour"), (json(",\"tenant\":7"), "tenant"),
    (json(",\"locale\":\"sv\\n\""), "locale"), (json(",\"locale\":7"), "locale"),
    (json(",\"purpose\":\"nothing\""), "purpose"),
    (json(",\"variables\":{\"nobody\":\"x\"}"), "variables.nobody"), ("[]", "object"), ("", "JSON"),
    (
      "{\"version\":1,\"id\":\"abcdefghijklmnopqrstuvwx\",\"recipient\":\"a\\r\\nb@example.org\"}",
      "recipient"
    ),
    (
      "{\"version\":1,\"id\":\"abcdefghijklmnopqrstuvwx\",\"recipient\":\"a> NOTIFY=NEVER@example.org\"}",
      "recipient"
    ),
    ("{\"version\":1,\"id\":\"abcdefghijklmnopqrstuvwx\",\"recipient\":\"a b@example.org\"}", "recipient"),
    ("{\"version\":2,\"id\":\"abcdefghijklmnopqrstuvwx\",\"recipient\":\"a@example.org\"}", "version"),
    ("{\"version\":1,\"id\":\"short\",\"recipient\":\"a@example.org\"}", "id"),
    (json(",\"otp\":\"\(code)\""), "otp"), (json(",\"cod\\u0065\":[\"\(code)\"]"), "code"),
    (json(",\"code\":\"\(code)\",\"purpose\":\"nothing\""), "purpose"),
  ]
  private static let code = "719283645507"

  /// All of them in one spool, each between two requests that must go through.
  @Test func `sets each bad file aside with a reason that names the field, and the rest goes on`() throws {
    var bad: [(field: String, make: (Scratch, String) throws -> Void)] = Self.texts.map { text, field in
      (field, { try $0.drop(text, as: $1) })
    }
    bad.append(("bytes", { try $0.drop([UInt8](repeating: 0x20, count: 70 * 1024), as: $1) }))
    // Neither followed nor waited for.
    bad += [
      { try FileManager.default.createDirectory(atPath: $1, withIntermediateDirectories: true) },
      { try FileManager.default.createSymbolicLink(atPath: $1, withDestinationPath: "/etc/passwd") },
      { #expect(mkfifo($1, 0o600) == 0) },
    ].map { (make: @escaping (Scratch, String) throws -> Void) in
      ("regular file", { try make($0, "\($0.spool)/new/\($1)") })
    }
    let scratch = try makeRig()
    func good(_ number: Int) throws {
      try scratch.drop(
        "{\"version\":1,\"id\":\"good\(1000 + number)AAAAAAAAAAAAAAAA\",\"recipient\":\"good\(number)@example.org\"}",
        as: "\(1000 + number)-good.json")
    }
    for (number, bad) in bad.enumerated() {
      try good(number)
      try bad.make(scratch, "\(1000 + number)-x-bad.json")
    }
    try good(bad.count)
    let result = try scratch.run("worker", "--drain")
    #expect(result.status == 0, "\(result)")
    #expect(result.text.components(separatedBy: "\"event\":\"rejected\"").count == bad.count + 1, "\(result)")
    for (number, bad) in bad.enumerated() {
      let name = "\(1000 + number)-x-bad.json"
      let reason = try #require(scratch.reason(name), "\(bad.field) \(result)")
      #expect(reason.contains(bad.field), "\(reason)")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(scratch.spool)/new").isEmpty)
    // Neither records nor spool nor log hold what was in them.
    #expect(!result.text.contains(Self.code))
    #expect(try ChildProcess.run("grep", ["-rla", Self.code, "\(scratch.spool)/.."]).text == "")
    let mails = try FileManager.default.contentsOfDirectory(atPath: scratch.store)
    #expect(mails.count { $0.hasSuffix(".eml") } == bad.count + 1)
    for number in [0, bad.count / 2, bad.count] {
      #expect(try !scratch.code(for: "good\(number)@example.org").isEmpty)
    }
  }

  @Test func `mails in the default language where there are no templates for the one asked for, and says so`()
    throws
  {
    let scratch = try makeRig()
    let request = try scratch.run("request", "--to", "anna@example.org", "--locale", "xx", "--json")
    #expect(request.status == 0)
    #expect(request.errorText.contains("no templates for xx") && request.errorText.contains("en"))
    let worker = try scratch.run("worker", "--drain")
    #expect(worker.text.contains("\"event\":\"locale-fallback\""))
    #expect(
      try scratch.status(try #require(try request.object()["id"] as? String))["locale"] as? String == "en")
  }

  @Test(arguments: [
    (["request", "--to", "a\r\nb@example.org"], "recipient"),
    (["request", "--to", "a>b@example.org"], "recipient"),
    (["request", "--to", "a b@example.org"], "recipient"), (["request"], "--to"),
    (["request", "--to", "a@example.org", "--client-agent", "sv\nen"], "client.agent"),
    (["request", "--to", "a@example.org", "--variable", "nobody"], "K=V"),
    (["request", "--to", "a@example.org", "--client-ip", "1.2.3"], "client.ip"),
    (["request", "--too", "a@example.org"], "did you mean --to?"), (["requst"], "did you mean request?"),
    (["verify"], "ID or --to"), (["status", "no"], "id"), (["queue", "retri", "x"], "did you mean"),
  ])
  func `says what is wrong with a command line, and enqueues nothing`(words: [String], message: String) throws
  {
    let scratch = try makeRig()
    let result = try ChildProcess.run(scratch.command, words + ["--config", scratch.config])
    #expect(result.status == 64 || result.status == 65, "\(result)")
    #expect(result.errorText.contains(message), "\(result)")
    #expect(!result.errorText.contains("NOTIFY") && !result.errorText.contains("b@example.org"))
    let waiting = (try? FileManager.default.contentsOfDirectory(atPath: "\(scratch.spool)/new")) ?? []
    #expect(waiting.isEmpty)
  }
}
