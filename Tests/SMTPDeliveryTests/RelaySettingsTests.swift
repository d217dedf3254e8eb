import Testing

@testable import SMTPDelivery

@Suite struct RelaySettingsTests {
  static let accepted: [(String, RelaySettings.Security?, String, RelaySettings.Security)] = [
    ("smtp://mail.example", nil, "mail.example:587", .starttls),
    ("smtps://mail.example", nil, "mail.example:465", .implicit),
    ("smtp://mail.example", .implicit, "mail.example:465", .implicit),
    ("smtp://mail.example", .opportunistic, "mail.example:25", .opportunistic),
    ("SMTP://Mail.Example:2525/", nil, "mail.example:2525", .starttls),
    ("smtp://127.0.0.1:2525", .plaintext, "127.0.0.1:2525", .plaintext),
    ("smtp://localhost:25", .plaintext, "localhost:25", .plaintext),
    ("smtp://[::1]:2525", .plaintext, "[::1]:2525", .plaintext),
    ("smtp://[2001:db8::1]", nil, "[2001:db8::1]:587", .starttls),
  ]

  @Test(arguments: accepted)
  func `accepts`(
    _ example: (url: String, given: RelaySettings.Security?, name: String, security: RelaySettings.Security)
  ) throws {
    let settings = try RelaySettings(url: example.url, security: example.given)
    #expect(settings.name == example.name)
    #expect(settings.security == example.security)
  }

  private func fault(_ make: () throws -> RelaySettings) -> String? {
    do {
      _ = try make()
      return nil
    } catch { return (error as? RelayFault)?.field }
  }

  @Test(arguments: [
    "", "mail.example", "http://mail.example", "smtp://", "smtp://mail.example:0",
    "smtp://mail.example:65536",
    "smtp://mail.example:x", "smtp://user:secret@mail.example", "smtp://mail example",
    "smtp://mail.example/path",
    "smtp://mail\r\nexample", "smtp://[::1", "smtp://[::1]x", "smtp://[mail.example]:25", "smtp://a:b:c",
  ])
  func `refuses this url`(_ url: String) { #expect(fault { try RelaySettings(url: url) } == "url") }

  @Test func `refuses what contradicts itself or gives a password away`() {
    let url = "smtp://mail.example:25"
    #expect(fault { try RelaySettings(url: url, security: .plaintext) } == "security")
    #expect(fault { try RelaySettings(url: url, security: .plaintext, allowPlaintext: true) } == nil)
    #expect(
      fault {
        try RelaySettings(
          url: url, security: .plaintext, username: "u", passwordFile: "p", allowPlaintext: true)
      } == "security")
    #expect(fault { try RelaySettings(url: "smtps://mail.example", security: .starttls) } == "security")
    #expect(fault { try RelaySettings(url: url, username: "u") } == "passwordFile")
    #expect(fault { try RelaySettings(url: url, username: "", passwordFile: "p") } == "username")
    #expect(fault { try RelaySettings(url: url, username: "u\r\n", passwordFile: "p") } == "username")
    #expect(fault { try RelaySettings(url: url, passwordFile: "p") } == "username")
    #expect(fault { try RelaySettings(url: url, mechanism: "PLAIN") } == "username")
    #expect(
      fault { try RelaySettings(url: url, username: "u", passwordFile: "p", mechanism: "PLAIN;x") }
        == "mechanism")
    #expect(fault { try RelaySettings(url: url, lanes: 0) } == "lanes")
    #expect(fault { try RelaySettings(url: url, lanes: 65) } == "lanes")
    #expect(fault { try RelaySettings(url: url, maxPerSecond: 0) } == "maxPerSecond")
    #expect(fault { try RelaySettings(url: url, maxPerSecond: .infinity) } == "maxPerSecond")
    #expect(fault { try RelaySettings(url: url, heloName: "a\r\nMAIL") } == "hello")
    #expect(fault { try RelaySettings(url: url, heloName: "a/b") } == "hello")
  }

  @Test(arguments: [
    ("127.0.0.1", true), ("127.9.9.9", true), ("localhost", true), ("127.0.0.1.example", false),
    ("127.example", false), ("128.0.0.1", false), ("localhost.example", false), ("127.0.0.256", false),
  ])
  func `knows loopback`(_ host: String, _ isLoopback: Bool) {
    #expect(RelayAddress(host: host, port: 25).isLoopback == isLoopback)
  }

  @Test func `opportunistic with a password away from here wants TLS and a good certificate`() throws {
    let with = try RelaySettings(
      url: "smtp://mail.example", security: .opportunistic, username: "u", passwordFile: "p")
    #expect(with.requiresTLS && with.checksCertificate)
    let without = try RelaySettings(url: "smtp://mail.example", security: .opportunistic)
    #expect(!without.requiresTLS && !without.checksCertificate)
  }
}
