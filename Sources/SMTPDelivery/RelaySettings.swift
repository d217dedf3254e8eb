internal import CodeRequests
package import LinuxSystem

/// A setting of a relay that cannot be used.
package struct RelayFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// The key, for example `security`.
  package let field: String
  /// What was found, what is accepted, what to do.
  package let message: String

  init(_ field: String, _ message: String) {
    self.field = field
    self.message = message
  }

  package var description: String { "\(field): \(message)" }
}

/// How long things may take and how long connections live.
package struct RelayTiming: Hashable, Sendable {
  /// TCP and TLS.
  package var connect: Duration = .seconds(10)
  /// For each reply. Silence after the final dot is ambiguous, so this is no place to save.
  package var reply: Duration = .seconds(30)
  /// A connection older than this takes no further mail.
  package var maxAge: Duration = .seconds(60)
  /// One that idled longer than this is closed.
  package var maxIdle: Duration = .seconds(20)
  /// One that idled longer than this is asked NOOP before it takes a mail.
  package var probeAfter: Duration = .seconds(2)
  /// For the reply to QUIT.
  package var quit: Duration = .milliseconds(200)
  /// The first pause of a relay that is down or backing off; each further one is twice as long.
  package var firstPause: Duration = .seconds(1)
  package var longestPause: Duration = .seconds(60)
  /// The pause of one that needs somebody.
  package var holdPause: Duration = .seconds(300)
  /// A relay that answered nothing for this long while it had work lets the next one take over.
  package var stall: Duration = .seconds(2)
  /// Where another relay is configured: how long MAIL, RCPT and DATA may go unanswered until the mail, certainly
  /// unsent, is given to it. Longer than the pauses that servers make on purpose.
  package var patience: Duration = .seconds(10)

  package init() {}
}

/// One relay and how to speak to it. A value of it can be used: what contradicts itself was refused.
package struct RelaySettings: Sendable {
  package enum Security: String, Sendable, CaseIterable {
    /// STARTTLS or nothing; the certificate is checked.
    case starttls
    /// TLS from the first byte; the certificate is checked.
    case implicit
    /// STARTTLS where it is offered, any certificate: no protection against somebody in between. With
    /// credentials it is the same as `starttls`.
    case opportunistic
    /// No TLS; on loopback, or where `allowPlaintext` says so, and never with credentials beyond loopback.
    case plaintext
  }

  /// Who we are to the relay.
  package struct Credentials: Sendable {
    package let username: String
    /// Password or token, read at each connect.
    let secret: RelaySecret
    /// As in EHLO: PLAIN, LOGIN, CRAM-MD5, XOAUTH2, OAUTHBEARER, and SCRAM-SHA-1 or SCRAM-SHA-256 where this
    /// machine's libcurl can. No other is tried then; nil: the best of `passwordMechanisms` that the relay offers.
    package let mechanism: String?

    /// All that may be chosen.
    package static let knownMechanisms = [
      "PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "XOAUTH2", "OAUTHBEARER",
    ]
    /// For passwords, the best first, as libcurl chooses among them.
    static let passwordMechanisms = ["SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN"]

    var usesToken: Bool { mechanism == "XOAUTH2" || mechanism == "OAUTHBEARER" }
    var needsSCRAM: Bool { mechanism?.hasPrefix("SCRAM-") ?? false }
    /// Those that may be used.
    var mechanisms: [String] { mechanism.map { [$0] } ?? Self.passwordMechanisms }
    /// Without it libcurl falls back to PLAIN with an empty password where it holds a token only, and takes DIGEST-MD5
    /// or NTLM where they are offered.
    var loginOptions: String { mechanisms.map { "AUTH=\($0)" }.joined(separator: ";") }
  }

  package struct ClientCertificate: Sendable {
    package let certificateFile: String
    package let keyFile: String

    package init(certificateFile: String, keyFile: String) {
      self.certificateFile = certificateFile
      self.keyFile = keyFile
    }
  }

  package let address: RelayAddress
  package private(set) var security: Security
  package private(set) var credentials: Credentials?
  /// PEM; in place of the system's certificates.
  package let caFile: String?
  package let clientCertificate: ClientCertificate?
  package static let usualLanes = 4
  /// The most connections at a time.
  package let lanes: Int
  package let maxPerSecond: Double?
  /// The most mails on one connection; nil: as many as the relay takes.
  package let maxPerConnection: Int?
  /// Whether commands may be sent in groups where PIPELINING is offered.
  package let pipelines: Bool
  /// The name in EHLO; nil: the host's.
  package let heloName: String?
  package var timing: RelayTiming
  private var isInspection = false

  /// As it was given.
  package let url: String
  /// `host:port`. Kept, because each report carries it.
  package let name: String

  package init(
    url: String, security: Security? = nil, username: String? = nil, passwordFile: String? = nil,
    mechanism: String? = nil, caFile: String? = nil, clientCertificate: ClientCertificate? = nil,
    lanes: Int = usualLanes, maxPerSecond: Double? = nil, maxPerConnection: Int? = nil,
    pipelines: Bool = true,
    allowPlaintext: Bool = false, heloName: String? = nil, timing: RelayTiming = RelayTiming(),
    oauth: TokenSettings? = nil, secretReaders: SecretReaders = .guarded,
    trust: FileTrust = .current
  ) throws(RelayFault) {
    let parsed = try RelayAddress.parse(url, security: security)
    self.url = url
    address = parsed.address
    name = parsed.address.description
    self.security = parsed.security
    self.caFile = caFile
    self.clientCertificate = clientCertificate
    self.timing = timing
    guard (1...64).contains(lanes) else { throw RelayFault("lanes", "is \(lanes); expected 1 to 64") }
    self.lanes = lanes
    if let maxPerSecond, !(maxPerSecond > 0 && maxPerSecond.isFinite) {
      throw RelayFault("maxPerSecond", "is \(maxPerSecond); expected a number above 0, or null for no limit")
    }
    self.maxPerSecond = maxPerSecond
    if let maxPerConnection, maxPerConnection < 1 {
      throw RelayFault(
        "maxPerConnection", "is \(maxPerConnection); expected a number above 0, or null for no limit")
    }
    self.maxPerConnection = maxPerConnection
    self.pipelines = pipelines
    if let heloName {
      let isName = heloName.utf8.allSatisfy {
        $0.isASCIILetterOrDigit || "-.[]:".utf8.contains($0)
      }
      guard isName, (1...255).contains(heloName.utf8.count) else {
        throw RelayFault("hello", "is no host name; expected one such as mail.fabrikam.example")
      }
    }
    self.heloName = heloName
    credentials = try Self.credentials(
      username, mechanism, .init(passwordFile, oauth, secretReaders, timing, trust))
    if self.security == .plaintext, !address.isLoopback {
      guard allowPlaintext else {
        throw RelayFault(
          "security",
          "is plaintext, and \(address.host) is not this machine; use starttls or implicit, or set allowPlaintext: true where the network in between is yours"
        )
      }
      guard credentials == nil else {
        throw RelayFault(
          "security",
          "is plaintext; a password never goes to another machine without TLS. Use starttls or implicit"
        )
      }
    }
  }

  private static func credentials(
    _ username: String?, _ mechanism: String?, _ secret: GivenSecret
  ) throws(RelayFault) -> Credentials? {
    guard let username else {
      if let key = secret.key {
        throw RelayFault("username", "is missing, but \(key) is there; give both")
      }
      if mechanism != nil { throw RelayFault("username", "is missing, but mechanism is there; give both") }
      return nil
    }
    guard !username.isEmpty, firstControlCharacter(in: username) == nil else {
      throw RelayFault("username", "is empty or holds a control character")
    }
    let mechanism = mechanism?.uppercased() ?? secret.usualMechanism
    let known = Credentials.knownMechanisms
    guard mechanism.map(known.contains) ?? true else {
      throw RelayFault("mechanism", "is not known; expected one of \(known.joined(separator: ", "))")
    }
    return Credentials(username: username, secret: try secret.secret(for: mechanism), mechanism: mechanism)
  }

  /// To look at a port's TLS in another way than is set: without credentials, whatever the certificate, and soon over.
  func forInspection(security: Security? = nil) -> RelaySettings {
    var copy = self
    copy.security = security ?? self.security
    copy.credentials = nil
    copy.isInspection = true
    copy.timing.connect = min(timing.connect, .seconds(5))
    copy.timing.reply = min(timing.reply, .seconds(5))
    return copy
  }

  /// Whether a connection without TLS may not be used.
  var requiresTLS: Bool {
    switch security {
    case .starttls, .implicit: true
    case .opportunistic: credentials != nil && !address.isLoopback
    case .plaintext: false
    }
  }

  /// Whether the certificate must be good.
  var checksCertificate: Bool {
    !isInspection && (security != .opportunistic || credentials != nil || caFile != nil)
  }
}
