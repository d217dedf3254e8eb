internal import Foundation

/// A mail as Postfix or Exim delivered it: its own header fields in front, lines ended by LF, as in any Maildir.
package struct RelayedMail: Sendable {
  package let content: [UInt8]

  package var text: String { String(decoding: content, as: UTF8.self) }

  /// The first field of that name, unfolded.
  package func field(_ name: String) -> String? {
    var value: String?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.isEmpty { break }
      if let found = value {
        guard line.hasPrefix(" ") || line.hasPrefix("\t") else { break }
        value = found + line
      } else if line.lowercased().hasPrefix(name.lowercased() + ":") {
        value = String(line.dropFirst(name.utf8.count + 1))
      }
    }
    return value?.trimmingCharacters(in: .whitespaces)
  }

  /// The recipient of the envelope.
  package var recipient: String? { field("X-Original-To") ?? field("Envelope-to") }

  /// The server's own name for the transaction that it took this in: the same for two deliveries of one, another
  /// where it was handed in twice.
  package var queueName: String? {
    guard let received = field("Received"), let start = received.range(of: " id ")?.upperBound else {
      return nil
    }
    return String(received[start...].prefix { $0.isLetter || $0.isNumber })
  }

  /// The message as it was handed in: without what was put in front of it. Ends are CRLF again.
  package var original: [UInt8] {
    let lines = content.split(separator: 0x0A, omittingEmptySubsequences: false)
    var index = 0
    let own = ["return-path:", "x-original-to:", "envelope-to:", "delivered-to:", "received:"]
    while index < lines.count {
      let line = lines[index]
      let isFolded = line.first == 0x20 || line.first == 0x09
      let text = String(decoding: line, as: UTF8.self).lowercased()
      guard isFolded || own.contains(where: { text.hasPrefix($0) }) else { break }
      index += 1
    }
    return Array(lines[index...].joined(separator: [0x0D, 0x0A]))
  }
}
