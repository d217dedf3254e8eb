import CodeRequests
import Foundation
import LinuxSystem
import TestSupport

@testable import SMTPDelivery

final class TestMail: OutgoingMail {
  let sender: EmailAddress
  let recipient: EmailAddress
  let deadline: Date
  let content: [UInt8]?
  let confidential: [String]
  private let passage: Monitor<MailPassage>

  struct Unreadable: Error, CustomStringConvertible { let description = "no template for anna@example.org" }

  init(
    to recipient: String = "anna@example.org", text: String? = "Subject: code\r\n\r\nHello.\r\n",
    deadline: Date = .distantFuture, confidential: [String] = [], doubtfulAt: Int? = nil
  ) throws {
    passage = Monitor(MailPassage(doubtfulAt: doubtfulAt))
    sender = try EmailAddress("no-reply@fabrikam.example", field: "sender")
    self.recipient = try EmailAddress(recipient)
    self.deadline = deadline
    content = text.map { Array($0.utf8) }
    self.confidential = confidential
  }

  func withPassage<Result>(_ body: (inout MailPassage) -> Result) -> Result {
    passage.withLock { body(&$0) }
  }

  func writeMessage(into content: inout ByteBuffer) throws {
    guard let text = self.content else { throw Unreadable() }
    content.append(text)
  }
}

/// A clock whose monotonic part moves only when a test says so.
final class TestClock: Sendable {
  private let offset = Monitor(Duration.zero)
  func advance(_ time: Duration) { offset.withLock { $0 += time } }
  var clock: DeliveryClock {
    DeliveryClock(date: { Date() }, uptime: { [self] in .seconds(1000) + offset.withLock { $0 } })
  }
}

/// A dispatcher, what goes in, and what came out.
final class DeliveryRig: Sendable {
  struct Outcome: Sendable {
    let mail: TestMail
    let report: DeliveryReport
  }
  private struct Seen {
    var outcomes: [Outcome] = []
    var events: [RelayEvent] = []
  }

  let mails = BoundedQueue<TestMail>(capacity: 1000)
  private let seen: Monitor<Seen>
  let dispatcher: RelayDispatcher<TestMail>

  init(_ relays: RelaySettings..., clock: DeliveryClock = .system) throws {
    let seen = Monitor(Seen())
    self.seen = seen
    dispatcher = try RelayDispatcher(
      relays: relays, mails: mails, clock: clock,
      report: { mail, report in seen.change { $0.outcomes.append(Outcome(mail: mail, report: report)) } },
      event: { event in seen.change { $0.events.append(event) } })
    try dispatcher.start()
  }

  deinit { dispatcher.finish(grace: .zero) }

  var outcomes: [Outcome] { seen.withLock { $0.outcomes } }
  var events: [RelayEvent] { seen.withLock { $0.events } }

  struct TimeOver: Error, CustomStringConvertible {
    let outcomes: [Outcome]
    let events: [RelayEvent]
    var description: String { "not there in time; reports: \(outcomes.map(\.report)), events: \(events)" }
  }

  /// Waits until there are `count` reports in all.
  @discardableResult
  func reports(_ count: Int) throws -> [DeliveryReport] {
    guard
      let outcomes = seen.wait(
        timeout: patience, until: { $0.outcomes.count >= count ? $0.outcomes : nil })
    else { throw TimeOver(outcomes: outcomes, events: events) }
    return outcomes.map(\.report)
  }

  /// Delivers one mail and waits for its report.
  func deliver(_ mail: TestMail) throws -> DeliveryReport {
    let before = outcomes.count
    mails.push(mail)
    return try reports(before + 1)[before]
  }

  @discardableResult
  func waitForEvent<Result>(_ match: (RelayEvent) -> Result?) throws -> Result {
    guard let found = seen.wait(timeout: patience, until: { $0.events.lazy.compactMap(match).first })
    else {
      throw TimeOver(outcomes: outcomes, events: events)
    }
    return found
  }
}

extension RelayEvent {
  var down: RelayTrouble? { if case .down(_, let trouble, _) = self { trouble } else { nil } }
  var held: RelayTrouble? { if case .held(_, let trouble, _) = self { trouble } else { nil } }
  var backingOff: RelayTrouble? { if case .backingOff(_, let trouble, _) = self { trouble } else { nil } }
  var recovered: Bool? { if case .recovered = self { true } else { nil } }
  var throttled: Int? { if case .throttled(_, let lanes, _, _) = self { lanes } else { nil } }
  var throttlingReply: Reply? { if case .throttled(_, _, _, let reply) = self { reply } else { nil } }
  var rejecting: Int? { if case .rejecting(_, let count, _) = self { count } else { nil } }
  var limitLearned: Int? { if case .limitLearned(_, let count) = self { count } else { nil } }
  var pipelining: PipeliningTrust.Level? {
    if case .pipelining(_, let level) = self { level } else { nil }
  }
  var connected: Bool? { if case .connected(_, let isEncrypted, _) = self { isEncrypted } else { nil } }
}

/// Pauses short enough for tests; waits for replies long enough for a busy machine.
func testTiming(_ change: (inout RelayTiming) -> Void = { _ in }) -> RelayTiming {
  var timing = RelayTiming()
  timing.connect = patience
  timing.reply = patience
  timing.firstPause = .milliseconds(10)
  timing.longestPause = .milliseconds(50)
  timing.holdPause = .milliseconds(50)
  timing.probeAfter = .seconds(10)
  timing.stall = .seconds(8)
  change(&timing)
  return timing
}

func plaintext(
  _ relay: ScriptedRelay, lanes: Int = 1, _ change: (inout RelayTiming) -> Void = { _ in }
) throws -> RelaySettings {
  try RelaySettings(url: relay.url, security: .plaintext, lanes: lanes, timing: testTiming(change))
}
