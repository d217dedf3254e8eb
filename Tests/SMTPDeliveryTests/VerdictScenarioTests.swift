import Foundation
import TestSupport
import Testing

@testable import SMTPDelivery

/// A transcript of one connection and what the mail on it comes to. After it a second mail must be sent, on the
/// same connection where `staysOpen`.
struct VerdictScenario: Sendable, CustomTestStringConvertible {
  let name: String
  /// After greeting and EHLO.
  let script: [ScriptedRelayStep]
  let verdict: Verdict
  var code: Int?
  var enhanced: EnhancedStatus?
  var meaning: ReplyMeaning?
  /// Connections that both mails need together.
  var connections = 1
  var isImpatient = false
  var text = "Subject: code\r\n\r\nHello.\r\n"
  var testDescription: String { name }
}

private let rejected = "503 5.5.1 no"
private let rest: [ScriptedRelayStep] = [.expect("RSET"), .say("250 2.0.0 Ok"), .serve]
private let large = String(repeating: "0123456789abcdef\r\n", count: 500_000)

private let scenarios: [VerdictScenario] = [
  .init(
    name: "250 after the dot",
    script: .envelope() + [.expectMessage, .say("250 2.0.0 Ok: queued as 4F2A"), .serve],
    verdict: .sent, code: 250, enhanced: .init(2, 0, 0)),
  .init(
    name: "251 to RCPT is taken",
    script: .envelope(recipient: "251 will forward") + [
      .expectMessage, .say("250 Ok"), .serve,
    ], verdict: .sent, code: 250),

  // Answers to MAIL, RCPT, DATA.
  .init(
    name: "451 to MAIL",
    script: .envelope(mail: "451 4.3.0 later", recipient: rejected, data: rejected) + rest,
    verdict: .deferred, code: 451, enhanced: .init(4, 3, 0)),
  .init(
    name: "550 to MAIL",
    script: .envelope(mail: "550 5.7.1 blocked", recipient: rejected, data: rejected) + rest,
    verdict: .deferred, code: 550, enhanced: .init(5, 7, 1), meaning: .policyRejected, connections: 2),
  .init(
    name: "450 4.2.0 to RCPT", script: .envelope(recipient: "450 4.2.0 greylisted", data: rejected) + rest,
    verdict: .deferred, code: 450, enhanced: .init(4, 2, 0), meaning: .greylisted),
  .init(
    name: "451 4.7.1 to RCPT", script: .envelope(recipient: "451 4.7.1 try again", data: rejected) + rest,
    verdict: .deferred, code: 451, enhanced: .init(4, 7, 1), meaning: .greylisted),
  .init(
    name: "450 4.7.28 to RCPT", script: .envelope(recipient: "450 4.7.28 too fast", data: rejected) + rest,
    verdict: .deferred, code: 450, enhanced: .init(4, 7, 28), meaning: .throttled),
  .init(
    name: "454 to RCPT", script: .envelope(recipient: "454 busy", data: rejected) + rest,
    verdict: .deferred, code: 454, meaning: .throttled),
  .init(
    name: "421 to RCPT",
    script: [.expect("MAIL"), .expect("RCPT"), .expect("DATA"), .say("250 Ok\r\n421 4.3.2 closing"), .close],
    verdict: .deferred, code: 421, enhanced: .init(4, 3, 2), meaning: .throttled, connections: 2),
  .init(
    name: "421 to the first MAIL of a connection",
    script: [.expect("MAIL"), .say("421 4.7.0 go away"), .close],
    verdict: .deferred, code: 421, enhanced: .init(4, 7, 0), meaning: .throttled, connections: 2),
  .init(
    name: "550 5.1.1 to RCPT", script: .envelope(recipient: "550 5.1.1 unknown", data: rejected) + rest,
    verdict: .failed, code: 550, enhanced: .init(5, 1, 1), meaning: .addressRejected),
  .init(
    name: "550 5.2.1 to RCPT", script: .envelope(recipient: "550 5.2.1 disabled", data: rejected) + rest,
    verdict: .failed, code: 550, enhanced: .init(5, 2, 1), meaning: .addressRejected),
  .init(
    name: "552 5.2.2 to RCPT", script: .envelope(recipient: "552 5.2.2 full", data: rejected) + rest,
    verdict: .failed, code: 552, enhanced: .init(5, 2, 2)),
  .init(
    name: "550 to RCPT and 354 all the same",
    script: .envelope(recipient: "550 5.1.1 unknown") + [.expect("."), .say("554 5.5.1 no recipients")]
      + rest,
    verdict: .failed, code: 550, enhanced: .init(5, 1, 1), meaning: .addressRejected),
  .init(
    name: "an enhanced code of another class is none",
    script: .envelope(recipient: "550 4.7.1 confused", data: rejected) + rest, verdict: .failed, code: 550),
  .init(
    name: "452 to DATA", script: .envelope(data: "452 4.3.1 no space") + rest, verdict: .deferred, code: 452,
    enhanced: .init(4, 3, 1)),
  .init(
    name: "554 to DATA", script: .envelope(data: "554 5.6.0 no") + rest, verdict: .failed, code: 554,
    enhanced: .init(5, 6, 0)),
  .init(
    name: "the relay will not RSET", script: .envelope(data: "554 no") + [.expect("RSET"), .say("500 what")],
    verdict: .failed, code: 554, connections: 2),

  // Out of step: nothing is counted, the mail goes on another connection.
  .init(
    name: "503 to MAIL",
    script: .envelope(mail: "503 5.5.1 nested MAIL", recipient: rejected, data: rejected) + [.expect("RSET")],
    verdict: .sent, code: 250, enhanced: .init(2, 0, 0), connections: 2),
  .init(
    name: "354 to MAIL",
    script: .envelope(mail: "354 go", recipient: "250 Ok", data: "250 Ok") + [.expect("RSET")],
    verdict: .sent,
    code: 250, enhanced: .init(2, 0, 0), connections: 2),
  .init(
    name: "500 5.5.1 after the dot",
    script: .envelope() + [.expectMessage, .say("500 5.5.1 Command unrecognized")], verdict: .sent,
    code: 250, enhanced: .init(2, 0, 0), connections: 2),
  .init(
    name: "250 to DATA", script: .envelope(data: "250 Ok") + [.expect("RSET")], verdict: .sent, code: 250,
    enhanced: .init(2, 0, 0), connections: 2),
  .init(
    name: "garbage for a reply", script: [.expect("MAIL"), .say("HTTP/1.1 400 Bad Request")], verdict: .sent,
    code: 250, enhanced: .init(2, 0, 0), connections: 2),
  .init(
    name: "250 before the message was sent", script: .envelope(data: "354 go\r\n250 2.0.0 taken"),
    verdict: .sent, code: 250, enhanced: .init(2, 0, 0), connections: 2),

  // Gone or silent before the final dot.
  .init(
    name: "closed at MAIL", script: [.expect("MAIL"), .close], verdict: .deferred, connections: 2),
  .init(
    name: "reset at RCPT", script: [.expect("MAIL"), .say("250 Ok"), .expect("RCPT"), .reset],
    verdict: .deferred, connections: 2),
  .init(
    name: "closed at DATA", script: [.expect("MAIL"), .expect("RCPT"), .say("250 Ok\r\n250 Ok"), .close],
    verdict: .deferred, connections: 2),
  .init(
    name: "silent at MAIL", script: [.expect("MAIL"), .beSilent], verdict: .deferred, connections: 2,
    isImpatient: true),
  .init(
    name: "one byte now and then",
    script: [.expect("MAIL"), .drip("250 2.1.0 this goes on for long enough")],
    verdict: .deferred, connections: 2, isImpatient: true),
  .init(
    name: "reset in the message", script: .envelope() + [.readBytes(100_000), .reset], verdict: .deferred,
    connections: 2, text: large),
  .init(
    name: "reads no message", script: .envelope() + [.beSilent], verdict: .deferred, connections: 2,
    isImpatient: true, text: large),

  // After the final dot.
  .init(
    name: "451 after the dot", script: .envelope() + [.expectMessage, .say("451 4.3.0 later"), .serve],
    verdict: .deferred, code: 451, enhanced: .init(4, 3, 0)),
  .init(
    name: "554 5.7.1 after the dot", script: .envelope() + [.expectMessage, .say("554 5.7.1 spam"), .serve],
    verdict: .deferred, code: 554, enhanced: .init(5, 7, 1), meaning: .policyRejected, connections: 2),
  .init(
    name: "421 after the dot",
    script: .envelope() + [.expectMessage, .say("421 4.3.2 shutting down"), .close],
    verdict: .deferred, code: 421, enhanced: .init(4, 3, 2), meaning: .throttled, connections: 2),
  .init(
    name: "closed after the dot", script: .envelope() + [.expectMessage, .close], verdict: .ambiguous,
    connections: 2),
  .init(
    name: "reset after the dot", script: .envelope() + [.expectMessage, .reset], verdict: .ambiguous,
    connections: 2),
  .init(
    name: "silent after the dot", script: .envelope() + [.expectMessage, .beSilent], verdict: .ambiguous,
    connections: 2, isImpatient: true),
  .init(
    name: "garbage after the dot", script: .envelope() + [.expectMessage, .say("yes")], verdict: .ambiguous,
    connections: 2),
  .init(
    name: "354 after the dot", script: .envelope() + [.expectMessage, .say("354 again")], verdict: .ambiguous,
    code: 354, connections: 2),

  // Replies in odd shapes.
  .init(
    name: "replies in single bytes",
    script: [
      .expect("MAIL"), .expect("RCPT"), .expect("DATA"),
      .sayInSingleBytes("250-2.1.0 one\r\n250 2.1.0 two\r\n250 2.1.5 Ok\r\n354 go"), .expectMessage,
      .sayInSingleBytes("250-2.0.0 one\r\n250 2.0.0 two"), .serve,
    ], verdict: .sent, code: 250, enhanced: .init(2, 0, 0)),
  .init(
    name: "a reply of 100 KB in many lines",
    script: .envelope() + [
      .expectMessage,
      .say(String(repeating: "250-" + String(repeating: "x", count: 76) + "\r\n", count: 1250) + "250 end"),
      .serve,
    ], verdict: .sent, code: 250),
  .init(
    name: "a reply of 100 KB in one line",
    script: .envelope() + [.expectMessage, .say("250 " + String(repeating: "x", count: 100_000)), .serve],
    verdict: .sent, code: 250),
  .init(
    name: "a reply without end",
    script: .envelope() + [
      .expectMessage, .say(String(repeating: "250-xxxxxxxxxxxx\r\n", count: 20_000)),
    ], verdict: .ambiguous, connections: 2),
  .init(
    name: "NUL in a reply",
    script: .envelope() + [.expectMessage, .sayBytes(Array("250 a\u{0}b\r\n".utf8)), .serve], verdict: .sent,
    code: 250),
  .init(
    name: "a reply of three digits", script: .envelope() + [.expectMessage, .say("250"), .serve],
    verdict: .sent, code: 250),
  .init(
    name: "something after the final reply",
    script: .envelope() + [.expectMessage, .say("250 Ok\r\n250 Ok")],
    verdict: .sent, code: 250, connections: 2),
]

extension [ScriptedRelayStep] {
  fileprivate static func envelope(
    mail: String = "250 2.1.0 Ok", recipient: String = "250 2.1.5 Ok", data: String = "354 go ahead"
  ) -> [ScriptedRelayStep] { ScriptedRelayStep.envelope(mail: mail, recipient: recipient, data: data) }
}

@Suite(.waits) struct VerdictScenarioTests {
  @Test(arguments: scenarios)
  func `judges the mail by its transcript, and the next mail by its own`(_ scenario: VerdictScenario) throws {
    let relay = try ScriptedRelay([ScriptedRelayStep.greet() + scenario.script])
    defer { relay.stop() }
    let rig = try DeliveryRig(
      plaintext(relay) { if scenario.isImpatient { $0.reply = .seconds(1) } })
    let report = try rig.deliver(TestMail(text: scenario.text))
    #expect(report.verdict == scenario.verdict)
    #expect(report.reply?.code == scenario.code)
    #expect(report.reply?.enhanced == scenario.enhanced)
    #expect(report.meaning == scenario.meaning)
    #expect(report.relay == "127.0.0.1:\(relay.port)")
    // Each by its own reply.
    let refused = try rig.deliver(TestMail(to: "refused@example.org"))
    #expect(refused.reply == Reply(code: 550, enhanced: .init(5, 1, 1), text: "nobody"))
    let following = try rig.deliver(TestMail(to: "bo@example.org"))
    #expect(following.verdict == .sent)
    #expect(following.reply?.text == "Ok: queued as SERVED")
    rig.dispatcher.finish(grace: patience)
    #expect(relay.sessions.count == scenario.connections)
    #expect(relay.failure == nil)
    expectBytes(of: scenario, in: relay.sessions[0].receivedText)
    let copies = relay.sessions.filter { $0.receivedText.contains("RCPT TO:<bo@example.org>") }
    #expect(copies.count == 1)
  }

  /// What went out on the first connection, but for the name in EHLO.
  private func expectBytes(of scenario: VerdictScenario, in received: String) {
    guard let hello = received.range(of: "\r\n") else {
      Issue.record("no EHLO")
      return
    }
    let rest = received[hello.upperBound...]
    let envelope = "MAIL FROM:<no-reply@fabrikam.example>\r\nRCPT TO:<anna@example.org>\r\nDATA\r\n"
    if scenario.text == large {
      #expect((envelope + large).utf8.starts(with: rest.utf8))
      return
    }
    var expected = envelope
    for step in scenario.script {
      switch step {
      case .expectMessage: expected += scenario.text + ".\r\n"
      case .expect("."): expected += ".\r\n"
      case .expect("RSET"): expected += "RSET\r\n"
      default: break
      }
    }
    #expect(rest.hasPrefix(expected), "\(rest)")
    let after = rest.dropFirst(expected.count)
    #expect(
      scenario.connections == 2
        ? after.isEmpty || after == "QUIT\r\n"
        : after.hasPrefix("MAIL FROM:<no-reply@fabrikam.example>\r\nRCPT TO:<refused@"), "\(after)")
  }

  @Test func `sends exactly these bytes`() throws {
    let relay = try ScriptedRelay([])
    defer { relay.stop() }
    let settings = try RelaySettings(
      url: relay.url, security: .plaintext, heloName: "mail.fabrikam.example", timing: testTiming())
    let rig = try DeliveryRig(settings)
    _ = try rig.deliver(TestMail(text: "Subject: x\r\n\r\n.dot\r\n..\r\nend"))
    rig.dispatcher.finish(grace: patience)
    #expect(
      relay.sessions.first?.receivedText == """
        EHLO mail.fabrikam.example\r
        MAIL FROM:<no-reply@fabrikam.example>\r
        RCPT TO:<anna@example.org>\r
        DATA\r
        Subject: x\r
        \r
        ..dot\r
        ...\r
        end\r
        .\r
        QUIT\r

        """)
  }

  @Test func `a late reply is never taken for the next mail's`() throws {
    let late: [ScriptedRelayStep] =
      .envelope() + [.expectMessage, .waitFor("late"), .say("250 2.0.0 late"), .serve]
    let relay = try ScriptedRelay([
      ScriptedRelayStep.greet() + late,
      ScriptedRelayStep.greet() + .envelope(recipient: "550 5.1.1 unknown", data: rejected) + rest,
    ])
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay) { $0.reply = .seconds(1) })
    #expect(try rig.deliver(TestMail()).verdict == .ambiguous)
    relay.open("late")
    #expect(try rig.deliver(TestMail()).verdict == .failed)
  }

  @Test(arguments: [0, 1, 2])
  func `a late answer to the envelope is never taken for the next mail's`(_ place: Int) throws {
    let answers = ["250 2.1.0 Ok", "250 2.1.5 Ok", "354 go"]
    let late: [ScriptedRelayStep] =
      [.expect("MAIL"), .expect("RCPT"), .expect("DATA")] + answers[..<place].map { .say($0) }
      + [.waitFor("late")] + answers[place...].map { .say($0) } + [.serve]
    let relay = try ScriptedRelay([ScriptedRelayStep.greet() + late])
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay) { $0.reply = .seconds(1) })
    // Silence behind the first command of a group may be a loss: it is sent again, command by command.
    #expect(try rig.deliver(TestMail()).verdict == (place == 0 ? .deferred : .sent))
    relay.open("late")
    #expect(try rig.deliver(TestMail(to: "refused@example.org")).verdict == .failed)
    #expect(try rig.deliver(TestMail()).reply?.text == "Ok: queued as SERVED")
    #expect(!relay.sessions[0].receivedText.contains("Hello."))
  }

  /// Everything that a relay says, cut in two at each byte.
  @Test func `a pause at any byte of the replies changes nothing`() throws {
    let replies = [
      "250-2.1.0 one\r\n250 2.1.0 two\r\n250 2.1.5 Ok\r\n354 go\r\n", "250-2.0.0 a\r\n250 2.0.0 b\r\n",
    ]
    let count = replies.map(\.utf8.count).reduce(0, +)
    let relay = try ScriptedRelay(
      (0..<count).map { cut in
        func say(_ text: String, at cut: Int) -> [ScriptedRelayStep] {
          let bytes = Array(text.utf8)
          guard (1..<bytes.count).contains(cut) else { return [.sayBytes(bytes)] }
          return [.sayBytes(Array(bytes[..<cut])), .pause, .sayBytes(Array(bytes[cut...]))]
        }
        return ScriptedRelayStep.greet() + [.expect("MAIL"), .expect("RCPT"), .expect("DATA")]
          + say(replies[0], at: cut) + [.expectMessage] + say(replies[1], at: cut - replies[0].utf8.count)
          + [.close]
      })
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay))
    for _ in 0..<count {
      let report = try rig.deliver(TestMail())
      #expect(report.verdict == .sent)
      #expect(report.reply == Reply(code: 250, enhanced: .init(2, 0, 0), text: "a 2.0.0 b"))
    }
    #expect(relay.failure == nil)
    #expect(try rig.deliver(TestMail(to: "refused@example.org")).verdict == .failed)
  }

  @Test func `a relay that is out of step with one mail for ever has it deferred`() throws {
    let script = ScriptedRelayStep.greet() + [.expect("MAIL"), .say("503 5.5.1 never")]
    // At the second time it is spoken to without groups, which is not this mail's fault.
    let relay = try ScriptedRelay([script, script, script, script])
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay))
    let report = try rig.deliver(TestMail())
    #expect(report.verdict == .deferred)
    #expect(report.reply?.code == 503)
    #expect(relay.sessions.count == 4)
  }
}
