package import CodeRequests
package import FoundationEssentials
package import LinuxSystem
internal import Synchronization

/// A mail that no request stands behind: its message is there already, and nobody asks later what became of it.
package final class ReadyMail: OutgoingMail {
  package let sender: EmailAddress
  package let recipient: EmailAddress
  package let deadline: Date
  private let bytes: [UInt8]
  private let passage = Mutex(MailPassage())

  package init(
    sender: EmailAddress, recipient: EmailAddress, deadline: Date = .distantFuture, bytes: [UInt8]
  ) {
    self.sender = sender
    self.recipient = recipient
    self.deadline = deadline
    self.bytes = bytes
  }

  package func withPassage<Result>(_ body: (inout MailPassage) -> Result) -> Result {
    passage.withLock { body(&$0) }
  }

  package func writeMessage(into content: inout ByteBuffer) { content.append(bytes) }
}
