import CodeRequests
import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import SMTPDelivery

/// A drain of 600 (or of `PASSCODE_QUIRK_MAILS`) over four lanes in whose middle the relay, or the first of two, begins to have a quirk: every mail
/// is taken once and settled once as sent, and MAIL is not said much more often than there are mails.
@Suite(.waits) struct QuirkDrainTests {
  struct Quirk: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let plan: ScriptedRelayPlan
    var hasSecond = false
    /// How many MAIL commands a mail there may be.
    var most = 1.3

    init(_ name: String, _ change: (inout ScriptedRelayPlan) -> Void) {
      testDescription = name
      plan = ScriptedRelayPlan { plan in
        plan.from = QuirkDrainTests.good
        change(&plan)
      }
    }

    /// The first of two relays has it.
    static func first(_ place: String, _ reply: String) -> Quirk {
      var quirk = Quirk("\(reply) to \(place) at the first of two") { $0.refusals = [place: reply] }
      quirk.hasSecond = true
      return quirk
    }

    static func limit(_ count: Int, _ reply: String, closes: Bool = false) -> Quirk {
      Quirk("\(count) a connection, then \(reply.isEmpty ? "the end" : reply)") {
        ($0.most, $0.last, $0.closesAfterLast) = (count, reply, closes)
      }
    }

    func bounded(by most: Double) -> Quirk {
      var quirk = self
      quirk.most = most
      return quirk
    }
  }

  static let count =
    ProcessInfo.processInfo.environment["PASSCODE_QUIRK_MAILS"].flatMap { Int($0) } ?? 600
  /// From which on it has the quirk.
  static let good = count * 7 / 20
  /// So many on a connection that each lane comes to the end of one.
  private static let tenth = count / 10

  static let quirks: [Quirk] = [
    .limit(1, "452 4.4.5 too many messages on this connection"),
    .limit(2, "421 4.7.0 too many messages for this session", closes: true),
    .limit(2, "554 5.5.0 too many messages"),
    .limit(tenth, "452 4.4.5 too many messages on this connection"),
    .limit(tenth, "421 4.7.0 too many messages for this session", closes: true),
    .limit(tenth, "554 5.5.0 too many messages"),
    .limit(tenth, "451 4.3.0 not here"),
    .limit(10, ""),
    Quirk("what lies behind a dot is lost") { $0.dropsBehindDot = true },
    Quirk("what lies behind a command is lost") {
      ($0.dropsBehindDot, $0.dropsBehindCommands) = (true, true)
    },
    Quirk("groups are out of step") { $0.confusesGroups = true },
    Quirk("two connections, others end at MAIL") { ($0.places, $0.withoutPlace) = (2, "451 4.4.2 busy") },
    Quirk("two connections, others get 421 to MAIL") {
      ($0.places, $0.withoutPlace) = (2, "421 4.4.5 too many connections")
    },
    Quirk("some are greylisted, RSET is unknown") {
      $0.refusals = ["RSET": "502 5.5.1 what is that"]
      ($0.firstTime, $0.refusedStart) = ("450 4.2.0 greylisted", "guest9")
    },
    .first("MAIL", "421 4.7.0 try again later"),
    .first("MAIL", "451 4.3.0 temporary failure"),
    .first("MAIL", "452 4.3.1 insufficient system storage"),
    .first("MAIL", "525 5.7.13 user account disabled"),
    .first("RCPT", "554 5.7.1 relay access denied"),
    .first("RCPT", "553 5.7.1 sender address rejected: not owned by user"),
    .first("RCPT", "504 5.5.2 helo command rejected: need fully-qualified hostname"),
    .first("DATA", "451 4.3.2 not now"),
    // Greylisting is about the mail: each is put to both.
    .first("DATA", "451 4.7.1 greylisted, come back").bounded(by: 2),
    .first(".", "451 4.7.500 server busy"),
    .first(".", "454 4.7.0 throttled"),
    .first(".", "421 4.7.0 going away"),
    .first(".", "550 5.7.60 client does not have permissions to send as this sender"),
    .first(".", "550 5.7.1 blocked, see the block list"),
  ]

  private struct Tally {
    var sent: [String: Int] = [:]
    var deferred = 0
    var others: [DeliveryReport] = []
    var events: [RelayEvent] = []
  }

  @Test(arguments: quirks) func `a quirk in the middle of a drain loses and doubles nothing`(_ quirk: Quirk)
    throws
  {
    let first = try ScriptedRelay([], afterwards: ScriptedRelayStep.greet() + [.serveBy(quirk.plan)])
    let second = quirk.hasSecond ? try ScriptedRelay([]) : nil
    let relays = [first] + (second.map { [$0] } ?? [])
    defer { for relay in relays { relay.stop() } }
    let tally = Monitor(Tally())
    // What is to be sent again has room, so that a lane never waits for itself.
    let mails = BoundedQueue<TestMail>(capacity: Self.count * 2)
    let dispatcher = try RelayDispatcher(
      relays: relays.map { relay in
        try plaintext(relay, lanes: 4) {
          ($0.firstPause, $0.longestPause, $0.holdPause) = (.milliseconds(50), .seconds(60), .seconds(300))
        }
      }, mails: mails,
      report: { (mail: TestMail, report: DeliveryReport) in
        let name = mail.recipient.rawValue
        let isAgain = tally.change { tally in
          switch report.verdict {
          case .sent: tally.sent[name, default: 0] += 1
          case .deferred: tally.deferred += 1
          default: tally.others.append(report)
          }
          return report.verdict == .deferred
        }
        // The passage ends with the attempt.
        if isAgain, let again = try? TestMail(to: name) { mails.push(again) }
      }, event: { event in tally.change { $0.events.append(event) } })
    try dispatcher.start()
    for number in 0..<Self.count { mails.push(try TestMail(to: "guest\(number)@example.org")) }
    let isDone = tally.wait(timeout: patience) { tally in
      tally.sent.count + tally.others.count >= Self.count ? true : nil
    }
    dispatcher.finish(grace: patience)

    let result = tally.withLock { $0 }
    let taken = relays.map(\.taken).reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
    let commands = relays.map(\.mailCommands)
    let connections = relays.map(\.sessions.count)
    let story: Comment =
      "\(commands) MAIL, \(connections) connections, \(result.deferred) deferred; \(result.others.first.map { "\($0)" } ?? ""); \(result.events.filter { $0.connected == nil }.suffix(20))"
    #expect(isDone == true && result.others.isEmpty, story)
    #expect(result.sent.count == Self.count && result.sent.values.allSatisfy { $0 == 1 }, story)
    #expect(taken == result.sent, story)
    #expect(Double(commands.reduce(0, +)) <= Double(Self.count) * quirk.most + 60, story)
  }
}
