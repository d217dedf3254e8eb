import Testing

@testable import MailWorker
@testable import SMTPDelivery

@Suite struct RelayEventTests {
  @Test func `a relay that waits for somebody says what ends the wait`() throws {
    let trouble = RelayTrouble(
      stage: .authentication, incident: .authenticationRefused, reply: nil,
      message:
        "mail.example:587: the relay refused username or password; check username, /etc/p and mechanism")
    let event = try #require(LogEvent(.held(relay: "mail.example:587", trouble, pause: .seconds(300))))
    guard case .text(let text)? = event.fields.first(where: { $0.key == .error })?.value else {
      Issue.record("\(event.fields)")
      return
    }
    #expect(text.hasPrefix(trouble.message) && text.contains("SIGHUP (systemctl reload passcode-worker)"))
    // A relay that is down comes back by itself.
    let down = try #require(LogEvent(.down(relay: "mail.example:587", trouble, pause: .seconds(1))))
    #expect(!"\(down.fields)".contains("SIGHUP"))
  }

  @Test(arguments: [
    (
      Reply(code: 451, enhanced: .init(4, 7, 28), text: "slow down"),
      ["relay", "reply", "connections", "intervalSeconds"]
    ),
    (nil, ["relay", "connections", "intervalSeconds"]),
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
