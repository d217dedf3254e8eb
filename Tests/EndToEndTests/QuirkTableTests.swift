import Foundation
import TestSupport
import Testing

/// What a relay's quirk costs: the built worker drains 60 requests against each, and a table of seconds, connections and
/// MAIL commands is printed. The time is that of the machine and of this build, so it is only looked at; that every mail
/// arrives once is held.
///
/// `PASSCODE_QUIRK_TABLE=1 swift test --filter QuirkTableTests` prints it, within a minute or two. The path of another build
/// of the program in place of the 1 prints what that one does in up to two minutes each, and holds it to nothing.
@Suite(
  .waitsLong,
  .enabled(
    if: ProcessInfo.processInfo.environment["PASSCODE_QUIRK_TABLE"] != nil,
    "PASSCODE_QUIRK_TABLE=1 prints the table"))
struct QuirkTableTests {
  private static let count = 60
  /// Another build to look at.
  private static let other = ProcessInfo.processInfo.environment["PASSCODE_QUIRK_TABLE"].flatMap {
    $0.contains("/") ? $0 : nil
  }

  private struct Row {
    let name: String
    var script: [ScriptedRelayStep]
    /// Keys of the relay's configuration.
    var keys = "security: \"plaintext\""
    var certificate: TestCertificate?
    var hasSecond = false

    init(_ name: String, _ script: [ScriptedRelayStep]) { (self.name, self.script) = (name, script) }

    init(_ name: String, _ change: (inout ScriptedRelayPlan) -> Void) {
      self.init(name, ScriptedRelayStep.greet() + [.serveBy(ScriptedRelayPlan(change))])
    }

    static func first(_ place: String, _ reply: String) -> Row {
      var row = Row("`\(reply)` to \(place) at the first of two relays") { $0.refusals = [place: reply] }
      row.hasSecond = true
      return row
    }
  }

  private static func rows(in directory: String) throws -> [Row] {
    var rows = [Row("none") { _ in }]
    for count in [1, 2, 10, 100] {
      for reply in ["452 4.4.5", "421 4.7.0", "554 5.5.0"] {
        rows.append(
          Row("\(count) a connection, then `\(reply) too many messages`") {
            ($0.most, $0.last) = (count, "\(reply) too many messages")
            $0.closesAfterLast = reply.hasPrefix("421")
          })
      }
    }
    let certificate = try TestCertificate()
    var starttls = Row(
      "`250-starttls`",
      ScriptedRelayStep.greet(["pipelining", "starttls"]) + [.expect("STARTTLS"), .say("220 go"), .startTLS]
        + ScriptedRelayStep.answerEHLO(["pipelining"]) + [.serve])
    starttls.certificate = certificate
    starttls.keys = "security: \"starttls\", caFile: \"\(certificate.certificateFile)\""
    let passwordFile = "\(directory)/relay.password"
    try Data("hunter2".utf8).write(to: URL(fileURLWithPath: passwordFile))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: passwordFile)
    var login = Row(
      "`250-auth plain login`",
      ScriptedRelayStep.greet(["pipelining", "auth plain login"]) + [
        .expect("AUTH PLAIN"), .say("334 "), .expect(""), .say("235 2.7.0 Ok"), .serve,
      ])
    login.keys = "security: \"plaintext\", username: \"mailer\", passwordFile: \"\(passwordFile)\""
    rows += [
      starttls, login,
      Row(
        "a greeting after 12 s",
        [.drip("220 " + String(repeating: "late ", count: 23) + "\r\n")]
          + ScriptedRelayStep.answerEHLO(["PIPELINING"]) + [.serve]),
      Row("what lies behind the dot is lost") { $0.dropsBehindDot = true },
      Row("what lies behind a command is lost") {
        ($0.dropsBehindDot, $0.dropsBehindCommands) = (true, true)
      },
      Row("groups are out of step") { $0.confusesGroups = true },
      Row("`451 4.4.2` and close beyond 2 connections") {
        ($0.places, $0.withoutPlace) = (2, "451 4.4.2 busy")
      },
      .first("MAIL", "421 4.7.0 try again later"),
      .first("MAIL", "451 4.3.0 temporary failure"),
      .first("MAIL", "452 4.3.1 insufficient system storage"),
      .first(".", "451 4.7.500 server busy"),
      .first(".", "454 4.7.0 throttled"),
      .first("RCPT", "554 5.7.1 relay access denied"),
      .first("RCPT", "553 5.7.1 sender address rejected: not owned by user"),
      .first("MAIL", "525 5.7.13 user account disabled"),
      .first(".", "550 5.7.60 client does not have permissions to send as this sender"),
    ]
    return rows
  }

  @Test func `sixty mails through each quirk arrive once, in the time that is printed`() throws {
    let directory = try TemporaryDirectory()
    var table = "| quirk | seconds | connections | MAIL commands | taken |\n| --- | --- | --- | --- | --- |\n"
    for row in try Self.rows(in: directory.path) {
      let first = try ScriptedRelay([], afterwards: row.script, certificate: row.certificate)
      let second = row.hasSecond ? try ScriptedRelay([]) : nil
      let relays = [first] + (second.map { [$0] } ?? [])
      defer { for relay in relays { relay.stop() } }
      let scratch = try Scratch(
        relay: "127.0.0.1:\(first.port)", extra: "limits: { perSubject: [], perMailbox: [], perClient: [] },",
        relayKeys: row.keys, furtherRelays: second.map { ["127.0.0.1:\($0.port)"] } ?? [])
      for number in 0..<Self.count {
        let id = String(format: "%08dAAAAAAAAAAAAAAAA", number)
        try scratch.drop(
          "{\"version\":1,\"id\":\"\(id)\",\"recipient\":\"guest\(number)@example.org\"}", as: "\(id).json")
      }
      let start = ContinuousClock.now
      let worker = try ChildProcess(
        Self.other ?? scratch.command, ["worker", "--drain", "--config", scratch.config])
      let result = Result { try worker.wait(timeout: patience) }
      worker.kill()
      let took = (ContinuousClock.now - start) / .seconds(1)
      let taken = relays.map(\.taken).reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
      if Self.other == nil {
        let ended = try result.get()
        #expect(ended.status == 0, "\(row.name): \(ended.errorText)")
        #expect(taken.count == Self.count && taken.values.allSatisfy { $0 == 1 }, "\(row.name): \(ended)")
      }
      let columns = [
        row.name, String(format: "%.2f", took),
        relays.map { "\($0.sessions.count)" }.joined(separator: " + "),
        relays.map { "\($0.mailCommands)" }.joined(separator: " + "), "\(taken.count)",
      ]
      table += "| \(columns.joined(separator: " | ")) |\n"
    }
    print(table)
  }
}
