internal import CodeRequests
internal import FoundationEssentials
internal import LinuxSystem
internal import Records
internal import SMTPDelivery
internal import Synchronization

/// A mail on its way: an admitted request with its passcode, rendered by the lane that sends it, right before it
/// does. It lives in memory only.
///
/// On failure: where rendering or composing fails the mail is `unsendable`: the request ends as failed with that reason,
/// nothing goes out.
package final class PasscodeMail: OutgoingMail {
  let prepared: PreparedRequest
  let ticket: Ticket
  /// It may have arrived already: the relay fell silent after the final dot of the last try.
  let isRepeated: Bool
  /// It was cancelled while it waited for a lane.
  let isCancelled: Bool
  private let passage: Mutex<MailPassage>

  /// - Parameter doubtfulAt: the relay that may have taken it in the last try.
  init(
    prepared: PreparedRequest, ticket: Ticket, isRepeated: Bool, isCancelled: Bool = false,
    doubtfulAt: Int? = nil
  ) {
    passage = Mutex(MailPassage(doubtfulAt: doubtfulAt))
    self.prepared = prepared
    self.ticket = ticket
    self.isRepeated = isRepeated
    self.isCancelled = isCancelled
  }

  var cancelled: PasscodeMail {
    PasscodeMail(prepared: prepared, ticket: ticket, isRepeated: isRepeated, isCancelled: true)
  }

  var sender: EmailAddress { prepared.letterhead.envelopeSender }
  var recipient: EmailAddress { prepared.request.recipient }
  var deadline: Date { ticket.deadline }
  var confidential: [String] {
    // A relay may repeat a quoted local part without its quotes. One of a letter or two is in every word.
    let spoken = recipient.unquotedLocalPart.flatMap { $0.utf8.count > 2 ? $0 : nil }
    return [ticket.passcode.reveal(), recipient.rawValue] + (spoken.map { [recipient.localPart, $0] } ?? [])
  }

  func withPassage<Result>(_ body: (inout MailPassage) -> Result) -> Result {
    passage.withLock { body(&$0) }
  }

  func writeMessage(into content: inout ByteBuffer) throws {
    try prepared.letterhead.write(prepared, ticket, into: &content)
  }
}
