package import CodeRequests
package import Configuration
package import Foundation
package import GuestPolicy
package import MessageComposition
package import MessageTemplates
internal import PasscodeVerifier
internal import RequestSpool

/// What all mails of one tenant have in common: who they come from and what they call the service.
///
/// On failure: a sender that cannot stand in a header is thrown when the letterhead is made; a template or message that cannot be made is thrown to the lane, so the request ends as failed. Nothing
/// goes out in either case.
package final class Letterhead: Sendable {
  package let envelopeSender: EmailAddress
  private let composer: MessageComposer
  private let app: String
  private let tenantName: String?
  private let subjectShowsCode: Bool
  private let codeDomain: String?
  private let codeLength: Int
  private let validity: Duration

  package init(settings: Settings, tenant: Tenant) throws(CompositionFault) {
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
    codeLength = settings.passcode.length
    validity = settings.passcode.validity
  }

  /// The message's bytes.
  func message(for prepared: PreparedRequest, ticket: Ticket) throws -> [UInt8] {
    let request = prepared.request
    return try message(
      prepared.template, code: ticket.passcode, validity: ticket.validity, to: request.recipient,
      client: request.client, requestedAt: prepared.entry.queuedAt, variables: request.variables,
      messageID: ticket.messageIDToken, entityRef: ticket.entityRef, date: ticket.madeAt)
  }

  /// A message with a made-up code, for a person to look at.
  package func sample(
    _ template: MailTemplate, to recipient: EmailAddress, variables: [String: String], now: Date
  ) throws -> [UInt8] {
    let token = RequestID.random().rawValue
    return try message(
      template, code: .random(length: codeLength), validity: validity, to: recipient, client: nil,
      requestedAt: now,
      variables: variables, messageID: "test-\(token)", entityRef: "test-\(token)", date: now)
  }

  private func message(
    _ template: MailTemplate, code: Passcode, validity: Duration, to recipient: EmailAddress,
    client: CodeRequest.Client?, requestedAt: Date, variables: [String: String], messageID: String,
    entityRef: String, date: Date
  ) throws -> [UInt8] {
    let mail = try template.renderEncoded(
      TemplateValues(
        app: app, code: code, validity: validity, email: recipient, tenant: tenantName, clientIP: client?.ip,
        clientAgent: client?.agent, requestedAt: requestedAt, variables: variables,
        subjectShowsCode: subjectShowsCode, codeDomain: codeDomain))
    return try composer.compose(
      subject: mail.subject, text: mail.text, html: mail.html, language: mail.language, to: recipient,
      messageID: messageID, entityRef: entityRef, date: date)
  }
}
