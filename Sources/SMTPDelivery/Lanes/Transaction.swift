internal import CodeRequests
internal import LinuxSystem

/// One mail on its way through a connection. A lane has two and uses them again, for their buffers.
final class Transaction<Mail: OutgoingMail> {
  /// Why a mail cannot be begun on this relay.
  enum Obstacle {
    /// Its bytes are not what this relay takes.
    case unfit(String)
    case noSMTPUTF8

    /// What the relay would have said.
    var reply: Reply? {
      switch self {
      case .unfit: nil
      case .noSMTPUTF8:
        Reply(
          code: 553, enhanced: EnhancedStatus(5, 6, 7),
          text: "not asked: the address needs SMTPUTF8, which this relay does not offer")
      }
    }
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
  /// How many mails its connection had taken before.
  var mailsBefore = 0
  /// How many a connection had carried on which this mail was put off, and whether the relay said that this was why.
  var suspectedLimit: (count: Int, isClear: Bool)?
  var beganAt = Duration.zero
  var times = DeliveryTimes()

  var redaction: ReplyRedaction {
    ReplyRedaction(recipient: mail?.recipient, confidential: mail?.confidential ?? [])
  }

  /// Takes a mail and builds its message.
  ///
  /// - Returns: why it cannot be sent, to whatever relay.
  func load(_ mail: Mail) -> String? {
    self.mail = mail
    isEnvelopeSent = false
    isReused = false
    outOfStepCount = 0
    mailsBefore = 0
    suspectedLimit = nil
    times = DeliveryTimes()
    do {
      (size, isEightBit) = try Self.write(mail, into: &content)
      FailPoint.mailRendered.pass()
    } catch {
      return redaction.redact("\(error)")
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
      return .unfit("the message holds bytes above 127, and the relay does not offer 8BITMIME")
    }
    if let limit = features.maxSize, size > limit {
      return .unfit("the message has \(size) bytes; the relay takes at most \(limit)")
    }
    envelope.write(
      sender: sender, recipient: recipient, size: size, isEightBit: isEightBit,
      isInternational: isInternational, features: features)
    return nil
  }

  /// What rode behind the message does so no more.
  func unload() { content.removeLast(to: contentEnd) }

  /// Takes the mail out, and whatever was put behind its content. What is left of its message is overwritten.
  func clear() -> Mail? {
    content.overwrite()
    contentEnd = 0
    defer { mail = nil }
    return mail
  }
}
