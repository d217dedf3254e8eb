package import FoundationEssentials

/// A message as the sink took it, with what the client said around it.
package struct ReceivedMessage: Sendable {
  /// The number the client was told, and the name of the stored file without its extension.
  package internal(set) var number: Int
  /// Where it was stored; nil for a sink without a store.
  package internal(set) var file: String?
  /// The envelope sender; empty for the null sender.
  package let sender: String
  /// The recipients that were accepted, in order.
  package let recipients: [String]
  /// What the client called itself.
  package let helo: String
  /// Whom AUTH let in.
  package let user: String?
  /// Address and port of the client.
  package let client: String
  package let usesSMTPUTF8: Bool
  package let receivedAt: Date
  package let timings: Timings
  /// Octets as they came, without dot-stuffing.
  package let content: [UInt8]

  /// How long before the final dot the parts of the conversation began.
  package struct Timings: Sendable, Equatable {
    /// The connection was accepted.
    package let connection: Double
    /// MAIL was accepted.
    package let mail: Double
    /// DATA was answered with 354.
    package let data: Double
  }

  /// The passcode, where one was found.
  package var code: FoundCode? { MessageReader(content).code }

  /// The subject, decoded; empty where there is none.
  package var subject: String { MessageReader(content).subject }
}
