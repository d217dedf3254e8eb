package import CodeRequests
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
  /// A domain for the last line of the text part (`@example.com #123456`); nil: no such line.
  package let boundDomain: String?
  /// What contradicts itself in a relay keeps mail from being sent, and nothing else: it is told to who wants to send.
  let relays: Result<[RelaySettings], ConfigurationFault>

  /// The relays, in the order in which they are tried.
  ///
  /// - Throws: a fault that names the key of a relay that cannot be used as it is set.
  package func relaySettings() throws(ConfigurationFault) -> [RelaySettings] { try relays.get() }

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
}
