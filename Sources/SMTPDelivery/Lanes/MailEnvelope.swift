internal import CodeRequests
internal import LinuxSystem

/// The commands that open a transaction, ready to be sent at once or one by one.
struct MailEnvelope: ~Copyable {
  private(set) var bytes = ByteBuffer(capacity: 768)
  /// Where RCPT begins, and where DATA does.
  private(set) var recipientStart = 0
  private(set) var dataStart = 0

  /// Writes MAIL, RCPT and DATA. The addresses have passed the strict parser, so they cannot hold a line end, and a `>`
  /// or a space only inside a quoted local part (RFC 5321 4.1.2): nothing is read as a parameter or a command.
  ///
  /// - Parameters:
  ///   - size: of the message with CRLF line ends, before dot-stuffing (RFC 1870 6).
  ///   - isInternational: an address needs SMTPUTF8.
  mutating func write(
    sender: EmailAddress, recipient: EmailAddress, size: Int, isEightBit: Bool, isInternational: Bool,
    features: RelayFeatures
  ) {
    bytes.removeAll()
    bytes.append(literal: "MAIL FROM:<")
    bytes.append(sender.rawValue)
    bytes.append(literal: ">")
    if features.hasSize {
      bytes.append(literal: " SIZE=")
      bytes.append(decimal: size)
    }
    if features.has8BitMIME, isEightBit || isInternational { bytes.append(literal: " BODY=8BITMIME") }
    if isInternational { bytes.append(literal: " SMTPUTF8") }
    bytes.append(literal: "\r\n")
    recipientStart = bytes.count
    bytes.append(literal: "RCPT TO:<")
    bytes.append(recipient.rawValue)
    bytes.append(literal: ">\r\n")
    dataStart = bytes.count
    bytes.append(literal: "DATA\r\n")
  }
}
