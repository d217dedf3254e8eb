internal import CodeRequests
internal import FoundationEssentials
internal import MessageTemplates
internal import Records
internal import SMTPDelivery

/// What a delivery report means for its request: the settlement for the records, and where the file goes.
///
/// On failure: decided once for each report and never again, so that a commit that is tried again, or that stood
/// although it said otherwise, records the same.
package final class Settled: Sendable {
  enum FilePlace: Sendable {
    case removed
    case failed(reason: String)
    case deferred(until: Date)
    case released
  }

  let settlement: Settlement
  let place: FilePlace
  let event: LogEvent.Name

  init(_ mail: PasscodeMail, _ report: DeliveryReport, schedule: RetrySchedule, at time: Date) {
    let attempt = mail.ticket.attempt
    func next() -> Date? {
      schedule.next(after: attempt, now: time, deadline: mail.deadline, chance: .random(in: 0...1))
    }
    var reason: String?
    let result: Settlement.Result
    switch report.verdict {
    case .sent: (result, place, event) = (.sent, .removed, .sent)
    case .failed:
      (result, place, event) = (
        .failed, .failed(reason: "the relay refused it: \(report.reply.map { "\($0)" } ?? "")"), .failed
      )
    case .unsendable(let why):
      reason = why
      (result, place, event) = (.failed, .failed(reason: why), .failed)
    case .deferred:
      if let due = next() {
        (result, place, event) = (.deferred(until: due), .deferred(until: due), .deferred)
      } else {
        reason =
          "the relay put it off until its deadline: \(report.reply.map { "\($0)" } ?? "connection lost")"
        (result, place, event) = (.expired, .removed, .expired)
      }
    case .ambiguous:
      // Sent again once: a second silence ends it, since each copy may have arrived.
      if mail.isRepeated {
        let why = "the relay fell silent after the final dot, twice; the mail may have arrived"
        reason = why
        (result, place, event) = (.ambiguous(until: nil), .failed(reason: why), .failed)
      } else if let due = next() {
        (result, place, event) = (.ambiguous(until: due), .deferred(until: due), .ambiguous)
      } else {
        let why =
          "the relay fell silent after the final dot, and the deadline left no second try; the mail may have arrived"
        reason = why
        (result, place, event) = (.ambiguous(until: nil), .failed(reason: why), .failed)
      }
    case .expired: (result, place, event) = (.expired, .removed, .expired)
    case .untouched where mail.isCancelled: (result, place, event) = (.cancelled, .removed, .cancelled)
    case .untouched: (result, place, event) = (.released, .released, .deferred)
    }
    settlement = Settlement(
      requestKey: mail.ticket.requestKey, audited: mail.ticket.audited, result: result,
      replyCode: report.reply?.code,
      enhancedCode: report.reply?.enhanced?.description, replyText: reason ?? report.reply?.text,
      relay: report.relay.isEmpty ? nil : report.relay, locale: mail.prepared.template.locale.rawValue,
      at: time)
  }
}
