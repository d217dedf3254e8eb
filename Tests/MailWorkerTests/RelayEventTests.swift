import Testing

@testable import MailWorker
@testable import SMTPDelivery

@Suite struct RelayEventTests {
  @Test(arguments: [
    (
      Reply(code: 451, enhanced: .init(4, 7, 28), text: "slow down"),
      ["relay", "reply", "connections", "interval"]
    ),
    (nil, ["relay", "connections", "interval"]),
  ])
  func `a relay that asks for less is logged in its own words`(_ reply: Reply?, _ keys: [String]) throws {
    let event = try #require(
      LogEvent(.throttled(relay: "mail.example:587", lanes: 2, interval: .milliseconds(40), reply: reply)))
    #expect(event.name == .relayThrottled && event.level == .warning)
    #expect(event.fields.map(\.key.rawValue) == keys)
    guard reply != nil else { return }
    guard case .text("451 4.7.28 slow down") = event.fields[1].value else {
      Issue.record("\(event.fields)")
      return
    }
  }
}
