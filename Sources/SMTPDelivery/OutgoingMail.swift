package import CodeRequests
package import FoundationEssentials
package import LinuxSystem

/// A mail that a lane can deliver: one sender, one recipient. A reference, since it is handed from thread to thread.
package protocol OutgoingMail: AnyObject, Sendable {
  /// The envelope's sender: where bounces go.
  var sender: EmailAddress { get }
  /// The envelope's one recipient.
  var recipient: EmailAddress { get }
  /// After this the mail is not begun any more; its report says `expired`.
  var deadline: Date { get }
  /// Texts that must not stand in a kept reply, such as the passcode. Beyond these, whatever looks like a
  /// passcode or an address is taken out anyway.
  var confidential: [String] { get }
  /// What it has been through on its way, for whoever holds the mail. One thread at a time does, and each sees what the
  /// one before it wrote.
  func withPassage<Result>(_ body: (inout MailPassage) -> Result) -> Result
  /// Writes the message as it goes out, CRLF line ends, not dot-stuffed, into `content`, which is empty. Called by the
  /// lane, right before it begins; an error makes the mail `unsendable`.
  func writeMessage(into content: inout ByteBuffer) throws
}

extension OutgoingMail {
  package var confidential: [String] { [] }
}
