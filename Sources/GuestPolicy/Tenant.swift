package import Branding
package import CodeRequests
package import FoundationEssentials

/// The organisation that a guest signs in to, and what it said about passcodes.
package struct Tenant: Hashable, Sendable {
  /// A tenant's switch.
  package enum Switch: String, CaseIterable, Sendable {
    /// On, except before `autoEnableAt` and in the government cloud.
    case `default`
    /// On now, whatever the date and the cloud.
    case enabled
    /// Off, and off it stays.
    case disabled
  }

  /// Where the tenant lives; decides what `default` means.
  package enum Cloud: String, CaseIterable, Sendable { case `public`, government }

  /// What the answer names where passcodes are off.
  package struct Alternative: Hashable, Sendable {
    package var method: SignInMethod
    /// Where the guest goes for it: an absolute http or https URL.
    package var url: String?

    package init(method: SignInMethod, url: String? = nil) {
      self.method = method
      self.url = url
    }

    /// Of a tenant that names nothing: somebody has to help.
    package static let administrator = Alternative(method: SignInMethod(known: "ask-administrator"))
  }

  /// The sender that this tenant's mail carries.
  package struct Sender: Hashable, Sendable {
    package var name: String?
    package var address: EmailAddress

    package init(name: String? = nil, address: EmailAddress) {
      self.name = name
      self.address = address
    }
  }

  /// What records, limits and subjects count by. Compared without regard to case; kept as the file has it.
  package var id: String
  package var name: String
  /// Verified domains in A-labels.
  package var domains: [String]
  package var passcodes: Switch
  /// The moment from which `default` means on.
  package var autoEnableAt: Date?
  package var cloud: Cloud
  /// Domains of guests, in A-labels, whose provider the tenant federates with.
  package var federatedDomains: [String: SignInMethod]
  package var whenOff: Alternative
  package var locale: LocaleTag?
  /// The name of the zone by whose clock its mails tell when a code was asked for.
  package var timeZone: String?
  package var sender: Sender?
  package var app: String?
  /// What its mails show beside their words; where it says nothing, the installation's holds.
  package var brand: Brand

  package init(
    id: String, name: String, domains: [String] = [], passcodes: Switch = .default, autoEnableAt: Date? = nil,
    cloud: Cloud = .public, federatedDomains: [String: SignInMethod] = [:],
    whenOff: Alternative = .administrator, locale: LocaleTag? = nil, timeZone: String? = nil,
    sender: Sender? = nil, app: String? = nil, brand: Brand = Brand()
  ) {
    self.id = id
    self.name = name
    self.domains = domains
    self.passcodes = passcodes
    self.autoEnableAt = autoEnableAt
    self.cloud = cloud
    self.federatedDomains = federatedDomains
    self.whenOff = whenOff
    self.locale = locale
    self.timeZone = timeZone
    self.sender = sender
    self.app = app
    self.brand = brand
  }

  /// The tenant of an installation without a tenants file: passcodes are on for everybody.
  package static let only = Tenant(id: "*", name: "default")

  /// Who asked at the common endpoint without naming an organisation. No tenant's switch speaks here.
  package static let common = Tenant(id: "*common", name: "common")

  /// The ids of the two above; an id in a file begins with a letter or a digit.
  package static let reservedIDs = [only.id, common.id]

  /// False for the tenant of an installation without a file and for the common endpoint.
  package var isOfFile: Bool { !Self.reservedIDs.contains(id) }
}

/// A way to sign in: `passcode`, `directory`, `microsoft`, `google`, or any other lower-case name.
package struct SignInMethod: Hashable, Sendable, CustomStringConvertible {
  package let rawValue: String

  package static let passcode = SignInMethod(known: "passcode")

  /// What is known without anybody naming it.
  package static let usual = ["directory", "microsoft", "google", "facebook", "password"].map {
    SignInMethod(known: $0)
  }

  /// A name of this program's own.
  init(known rawValue: String) { self.rawValue = rawValue }

  /// Nil unless `text` is 1 to 64 lower-case letters, digits and hyphens, beginning with a letter.
  package init?(_ text: String) {
    guard isSlug(text, maximum: 64) else { return nil }
    rawValue = text
  }

  package var description: String { rawValue }
}
