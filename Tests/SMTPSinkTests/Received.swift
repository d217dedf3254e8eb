import LinuxSystem
import SMTPSink

/// Keeps what a sink hands over.
final class Received: Sendable {
  private let messages = Monitor<[ReceivedMessage]>([])

  var add: @Sendable (ReceivedMessage) -> Void {
    { message in self.messages.change { $0.append(message) } }
  }

  /// What was handed over so far: a message is, before its reply is sent.
  var all: [ReceivedMessage] { messages.withLock { $0 } }
}

extension ReceivedMessage {
  var text: String { String(decoding: content, as: UTF8.self) }
}
