internal import FoundationEssentials

/// What the connections of one sink share: settings, faults and the store. Touched by the loop's
/// thread only.
final class Mailroom {
  let settings: SinkSettings
  private let onMessage: (@Sendable (ReceivedMessage) -> Void)?
  let onRefusal: (@Sendable (SinkRefusal) -> Void)?
  private let onFault: (@Sendable (SinkFault) -> Void)?
  private var plan: FaultPlan
  private var writer: SinkStoreWriter?
  private var number = 0

  init(
    settings: SinkSettings, onMessage: (@Sendable (ReceivedMessage) -> Void)?,
    onRefusal: (@Sendable (SinkRefusal) -> Void)? = nil, onFault: (@Sendable (SinkFault) -> Void)? = nil
  ) throws(SinkFault) {
    self.settings = settings
    self.onMessage = onMessage
    self.onRefusal = onRefusal
    self.onFault = onFault
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
    guard keepsContent else {
      number += 1
      return number
    }
    let now = monotonicNow()
    var message = ReceivedMessage(
      number: number + 1, file: nil, sender: session.envelope.senderText,
      recipients: session.envelope.recipients, helo: session.helo ?? "", user: session.user,
      client: session.client, usesSMTPUTF8: session.envelope.usesUTF8, receivedAt: Date(),
      timings: .init(
        connection: milliseconds(from: session.connectedAt, to: now),
        mail: milliseconds(from: session.envelope.openedAt, to: now),
        data: milliseconds(from: session.dataBegan, to: now)),
      content: session.body.takeBytes())
    if writer != nil {
      do throws(SinkFault) { try writer?.store(&message) } catch {
        onFault?(error)
        return nil
      }
    }
    number = message.number
    onMessage?(message)
    return number
  }
}
