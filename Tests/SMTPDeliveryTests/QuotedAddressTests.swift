import CodeRequests
import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import SMTPDelivery

/// Local parts that are written quoted, up to what a relay reads.
@Suite(.waits) struct QuotedAddressTests {
  private static let addresses = [
    ("a..b@docomo.ne.jp", #"<"a..b"@docomo.ne.jp>"#), ("a.@ezweb.ne.jp", #"<"a."@ezweb.ne.jp>"#),
    (#""a b"@example.org"#, #"<"a b"@example.org>"#), (#""abc"@example.org"#, "<abc@example.org>"),
    (#""a> NOTIFY=NEVER"@example.org"#, #"<"a> NOTIFY=NEVER"@example.org>"#),
    (#""a\"> SIZE=1 <\\"@example.org"#, #"<"a\"> SIZE=1 <\\"@example.org>"#),
    (#""x@evil.example"@example.org"#, #"<"x@evil.example"@example.org>"#),
  ]

  @Test(arguments: addresses)
  func `stand in their brackets as RFC 5321 wants them, and nothing leaves those`(
    address: String, path: String
  ) throws {
    var envelope = MailEnvelope()
    let address = try EmailAddress(address)
    envelope.write(
      sender: address, recipient: address, size: 10, isEightBit: false, isInternational: false,
      features: RelayFeatures())
    #expect(
      String(decoding: [UInt8](envelope.bytes), as: UTF8.self)
        == "MAIL FROM:\(path)\r\nRCPT TO:\(path)\r\nDATA\r\n")
  }

  @Test func `reach a relay, each as one recipient`() throws {
    let relay = try ScriptedRelay([ScriptedRelayStep.greet() + [.serve]])
    defer { relay.stop() }
    let rig = try DeliveryRig(plaintext(relay))
    for (address, path) in Self.addresses {
      #expect(try rig.deliver(TestMail(to: address)).verdict == .sent)
      #expect(relay.sessions.contains { $0.receivedText.contains("RCPT TO:\(path)\r\n") })
    }
  }
}
