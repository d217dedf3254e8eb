internal import CodeRequests
internal import LinuxSystem

/// One mail on its way through a connection. A lane has two and uses them again, for their buffers.
final class Transaction<Mail: OutgoingMail> {
  /// Why a mail cannot be begun on this relay.
  enum Obstacle {
    case unsendable(String)
    case noSMTPUTF8
  }

  private(set) var mail: Mail?
  private(set) var envelope = MailEnvelope()
  /// Dot-stuffed, with the final dot; the next mail's envelope may be put behind it.
  var content = ByteBuffer(capacity: 16 * 1024)
  private(set) var contentEnd = 0
  private var size = 0
  private var isEightBit = false
  /// MAIL, RCPT and DATA went out together with the mail before.
  var isEnvelopeSent = false
  /// The connection had carried or waited for something before this mail's MAIL.
  var isReused = false
  var outOfStepCount = 0
  var beganAt = Duration.zero
  var times = DeliveryTimes()

  var redaction: ReplyRedaction {
    ReplyRedaction(recipient: mail?.recipient, confidential: mail?.confidential ?? [])
  }

  /// Takes a mail and builds its message.
  ///
  /// - Returns: why it cannot be sent.
  func load(_ mail: Mail) -> Obstacle? {
    self.mail = mail
    isEnvelopeSent = false
    isReused = false
    outOfStepCount = 0
    times = DeliveryTimes()
    do {
      (size, isEightBit) = try Self.write(mail, into: &content)
      FailPoint.mailRendered.pass()
    } catch {
      return .unsendable(redaction.redact("\(error)"))
    }
    contentEnd = content.count
    return nil
  }

  private static func write(
    _ mail: Mail, into content: inout ByteBuffer
  ) throws -> (size: Int, isEightBit: Bool) {
    content.removeAll()
    try mail.writeMessage(into: &content)
    return (content.count, try stuffDots(of: &content))
  }

  /// Writes the envelope as this relay wants it.
  func address(to features: RelayFeatures) -> Obstacle? {
    guard let mail else { return nil }
    let (sender, recipient) = (mail.sender, mail.recipient)
    let isInternational = sender.needsSMTPUTF8 || recipient.needsSMTPUTF8
    if isInternational, !features.hasSMTPUTF8 { return .noSMTPUTF8 }
    if isEightBit, !features.has8BitMIME {
      return .unsendable("the message holds bytes above 127, and the relay does not offer 8BITMIME")
    }
    if let limit = features.maxSize, size > limit {
      return .unsendable("the message has \(size) bytes; the relay takes at most \(limit)")
    }
    envelope.write(
      sender: sender, recipient: recipient, size: size, isEightBit: isEightBit,
      isInternational: isInternational, features: features)
    return nil
  }

  /// Takes the mail out, and whatever was put behind its content.
  func clear() -> Mail? {
    defer { mail = nil }
    return mail
  }
}
