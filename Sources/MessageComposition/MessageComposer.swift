package import CodeRequests
package import FoundationEssentials
package import LinuxSystem

/// Makes the bytes of a message (RFC 5322, MIME) from its parts: `multipart/alternative`, the text before the HTML,
/// lines of at most 76 characters that end in CRLF. The same input gives the same bytes.
///
/// Ready to follow DATA but for dot-stuffing, which belongs to SMTP.
package struct MessageComposer: Sendable {
  /// What is the same in all messages, in one piece each: up to the recipient's address; from the Message-ID's `@` to the
  /// language; from behind the entity's reference to the boundary.
  private let beforeRecipient: [UInt8]
  private let beforeLanguage: [UInt8]
  private let beforeBoundary: [UInt8]

  /// - Parameters:
  ///   - replyTo: where answers go; nil leaves the header out.
  ///   - feedbackID: Gmail's Feedback-ID, such as `sign-in:fabrikam:passcode:fabrikam`.
  package init(sender: Mailbox, replyTo: Mailbox? = nil, feedbackID: String? = nil) throws(CompositionFault) {
    var fields = ByteBuffer(capacity: 1024)
    try HeaderWriter.writeMailbox("From", sender, field: "sender.name", to: &fields)
    fields.append(literal: "To: ")
    beforeRecipient = [UInt8](fields)
    fields.removeAll()
    fields.append(literal: "@")
    fields.append(sender.address.domain)
    fields.append(literal: ">\r\n")
    if let replyTo {
      try HeaderWriter.writeMailbox("Reply-To", replyTo, field: "replyTo.name", to: &fields)
    }
    fields.append(literal: "MIME-Version: 1.0\r\nContent-Language: ")
    beforeLanguage = [UInt8](fields)
    fields.removeAll()
    HeaderWriter.endLine(&fields)
    if let feedbackID = feedbackID.map({ Array($0.utf8) }) {
      try feedbackID.withUnsafeBufferPointer { text throws(CompositionFault) in
        try HeaderWriter.writeText("Feedback-ID", text, field: "feedbackID", to: &fields)
      }
    }
    fields.append(literal: "Content-Type: multipart/alternative;\r\n boundary=\"=_")
    beforeBoundary = [UInt8](fields)
  }

  /// Composes one message to the end of `output`, from a subject in UTF-8 and bodies that are encoded as they are
  /// written.
  ///
  /// - Parameters:
  ///   - language: a BCP 47 tag.
  ///   - messageID: what stands before the `@` of the Message-ID; the sender's domain follows. The same on every
  ///     attempt, so that a mailbox can drop the second copy.
  ///   - entityRef: unique for each message, so that Gmail does not fold a second code under the first.
  ///   - text: writes an `EncodedBody`; likewise `html`.
  /// - Throws: a fault; `output` then holds a part of the message.
  package func compose(
    subject: UnsafeBufferPointer<UInt8>, language: String, to recipient: EmailAddress, messageID: String,
    entityRef: String, date: Date, into output: inout ByteBuffer, text: (inout ByteBuffer) -> Void,
    html: (inout ByteBuffer) -> Void
  ) throws(CompositionFault) {
    try Self.checkToken(messageID, "messageID")
    try Self.checkToken(entityRef, "entityRef")
    try Self.checkToken(language, "language")
    output.append(beforeRecipient)
    output.append(recipient.rawValue)
    HeaderWriter.endLine(&output)
    try HeaderWriter.writeText("Subject", subject, field: "subject", to: &output)
    HeaderWriter.writeDate(date, to: &output)
    output.append(literal: "Message-ID: <")
    output.append(messageID)
    output.append(beforeLanguage)
    output.append(language)
    // RFC 3834: keeps vacation responders quiet.
    output.append(literal: "\r\nAuto-Submitted: auto-generated\r\nX-Entity-Ref-ID: ")
    output.append(entityRef)
    output.append(beforeBoundary)
    // "=_" occurs in no quoted-printable text, where "=" stands before a hexadecimal digit or a line end, and in no
    // base64 text, so the boundary cannot occur in a part. RFC 2046 5.1.1 allows 70 characters.
    let boundary =
      entityRef.utf8.count <= 60 ? entityRef : String(decoding: entityRef.utf8.prefix(60), as: UTF8.self)
    output.append(boundary)
    output.append(literal: "\"\r\n\r\n--=_")
    output.append(boundary)
    output.append(literal: "\r\nContent-Type: text/plain; charset=utf-8\r\n")
    text(&output)
    // The line end before a boundary belongs to the boundary (RFC 2046 5.1.1).
    output.append(literal: "\r\n--=_")
    output.append(boundary)
    output.append(literal: "\r\nContent-Type: text/html; charset=utf-8\r\n")
    html(&output)
    output.append(literal: "\r\n--=_")
    output.append(boundary)
    output.append(literal: "--\r\n")
  }

  /// Letters, digits and `-_.+`: a value that needs no quoting anywhere.
  private static func checkToken(_ value: String, _ field: String) throws(CompositionFault) {
    guard !value.isEmpty, value.utf8.count <= 128 else {
      throw CompositionFault(
        code: "bad-token", field: field, "has \(value.utf8.count) characters; expected 1 to 128")
    }
    let (low, high) = tokenBits
    var value = value
    let isToken = value.withUTF8 {
      $0.allSatisfy { byte in
        let bits = byte < 64 ? low : byte < 128 ? high : 0
        return bits >> (byte & 63) & 1 == 1
      }
    }
    if !isToken {
      throw CompositionFault(
        code: "bad-token", field: field, "holds a character other than A-Z a-z 0-9 - _ . +")
    }
  }

  /// For each character of ASCII whether it may stand in a token, the first 64 in `low`.
  private static let tokenBits: (low: UInt64, high: UInt64) = {
    var bits: (low: UInt64, high: UInt64) = (0, 0)
    for byte in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.+".utf8 {
      if byte < 64 { bits.low |= 1 << byte } else { bits.high |= 1 << (byte - 64) }
    }
    return bits
  }()
}
