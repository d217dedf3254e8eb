package import Branding
package import CodeRequests
package import LinuxSystem
package import Records
package import RequestSpool
package import SMTPDelivery

/// The configuration of the service, checked. Each module's part is in the module's own words; what must be there and
/// what holds where a key is missing stands with the keys (`RootKeys` and those below it).
package struct Settings: Sendable {
  /// The file it came from.
  package let file: String
  /// Directory of spool/, records.sqlite and keys/.
  package let state: String
  /// Directory of the templates.
  package let templates: String
  /// The name of the service, as mails say it.
  package let app: String
  /// What mails show beside their words, where a tenant says nothing else.
  package let brand: Brand
  package let defaultLocale: LocaleTag
  package let sender: Sender
  package let passcode: PasscodeSettings
  package let delivery: Delivery
  package let limits: LimitSettings
  package let verification: Verification
  /// What a right code must be for to begin a session.
  package let sessionPurposes: Set<Purpose>
  /// How long a session lasts from sign-in.
  package let sessionLifetime: Duration
  /// The tenants file; nil: one tenant, passcodes on.
  package let tenants: String?
  /// The subject line carries the code.
  package let subjectShowsCode: Bool
  /// How long `failed/` and `rejected/` keep what lies there.
  package let retention: Duration
  /// Other users of the machine who may enqueue; nil: none.
  package let spoolGroup: SpoolGroup?
  /// A domain for the last line of the text part (`@example.com #123456`); nil: no such line.
  package let boundDomain: String?
  /// The name of the zone by whose clock mails tell when a code was asked for.
  package let timeZone: String
  /// What contradicts itself in a relay keeps mail from being sent, and nothing else: it is told to who wants to send.
  private var relays: Result<[RelaySettings], ConfigurationFault>
  private let makeRelays: @Sendable (FileTrust) -> Result<[RelaySettings], ConfigurationFault>
  /// Whose files are believed among those that the configuration names.
  package private(set) var trust = FileTrust.anybody

  /// The relays, in the order in which they are tried.
  ///
  /// - Throws: a fault that names the key of a relay that cannot be used as it is set, or of a file that is another
  ///   one's or that others can write.
  package func relaySettings() throws(ConfigurationFault) -> [RelaySettings] {
    let relays = try relays.get()
    if let fault = secretFaults().first { throw fault }
    return relays
  }

  /// What is wrong with whose the files are that relays name, and with who can write them.
  package func secretFaults() -> [ConfigurationFault] {
    guard case .success(let relays) = relays else { return [] }
    return relays.enumerated().flatMap { index, relay in
      relay.files.compactMap { file in
        trust.problem(of: file.path, file.content).map {
          ConfigurationFault(file: self.file, key: "relays[\(index)].\(file.key)", $0)
        }
      }
    }
  }

  /// The same settings, for files that are believed as `trust` says.
  func trusting(_ trust: FileTrust) -> Settings {
    var settings = self
    settings.trust = trust
    settings.relays = makeRelays(trust)
    return settings
  }

  package var recordsPath: String { "\(state)/records.sqlite" }
  package var keysPath: String { "\(state)/keys" }
  package var spoolPath: String { "\(state)/spool" }

  package struct Sender: Hashable, Sendable {
    package let name: String?
    package let address: EmailAddress
    package let replyTo: EmailAddress?
    /// MAIL FROM; nil: the address.
    package let envelope: EmailAddress?
    package let feedbackID: String?
  }

  package struct Verification: Hashable, Sendable {
    /// Codes are taken by address alone, too.
    package var byAddress = false
    package var broughtCodes = BroughtCodes.mail
  }

  package struct Delivery: Hashable, Sendable {
    /// From queued to never sent any more.
    package var deadline: Duration = .seconds(600)
    package var retryDelays: [Duration] = [
      .seconds(2), .seconds(5), .seconds(15), .seconds(40), .seconds(90),
    ]
    package var order = SpoolOrder.adaptive
    /// How long SIGTERM waits for mail in flight.
    package var grace: Duration = .seconds(10)
  }

  init(
    file: String, state: String, templates: String, app: String, brand: Brand, defaultLocale: LocaleTag,
    sender: Sender,
    passcode: PasscodeSettings, delivery: Delivery, limits: LimitSettings,
    verification: Verification, sessionPurposes: Set<Purpose>, sessionLifetime: Duration,
    tenants: String?, subjectShowsCode: Bool, retention: Duration, spoolGroup: SpoolGroup?,
    boundDomain: String?, timeZone: String,
    makeRelays: @escaping @Sendable (FileTrust) -> Result<[RelaySettings], ConfigurationFault>
  ) {
    self.file = file
    self.state = state
    self.templates = templates
    self.app = app
    self.brand = brand
    self.defaultLocale = defaultLocale
    self.sender = sender
    self.passcode = passcode
    self.delivery = delivery
    self.limits = limits
    self.verification = verification
    self.sessionPurposes = sessionPurposes
    self.sessionLifetime = sessionLifetime
    self.tenants = tenants
    self.subjectShowsCode = subjectShowsCode
    self.retention = retention
    self.spoolGroup = spoolGroup
    self.boundDomain = boundDomain
    self.timeZone = timeZone
    self.makeRelays = makeRelays
    relays = makeRelays(.current)
  }
}
