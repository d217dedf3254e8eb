package import FoundationEssentials

/// A mail, a recipient or a login that the sink did not take, whatever the reason: what a tester looks for whose mail does not
/// come.
package struct SinkRefusal: Sendable {
  package enum Stage: String, Sendable {
    case auth, mail, rcpt, data, message

    /// `RCPT`, `the final dot`.
    package var words: String { self == .message ? "the final dot" : rawValue.uppercased() }
  }

  package let stage: Stage
  /// Without its CRLF; nil where the connection was closed without one.
  package let reply: String?
  /// The envelope sender, as far as it was said.
  package let sender: String?
  /// The recipient that was refused, or those of the message.
  package let recipients: [String]
  /// Whom AUTH did not let in.
  package let user: String?
  package let client: String
  package let time: Date
}

extension SMTPSession {
  /// Runs a part of the dialogue, and tells what of a mail it refused.
  ///
  /// - Parameter argument: of MAIL or RCPT, for its address.
  mutating func telling(
    _ stage: SinkRefusal.Stage, _ argument: UnsafeRawBufferPointer? = nil, _ body: (inout SMTPSession) -> Void
  ) {
    guard let onRefusal = room.onRefusal else { return body(&self) }
    let start = output.count
    // A transaction that is refused may be over afterwards.
    var (sender, recipients) = (envelope.isOpen ? envelope.senderText : nil, envelope.recipients)
    refusedUser = nil
    body(&self)
    let reply = output[start...]
    let isDropped = ending == .drop
    guard isDropped || reply.first == UInt8(ascii: "4") || reply.first == UInt8(ascii: "5") else { return }
    switch stage {
    case .mail: sender = argument.map(Self.address)
    case .rcpt: recipients = argument.map { [Self.address($0)] } ?? []
    case .auth: (sender, recipients) = (nil, [])
    case .data, .message: break
    }
    onRefusal(
      SinkRefusal(
        stage: stage,
        reply: isDropped ? nil : String(decoding: reply.prefix { $0 != 0x0D }, as: UTF8.self), sender: sender,
        recipients: recipients, user: refusedUser, client: client, time: Date()))
  }

  /// What stands between the brackets of `FROM:<a@b.example> SIZE=1`; all of it where there are none.
  private static func address(_ argument: UnsafeRawBufferPointer) -> String {
    let inside = argument.drop { $0 != UInt8(ascii: "<") }.dropFirst().prefix { $0 != UInt8(ascii: ">") }
    return String(decoding: (inside.isEmpty ? argument[...] : inside).prefix(320), as: UTF8.self)
  }
}
