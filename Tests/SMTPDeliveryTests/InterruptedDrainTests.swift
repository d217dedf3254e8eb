import CodeRequests
import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import SMTPDelivery

/// A drain of 20,000 while the relay is cut off and comes back, again and again, with mails in every stage.
@Suite(.waits) struct InterruptedDrainTests {
  private struct Fate: Sendable {
    var sent = 0
    var ambiguous = 0
  }
  private struct Tally: Sendable {
    var fates: [Fate]
    var done = 0
    var deferred = 0
    var others: [Verdict] = []
    var downs = 0
  }

  @Test func `stopping and starting the relay loses no mail of 20,000, and doubles ambiguous ones alone`()
    throws
  {
    let count = 20_000
    let stops = 12
    let relay = try CountingRelay()
    let tally = Monitor(Tally(fates: Array(repeating: Fate(), count: count)))
    let settings = try RelaySettings(url: relay.url, security: .plaintext, lanes: 8, timing: testTiming())
    // What is to be sent again has room, so that a lane never waits for itself.
    let mails = BoundedQueue<NumberedMail>(capacity: count)
    let dispatcher = try RelayDispatcher(
      relays: [settings], mails: mails,
      report: { (mail: NumberedMail, report: DeliveryReport) in
        let isAgain = tally.change { tally in
          switch report.verdict {
          case .sent:
            tally.fates[mail.number].sent += 1
            tally.done += 1
            return false
          case .ambiguous:
            tally.fates[mail.number].ambiguous += 1
            return true
          case .deferred:
            tally.deferred += 1
            return true
          default:
            tally.others.append(report.verdict)
            return false
          }
        }
        if isAgain { mails.push(mail) }
      }, event: { event in if event.down != nil { tally.change { $0.downs += 1 } } })
    try dispatcher.start()
    for number in 0..<count { mails.push(try NumberedMail(number)) }
    for stop in 1...stops {
      #expect(relay.wait(forTaken: count * stop / (stops + 1)))
      let downs = tally.withLock { $0.downs }
      relay.cut()
      // Each third time it is away until the lanes have seen that.
      if stop % 3 == 0 {
        #expect(tally.wait(timeout: patience) { $0.downs > downs ? true : nil } == true)
      }
      try relay.start()
    }
    let isDone = tally.wait(timeout: patience) { $0.done >= count ? true : nil }
    #expect(isDone == true)
    dispatcher.finish(grace: patience)

    let result = tally.withLock { $0 }
    #expect(result.others.isEmpty)
    #expect(result.fates.allSatisfy { $0.sent == 1 })
    let taken = relay.taken
    #expect(taken.count == count)
    var doubled = 0
    for (number, fate) in result.fates.enumerated() {
      let copies = taken["guest\(number)@example.org"] ?? 0
      doubled += max(0, copies - 1)
      if copies < 1 || copies > 1 + fate.ambiguous {
        Issue.record("mail \(number) was taken \(copies) times and was ambiguous \(fate.ambiguous) times")
      }
    }
    let ambiguous = result.fates.map(\.ambiguous).reduce(0, +)
    #expect(doubled <= ambiguous)
    // Each stop can catch every lane with one mail in hand, and one behind it that is never in doubt.
    #expect(ambiguous <= stops * 8)
    #expect(ambiguous + result.deferred > 0, "no stop hit a mail in flight")
    relay.cut()
  }
}

/// A mail that is known by its recipient.
private final class NumberedMail: OutgoingMail {
  let number: Int
  let sender: EmailAddress
  let recipient: EmailAddress
  let deadline = Date.distantFuture
  private let passage = Monitor(MailPassage())

  init(_ number: Int) throws {
    self.number = number
    sender = Self.sender
    recipient = try EmailAddress("guest\(number)@example.org")
  }

  private static let sender = try! EmailAddress("no-reply@fabrikam.example", field: "sender")
  private static let content = Array(
    ("Subject: code\r\n\r\n" + String(repeating: "Hello, this is a mail of some length.\r\n.\r\n", count: 15))
      .utf8)

  func withPassage<Result>(_ body: (inout MailPassage) -> Result) -> Result {
    passage.withLock { body(&$0) }
  }

  func writeMessage(into content: inout ByteBuffer) { content.append(Self.content) }
}
