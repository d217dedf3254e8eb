import CodeRequests
import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import SMTPDelivery

/// How connections are used again, how mails ride behind each other, and how lanes grow.
@Suite(.waits) struct LaneTests {
  private static let greet = ScriptedRelayStep.greet()
  private static let envelope = ScriptedRelayStep.envelope()

  @Test func `without PIPELINING it goes step by step`() throws {
    let relay = try ScriptedRelay([
      ScriptedRelayStep.greet(["8BITMIME"]) + [
        .expect("MAIL"), .waitFor("mail"), .say("250 Ok"), .expect("RCPT"), .waitFor("rcpt"), .say("250 Ok"),
        .expect("DATA"), .say("354 go"), .expectMessage, .say("250 2.0.0 taken"), .serve,
      ]
    ])
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay))
    rig.mails.push(try TestMail())
    relay.wait { $0.first?.receivedText.hasSuffix("MAIL FROM:<no-reply@fabrikam.example>\r\n") == true }
    #expect(relay.sessions[0].receivedText.contains("RCPT") == false)
    relay.open("mail")
    relay.wait { $0[0].receivedText.hasSuffix("RCPT TO:<anna@example.org>\r\n") }
    #expect(relay.sessions[0].receivedText.contains("DATA") == false)
    relay.open("rcpt")
    #expect(try rig.reports(1)[0].verdict == .sent)
    #expect(try rig.deliver(TestMail()).verdict == .sent)
    #expect(relay.failure == nil)
  }

  @Test(arguments: [
    ("450 4.2.0 later", Verdict.deferred, "RCPT"), ("550 5.1.1 unknown", .failed, "RCPT"),
    ("552 5.3.4 too big", .failed, "MAIL"), ("503 5.5.1 what", .sent, "MAIL"),
  ])
  func `step by step, a rejection ends the transaction with RSET`(
    _ reply: String, _ verdict: Verdict, _ at: String
  ) throws {
    let before: [ScriptedRelayStep] =
      at == "RCPT" ? [.expect("MAIL"), .say("250 Ok"), .expect("RCPT")] : [.expect("MAIL")]
    let relay = try ScriptedRelay([
      ScriptedRelayStep.greet([]) + before + [.say(reply), .expect("RSET"), .say("250 Ok"), .serve]
    ])
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay))
    #expect(try rig.deliver(TestMail()).verdict == verdict)
    #expect(try rig.deliver(TestMail(to: "bo@example.org")).verdict == .sent)
    #expect(relay.failure == nil)
  }

  @Test func `the next envelope rides behind a message, and a cut tells the mails apart`() throws {
    let relay = try ScriptedRelay([
      Self.greet + [.waitFor("queued")] + Self.envelope + [
        // The reply to the first comes only after the second envelope: one write carried both.
        .expectMessage, .expect("MAIL"), .expect("RCPT"), .expect("DATA"), .say("250 2.0.0 first"), .close,
      ]
    ])
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay))
    rig.mails.push(try TestMail(to: "one@example.org"))
    rig.mails.push(try TestMail(to: "two@example.org"))
    relay.open("queued")
    let reports = try rig.reports(2)
    #expect(reports.map(\.verdict) == [.sent, .sent])
    #expect(reports[0].reply?.text == "first")
    #expect(reports[1].reply?.text == "Ok: queued as SERVED")
    #expect(relay.sessions.count == 2)
    #expect(relay.failure == nil)
  }

  @Test func `a cut before the grouped reply makes the first ambiguous and leaves the second untouched`()
    throws
  {
    let relay = try ScriptedRelay([
      Self.greet + [.waitFor("queued")] + Self.envelope + [.expectMessage, .expect("MAIL"), .close]
    ])
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay))
    rig.mails.push(try TestMail(to: "one@example.org"))
    rig.mails.push(try TestMail(to: "two@example.org"))
    relay.open("queued")
    let reports = try rig.reports(2)
    #expect(reports.map(\.verdict) == [.ambiguous, .sent])
    #expect(!relay.sessions[1].receivedText.contains("one@example.org"))
  }

  @Test func `a rejected message does not spoil the mail behind it`() throws {
    let relay = try ScriptedRelay([
      Self.greet + [.waitFor("queued")] + Self.envelope + [
        .expectMessage, .expect("MAIL"), .expect("RCPT"), .expect("DATA"),
        .say("552 5.3.4 message too large\r\n250 Ok\r\n450 4.2.0 greylisted\r\n503 no"), .expect("RSET"),
        .say("250 Ok"),
        .serve,
      ]
    ])
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay))
    for name in ["one", "two"] { rig.mails.push(try TestMail(to: "\(name)@example.org")) }
    relay.open("queued")
    #expect(try rig.reports(2).map(\.verdict) == [.failed, .deferred])
    #expect(try rig.deliver(TestMail()).verdict == .sent)
    #expect(relay.sessions.count == 1)
    #expect(relay.failure == nil)
  }

  @Test func `a slow reply does not hold up the mail behind it`() throws {
    let relay = try ScriptedRelay([
      Self.greet + [.waitFor("queued")] + Self.envelope + [
        .expectMessage, .expect("MAIL"), .expect("RCPT TO:<two"), .expect("DATA"), .waitFor("two is sent"),
        .say("250 2.0.0 at last"),
      ],
      [.waitFor("two rides")] + Self.greet + [.serve],
    ])
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay, lanes: 2))
    rig.mails.push(try TestMail(to: "one@example.org"))
    rig.mails.push(try TestMail(to: "two@example.org"))
    relay.open("queued")
    relay.wait { $0.first?.receivedText.contains("two@example.org") == true }
    relay.open("two rides")
    #expect(try rig.reports(1)[0].reply?.text == "Ok: queued as SERVED")
    relay.open("two is sent")
    let last = try rig.reports(2)[1]
    #expect(last.reply?.text == "at last")
    #expect(relay.failure == nil)
  }

  @Test func `a second lane joins when the first is busy, not before`() throws {
    let relay = try ScriptedRelay([
      Self.greet + Self.envelope + [
        .expectMessage, .say("250 2.0.0 one"), .expect("MAIL"), .waitFor("second lane"), .beSilent,
      ]
    ])
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay, lanes: 4))
    #expect(try rig.deliver(TestMail()).verdict == .sent)
    #expect(relay.sessions.count == 1)
    rig.mails.push(try TestMail())
    relay.wait { $0[0].receivedText.components(separatedBy: "MAIL").count == 3 }
    #expect(try rig.deliver(TestMail()).verdict == .sent)
    #expect(relay.sessions.count == 2)
    relay.open("second lane")
    rig.dispatcher.finish(grace: .zero)
  }

  @Test(arguments: ["", "421 4.4.2 idle for too long"])
  func `a relay that left while idle costs no attempt`(_ farewell: String) throws {
    let leave: [ScriptedRelayStep] = farewell.isEmpty ? [.close] : [.say(farewell), .close]
    let relay = try ScriptedRelay([Self.greet + Self.envelope + [.expectMessage, .say("250 Ok")] + leave])
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay))
    #expect(try rig.deliver(TestMail()).verdict == .sent)
    relay.wait { $0[0].isFinished }
    #expect(try rig.deliver(TestMail()).verdict == .sent)
    #expect(relay.sessions.count == 2)
    #expect(!rig.events.contains { $0.down != nil || $0.throttled != nil })
  }

  @Test func `a 421 that crosses our MAIL on a used connection costs no attempt`() throws {
    let relay = try ScriptedRelay([
      Self.greet + Self.envelope + [
        .expectMessage, .say("250 Ok"), .expect("MAIL"), .say("421 4.4.2 bye"), .close,
      ]
    ])
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay))
    #expect(try rig.deliver(TestMail()).verdict == .sent)
    #expect(try rig.deliver(TestMail()).verdict == .sent)
    #expect(relay.sessions.count == 2)
  }

  @Test func `a mail whose deadline passed while it connected is not begun`() throws {
    let relay = try ScriptedRelay([
      Self.greet + Self.envelope + [.expectMessage, .say("250 Ok"), .close],
      [.waitFor("too late")] + Self.greet + [.serve],
    ])
    defer { relay.stop() }
    let today = Monitor(Date(timeIntervalSince1970: 1_795_000_000))
    let clock = DeliveryClock(date: { today.withLock { $0 } }, uptime: monotonicTime)
    let rig = try DeliveryRig(plaintext(relay), clock: clock)
    let deadline = today.withLock { $0 } + 60
    #expect(try rig.deliver(TestMail()).verdict == .sent)
    relay.wait { $0[0].isFinished }
    rig.mails.push(try TestMail(deadline: deadline))
    // The lane has the mail in hand and waits for the greeting.
    relay.wait { $0.count == 2 }
    today.withLock { $0 = deadline }
    relay.open("too late")
    #expect(try rig.reports(2)[1].verdict == .expired)
    #expect(try rig.deliver(TestMail()).verdict == .sent)
    #expect(relay.sessions.count == 2, "the connection is kept")
    #expect(relay.sessions[1].receivedText.components(separatedBy: "MAIL").count == 2)
  }

  @Test(arguments: [false, true])
  func `sends no message whose deadline passed while its envelope was under way`(_ rides: Bool) throws {
    let first: [ScriptedRelayStep] =
      rides
      ? Self.envelope + [
        .expectMessage, .expect("MAIL"), .expect("RCPT"), .expect("DATA"), .say("250 first"),
      ]
      : [.expect("MAIL"), .expect("RCPT"), .expect("DATA")]
    let relay = try ScriptedRelay([
      Self.greet + [.waitFor("queued")] + first + [
        .waitFor("too late"), .say("250 Ok"), .say("250 Ok"), .say("354 go ahead"), .beSilent,
      ],
      Self.greet + [.serve],
    ])
    defer { relay.stop() }
    let today = Monitor(Date(timeIntervalSince1970: 1_795_000_000))
    let rig = try DeliveryRig(
      plaintext(relay), clock: DeliveryClock(date: { today.withLock { $0 } }, uptime: monotonicTime))
    let deadline = today.withLock { $0 } + 60
    if rides { rig.mails.push(try TestMail()) }
    rig.mails.push(try TestMail(to: "late@example.org", text: "Subject: late\r\n\r\n", deadline: deadline))
    relay.open("queued")
    if rides { #expect(try rig.reports(1)[0].verdict == .sent) }
    #expect(relay.wait { $0.first?.receivedText.contains("late@example.org>\r\nDATA\r\n") == true })
    today.withLock { $0 = deadline }
    relay.open("too late")
    #expect(try rig.reports(rides ? 2 : 1).last?.verdict == .expired)
    #expect(try rig.deliver(TestMail()).verdict == .sent, "on another connection")
    #expect(relay.wait { $0[0].isFinished })
    // No byte followed, not even QUIT: that would have been part of a message.
    #expect(relay.sessions[0].receivedText.hasSuffix("late@example.org>\r\nDATA\r\n"))
    #expect(relay.sessions.count == 2)
  }

  @Test func `asks NOOP after idling, and takes a new connection where that fails`() throws {
    let relay = try ScriptedRelay([
      Self.greet + Self.envelope + [
        .expectMessage, .say("250 Ok"), .expect("NOOP"), .say("250 Ok"),
      ] + Self.envelope + [.expectMessage, .say("250 Ok"), .expect("NOOP"), .say("421 4.4.2 bye")]
    ])
    defer { relay.stop() }
    let time = TestClock()
    let rig = try DeliveryRig(plaintext(relay) { $0.probeAfter = .seconds(2) }, clock: time.clock)
    for sessions in [1, 1, 2] {
      #expect(try rig.deliver(TestMail()).verdict == .sent)
      #expect(relay.sessions.count == sessions)
      time.advance(.seconds(3))
    }
    #expect(relay.failure == nil)
  }

  @Test(arguments: [(Duration.seconds(21), 1), (.seconds(9), 7)])
  func `a connection ends by age and by idle time, with QUIT`(_ pause: Duration, _ mails: Int) throws {
    let relay = try ScriptedRelay([])
    defer { relay.stop() }
    let time = TestClock()
    let rig = try DeliveryRig(plaintext(relay), clock: time.clock)
    for _ in 0..<mails {
      #expect(try rig.deliver(TestMail()).verdict == .sent)
      time.advance(pause)
    }
    #expect(relay.sessions.count == 1)
    #expect(try rig.deliver(TestMail()).verdict == .sent)
    #expect(relay.sessions.count == 2)
    #expect(relay.wait { $0[0].receivedText.hasSuffix("QUIT\r\n") })
  }

  @Test func `says what the relay needs to know about the message`() throws {
    let relay = try ScriptedRelay(
      [Self.greet, ScriptedRelayStep.greet(["PIPELINING", "SIZE 1000", "8BITMIME"])].map { $0 + [.serve] })
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay), clock: .system)
    #expect(try rig.deliver(TestMail(to: "żółw@example.org", text: "Subject: ż\r\n\r\n")).verdict == .sent)
    #expect(try rig.deliver(TestMail(text: "Subject: ż\r\n\r\n")).verdict == .sent)
    rig.dispatcher.finish(grace: patience)
    let lines = relay.sessions[0].receivedText.components(separatedBy: "\r\n").filter { $0.hasPrefix("MAIL") }
    #expect(
      lines == [
        "MAIL FROM:<no-reply@fabrikam.example> BODY=8BITMIME SMTPUTF8",
        "MAIL FROM:<no-reply@fabrikam.example> BODY=8BITMIME",
      ])

    let second = try DeliveryRig(plaintext(relay))
    let unsupported = try second.deliver(TestMail(to: "żółw@example.org"))
    #expect(unsupported.verdict == .failed)
    #expect(unsupported.reply?.enhanced == EnhancedStatus(5, 6, 7))
    let tooLarge = try second.deliver(TestMail(text: String(repeating: "x\r\n", count: 500)))
    guard case .unsendable(let reason) = tooLarge.verdict else {
      Issue.record("\(tooLarge.verdict)")
      return
    }
    #expect(reason.contains("1500 bytes") && reason.contains("1000"))
    #expect(try second.deliver(TestMail(text: "Subject: x\r\n\r\n.\r\n")).verdict == .sent)
    second.dispatcher.finish(grace: patience)
    #expect(relay.sessions[1].receivedText.contains("MAIL FROM:<no-reply@fabrikam.example> SIZE=17\r\n"))
  }

  @Test func `a message that cannot be sent harms nothing else`() throws {
    let relay = try ScriptedRelay([])
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay))
    for text in [nil, "Subject: x\n\n", "Subject: x\r\n\r\na\rb\r\n", "a\r\n\n.\r\nMAIL"] {
      guard case .unsendable(let reason) = try rig.deliver(TestMail(text: text)).verdict else {
        Issue.record("was sent")
        continue
      }
      #expect(!reason.isEmpty && !reason.contains("anna"))
    }
    #expect(try rig.deliver(TestMail()).verdict == .sent)
    #expect(try rig.deliver(TestMail(text: "")).verdict == .sent)
    #expect(try rig.deliver(TestMail(deadline: .distantPast)).verdict == .expired)
    #expect(relay.sessions.count == 1)
    #expect(relay.sessions[0].receivedText.components(separatedBy: "RCPT").count == 3)
  }
}
