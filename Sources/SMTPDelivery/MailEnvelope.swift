internal import CodeRequests

/// The commands that open a transaction, ready to be sent at once or one by one.
struct MailEnvelope {
  private(set) var bytes: [UInt8] = []
  /// Where RCPT begins, and where DATA does.
  private(set) var recipientStart = 0
  private(set) var dataStart = 0

  init() { bytes.reserveCapacity(768) }

  /// Writes MAIL, RCPT and DATA. The addresses have passed the strict parser, so they cannot hold a `>`, a space or
  /// a line end that would be read as a parameter or a command.
  ///
  /// - Parameter size: of the message with CRLF line ends, before dot-stuffing (RFC 1870 6).
  mutating func write(
    sender: EmailAddress, recipient: EmailAddress, size: Int, isEightBit: Bool, features: RelayFeatures
  ) {
    bytes.removeAll(keepingCapacity: true)
    bytes += "MAIL FROM:<".utf8
    append(sender)
    bytes += ">".utf8
    if features.hasSize {
      bytes += " SIZE=".utf8
      append(size)
    }
    let isInternational = sender.needsSMTPUTF8 || recipient.needsSMTPUTF8
    if features.has8BitMIME, isEightBit || isInternational { bytes += " BODY=8BITMIME".utf8 }
    if isInternational { bytes += " SMTPUTF8".utf8 }
    bytes += "\r\n".utf8
    recipientStart = bytes.count
    bytes += "RCPT TO:<".utf8
    append(recipient)
    bytes += ">\r\n".utf8
    dataStart = bytes.count
    bytes += "DATA\r\n".utf8
  }

  private mutating func append(_ address: EmailAddress) {
    bytes += address.localPart.utf8
    bytes.append(UInt8(ascii: "@"))
    bytes += address.domain.utf8
  }

  private mutating func append(_ number: Int) {
    var divisor = 1
    while number / divisor >= 10 { divisor *= 10 }
    while divisor > 0 {
      bytes.append(0x30 + UInt8(number / divisor % 10))
      divisor /= 10
    }
  }
}
