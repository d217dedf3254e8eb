internal import CodeRequests
internal import CommandVerbs
internal import Foundation
internal import LinuxSystem
internal import MessageComposition
internal import MessageTemplates
internal import PasscodeService

/// A message as the worker makes it, once, so that benches send and compare the same bytes.
enum BenchMail {
  static let sender = "no-reply@fabrikam.example"
  static let recipient = "guest@example.org"

  static func message(locale: String = "en") throws -> [UInt8] {
    let templates = try TemplateCatalogue(directory: try TemplatePlaces.find())
    let tag = try LocaleTag(locale)
    let found = templates.all.first { $0.tenant == nil && $0.locale == tag && $0.purpose == .signIn }
    guard let template = found else {
      throw CommandFault(.configuration, "there are no templates for \(locale)")
    }
    let address = try EmailAddress(recipient)
    let composer = try MessageComposer(sender: Mailbox(name: "Fabrikam", address: try EmailAddress(sender)))
    var output = ByteBuffer(capacity: 16_384)
    try template.compose(
      TemplateValues(
        app: "Fabrikam", code: .random(length: 6), validity: .seconds(1800), email: address,
        requestedAt: Date()),
      by: composer, messageID: "0123456789abcdef0123456789abcdef", entityRef: "0123456789abcdef01234567",
      date: Date(), into: &output)
    return [UInt8](output)
  }

  /// As it goes over the wire after DATA: dots stuffed, final dot included.
  static func wire(_ message: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    var isLineStart = true
    for byte in message {
      if isLineStart, byte == UInt8(ascii: ".") { bytes.append(byte) }
      bytes.append(byte)
      isLineStart = byte == UInt8(ascii: "\n")
    }
    return bytes + Array(".\r\n".utf8)
  }
}
