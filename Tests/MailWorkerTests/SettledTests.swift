import CodeRequests
import Foundation
import Records
import SMTPDelivery
import TestSupport
import Testing

@testable import MailWorker

/// What each report means, decided without records and files.
@Suite struct SettledTests {
  private let noon = Date(unixMilliseconds: 1_795_238_400_000)

  private func mail(
    attempt: Int = 1, deadline: TimeInterval = 600, isRepeated: Bool = false, isCancelled: Bool = false
  ) throws -> PasscodeMail {
    let (_, mail) = try LedgerRig().send()
    let ticket = mail.ticket
    return PasscodeMail(
      prepared: mail.prepared,
      ticket: Ticket(
        requestKey: 7, audited: ticket.audited, passcode: ticket.passcode, madeAt: noon,
        validity: .seconds(600), queuedAt: noon, deadline: noon + deadline, attempt: attempt, crashes: 0,
        mayHaveArrived: isRepeated, messageIDToken: "", entityRef: "", older: []),
      isRepeated: isRepeated, isCancelled: isCancelled)
  }

  private func settled(
    _ mail: PasscodeMail, _ verdict: Verdict, _ reply: Reply? = nil, delays: [Duration] = [.seconds(10)]
  ) -> Settled {
    Settled(
      mail, DeliveryReport(verdict: verdict, reply: reply, relay: "relay.example:25"),
      schedule: RetrySchedule(delays: delays), at: noon)
  }

  private func reason(_ settled: Settled) -> String? {
    if case .failed(let reason) = settled.place { reason } else { nil }
  }

  private func until(_ settled: Settled) -> Date? {
    if case .deferred(let until) = settled.place { until } else { nil }
  }

  private func isRemoved(_ settled: Settled) -> Bool {
    if case .removed = settled.place { true } else { false }
  }

  @Test func `what was sent, has expired or was cancelled goes`() throws {
    let sent = settled(try mail(), .sent, Reply(code: 250, enhanced: .init(2, 0, 0), text: "queued"))
    #expect(sent.settlement.result == .sent && sent.event == .sent && isRemoved(sent))
    #expect(sent.settlement.replyCode == 250 && sent.settlement.enhancedCode == "2.0.0")
    #expect(sent.settlement.replyText == "queued" && sent.settlement.relay == "relay.example:25")
    #expect(sent.settlement.requestKey == 7 && sent.settlement.at == noon && sent.settlement.locale == "en")
    let expired = settled(try mail(), .expired)
    #expect(expired.settlement.result == .expired && expired.event == .expired && isRemoved(expired))
    let cancelled = settled(try mail(isCancelled: true), .untouched)
    #expect(cancelled.settlement.result == .cancelled && cancelled.event == .cancelled)
    #expect(isRemoved(cancelled))
  }

  @Test func `what is refused for good, or cannot be made, is kept with the reason`() throws {
    let refused = settled(try mail(), .failed, .unknown)
    #expect(refused.settlement.result == .failed && refused.event == .failed)
    #expect(reason(refused) == "the relay refused it: 550 5.1.1 nobody")
    #expect(refused.settlement.replyText == "nobody")
    let unsendable = settled(try mail(), .unsendable(reason: "no such variable"))
    #expect(unsendable.settlement.result == .failed && unsendable.event == .failed)
    #expect(reason(unsendable) == "no such variable")
    #expect(unsendable.settlement.replyText == "no such variable")
  }

  @Test(arguments: [(1, 10.0), (2, 100), (3, 1000), (9, 1000)])
  func `what is put off comes after the delay of its attempt`(attempt: Int, delay: Double) throws {
    let delays: [Duration] = [.seconds(10), .seconds(100), .seconds(1000)]
    for verdict in [Verdict.deferred, .ambiguous] {
      let settled = settled(try mail(attempt: attempt, deadline: 5000), verdict, .later, delays: delays)
      let due = try #require(until(settled))
      #expect((0.8 * delay...1.2 * delay).contains(due.timeIntervalSince(noon)))
      #expect(settled.event == (verdict == .deferred ? .deferred : .ambiguous))
      #expect(
        settled.settlement.result == (verdict == .deferred ? .deferred(until: due) : .ambiguous(until: due)))
      #expect(settled.settlement.replyText == "later")
    }
  }

  @Test func `what is put off beyond its deadline ends`() throws {
    let expired = settled(try mail(deadline: 5), .deferred, .later)
    #expect(expired.settlement.result == .expired && expired.event == .expired && isRemoved(expired))
    #expect(expired.settlement.replyText == "the relay put it off until its deadline: 451 4.7.1 later")
    let lost = settled(try mail(deadline: 5), .deferred)
    #expect(lost.settlement.replyText == "the relay put it off until its deadline: connection lost")
    let doubtful = settled(try mail(deadline: 5), .ambiguous)
    #expect(doubtful.settlement.result == .ambiguous(until: nil) && doubtful.event == .failed)
    #expect(reason(doubtful)?.contains("the deadline left no second try; the mail may have arrived") == true)
    #expect(doubtful.settlement.replyText == reason(doubtful))
  }

  @Test func `a second silence ends it`() throws {
    let twice = settled(try mail(attempt: 2, isRepeated: true), .ambiguous)
    #expect(twice.settlement.result == .ambiguous(until: nil) && twice.event == .failed)
    #expect(reason(twice)?.contains("twice; the mail may have arrived") == true)
    #expect(twice.settlement.replyText == reason(twice))
    // What is put off once more is no silence.
    #expect(until(settled(try mail(attempt: 2, isRepeated: true), .deferred)) != nil)
  }

  @Test func `what no lane began goes back`() throws {
    let released = settled(try mail(), .untouched)
    guard case .released = released.place else {
      Issue.record("\(released.place)")
      return
    }
    #expect(released.settlement.result == .released)
    let empty = Settled(
      try mail(), DeliveryReport(verdict: .untouched), schedule: RetrySchedule(delays: []), at: noon)
    #expect(empty.settlement.relay == nil)
  }
}
