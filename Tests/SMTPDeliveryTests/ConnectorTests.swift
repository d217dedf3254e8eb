import Foundation
import LinuxSystem
import TestSupport
import Testing

@testable import SMTPDelivery

/// One connect over the addresses of a name, and what relays say before mail can be sent.
@Suite(.waits) struct ConnectorTests {
  private static let greet = ScriptedRelayStep.greet()

  private func connector(
    _ settings: RelaySettings, to relays: [ScriptedRelay], memory: AddressMemory = AddressMemory()
  ) throws -> Connector {
    var connector = Connector(
      settings, cancel: try CancelFlag(), memory: memory, uptime: { .seconds(1000) })
    if !relays.isEmpty {
      connector.addresses = try relays.map {
        try #require(SocketAddress(numeric: "127.0.0.1", port: $0.port))
      }
    }
    return connector
  }

  static let bad: [(String, [ScriptedRelayStep])] = [
    ("421 for a greeting", [.say("421 4.3.2 too many connections"), .close]),
    ("554 for a greeting", [.say("554 5.3.2 no service here")]),
    ("554 in two lines", [.say("554-5.3.2 no\r\n554 5.3.2 service")]),
    ("silence", [.beSilent]),
    ("closed at once", [.close]),
    ("reset at once", [.reset]),
    ("no SMTP", [.say("SSH-2.0-OpenSSH_9.2")]),
    ("closed at EHLO", [.say("220 x"), .expect("EHLO"), .close]),
    ("421 to EHLO", [.say("220 x"), .expect("EHLO"), .say("421 4.4.5 busy"), .close]),
  ]

  @Test(arguments: bad)
  func `another address of the name is tried within the same connect, and the bad one remembered`(
    _ bad: (String, script: [ScriptedRelayStep])
  ) throws {
    let first = try ScriptedRelay([], afterwards: bad.script)
    let second = try ScriptedRelay([])
    defer {
      first.stop()
      second.stop()
    }
    let memory = AddressMemory()
    for _ in 0..<2 {
      let connection = try connector(plaintext(first), to: [first, second], memory: memory).connect()
      connection.quit(timeout: patience)
    }
    #expect(first.sessions.count == 1)
    #expect(second.sessions.count == 2)
  }

  @Test(arguments: ["421 4.3.2 not here", ""], [true, false])
  func `an address that ends at its first MAIL costs nobody a delay, and the name's next one is used`(
    _ reply: String, _ hasGroups: Bool
  ) throws {
    let greet = ScriptedRelayStep.greet(hasGroups ? ["PIPELINING"] : [])
    let ending = ScriptedRelayPlan { $0.refusals = ["MAIL": reply] }
    let first = try ScriptedRelay([], afterwards: greet + [.serveBy(ending)])
    let second = try ScriptedRelay([], afterwards: greet + [.serve], beside: first)
    defer {
      first.stop()
      second.stop()
    }
    let rig = try DeliveryRig(
      RelaySettings(
        url: "smtp://two.addresses.invalid:\(first.port)", security: .plaintext, lanes: 2,
        allowPlaintext: true, timing: testTiming()))
    for number in 0..<20 { rig.mails.push(try TestMail(to: "guest\(number)@example.org")) }
    #expect(try rig.reports(20).allSatisfy { $0.verdict == .sent })
    #expect(first.mailCommands <= 2 && second.messages == 20)
    #expect(rig.events.compactMap(\.throttled).isEmpty)
  }

  @Test func `where every address ends at MAIL the mail is put off after one of each`() throws {
    let ending = Self.greet + [.refuseAt("mail", "421 4.3.2 not here")]
    let first = try ScriptedRelay([], afterwards: ending)
    let second = try ScriptedRelay([], afterwards: ending, beside: first)
    defer {
      first.stop()
      second.stop()
    }
    let rig = try DeliveryRig(
      RelaySettings(
        url: "smtp://two.addresses.invalid:\(first.port)", security: .plaintext, lanes: 1,
        allowPlaintext: true, timing: testTiming()))
    #expect(try rig.deliver(TestMail()).verdict == .deferred)
    #expect(first.mailCommands == 1 && second.mailCommands == 1)
  }

  @Test func `a name whose addresses all fail tells what was said, and where`() throws {
    let first = try ScriptedRelay([], afterwards: [.close])
    let second = try ScriptedRelay([], afterwards: [.say("554 5.7.1 not from your network")])
    defer {
      first.stop()
      second.stop()
    }
    #expect {
      _ = try connector(plaintext(first), to: [first, second]).connect()
    } throws: { error in
      let trouble = error as? RelayTrouble
      return trouble?.reply?.code == 554 && trouble?.message.contains("127.0.0.1") == true
    }
  }

  /// What a greeting or EHLO is refused for, and the key that mends it.
  static let refusals: [(String, RefusalSubject, String)] = [
    (
      "504 5.5.2 <vm>: Helo command rejected: need fully-qualified hostname", .hello,
      "set hello of this relay"
    ),
    ("550 5.7.1 Helo command rejected: need fully-qualified hostname", .hello, "set hello of this relay"),
    ("550 HELO/EHLO hostname invalid", .hello, "set hello of this relay"),
    ("554 no reverse DNS entry for 127.0.0.1", .hello, "its address resolves back"),
    ("530 5.7.0 Must issue a STARTTLS command first", .account, "security of this relay"),
    ("550 5.7.1 Relaying denied", .relaying, "set username and passwordFile"),
    ("554 5.7.1 not you", .unclear, "whether this address may send"),
    ("554 127.0.0.1 is on a block list", .unclear, "whether this address may send"),
  ]

  @Test(arguments: refusals, [true, false])
  func `a greeting or EHLO that is refused names what to mend`(
    _ refusal: (reply: String, about: RefusalSubject, advice: String), _ isGreeting: Bool
  ) throws {
    let refused: [ScriptedRelayStep] =
      isGreeting
      ? [.say(refusal.reply)]
      : [.say("220 x"), .expect("EHLO"), .say(refusal.reply), .expect("HELO"), .say(refusal.reply)]
    let relay = try ScriptedRelay([], afterwards: refused)
    defer { relay.stop() }
    #expect {
      _ = try connector(plaintext(relay), to: []).connect()
    } throws: { error in
      guard let trouble = error as? RelayTrouble, case .reply(_, _, let about) = trouble.incident else {
        return false
      }
      let row = VerdictTable.row(stage: trouble.stage, incident: trouble.incident, isReused: false)
      return about == refusal.about && trouble.message.contains(refusal.advice)
        && row.judgement == (about == .unclear ? .relayDown : .configurationHold)
    }
  }

  @Test func `families take turns`() throws {
    func address(_ text: String) throws -> SocketAddress {
      try #require(SocketAddress(numeric: text, port: 25))
    }
    let six = try ["2001:db8::1", "2001:db8::2", "2001:db8::3"].map(address)
    let four = try ["192.0.2.1"].map(address)
    #expect(AddressLookup.inTurn(six + four) == [six[0], four[0], six[1], six[2]])
    #expect(six.map(\.description) == ["2001:db8::1", "2001:db8::2", "2001:db8::3"])
    let memory = AddressMemory()
    memory.noteBad(six[0], now: .seconds(1))
    #expect(memory.sorted(six, now: .seconds(2)) == [six[1], six[2], six[0]])
    #expect(memory.sorted(six, now: .seconds(2) + AddressMemory.memory) == six)
  }

  @Test(arguments: Transport.allCases)
  func `a greeting that comes later than TCP and TLS may take is waited for`(_ transport: Transport) throws {
    let relay = try transport.relay([
      transport.greet(greeting: .drip("220 late.example ESMTP, after a pause\r\n")) + [.serve]
    ])
    defer { relay.stop() }
    let settings = try transport.settings(relay) { $0.connect = .seconds(2) }
    _ = try connector(settings, to: []).connect()
    #expect(relay.sessions.count == 1)
  }

  @Test(arguments: [
    [.say("\r\n220 x")] + ScriptedRelayStep.answerEHLO(["PIPELINING"]),
    [.say("220-x"), .say("220-"), .say("220 y")] + ScriptedRelayStep.answerEHLO(["PIPELINING"]),
    [
      .say("220 x"), .expect("EHLO"),
      .say("250-x\r\nnonsense\r\n250-PIPELINING\r\n\r\n250-\r\n250-X-\u{7F}\r\n250-SIZE many\r\n250 HELP"),
    ],
    [.say("220 x"), .expect("EHLO"), .say("250-x\r\n250-pipelining\r\n250")],
  ])
  func `odd lines before and in EHLO are no reason to leave`(_ script: [ScriptedRelayStep]) throws {
    let relay = try ScriptedRelay([script + [.serve]])
    defer { relay.stop() }
    let connection = try connector(plaintext(relay), to: []).connect()
    #expect(connection.features.hasPipelining)
  }

  static let spellings = [
    "starttls", "StartTLS", "STARTTLS ", "Starttls",
  ]

  @Test(arguments: spellings, [RelaySettings.Security.starttls, .opportunistic])
  func `STARTTLS is used however it is spelled`(
    _ spelling: String, _ security: RelaySettings.Security
  ) throws {
    let certificate = try TestCertificate()
    let relay = try ScriptedRelay(
      [
        ScriptedRelayStep.greet([spelling, "size 1000000"]) + [
          .expect("STARTTLS"), .say("220 go"), .startTLS,
        ] + ScriptedRelayStep.answerEHLO(["pipelining", "8bitmime"]) + [.serve]
      ], certificate: certificate)
    defer { relay.stop() }
    let settings = try RelaySettings(
      url: relay.url, security: security, caFile: certificate.certificateFile, timing: testTiming())
    let connection = try connector(settings, to: []).connect()
    #expect(connection.isEncrypted)
    #expect(connection.features.hasPipelining && connection.features.has8BitMIME)
  }

  @Test(
    arguments: [
      ("auth plain login", "PLAIN", "AUTH PLAIN"), ("AUTH=LOGIN", "LOGIN", "AUTH LOGIN"),
      ("auth=plain login", "LOGIN", "AUTH LOGIN"), ("Auth Login\tPlain", "PLAIN", "AUTH PLAIN"),
      ("AUTH PLAIN LOGIN", nil, "AUTH PLAIN"), ("AUTH LOGIN", nil, "AUTH LOGIN"),
      ("auth login plain cram-md5 digest-md5 ntlm", nil, "AUTH CRAM-MD5"),
    ] as [(String, String?, String)], Transport.allCases)
  func `AUTH is read however it is spelled, and the best mechanism chosen`(
    _ spelling: (offer: String, mechanism: String?, expected: String), _ transport: Transport
  ) throws {
    let expected = spelling.expected
    let directory = try TemporaryDirectory()
    let challenges =
      switch expected {
      case "AUTH PLAIN": ["334 "]
      case "AUTH LOGIN": ["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"]
      default: ["334 PDEuMkBzY3JpcHRlZC5leGFtcGxlPg=="]
      }
    // Behind STARTTLS the keywords are read anew, from what has been decrypted.
    let relay = try transport.relay([
      transport.greet([spelling.offer], startTLS: "starttls") + [.expect(expected)]
        + challenges.flatMap { [.say($0), .expect("")] } + [.say("235 2.7.0 Ok"), .serve]
    ])
    defer { relay.stop() }
    let settings = try transport.settings(
      relay, username: "mailer", passwordFile: writeSecret("hunter2", in: directory.path),
      mechanism: spelling.mechanism)
    _ = try connector(settings, to: []).connect()
    #expect(relay.failure == nil)
  }

  @Test func `a port that waits for TLS, and one that speaks plaintext first, are both a matter of settings`()
    throws
  {
    let certificate = try TestCertificate()
    let implicit = try ScriptedRelay(
      [], afterwards: Self.greet + [.serve], certificate: certificate, startsWithTLS: true)
    let plain = try ScriptedRelay([])
    defer {
      implicit.stop()
      plain.stop()
    }
    func trouble(_ relay: ScriptedRelay, _ security: RelaySettings.Security) throws -> RelayTrouble? {
      let settings = try RelaySettings(
        url: relay.url, security: security, timing: testTiming { $0.reply = .seconds(2) })
      let connector = try connector(settings, to: [])
      do throws(RelayTrouble) { _ = try connector.connect() } catch { return error }
      return nil
    }
    for (relay, security) in [
      (implicit, RelaySettings.Security.starttls), (implicit, .plaintext), (plain, .implicit),
    ] {
      let trouble = try #require(try trouble(relay, security))
      #expect(trouble.incident == .handshakeFailed && trouble.stage == .tls)
      #expect(
        trouble.message.contains(
          relay === implicit ? "wants TLS from the first byte" : "speaks plaintext first"),
        "\(trouble)")
      let row = VerdictTable.row(stage: trouble.stage, incident: trouble.incident, isReused: false)
      #expect(row.judgement == .configurationHold)
    }
  }

  @Test func `EHLO says the configured name, else the full one, else our address`() throws {
    #expect(HostName.isFull("mail.fabrikam.example") && HostName.isFull("a.b"))
    for name in ["vm", "localhost", "localhost.localdomain", "10.0.0.1", "a..b", "a_b.example", ""] {
      #expect(!HostName.isFull(name), "\(name)")
    }
    #expect(HostName.literal(SocketAddress(numeric: "192.0.2.7", port: 1)) == "[192.0.2.7]")
    #expect(HostName.literal(SocketAddress(numeric: "2001:db8::7", port: 1)) == "[IPv6:2001:db8::7]")
    #expect(HostName.literal(SocketAddress(numeric: "::ffff:192.0.2.7", port: 1)) == "[192.0.2.7]")
    let relay = try ScriptedRelay([])
    defer { relay.stop() }
    _ = try connector(plaintext(relay), to: []).connect()
    let hello = relay.sessions[0].receivedText.components(separatedBy: "\r\n")[0]
    #expect(hello == "EHLO \(HostName.full ?? "[127.0.0.1]")")
    for name in ["mail.fabrikam.example", "[192.0.2.7]", "[IPv6:2001:db8::7]"] {
      let settings = try RelaySettings(
        url: relay.url, security: .plaintext, heloName: name, timing: testTiming())
      _ = try connector(settings, to: []).connect()
      #expect(relay.sessions.last?.receivedText.hasPrefix("EHLO \(name)\r\n") == true)
    }
  }
}
