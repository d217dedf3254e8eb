package import Branding
package import CodeRequests
package import FoundationEssentials
package import LinuxSystem

/// What one mail says.
package struct TemplateValues: Sendable {
  package var app: String
  package var code: Passcode
  package var validity: Duration
  package var email: EmailAddress
  /// The tenant's name as people read it; nil where there is none.
  package var tenant: String?
  package var clientIP: String?
  /// User-Agent as it was sent; browser and system are all of it that a mail says.
  package var clientAgent: String?
  package var requestedAt: Date
  /// By whose clock the reader is told when that was.
  package var zone: ZoneRules
  /// Where answers go; nil where nobody reads them.
  package var replyTo: EmailAddress?
  /// What stands below the mail; lines end with LF, and nil is no footer.
  package var footer: String?
  /// Extra strings of the request. What `variables.json5` does not declare is not used.
  package var variables: [String: String]
  /// Takes `subject-with-code.txt` for the subject.
  package var subjectShowsCode: Bool
  /// The domain that the code is bound to: adds the last line `@example.com #123456` to the text.
  package var codeDomain: String?
  /// A text mark at the head; nil where the name of the service stands there.
  package var logo: String?
  /// The colours of the accent.
  package var palette: AccentPalette

  package init(
    app: String, code: Passcode, validity: Duration, email: EmailAddress, tenant: String? = nil,
    clientIP: String? = nil, clientAgent: String? = nil, requestedAt: Date, zone: ZoneRules = .utc,
    replyTo: EmailAddress? = nil,
    footer: String? = nil, variables: [String: String] = [:], subjectShowsCode: Bool = false,
    codeDomain: String? = nil, logo: String? = nil, palette: AccentPalette = .usual
  ) {
    self.app = app
    self.code = code
    self.validity = validity
    self.email = email
    self.tenant = tenant
    self.clientIP = clientIP
    self.clientAgent = clientAgent
    self.requestedAt = requestedAt
    self.zone = zone
    self.replyTo = replyTo
    self.footer = footer
    self.variables = variables
    self.subjectShowsCode = subjectShowsCode
    self.codeDomain = codeDomain
    self.logo = logo
    self.palette = palette
  }
}

extension TemplateValues {
  /// Made-up values, as loading, lint and the preview show them; every optional one is there.
  static func filledSample(
    _ names: TemplateNames, app: String = "Fabrikam", validity: Duration = .seconds(1320),
    tenant: String? = nil
  ) -> TemplateValues? {
    guard let code = try? Passcode("042917"), let email = try? EmailAddress("anna@example.org") else {
      return nil
    }
    var variables: [String: String] = [:]
    for variable in names.variables { variables[variable.name] = variable.example }
    return TemplateValues(
      app: app, code: code, validity: validity, email: email, tenant: tenant ?? "Fabrikam",
      clientIP: "192.0.2.1",
      clientAgent: "Mozilla/5.0 (Windows NT 10.0) Firefox/130.0",
      requestedAt: Date(timeIntervalSince1970: 1_795_238_567), replyTo: email,
      footer: "Fabrikam AB, Storgatan 1, 111 22 Stockholm", variables: variables,
      codeDomain: "fabrikam.example", logo: app)
  }

  /// The same with nothing that may be missing.
  static func bareSample(_ names: TemplateNames) -> TemplateValues? {
    guard var values = filledSample(names) else { return nil }
    values.tenant = nil
    values.clientIP = nil
    values.clientAgent = nil
    values.replyTo = nil
    values.footer = nil
    values.codeDomain = nil
    values.logo = nil
    for variable in names.variables where !variable.isRequired { values.variables[variable.name] = nil }
    return values
  }
}

/// Why a mail cannot be rendered from the values it was given. Names the value, never shows it.
package struct RenderFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// `missing-variable`, `control-character` or `no-subject-with-code`.
  package let code: String
  /// The name of the value, such as `variables.city` or `app`.
  package let field: String
  package let message: String

  package var description: String { "\(field) \(message)" }
}
