internal import CodeRequests
internal import Configuration
internal import Foundation
internal import GuestPolicy
internal import MessageComposition
internal import MessageTemplates
internal import PasscodeVerifier
internal import RequestSpool

/// What all mails of one tenant have in common: who they come from and what they call the service.
final class Stationery: Sendable {
  let envelopeSender: EmailAddress
  private let composer: MessageComposer
  private let app: String
  private let tenantName: String?
  private let subjectShowsCode: Bool
  private let codeDomain: String?

  init(settings: Settings, tenant: Tenant) throws(CompositionFault) {
    let sender =
      tenant.sender.map { Mailbox(name: $0.name, address: $0.address) }
      ?? Mailbox(name: settings.sender.name, address: settings.sender.address)
    envelopeSender = settings.sender.envelope ?? sender.address
    composer = try MessageComposer(
      sender: sender, replyTo: settings.sender.replyTo.map { Mailbox(address: $0) },
      feedbackID: settings.sender.feedbackID)
    app = tenant.app ?? settings.app
    tenantName = tenant.isOfFile ? tenant.name : nil
    subjectShowsCode = settings.subjectShowsCode
    codeDomain = settings.boundDomain
  }

  /// The message's bytes.
  func message(for prepared: PreparedRequest, ticket: Ticket) throws -> [UInt8] {
    let request = prepared.request
    let mail = try prepared.template.render(
      TemplateValues(
        app: app, code: ticket.passcode, validity: ticket.validity, email: request.recipient,
        tenant: tenantName, clientIP: request.client?.ip, clientAgent: request.client?.agent,
        requestedAt: prepared.entry.queuedAt, variables: request.variables,
        subjectShowsCode: subjectShowsCode, codeDomain: codeDomain))
    return try composer.compose(
      subject: mail.subject, text: mail.text, html: mail.html, language: mail.language,
      to: request.recipient, messageID: ticket.messageIDToken, entityRef: ticket.entityRef,
      date: ticket.madeAt)
  }
}
