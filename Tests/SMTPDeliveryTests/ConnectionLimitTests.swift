import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import SMTPDelivery

/// Relays that take so many mails on a connection and no more.
@Suite(.waits) struct ConnectionLimitTests {
  private static let greet = ScriptedRelayStep.greet()
  private static let no = "503 5.5.1 no"

  /// What a relay says to the envelope that is one too many.
  static let refusals: [(String, closes: Bool)] = [
    ("452 4.4.5 too many messages on this connection", false),
    ("451 4.3.0 come back on another connection", false),
    ("450 4.5.3 no more", false),
    ("554 5.5.0 too many messages", false),
    ("421 4.7.0 too many messages for this session", true),
  ]

  @Test(arguments: refusals, [1, 2, 10])
  func `the mail that is one too many goes on a new connection, and the number is kept`(
    _ refusal: (String, closes: Bool), _ limit: Int
  ) throws {
    let (reply, closes) = refusal
    let relay = try ScriptedRelay(
      [], afterwards: Self.greet + [.serveUpTo(limit, then: reply, closes: closes)])
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay))
    for number in 0..<60 { rig.mails.push(try TestMail(to: "guest\(number)@example.org")) }
    #expect(try rig.reports(60).allSatisfy { $0.verdict == .sent })
    #expect(rig.events.compactMap(\.limitLearned) == [limit])
    #expect(!rig.events.contains { $0.down != nil || $0.held != nil || $0.backingOff != nil })
    #expect(relay.messages == 60)
    // One mail found out; after it each connection ends in time.
    #expect(relay.sessions.count == (60 + limit - 1) / limit)
    let refused = relay.sessions.map { $0.receivedText.components(separatedBy: "MAIL FROM").count - 1 }
    // Where one mail fills a connection, a second envelope rides behind the one that finds out.
    #expect(refused.reduce(0, +) == (limit == 1 ? 62 : 61))
    if !closes { #expect(relay.sessions[0].receivedText.hasSuffix("QUIT\r\n")) }
  }

  @Test func `maxPerConnection ends each connection in time`() throws {
    let relay = try ScriptedRelay([])
    defer { relay.stop() }
    let rig = try DeliveryRig(
      RelaySettings(
        url: relay.url, security: .plaintext, lanes: 1, maxPerConnection: 7, timing: testTiming()))
    for number in 0..<20 { rig.mails.push(try TestMail(to: "guest\(number)@example.org")) }
    #expect(try rig.reports(20).allSatisfy { $0.verdict == .sent })
    rig.dispatcher.finish(grace: patience)
    let counts = relay.sessions.map { $0.receivedText.components(separatedBy: "MAIL FROM").count - 1 }
    #expect(counts == [7, 7, 6])
    #expect(relay.sessions.allSatisfy { $0.receivedText.hasSuffix("QUIT\r\n") })
  }

  @Test func `a mail that a new connection does not help is deferred, and others cost no connection`() throws
  {
    let relay = try ScriptedRelay([], afterwards: Self.greet + [.refuseFrom("busy", "451 4.3.0 later")])
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay))
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
