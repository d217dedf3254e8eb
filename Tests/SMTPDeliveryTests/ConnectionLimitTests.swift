import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import SMTPDelivery

/// Relays that take so many mails on a connection and no more.
@Suite(.waits) struct ConnectionLimitTests {
  /// What a relay says to the envelope that is one too many, and how many mails it takes to believe it.
  static let refusals: [(String, closes: Bool, times: Int)] = [
    ("452 4.4.5 too many messages on this connection", false, 1),
    ("451 4.3.0 come back on another connection", false, 2),
    ("450 4.5.3 no more", false, 2),
    ("450 4.7.1 try again later", false, 2),
    ("450 4.2.0 not now", false, 2),
    ("554 5.5.0 too many messages", false, 1),
    ("421 4.7.0 too many messages for this session", true, 1),
    ("421 4.4.2 idle", true, 2),
  ]

  @Test(arguments: refusals, Transport.each([1, 2, 10, 100]))
  func `the mail that is one too many goes on a new connection, and the number is kept`(
    _ refusal: (String, closes: Bool, times: Int), _ way: (transport: Transport, limit: Int)
  ) throws {
    let ((reply, closes, times), (transport, limit)) = (refusal, way)
    let relay = try transport.relay(
      afterwards: transport.greet() + [.serveUpTo(limit, then: reply, closes: closes)])
    defer { relay.stop() }
    let rig = try DeliveryRig(transport.settings(relay))
    let count = limit == 100 ? 205 : 25
    for number in 0..<count { rig.mails.push(try TestMail(to: "guest\(number)@example.org")) }
    #expect(try rig.reports(count).allSatisfy { $0.verdict == .sent })
    #expect(rig.events.compactMap(\.limitLearned) == [limit])
    #expect(!rig.events.contains { $0.down != nil || $0.held != nil || $0.backingOff != nil })
    #expect(relay.messages == count)
    // One mail found out, or two; after them each connection ends in time.
    #expect(relay.sessions.count == (count + limit - 1) / limit)
    // Where one mail fills a connection, a second envelope rides behind the one that finds out.
    #expect(relay.mailCommands == count + times + (limit == 1 ? 1 : 0))
    if !closes { #expect(relay.sessions[0].receivedText.hasSuffix("QUIT\r\n")) }
  }

  static let places = ["RCPT", "DATA", "."]
  static let others: [(String, times: Int)] = [
    ("452 4.5.3 too many messages for this session", 1), ("421 4.7.0 too many messages for this session", 1),
    ("554 5.5.0 too many messages", 1), ("450 4.7.1 no more mail here for now", 2), ("", 2),
  ]

  @Test(arguments: places, others)
  func `the limit is found out wherever it is told`(_ place: String, _ end: (reply: String, times: Int))
    throws
  {
    // What a dot without an answer means, and any other 4xx at it, is not about the connection.
    if place == ".", end.times > 1 { return }
    let plan = ScriptedRelayPlan { ($0.refusals, $0.most) = ([place: end.reply], 3) }
    let relay = try ScriptedRelay(
      [], afterwards: ScriptedRelayStep.greet() + [.serveBy(plan)])
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay))
    for number in 0..<30 { rig.mails.push(try TestMail(to: "guest\(number)@example.org")) }
    let reports = try rig.reports(30)
    #expect(reports.allSatisfy { $0.verdict == .sent })
    #expect(rig.events.compactMap(\.limitLearned) == [3])
    #expect(!rig.events.contains { $0.down != nil || $0.held != nil || $0.backingOff != nil })
    #expect(relay.taken.values.allSatisfy { $0 == 1 } && relay.messages == 30)
    // A mail that rode behind the one that found out at the dot may have been begun as well.
    #expect((30 + end.times...30 + 2 * end.times).contains(relay.mailCommands))
    #expect(relay.sessions.count == 10)
  }

  @Test func `connections that end after differing numbers of mails teach no limit`() {
    var limit = ConnectionLimit(configured: nil)
    let ends = [7, 40, 9, 14, 2]
    for count in ends {
      let isNews = limit.learn(count, isClear: false, now: .seconds(1))
      #expect(!isNews)
    }
    #expect(limit.value == nil)
    let news = [40, 37].map { limit.learn($0, isClear: false, now: .seconds(2)) }
    #expect(news == [false, true] && limit.value == 37)
    limit.refute(now: .seconds(3))
    let again = [37, 37].map { limit.learn($0, isClear: false, now: .seconds(4)) }
    #expect(again == [false, false] && limit.value == nil)
    let isClearNews = limit.learn(5, now: .seconds(3))
    limit.refute(now: .seconds(4))
    #expect(isClearNews && limit.value == 5)
  }

  @Test(arguments: Transport.allCases)
  func `maxPerConnection ends each connection in time`(_ transport: Transport) throws {
    let relay = try transport.relay()
    defer { relay.stop() }
    let rig = try DeliveryRig(transport.settings(relay, maxPerConnection: 7))
    for number in 0..<20 { rig.mails.push(try TestMail(to: "guest\(number)@example.org")) }
    #expect(try rig.reports(20).allSatisfy { $0.verdict == .sent })
    rig.dispatcher.finish(grace: patience)
    let counts = relay.sessions.map { $0.receivedText.components(separatedBy: "MAIL FROM").count - 1 }
    #expect(counts == [7, 7, 6])
    #expect(relay.sessions.allSatisfy { $0.receivedText.hasSuffix("QUIT\r\n") })
  }

  @Test(arguments: Transport.allCases)
  func `a mail that a new connection does not help is deferred, and others cost no connection`(
    _ transport: Transport
  ) throws {
    let relay = try transport.relay(
      afterwards: transport.greet() + [.refuseFrom("busy", "451 4.3.0 later")])
    defer { relay.stop() }
    let rig = try DeliveryRig(transport.settings(relay))
    for number in 0..<40 {
      let name = number % 4 == 3 ? "busy" : "guest"
      rig.mails.push(try TestMail(to: "\(name)\(number)@example.org"))
    }
    let reports = try rig.reports(40)
    #expect(reports.filter { $0.verdict == .deferred }.count == 10)
    #expect(reports.filter { $0.verdict == .sent }.count == 30)
    #expect(rig.events.compactMap(\.limitLearned).isEmpty)
    #expect(relay.sessions.count == 1 + ConnectionLimit.misses)
  }

  @Test func `a mail whose new connection is refused is left to those that stand`() throws {
    let greet = ScriptedRelayStep.greet()
    let relay = try ScriptedRelay(
      [
        greet + [.waitFor("go"), .serve],
        greet + [.serveUpTo(1, then: "452 4.4.5 too many messages", closes: false)],
        [.say("421 4.7.0 too many connections"), .close],
      ])
    defer { relay.stop() }
    // Whoever rested for a pause with the mail in hand would not be back in time.
    let rig = try DeliveryRig(plaintext(relay, lanes: 2) { $0.firstPause = patience * 3 })
    for number in 0..<3 { rig.mails.push(try TestMail(to: "guest\(number)@example.org")) }
    #expect(relay.wait { $0.count >= 3 })
    relay.open("go")
    #expect(try rig.reports(3).allSatisfy { $0.verdict == .sent })
  }

  @Test func `what was learned is forgotten slowly`() {
    var limit = ConnectionLimit(configured: nil)
    let news = [limit.learn(10, now: .seconds(1)), limit.learn(10, now: .seconds(2))]
    #expect(news == [true, false])
    limit.forget(now: .seconds(500))
    #expect(limit.value == 10)
    limit.forget(now: .seconds(700))
    #expect(limit.value == 20)
    for hour in 1...20 { limit.forget(now: .seconds(3600 * hour)) }
    #expect(limit.value == nil)
    var configured = ConnectionLimit(configured: 5)
    _ = configured.learn(10, now: .seconds(1))
    #expect(configured.value == 5)
    for _ in 0..<ConnectionLimit.misses { configured.noteMiss(now: .seconds(2)) }
    #expect(!configured.isWorthATry(now: .seconds(3)))
    #expect(configured.isWorthATry(now: .seconds(2) + ConnectionLimit.pause))
  }
}
