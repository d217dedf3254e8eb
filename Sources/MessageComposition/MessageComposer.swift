package import CodeRequests
package import Foundation

/// Makes the bytes of a message (RFC 5322, MIME) from its parts: `multipart/alternative`, the text before the HTML,
/// lines of at most 76 characters that end in CRLF. The same input gives the same bytes.
///
/// Ready to follow DATA but for dot-stuffing, which belongs to SMTP.
package struct MessageComposer: Sendable {
  package let sender: Mailbox
  private let from: [UInt8]
  private let replyTo: [UInt8]
  private let feedback: [UInt8]

  /// - Parameters:
  ///   - replyTo: where answers go; nil leaves the header out.
  ///   - feedbackID: Gmail's Feedback-ID, such as `sign-in:fabrikam:passcode:fabrikam`.
  package init(sender: Mailbox, replyTo: Mailbox? = nil, feedbackID: String? = nil) throws(CompositionFault) {
    self.sender = sender
    var from: [UInt8] = []
    try HeaderWriter.writeMailbox("From", sender, field: "sender.name", to: &from)
    self.from = from
    var reply: [UInt8] = []
    if let replyTo { try HeaderWriter.writeMailbox("Reply-To", replyTo, field: "replyTo.name", to: &reply) }
    self.replyTo = reply
    var feedback: [UInt8] = []
    if let feedbackID {
      try HeaderWriter.writeText("Feedback-ID", feedbackID, field: "feedbackID", to: &feedback)
    }
    self.feedback = feedback
  }

  /// Composes one message.
  ///
  /// - Parameters:
  ///   - text: UTF-8 with LF line ends; likewise `html`.
  ///   - language: a BCP 47 tag.
  ///   - messageID: what stands before the `@` of the Message-ID; the sender's domain follows. The same on every
  ///     attempt, so that a mailbox can drop the second copy.
  ///   - entityRef: unique for each message, so that Gmail does not fold a second code under the first.
  package func compose(
    subject: String, text: [UInt8], html: [UInt8], language: String, to recipient: EmailAddress,
    messageID: String, entityRef: String, date: Date
  ) throws(CompositionFault) -> [UInt8] {
    try compose(
      subject: subject, text: EncodedBody(text), html: EncodedBody(html), language: language, to: recipient,
      messageID: messageID, entityRef: entityRef, date: date)
  }

  /// The same from bodies that are encoded already.
  package func compose(
    subject: String, text: EncodedBody, html: EncodedBody, language: String, to recipient: EmailAddress,
    messageID: String, entityRef: String, date: Date
  ) throws(CompositionFault) -> [UInt8] {
    try Self.checkToken(messageID, "messageID")
    try Self.checkToken(entityRef, "entityRef")
    try Self.checkToken(language, "language")
    var output: [UInt8] = []
    output.reserveCapacity(1024 + from.count + subject.utf8.count * 3)
    output.append(contentsOf: from)
    HeaderWriter.write("To", recipient.rawValue, to: &output)
    try HeaderWriter.writeText("Subject", subject, field: "subject", to: &output)
    HeaderWriter.writeDate(date, to: &output)
    output.append(contentsOf: "Message-ID: <".utf8)
    output.append(contentsOf: messageID.utf8)
    output.append(UInt8(ascii: "@"))
    output.append(contentsOf: sender.address.domain.utf8)
    output.append(contentsOf: ">\r\n".utf8)
    output.append(contentsOf: replyTo)
    output.append(contentsOf: "MIME-Version: 1.0\r\nContent-Language: ".utf8)
    output.append(contentsOf: language.utf8)
    // RFC 3834: keeps vacation responders quiet.
    output.append(contentsOf: "\r\nAuto-Submitted: auto-generated\r\nX-Entity-Ref-ID: ".utf8)
    output.append(contentsOf: entityRef.utf8)
    HeaderWriter.endLine(&output)
    output.append(contentsOf: feedback)
    // "=_" occurs in no quoted-printable text, where "=" stands before a hexadecimal digit or a line end, and in no
    // base64 text, so the boundary cannot occur in a part. RFC 2046 5.1.1 allows 70 characters.
    var boundary = Array("=_".utf8)
    boundary.append(contentsOf: entityRef.utf8.prefix(60))
    output.append(contentsOf: "Content-Type: multipart/alternative;\r\n boundary=\"".utf8)
    output.append(contentsOf: boundary)
    output.append(contentsOf: "\"\r\n\r\n".utf8)
    return Self.message(output, boundary, text: text, html: html)
  }

  /// The headers, then both parts between boundaries, written once into room that holds them.
  private static func message(
    _ headers: [UInt8], _ boundary: [UInt8], text: EncodedBody, html: EncodedBody
  ) -> [UInt8] {
    let overhead = 3 * (boundary.count + 128)
    let capacity = headers.count + text.bytes.count + html.bytes.count + overhead
    return [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      let start = buffer.baseAddress!
      var end = start
      func write(_ string: StaticString) {
        end.update(from: string.utf8Start, count: string.utf8CodeUnitCount)
        end += string.utf8CodeUnitCount
      }
      func write(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer {
          if let base = $0.baseAddress { end.update(from: base, count: $0.count) }
        }
        end += bytes.count
      }
      write(headers)
      func write(_ body: EncodedBody, as subtype: StaticString) {
        write("--")
        write(boundary)
        write("\r\nContent-Type: text/")
        write(subtype)
        write("; charset=utf-8\r\nContent-Transfer-Encoding: ")
        write(body.kind.name)
        write("\r\n\r\n")
        write(body.bytes)
        // The line end before a boundary belongs to the boundary (RFC 2046 5.1.1).
        write("\r\n")
      }
      write(text, as: "plain")
      write(html, as: "html")
      write("--")
      write(boundary)
      write("--\r\n")
      count = end - start
      precondition(count <= capacity, "a message is larger than was reckoned")
    }
  }

  /// Letters, digits and `-_.+`: a value that needs no quoting anywhere.
  private static func checkToken(_ value: String, _ field: String) throws(CompositionFault) {
    guard !value.isEmpty, value.utf8.count <= 128 else {
      throw CompositionFault(
        code: "bad-token", field: field, "has \(value.utf8.count) characters; expected 1 to 128")
    }
    var value = value
    let isToken = value.withUTF8 { $0.allSatisfy(Self.isOfToken) }
    if !isToken {
      throw CompositionFault(
        code: "bad-token", field: field, "holds a character other than A-Z a-z 0-9 - _ . +")
    }
  }

  private static func isOfToken(_ byte: UInt8) -> Bool {
    let bits = byte < 64 ? tokenBits.low : byte < 128 ? tokenBits.high : 0
    return bits >> (byte & 63) & 1 == 1
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
