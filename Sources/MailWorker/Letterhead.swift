internal import Branding
package import CodeRequests
package import Configuration
package import FoundationEssentials
package import GuestPolicy
internal import LinuxSystem
package import MessageComposition
package import MessageTemplates
internal import Records
internal import RequestSpool

/// What all mails of one tenant have in common: who they come from and what they call the service.
///
/// On failure: a sender that cannot stand in a header is thrown when the letterhead is made; a template or message that cannot be made is thrown to the thread that sends, so the request ends as failed. Nothing
/// goes out in either case.
package final class Letterhead: Sendable {
  let tenant: Tenant
  package let envelopeSender: EmailAddress
  private let composer: MessageComposer
  private let app: String
  private let replyTo: EmailAddress?
  private let tenantName: String?
  private let subjectShowsCode: Bool
  private let codeDomain: String?
  private let brand: Brand
  private let palette: AccentPalette
  private let codeLength: Int
  private let validity: Duration
  private let zone: ZoneRules

  package init(settings: Settings, tenant: Tenant) throws(CompositionFault) {
    self.tenant = tenant
    let sender =
      tenant.sender.map { Mailbox(name: $0.name, address: $0.address) }
      ?? Mailbox(name: settings.sender.name, address: settings.sender.address)
    envelopeSender = settings.sender.envelope ?? sender.address
    composer = try MessageComposer(
      sender: sender, replyTo: settings.sender.replyTo.map { Mailbox(address: $0) },
      feedbackID: settings.sender.feedbackID)
    replyTo = settings.sender.replyTo
    app = tenant.app ?? settings.app
    tenantName = tenant.isOfFile ? tenant.name : nil
    subjectShowsCode = settings.subjectShowsCode
    codeDomain = settings.boundDomain
    brand = tenant.brand.over(settings.brand)
    palette = brand.palette
    codeLength = settings.passcode.length
    validity = settings.passcode.validity
    // Its name was looked up when the file was read; what has gone since is told by UTC, and by that name.
    zone = (try? ZoneRules(named: tenant.timeZone ?? settings.timeZone)) ?? .utc
  }

  /// Writes a message to the end of `output`; where it throws, `output` holds a part of it.
  func write(_ prepared: PreparedRequest, _ ticket: Ticket, into output: inout ByteBuffer) throws {
    let request = prepared.request
    try prepared.template.compose(
      TemplateValues(
        app: app, code: ticket.passcode, validity: ticket.validity, email: request.recipient,
        tenant: tenantName, clientIP: request.client?.ip,
        clientAgent: request.client?.agent,
        requestedAt: ticket.queuedAt, zone: zone, replyTo: replyTo, footer: brand.footer,
        variables: request.variables,
        subjectShowsCode: subjectShowsCode, codeDomain: codeDomain, logo: brand.logo,
        palette: palette),
      by: composer, messageID: ticket.messageIDToken, entityRef: ticket.entityRef, date: ticket.madeAt,
      into: &output)
  }

  /// A message with a made-up code, for a person to look at.
  package func sample(
    _ template: MailTemplate, to recipient: EmailAddress, variables: [String: String], now: Date
  ) throws -> [UInt8] {
    let token = "test-\(RequestID.random().rawValue)"
    var output = ByteBuffer(capacity: 8192)
    try template.compose(
      TemplateValues(
        app: app, code: .random(length: codeLength), validity: validity, email: recipient, tenant: tenantName,
        requestedAt: now, zone: zone, replyTo: replyTo, footer: brand.footer, variables: variables,
        subjectShowsCode: subjectShowsCode,
        codeDomain: codeDomain, logo: brand.logo,
        palette: palette),
      by: composer, messageID: token, entityRef: token, date: now, into: &output)
    return [UInt8](output)
  }
}
