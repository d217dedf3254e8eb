import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import SMTPDelivery

/// What one relay refuses or puts off and another takes.
@Suite(.waits) struct FailOverTests {
  private static let greet = ScriptedRelayStep.greet()

  static let refusals: [String] = [
    "421 4.7.0 try again later", "451 4.3.0 temporary failure", "452 4.3.1 insufficient system storage",
    "451 4.7.500 server busy", "450 4.2.0 greylisted",
    "554 5.7.1 relay access denied", "553 5.7.1 sender address rejected: not owned by user",
    "525 5.7.13 user account disabled", "550 5.7.60 client does not have permissions to send as this sender",
    "554 message rejected: email address is not verified", "550 5.7.1 blocked, see the block list",
    "530 5.7.0 authentication required", "504 5.5.2 helo command rejected: need fully-qualified hostname",
  ]

  @Test(arguments: refusals, Transport.each([DeliveryStage.mail, .recipient, .final]))
  func `a mail that one relay does not take for reasons of its own is sent by the next at once`(
    _ reply: String, _ way: (transport: Transport, stage: DeliveryStage)
  ) throws {
    let (transport, stage) = way
    let first = try transport.relay(afterwards: transport.greet() + [.refuseAt(stage.rawValue, reply)])
    let second = try transport.relay()
    defer {
      first.stop()
      second.stop()
    }
    let rig = try DeliveryRig(
      transport.settings(first) { ($0.firstPause, $0.longestPause) = (.milliseconds(10), .seconds(60)) },
      transport.settings(second))
    let start = ContinuousClock.now
    for number in 0..<20 { rig.mails.push(try TestMail(to: "guest\(number)@example.org")) }
    let reports = try rig.reports(20)
    #expect(reports.allSatisfy { $0.verdict == .sent && $0.relay == "127.0.0.1:\(second.port)" })
    #expect(ContinuousClock.now - start < patience / 2)
    #expect(second.messages == 20)
    // The first is asked now and then, and not for each mail.
    #expect(first.mailCommands <= 30)
  }

  @Test func `a mail has failed when every relay has refused it for good`() throws {
    let first = try ScriptedRelay([], afterwards: Self.greet + [.refuseAll("554 5.7.1 relay access denied")])
    let second = try ScriptedRelay(
      [], afterwards: Self.greet + [.refuseAll("550 5.7.1 your address is on a block list")])
    defer {
      first.stop()
      second.stop()
    }
    let rig = try DeliveryRig(plaintext(first), plaintext(second))
    let report = try rig.deliver(TestMail())
    #expect(report.verdict == .failed)
    #expect(report.reply?.code == 550)
    #expect(report.earlier.map(\.reply?.code) == [554])
  }

  @Test func `a mail that one relay refuses and another puts off is deferred`() throws {
    let first = try ScriptedRelay([], afterwards: Self.greet + [.refuseAll("554 5.7.1 relay access denied")])
    let second = try ScriptedRelay([], afterwards: Self.greet + [.refuseAll("451 4.3.0 later")])
    defer {
      first.stop()
      second.stop()
    }
    let rig = try DeliveryRig(plaintext(first), plaintext(second))
    let report = try rig.deliver(TestMail())
    #expect(report.verdict == .deferred)
    #expect(report.reply?.code == 451)
  }

  @Test func `a refusal without a reason is put to each relay and then believed`() throws {
    let first = try ScriptedRelay([], afterwards: Self.greet + [.refuseAt("final", "554 no")])
    let second = try ScriptedRelay([])
    defer {
      first.stop()
      second.stop()
    }
    let both = try DeliveryRig(plaintext(first), plaintext(second))
    #expect(try both.deliver(TestMail()).verdict == .sent)
    both.dispatcher.finish(grace: patience)
    let alone = try DeliveryRig(plaintext(first))
    #expect(try alone.deliver(TestMail()).verdict == .failed)
  }

  @Test func `what is about the recipient fails without asking another relay`() throws {
    let first = try ScriptedRelay([], afterwards: Self.greet + [.refuseAll("550 5.1.1 no such user")])
    let second = try ScriptedRelay([])
    defer {
      first.stop()
      second.stop()
    }
    let rig = try DeliveryRig(plaintext(first), plaintext(second))
    #expect(try rig.deliver(TestMail()).verdict == .failed)
    #expect(second.sessions.isEmpty)
  }

  @Test(arguments: ["554 5.7.1 relay access denied", "530 5.7.0 authentication required"])
  func `with one relay a refusal of its own holds it, and the mail is tried again`(_ reply: String) throws {
    let refusing = Self.greet + [.refuseAt("recipient", reply)]
    let relay = try ScriptedRelay([refusing, refusing])
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay))
    rig.mails.push(try TestMail())
    #expect(try rig.waitForEvent(\.held).reply?.code == Int(reply.prefix(3)))
    var reports = try rig.reports(1)
    // Deferred ones are the worker's to bring again.
    while reports.last?.verdict == .deferred {
      rig.mails.push(try TestMail())
      reports = try rig.reports(reports.count + 1)
    }
    #expect(reports.last?.verdict == .sent)
  }

  @Test(arguments: Transport.allCases)
  func `421 to MAIL for ever causes few commands, each of them counted`(_ transport: Transport) throws {
    let script = transport.greet() + [.refuseAt("mail", "421 4.3.2 not now")]
    let (first, second) = (try transport.relay(afterwards: script), try transport.relay(afterwards: script))
    defer {
      first.stop()
      second.stop()
    }
    let rig = try DeliveryRig(
      transport.settings(first, lanes: 4), transport.settings(second, lanes: 4))
    for number in 0..<20 { rig.mails.push(try TestMail(to: "guest\(number)@example.org")) }
    #expect(try rig.reports(20).allSatisfy { $0.verdict == .deferred })
    #expect(first.mailCommands + second.mailCommands <= 80)
  }

  @Test(arguments: Transport.allCases)
  func `a relay that closes at MAIL while others of its connections stand defers nothing`(
    _ transport: Transport
  ) throws {
    // The second connection is one too many, and is told so at its first mail.
    let relay = try transport.relay(
      afterwards: transport.greet() + [.serveOne(elseSay: "451 4.4.2 too busy")])
    defer { relay.stop() }
    let rig = try DeliveryRig(transport.settings(relay, lanes: 2))
    for number in 0..<200 { rig.mails.push(try TestMail(to: "guest\(number)@example.org")) }
    #expect(try rig.reports(200).allSatisfy { $0.verdict == .sent })
  }

  @Test(arguments: ["421 4.7.0 try again later", "451 4.4.2 too busy"])
  func `a relay that ends each connection at MAIL keeps nothing from the next`(_ reply: String) throws {
    let ending = ScriptedRelayPlan { ($0.places, $0.withoutPlace) = (0, reply) }
    let first = try ScriptedRelay([], afterwards: Self.greet + [.serveBy(ending)])
    let second = try ScriptedRelay([])
    defer {
      first.stop()
      second.stop()
    }
    // No mail waits for a lane that rests.
    let rig = try DeliveryRig(
      plaintext(first, lanes: 4) { ($0.firstPause, $0.longestPause) = (patience * 3, patience * 3) },
      plaintext(second, lanes: 4))
    for number in 0..<40 { rig.mails.push(try TestMail(to: "guest\(number)@example.org")) }
    #expect(try rig.reports(40).allSatisfy { $0.verdict == .sent })
    #expect(first.mailCommands <= 8 && second.messages == 40)
  }

  @Test(arguments: ["451 4.4.2 timeout exceeded", ""])
  func `a relay that ends one connection in three at MAIL defers few and is not slowed down`(_ reply: String)
    throws
  {
    let plan = ScriptedRelayPlan { ($0.endsEach, $0.withoutPlace) = (3, reply) }
    let relay = try ScriptedRelay([], afterwards: Self.greet + [.serveBy(plan)])
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay, lanes: 4))
    for number in 0..<200 { rig.mails.push(try TestMail(to: "guest\(number)@example.org")) }
    let reports = try rig.reports(200)
    #expect(reports.filter { $0.verdict == .sent }.count >= 190)
    #expect(reports.allSatisfy { $0.verdict == .sent || $0.verdict == .deferred })
    #expect(relay.taken.values.allSatisfy { $0 == 1 })
    #expect(!rig.dispatcher.board.monitor.withLock { $0.relays[0].pace.interval > .zero })
  }

  @Test(arguments: [
    "530 5.7.0 Authentication required", "550 5.7.1 Sending quota exceeded for this domain",
    "421 4.7.0 try later",
  ])
  func `a recipient that the relay always refuses so holds nobody up`(_ reply: String) throws {
    let relay = try ScriptedRelay([], afterwards: Self.greet + [.refuseFrom("bad", reply)])
    defer { relay.stop() }
    let clock = TestClock()
    let rig = try DeliveryRig(
      plaintext(relay) { ($0.firstPause, $0.longestPause) = (.seconds(1), .seconds(60)) }, clock: clock.clock)
    #expect(try rig.deliver(TestMail(to: "before@example.org")).verdict == .sent)
    var count = 1
    for round in 0..<10 {
      clock.advance(.seconds(2))
      for name in ["bad", "good", "fine", "well", "nice", "calm", "dear", "kind", "keen", "sure", "glad"] {
        rig.mails.push(try TestMail(to: "\(name)\(round)@example.org"))
      }
      count += 11
      try rig.reports(count)
    }
    #expect(rig.outcomes.filter { $0.report.verdict == .sent }.count == 101)
    #expect(rig.outcomes.filter { $0.report.verdict == .deferred }.count == 10)
    #expect(rig.events.compactMap(\.held).isEmpty)
    #expect(
      rig.dispatcher.board.monitor.withLock { $0.relays[0].pace.interval } <= RelayPace.firstInterval)
  }

  @Test func `the mail for which a relay is held is not the one of each trial`() throws {
    let relay = try ScriptedRelay(
      [], afterwards: Self.greet + [.refuseFrom("bad", "530 5.7.0 Authentication required")])
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay))
    for name in ["bad", "good", "fine"] { rig.mails.push(try TestMail(to: "\(name)@example.org")) }
    let reports = try rig.reports(3)
    #expect(reports.map(\.verdict) == [.deferred, .sent, .sent])
    #expect(rig.events.compactMap(\.held).count == 2)
  }

  @Test func `what had been passed on is reported untouched when it is stopped`() throws {
    let first = try ScriptedRelay([], afterwards: Self.greet + [.refuseAll("554 5.7.1 relay access denied")])
    let second = try ScriptedRelay([], afterwards: Self.greet + [.expect("MAIL"), .beSilent])
    defer {
      first.stop()
      second.stop()
    }
    let rig = try DeliveryRig(plaintext(first), plaintext(second))
    for number in 0..<20 { rig.mails.push(try TestMail(to: "guest\(number)@example.org")) }
    // One is under way at the second, and more have been passed on behind it.
    #expect(
      first.wait { sessions in
        sessions.map { $0.receivedText.components(separatedBy: "MAIL FROM").count - 1 }.reduce(0, +) >= 4
      })
    rig.dispatcher.finish(grace: .zero)
    #expect(rig.outcomes.allSatisfy { $0.report.verdict == .untouched })
    #expect(rig.outcomes.count == 20 && Set(rig.outcomes.map(\.mail.recipient)).count == 20)
  }

  @Test(arguments: [true, false])
  func `a relay that does not know RSET is not one that limits its connections`(_ hasGroups: Bool) throws {
    let plan = ScriptedRelayPlan {
      $0.refusals = ["RSET": "502 5.5.1 what is that", "RCPT": "450 4.2.0 greylisted"]
      $0.refusedStart = "busy"
    }
    let relay = try ScriptedRelay(
      [], afterwards: ScriptedRelayStep.greet(hasGroups ? ["PIPELINING"] : []) + [.serveBy(plan)])
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay, lanes: 2))
    for number in 0..<40 {
      rig.mails.push(try TestMail(to: "\(number % 8 == 7 ? "busy" : "guest")\(number)@example.org"))
    }
    let reports = try rig.reports(40)
    #expect(reports.filter { $0.verdict == .deferred }.count == 5)
    // Those that found out that it is not the connection were said twice, the other lane's at the same time among them.
    let again = relay.mailCommands - 40
    #expect(relay.messages == 35 && (0...ConnectionLimit.misses + 1).contains(again), "\(again) said twice")
    #expect(rig.events.compactMap(\.throttled).isEmpty)
  }

  @Test func `a connection that was under way ends no pause that a mail was the reason for`() throws {
    let board = RelayBoard([try RelaySettings(url: "smtp://127.0.0.1:2525", security: .plaintext)])
    let trouble = RelayTrouble(stage: .recipient, incident: .connectionLost, reply: nil, message: "no")
    let pause = board.noteRefusal(0, trouble, isAboutAll: true, now: .seconds(10)).event
    #expect(pause?.held != nil)
    #expect(board.connected(0, now: .seconds(10)) == nil && board.isPaused(0))
    guard case .trial = board.order(relay: 0, lane: 0, now: .seconds(60)) else {
      Issue.record("no trial is due")
      return
    }
    #expect(board.connected(0, now: .seconds(60))?.recovered == true && !board.isPaused(0))
  }
}
