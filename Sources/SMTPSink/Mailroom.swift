internal import Foundation

/// What the connections of one sink share: settings, faults, the store and the counts. Touched by the loop's
/// thread only.
final class Mailroom {
  let settings: SinkSettings
  private let onMessage: (@Sendable (ReceivedMessage) -> Void)?
  private var plan: FaultPlan
  private var writer: SinkStoreWriter?
  /// Since the loop last told them.
  var counts = SinkCounts()
  private var number = 0

  init(
    settings: SinkSettings, onMessage: (@Sendable (ReceivedMessage) -> Void)?
  ) throws(SinkFault) {
    self.settings = settings
    self.onMessage = onMessage
    plan = FaultPlan(rate: settings.faultRate, seed: settings.faultSeed)
    writer = if let store = settings.store { try SinkStoreWriter(store) } else { nil }
  }

  /// False: messages are counted and checked, and nothing of them is held.
  var keepsContent: Bool { writer != nil || onMessage != nil }

  func fault(for recipient: UnsafeRawBufferPointer) -> RecipientFault? { plan.fault(for: recipient) }

  /// Takes over the message that `session` has complete.
  ///
  /// - Returns: its number; nil where it could not be stored.
  func take(_ session: inout SMTPSession) -> Int? {
    counts.bytes += session.body.size
    guard keepsContent else {
      number += 1
      counts.messages += 1
      return number
    }
    let now = monotonicNow()
    var message = ReceivedMessage(
      number: number + 1, file: nil, sender: String(decoding: session.envelope.sender, as: UTF8.self),
      recipients: session.envelope.recipients, helo: session.helo ?? "", user: session.user,
      client: session.client, usesSMTPUTF8: session.envelope.usesUTF8, receivedAt: Date(),
      timings: .init(
        connection: milliseconds(from: session.connectedAt, to: now),
        mail: milliseconds(from: session.envelope.openedAt, to: now),
        data: milliseconds(from: session.dataBegan, to: now)),
      content: session.body.takeBytes())
    if writer != nil {
      do throws(SinkFault) { try writer?.store(&message) } catch {
        counts.storeFault = error
        return nil
      }
    }
    number = message.number
    counts.messages += 1
    onMessage?(message)
    return number
  }
}

/// What a sink has seen so far.
package struct SinkCounts: Sendable {
  package internal(set) var connections = 0
  /// Accepted with a 2xx, or kept by `drop-dot`.
  package internal(set) var messages = 0
  /// Octets of the messages, accepted or not stored.
  package internal(set) var bytes = 0
  /// Why a message could not be stored, the last time that happened; the client was told 451.
  package internal(set) var storeFault: SinkFault?

  var hasNews: Bool { connections != 0 || messages != 0 || bytes != 0 || storeFault != nil }

  mutating func add(_ news: SinkCounts) {
    connections += news.connections
    messages += news.messages
    bytes += news.bytes
    storeFault = news.storeFault ?? storeFault
  }
}
