import Branding
import CodeRequests
import Configuration
import Foundation
import Records
import RequestSpool
import Testing

@testable import SMTPDelivery

private let minimum = """
  sender: { address: "no-reply@fabrikam.example" },
  relays: [ { url: "smtp://127.0.0.1:2525", security: "plaintext" } ],
  """

private func settings(_ text: String) throws(ConfigurationFault) -> Settings {
  try Settings(json5: Data("{ // a comment\n\(text)\n}".utf8), file: "/etc/passcode/passcode.json5")
}

@Suite struct SettingsTests {
  @Test func `gives every key but sender and relays a default`() throws {
    let settings = try settings(minimum)
    #expect(settings.state == "/var/lib/passcode")
    #expect(settings.templates == "/etc/Templates")
    #expect(settings.app == "fabrikam.example")
    #expect(settings.defaultLocale.rawValue == "en")
    #expect(settings.passcode.length == 6)
    #expect(settings.passcode.validity == .seconds(1800))
    #expect(settings.delivery.retryDelays.count == 5)
    #expect(settings.sessionLifetime == .seconds(86400))
    #expect(try settings.relaySettings()[0].lanes == 4)
    #expect(settings.passcode == PasscodeSettings() && settings.limits == LimitSettings())
    #expect(settings.tenants == nil)
    #expect(!settings.subjectShowsCode)
  }

  @Test func `reads what the contract's example holds`() throws {
    let settings = try settings(
      """
      state: "state", templates: "../Templates", app: "Fabrikam", defaultLocale: "sv",
      sender: { name: "Fabrikam", address: "no-reply@fabrikam.example", replyTo: "help@fabrikam.example" },
      relays: [ { url: "smtp://relay.example:587", security: "starttls", username: "mailer",
        passwordFile: "relay.password", mechanism: "PLAIN", caFile: null, lanes: 8, maxPerSecond: null,
        connectTimeout: "10s", replyTimeout: "30s" } ],
      passcode: { length: 8, validity: "15m", attempts: 3, perChallenge: 2 },
      delivery: { deadline: "5m", retryDelays: ["250ms", "2s"], order: "oldest", grace: "3s" },
      limits: { perSubject: [ { count: 1, window: "30s" } ], perClient: [], perTenant: [],
        perMailbox: [ { count: 60, window: "1d", counts: "all" } ], total: [ { count: 8000, window: "24h" } ] },
      session: { lifetime: "12h" }, tenants: "tenants.json5", subjectShowsCode: true,
      """)
    #expect(settings.state == "/etc/passcode/state")
    #expect(settings.sender.replyTo?.rawValue == "help@fabrikam.example")
    let relay = try settings.relaySettings()[0]
    #expect(relay.lanes == 8 && relay.name == "relay.example:587" && relay.security == .starttls)
    #expect(relay.credentials?.username == "mailer" && relay.credentials?.mechanism == "PLAIN")
    #expect(relay.credentials?.secret.path == "/etc/passcode/relay.password")
    #expect(settings.delivery.retryDelays == [.milliseconds(250), .seconds(2)])
    #expect(settings.delivery.order == .oldestFirst)
    #expect(settings.limits.perClient.isEmpty)
    #expect(settings.limits.perMailbox == [SendLimit(count: 60, window: .seconds(86400), counts: .all)])
    #expect(settings.limits.total == [SendLimit(count: 8000, window: .seconds(86400), counts: .all)])
    #expect(settings.sessionLifetime == .seconds(12 * 3600))
    #expect(settings.tenants == "/etc/passcode/tenants.json5")
  }

  @Test(arguments: [
    ("sendr: {}", "sendr", "did you mean sender?"),
    ("state: 3", "state", "is a number; expected a string"),
    ("state: \"\"", "state", "is empty"),
    ("passcode: { length: 5 }", "passcode.length", "expected 6 to 12"),
    ("passcode: { validity: \"30 minutes\" }", "passcode.validity", "is not a duration"),
    ("passcode: { validity: \"30\u{A0}m\" }", "passcode.validity", "it holds U+00A0, a no-break space"),
    ("delivery: { order: \"oldest\u{200B}\" }", "delivery.order", "it holds U+200B, an invisible character"),
    ("passcode: { validity: \"３０m\" }", "passcode.validity", "it holds U+FF13, a full-width character"),
    ("passcode: { validity: \"1s\" }", "passcode.validity", "expected 1m to 1d"),
    ("passcode: { lenght: 6 }", "passcode.lenght", "did you mean length?"),
    ("passcode: []", "passcode", "expected an object"),
    ("delivery: { retryDelays: [\"2s\", 5] }", "delivery.retryDelays[1]", "expected a duration"),
    ("delivery: { order: \"adaptiv\" }", "delivery.order", "did you mean adaptive?"),
    ("limits: { perSubject: [ { count: 1 } ] }", "limits.perSubject[0].window", "is missing and required"),
    ("limits: { perSubject: [ { count: 0, window: \"1s\" } ] }", "limits.perSubject[0].count", "is 0"),
    ("session: { lifetime: \"24\" }", "session.lifetime", "is not a duration"),
    ("defaultLocale: \"english!\"", "defaultLocale", "is not a language tag"),
    ("subjectShowsCode: \"yes\"", "subjectShowsCode", "expected true or false"),
    ("boundDomain: \"a b\"", "boundDomain", "holds a space"),
    ("timeZone: \"Europe/Stockhome\"", "timeZone", "is 'Europe/Stockhome'; expected a time zone of the IANA"),
    ("timeZone: \"/etc/localtime\"", "timeZone", "is no name of a time zone; expected"),
    ("timeZone: 1", "timeZone", "is a number; expected a string"),
    ("accent: \"blue\"", "accent", "is not a colour; expected #rrggbb or #rgb, such as \"#2d5fd7\""),
    ("accent: \"#fff;background:url(//e.example)\"", "accent", "is not a colour"),
    ("accent: \"#ffe600\"", "accent", "has a contrast of 1.1 with the mail's page; expected at least 3"),
    ("accent: 255", "accent", "is a number; expected a string"),
    ("logo: \"\(String(repeating: "W", count: 41))\"", "logo", "has 41 characters; at most 40"),
    ("logo: \"a\\nb\"", "logo", "holds the control character U+000A"),
    ("logo: \"a\u{202E}b\"", "logo", "holds the invisible character U+202E"),
    ("footer: [\"a\", 3]", "footer[1]", "is a number; expected a string"),
    ("footer: []", "footer", "lists no line"),
    ("footer: [\" a\"]", "footer[0]", "begins or ends with white space"),
    ("footer: {}", "footer", "is an object; expected a text, or a list of lines"),
  ])
  func `names file, key and what is accepted`(text: String, key: String, message: String) {
    let fault = #expect(throws: ConfigurationFault.self) { try settings(minimum + text) }
    #expect(fault?.key == key)
    #expect(fault?.file == "/etc/passcode/passcode.json5")
    #expect(fault?.message.contains(message) == true, "\(fault?.message ?? "")")
  }

  @Test func `reads what mails show beside their words, and says where that is wrong`() throws {
    let brand = try settings(
      minimum + "accent: \"#B00\", logo: \"FABRIKAM\", footer: [\"Fabrikam AB\", \"Storgatan 1\"]"
    ).brand
    #expect(
      brand == Brand(accent: HexColour(0xBB, 0, 0), logo: "FABRIKAM", footer: "Fabrikam AB\nStorgatan 1"))
    #expect(
      try settings(minimum + "footer: \"one line\"").brand
        == Brand(accent: HexColour("#2d5fd7"), footer: "one line"))
    let fault = #expect(throws: ConfigurationFault.self) { try settings("\(minimum)\n  accent: \"#12345\"") }
    #expect(
      fault?.description.hasPrefix("/etc/passcode/passcode.json5:4:3: accent: is not a colour") == true,
      "\(fault.map { "\($0)" } ?? "")")
  }

  @Test func `an installation without a name is called by the domain of its sender as readers write it`()
    throws
  {
    #expect(
      try settings(
        "sender: { address: \"a@żółw.pl\" }, relays: [{ url: \"smtp://127.0.0.1:25\", security: \"plaintext\" }]"
      ).app == "żółw.pl")
  }

  private func relay(_ keys: String) throws(ConfigurationFault) -> RelaySettings {
    try settings(
      "sender: { address: \"a@b.example\" }, relays: [{ url: \"smtp://a\", \(keys) }]"
    ).relaySettings()[0]
  }

  /// How the token of a relay is fetched.
  private func token(_ relay: RelaySettings) throws -> TokenSettings {
    guard case .token(let source) = try #require(relay.credentials).secret else {
      throw ConfigurationFault(file: "", "no token is fetched")
    }
    return source.settings
  }

  @Test func `reads how a relay's token is fetched`() throws {
    let microsoft = try token(
      relay(
        """
        username: "codes@b.example", mechanism: "XOAUTH2", secretMode: "any",
        oauth: { grant: "client-credentials", tokenURL: "https://login.example/t", clientID: "c",
          clientSecretFile: "relay.secret", scope: "s", caFile: "/etc/ca.pem", proxy: "environment" }
        """))
    #expect(microsoft.grant == .clientCredentials && microsoft.url?.text == "https://login.example/t")
    #expect(microsoft.secretFile.path == "/etc/passcode/relay.secret")
    #expect(microsoft.secretFile.readers == .any)
    #expect(microsoft.caFile == "/etc/ca.pem" && microsoft.proxy == .environment && microsoft.scope == "s")
    let google = try token(
      relay(
        """
        username: "u", oauth: { grant: "jwt-bearer", keyFile: "key.json", subject: "u", scope: "s" }
        """))
    #expect(google.grant == .jwtBearer && google.secretFile.path == "/etc/passcode/key.json")
    #expect(google.secretFile.readers == .guarded && google.subject == "u" && google.proxy == .none)
  }

  @Test(arguments: [
    ("security: \"plaintext\"", "security"),
    ("passwordFile: \"p\"", "username"), ("hello: \"a b\"", "hello"),
    ("username: \"u\", oauth: { grant: \"jwt-bearer\" }", "oauth.keyFile"),
  ])
  func
    `a relay that contradicts itself is told with its key when it is wanted, and keeps nobody from the rest`(
      keys: String, key: String
    ) throws
  {
    let settings = try settings(
      "sender: { address: \"a@b.example\" }, relays: [{ url: \"smtp://127.0.0.1\" }, { url: \"smtp://a\", \(keys) }]"
    )
    let fault = #expect(throws: ConfigurationFault.self) { try settings.relaySettings() }
    #expect(fault?.key == "relays[1].\(key)")
    #expect(fault?.file == "/etc/passcode/passcode.json5")
  }

  @Test func `takes what says how a relay is spoken to`() throws {
    let relay = try relay(
      """
      security: "opportunistic", hello: "mail.b.example", maxPerSecond: 7, maxPerConnection: 9,
      pipelining: "off", clientCertificate: "c.pem", caFile: "ca.pem", connectTimeout: "3s", replyTimeout: "4s"
      """)
    #expect(relay.security == .opportunistic && relay.heloName == "mail.b.example" && !relay.pipelines)
    #expect(relay.maxPerSecond == 7 && relay.maxPerConnection == 9)
    #expect(relay.clientCertificate?.certificateFile == "/etc/passcode/c.pem")
    #expect(
      relay.clientCertificate?.keyFile == "/etc/passcode/c.pem" && relay.caFile == "/etc/passcode/ca.pem")
    #expect(relay.timing.connect == .seconds(3) && relay.timing.reply == .seconds(4))
  }

  @Test(arguments: [
    ("oauth: \"x\"", "oauth", "expected an object"), ("oauth: {}", "oauth.grant", "is missing and required"),
    ("oauth: { grant: \"password\" }", "oauth.grant", "client-credentials"),
    ("oauth: { grant: \"jwt-bearer\", scopes: \"s\" }", "oauth.scopes", "did you mean scope?"),
    ("oauth: { grant: \"jwt-bearer\", keyFile: 7 }", "oauth.keyFile", "expected a string"),
    ("secretMode: \"0444\"", "secretMode", "guarded, any"),
  ])
  func `names the key of what is wrong with a token`(keys: String, key: String, message: String) {
    let fault = #expect(throws: ConfigurationFault.self) { try relay(keys) }
    #expect(fault?.key == "relays[0].\(key)")
    #expect(fault?.message.contains(message) == true, "\(fault?.message ?? "")")
  }

  @Test(arguments: [
    ("relays: [{ url: \"smtp://a\" }]", "sender"),
    ("sender: { address: \"a@b.example\" }", "relays"),
    ("sender: { address: \"a@b.example\" }, relays: []", "relays"),
    ("sender: { address: \"a b@c.example\" }, relays: [{ url: \"smtp://a\" }]", "sender.address"),
    ("sender: { address: \"a@b.example\" }, relays: [{ }]", "relays[0].url"),
    (
      "sender: { address: \"a@b.example\" }, relays: [{ url: \"smtp://a\", security: \"tls\" }]",
      "relays[0].security"
    ),
    (
      "sender: { address: \"a@b.example\", name: \"a\\nb\" }, relays: [{ url: \"smtp://a\" }]", "sender.name"
    ),
  ])
  func `names the place of a missing or bad sender or relay`(text: String, key: String) {
    let fault = #expect(throws: ConfigurationFault.self) { try settings(text) }
    #expect(fault?.key == key)
  }

  @Test func `says where the text is not JSON5`() {
    let fault = #expect(throws: ConfigurationFault.self) { try settings("sender: { address: }") }
    #expect(fault?.message.contains("is not JSON5") == true)
    #expect(fault?.line == 2 && fault?.column == 20, "\(fault?.description ?? "")")
  }

  @Test(arguments: [
    ("app: \"a\",\napp: \"b\"", "app", "3:1", "stands twice in the same object, first at line 2, column 1"),
    ("limits: {},\nlimits: {}", "limits", "3:1", "stands twice"),
    ("passcode: {\n length: 99 }", "passcode.length", "3:2", "is 99; expected 6 to 12"),
    ("\nsendr: {}", "sendr", "3:1", "is not a key here; did you mean sender?"),
    ("passcode: {\n length: 1e999 }", "", "3:10", "a number out of range"),
    ("app: \"\\ud800\"", "", "2:7", "half of a surrogate pair (U+D800)"),
    ("app:\u{A0}“Fabrikam”", "", "2:6", "U+201C"),
  ])
  func `a fault has its line and column, and equal keys have both places`(
    _ text: String, _ key: String, _ place: String, _ says: String
  ) throws {
    let fault = #expect(throws: ConfigurationFault.self) { try settings(text + ",\n" + minimum) }
    let description = try #require(fault?.description)
    #expect(fault?.key == key)
    #expect(description.hasPrefix("/etc/passcode/passcode.json5:\(place): "), "\(description)")
    #expect(description.contains(says), "\(description)")
  }

  @Test(arguments: [
    ("", ["sign-in"]), ("purposes: {}", ["sign-in"]),
    ("purposes: { 'sign-in': { session: true } }", ["sign-in"]),
    ("purposes: { 'sign-in': {} , reset: {} }", ["sign-in"]),
    ("purposes: { portal: { session: true } }", ["portal", "sign-in"]),
    ("purposes: { portal: { session: true }, 'sign-in': { session: false } }", ["portal"]),
  ])
  func `reads which purposes begin a session: sign-in, unless it says otherwise`(
    keys: String, purposes: [String]
  ) throws {
    #expect(try settings("\(minimum) \(keys)").sessionPurposes.map(\.rawValue).sorted() == purposes)
  }

  @Test(arguments: [
    ("purposes: { 'Sign In': { session: true } }", "is not a purpose"),
    ("purposes: { 'sign-in': { sesion: true } }", "did you mean session?"),
    ("purposes: { 'sign-in': true }", "session"), ("purposes: ['sign-in']", "sign-in"),
    ("verification: { byAdress: true }", "did you mean byAddress?"),
    ("verification: { broughtCodes: 'mails' }", "did you mean mail?"),
  ])
  func `says what is wrong with how codes are checked`(keys: String, says: String) {
    let fault = #expect(throws: ConfigurationFault.self) { try settings("\(minimum) \(keys)") }
    #expect(fault?.description.contains(says) == true, "\(fault?.description ?? "")")
  }

  @Test func `codes are checked by id alone, and those that are brought are mail, unless it says otherwise`()
    throws
  {
    let usual = try settings(minimum).verification
    #expect(!usual.byAddress && usual.broughtCodes == .mail)
    let other = try settings(
      "\(minimum) verification: { byAddress: true, broughtCodes: 'verify' }"
    ).verification
    #expect(other.byAddress && other.broughtCodes == .verify)
  }

  @Test func `tells a missing file from an unreadable one`() {
    let fault = #expect(throws: ConfigurationFault.self) { try Settings(file: "/nowhere/passcode.json5") }
    #expect(fault?.message == "there is no such file")
  }

  @Test func `looks in the documented places in order`() throws {
    let everywhere: (String) -> Bool = { _ in true }
    for isRoot in [false, true] {
      #expect(
        try Settings.locate(option: "/a", variable: "/b", isRoot: isRoot, exists: everywhere) == "/a")
      #expect(try Settings.locate(option: nil, variable: "/b", isRoot: isRoot, exists: everywhere) == "/b")
      #expect(
        try Settings.locate(option: nil, variable: nil, isRoot: isRoot) { $0.hasPrefix("/etc") }
          == "/etc/passcode/passcode.json5")
      #expect(throws: ConfigurationFault.self) {
        try Settings.locate(option: nil, variable: nil, isRoot: isRoot) { _ in false }
      }
    }
    #expect(
      try Settings.locate(option: nil, variable: nil, isRoot: false, exists: everywhere)
        == "Config/passcode.json5")
  }

  @Test func `root is never led by a file in the directory where it happens to be`() throws {
    #expect(
      try Settings.locate(option: nil, variable: nil, isRoot: true, exists: { _ in true })
        == "/etc/passcode/passcode.json5")
    let fault = #expect(throws: ConfigurationFault.self) {
      try Settings.locate(option: nil, variable: nil, isRoot: true) { !$0.hasPrefix("/") }
    }
    #expect(
      fault?.description
        == "/etc/passcode/passcode.json5: there is no such file; Config/passcode.json5 is not looked at for root, since a directory may be anybody's; give --config FILE or set PASSCODE_CONFIG"
    )
  }

  @Test(arguments: [
    ("250ms", Duration.milliseconds(250)), ("2s", .seconds(2)), ("30m", .seconds(1800)),
    ("24h", .seconds(86400)), ("7d", .seconds(7 * 86400)),
  ])
  func `reads durations`(text: String, duration: Duration) {
    #expect(Duration(settingsText: text) == duration)
  }

  @Test(arguments: ["", "30", "m", "-1s", "1.5s", "1 s", "1S", "1sec", "９s", "9999999999999s"])
  func `refuses what is not a duration`(text: String) {
    #expect(Duration(settingsText: text) == nil)
  }

  @Test(arguments: [1, 250, 1000, 90_000, 1_800_000, 86_400_000])
  func `writes durations so that they read back`(milliseconds: Int) {
    let duration = Duration.milliseconds(milliseconds)
    #expect(Duration(settingsText: duration.settingsText) == duration)
  }
}
