internal import CodeRequests
internal import Foundation
internal import LinuxSystem
internal import SMTPDelivery
internal import Synchronization

/// A mail that no request stands behind: its message is there already, and nobody asks what became of it later.
final class SampleMail: OutgoingMail {
  let sender: EmailAddress
  let recipient: EmailAddress
  let deadline: Date
  private let bytes: [UInt8]
  private let passage = Mutex(MailPassage())

  init(sender: EmailAddress, recipient: EmailAddress, deadline: Date, bytes: [UInt8]) {
    self.sender = sender
    self.recipient = recipient
    self.deadline = deadline
    self.bytes = bytes
  }

  func withPassage<Result>(_ body: (inout MailPassage) -> Result) -> Result {
    passage.withLock { body(&$0) }
  }

  func writeMessage(into content: inout ByteBuffer) { content.append(bytes) }
}
