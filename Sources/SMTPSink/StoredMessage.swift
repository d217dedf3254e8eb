internal import CodeRequests
package import FoundationEssentials

/// What a store tells about a message: `<n>.json`, and with it where `<n>.eml` lies.
package struct StoredMessage: Sendable, Codable, Equatable {
  package let number: Int
  /// The message itself. In the file the bare name; a path once a store has read it.
  package internal(set) var file: String
  /// The envelope sender; empty for the null sender.
  package let from: String
  /// The recipient that was asked for, or else the first one of the envelope.
  package internal(set) var to: String
  /// All recipients of the envelope that were accepted.
  package let recipients: [String]
  /// Decoded; empty where there is none.
  package let subject: String
  /// The digits that stand alone on a line of the text part; nil where there are none.
  package let code: String?
  /// What the client called itself, and whom AUTH let in.
  package let ehlo: String
  package let user: String?
  package let client: String
  package let smtputf8: Bool
  /// Octets of the message.
  package let size: Int
  /// To the millisecond.
  package let receivedAt: Date
  package let timings: ReceivedMessage.Timings

  init(_ message: ReceivedMessage) {
    let reader = MessageReader(message.content)
    number = message.number
    file = "\(message.number).eml"
    from = message.sender
    recipients = message.recipients
    to = message.recipients.first ?? ""
    subject = reader.subject
    code = reader.code
    ehlo = message.helo
    user = message.user
    client = message.client
    smtputf8 = message.usesSMTPUTF8
    size = message.content.count
    receivedAt = message.receivedAt
    timings = message.timings
  }

  init(json: [UInt8]) throws {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .custom { decoder in
      let text = try decoder.singleValueContainer().decode(String.self)
      guard let date = Date(rfc3339: text) else {
        throw DecodingError.dataCorrupted(
          .init(codingPath: decoder.codingPath, debugDescription: "expected a time as in RFC 3339"))
      }
      return date
    }
    self = try decoder.decode(StoredMessage.self, from: Data(json))
  }

  /// One JSON object on one line, without its newline.
  package func json() -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .custom { date, encoder in
      var container = encoder.singleValueContainer()
      try container.encode(date.rfc3339)
    }
    // Strings, numbers and a date: there is nothing in it that could not be encoded.
    return Array(try! encoder.encode(self))
  }
}
