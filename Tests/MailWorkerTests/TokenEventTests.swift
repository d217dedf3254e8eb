import Testing

@testable import MailWorker
@testable import SMTPDelivery

@Suite struct TokenEventTests {
  @Test func `a token that cannot be renewed is a warning with the time that is left`() throws {
    let fault = SecretFault("the token endpoint login.example refused: invalid_client")
    let event = try #require(
      LogEvent(.tokenNotRenewed(relay: "mail.example:587", fault, left: .seconds(600))))
    #expect(event.name == .tokenNotRenewed && event.level == .warning)
    #expect(event.fields.map(\.key) == [.relay, .error, .leftSeconds])
    guard case .text(let error) = event.fields[1].value, case .seconds(600) = event.fields[2].value
    else {
      Issue.record("\(event.fields)")
      return
    }
    #expect(error == fault.message)
  }
}
