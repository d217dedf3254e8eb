internal import CodeRequests
internal import Foundation
internal import MessageComposition
internal import MessageTemplates
internal import PasscodeVerifier
internal import RequestSpool
internal import SMTPDelivery

/// A mail on its way: an admitted request with its passcode, rendered by the lane that sends it, right before it
/// does. It lives in memory only.
///
/// Where rendering or composing fails the mail is `unsendable`: the request ends as failed with that reason,
/// nothing goes out.
struct PasscodeMail: OutgoingMail {
  let prepared: PreparedRequest
  let ticket: Ticket
  let stationery: Stationery

  var sender: EmailAddress { stationery.envelopeSender }
  var recipient: EmailAddress { prepared.request.recipient }
  var deadline: Date { prepared.deadline }
  var confidential: [String] { [ticket.passcode.reveal(), recipient.rawValue] }

  func message() throws -> [UInt8] {
    try stationery.message(for: prepared, ticket: ticket)
  }
}
