package import CodeRequests

/// The configuration of the service, checked. Every key but `relays` and `sender` has a default.
package struct Settings: Sendable {
  /// The file it came from.
  package var file: String
  /// Directory of spool/, records.sqlite and keys/.
  package var state: String
  /// Directory of the templates.
  package var templates: String
  /// The name of the service, as mails say it.
  package var app: String
  package var defaultLocale: LocaleTag
  package var sender: Sender
  package var relays: [Relay]
  package var passcode = Codes()
  package var delivery = Delivery()
  package var limits = Limits()
  /// How long a session lasts from sign-in.
  package var sessionLifetime: Duration = .seconds(24 * 3600)
  /// The tenants file; nil: one tenant, passcodes on.
  package var tenants: String?
  /// The subject line carries the code.
  package var subjectShowsCode = false
  /// A domain for the last line of the text part (`@example.com #123456`); nil: no such line.
  package var boundDomain: String?

  package struct Sender: Hashable, Sendable {
    package var name: String?
    package var address: EmailAddress
    package var replyTo: EmailAddress?
    /// MAIL FROM; nil: the address.
    package var envelope: EmailAddress?
    package var feedbackID: String?
  }

  package struct Codes: Hashable, Sendable {
    /// Decimal digits.
    package var length = 6
    package var validity: Duration = .seconds(30 * 60)
    /// Wrong codes for one challenge.
    package var attempts = 5
    /// Live passcodes in one challenge.
    package var perChallenge = 3
  }

  package struct Delivery: Hashable, Sendable {
    /// From queued to never sent any more.
    package var deadline: Duration = .seconds(600)
    package var retryDelays: [Duration] = [
      .seconds(2), .seconds(5), .seconds(15), .seconds(40), .seconds(90),
    ]
    package var order = Order.adaptive
    /// How long SIGTERM waits for mail in flight.
    package var grace: Duration = .seconds(10)
  }

  package enum Order: String, CaseIterable, Sendable { case adaptive, oldest, newest }

  /// `count` within any `window`.
  package struct Window: Hashable, Sendable {
    package var count: Int
    package var window: Duration
  }

  package struct Limits: Hashable, Sendable {
    package var perSubject = [
      Window(count: 1, window: .seconds(30)), Window(count: 5, window: .seconds(900)),
      Window(count: 20, window: .seconds(86400)),
    ]
    package var perClient = [Window(count: 30, window: .seconds(900))]
    package var perTenant: [Window] = []
    /// Wrong codes of one subject across challenges, and how long the subject is locked then.
    package var failedAttempts = Window(count: 20, window: .seconds(3600))
    package var lockFor: Duration = .seconds(900)
  }

  /// As `SMTPDelivery` checks it; what is a file's name here is its path.
  package struct OAuth: Hashable, Sendable {
    package enum Grant: String, CaseIterable, Sendable {
      case clientCredentials = "client-credentials"
      case jwtBearer = "jwt-bearer"
    }

    package var grant: Grant
    package var tokenURL: String?
    package var clientID: String?
    package var clientSecretFile: String?
    package var clientKeyFile: String?
    package var clientThumbprint: String?
    package var keyID: String?
    package var keyFile: String?
    package var subject: String?
    package var scope: String?
    package var caFile: String?
    package var proxy: String?
  }

  package enum SecretMode: String, CaseIterable, Sendable { case guarded, any }

  package struct Relay: Hashable, Sendable {
    package enum Security: String, CaseIterable, Sendable {
      case starttls, implicit, opportunistic, plaintext
    }

    /// Whether commands go out in groups where the relay offers it.
    package enum Pipelining: String, CaseIterable, Sendable { case auto, off }

    package enum Mechanism: String, CaseIterable, Sendable {
      case plain = "PLAIN"
      case login = "LOGIN"
      case cramMD5 = "CRAM-MD5"
      case scramSHA1 = "SCRAM-SHA-1"
      case scramSHA256 = "SCRAM-SHA-256"
      case xoauth2 = "XOAUTH2"
      case oauthbearer = "OAUTHBEARER"
    }

    package var url: String
    package var security: Security
    package var allowPlaintext = false
    package var username: String?
    /// Password, or bearer token for XOAUTH2 and OAUTHBEARER; read at each connect.
    package var passwordFile: String?
    /// How a token is fetched for XOAUTH2 and OAUTHBEARER; in place of `passwordFile`.
    package var oauth: OAuth?
    /// Who may be able to read the files of secrets.
    package var secretMode = SecretMode.guarded
    package var mechanism: Mechanism?
    package var caFile: String?
    package var clientCertificate: String?
    package var clientKey: String?
    /// The name in EHLO; nil: this machine's full name, or its address where it has none.
    package var hello: String?
    package var lanes = 4
    package var maxPerSecond: Int?
    /// The most mails on one connection; nil: as many as the relay takes.
    package var maxPerConnection: Int?
    package var pipelining = Pipelining.auto
    package var connectTimeout: Duration = .seconds(10)
    package var replyTimeout: Duration = .seconds(30)
  }
}
