public import FoundationEssentials

/// A request for one passcode mail: what a frontend puts in the spool.
public struct CodeRequest: Sendable {
  /// The person who asked, as the frontend saw them.
  public struct Client: Hashable, Sendable {
    /// An IPv4 or IPv6 address in text form.
    public var ip: String?
    /// The User-Agent or a name of the device, for the template.
    public var agent: String?

    /// A client.
    public init(ip: String? = nil, agent: String? = nil) {
      self.ip = ip
      self.agent = agent
    }
  }

  /// Challenge id and idempotency key.
  public var id: RequestID
  /// Who gets the mail.
  public var recipient: EmailAddress
  /// The reader's languages.
  public var locale: LocalePreference
  /// Tenant id, name, verified domain, or a sign-in link that names it.
  public var tenant: String?
  /// Template set.
  public var purpose: Purpose
  /// The open challenge that this is a resend of.
  public var challenge: RequestID?
  /// A code that the frontend made; nil: the worker makes it.
  public var code: Passcode?
  /// The same, sealed by our tools.
  public var sealedCode: String?
  /// Never send after this.
  public var deadline: Date?
  /// The person who asked.
  public var client: Client?
  /// What the last sign-in from the same browser returned.
  public var device: DeviceToken?
  /// The same, sealed by the worker, which keeps no device as it came.
  public var sealedDevice: String?
  /// Other ways this guest can sign in, for the policy: `directory`, `microsoft`, `google`, …
  public var accounts: [String]
  /// Extra strings for the template.
  public var variables: [String: String]

  /// A request with a new id.
  public init(
    id: RequestID = .random(), recipient: EmailAddress, locale: LocalePreference = .none,
    tenant: String? = nil, purpose: Purpose = .signIn, challenge: RequestID? = nil, code: Passcode? = nil,
    sealedCode: String? = nil, deadline: Date? = nil, client: Client? = nil, device: DeviceToken? = nil,
    accounts: [String] = [],
    variables: [String: String] = [:]
  ) {
    self.id = id
    self.recipient = recipient
    self.locale = locale
    self.tenant = tenant
    self.purpose = purpose
    self.challenge = challenge
    self.code = code
    self.sealedCode = sealedCode
    self.deadline = deadline
    self.client = client
    self.device = device
    self.accounts = accounts
    self.variables = variables
  }
}
