package import CodeRequests
internal import Configuration
internal import FoundationEssentials
internal import LinuxSystem
internal import MailWorker
package import MessageTemplates
package import SMTPDelivery

extension Service {
  /// What became of a test mail.
  package enum TestMail: Sendable {
    /// A relay took it.
    case sent(locale: LocaleTag, relay: String, reply: Reply?)
    /// A relay would not take it, for good or for now.
    case refused(DeliveryReport, trouble: String?)
    /// A relay had the whole mail and did not say whether it took it: it may have arrived.
    case unanswered(DeliveryReport)
    /// No relay got as far as the mail. What each is held for; nothing where none answered in time.
    case undelivered(troubles: [String])
  }

  /// Sends one mail with a made-up code through the configured relays, past spool and records.
  ///
  /// - Parameter chosen: is told which template it is made from, before it is sent.
  package func sendTestMail(
    to recipient: EmailAddress, _ kind: MailKind, variables: [String: String],
    chosen: (TemplateCatalogue.Choice) -> Void = { _ in }
  ) throws -> TestMail {
    let settings = installation.settings
    let (choice, tenant, catalogue) = try choose(kind)
    try catalogue.check(variables)
    chosen(choice)
    let letterhead = try Letterhead(settings: settings, tenant: tenant)
    let bytes = try letterhead.sample(choice.template, to: recipient, variables: variables, now: now())
    let mail = ReadyMail(
      sender: letterhead.envelopeSender, recipient: recipient,
      // By the clock that lanes go by.
      deadline: Date().addingTimeInterval(settings.delivery.deadline.inSeconds), bytes: bytes)
    let relays = try settings.relaySettings()
    let (report, troubles) = try deliver(mail, over: relays)
    guard let report, report.verdict != .untouched else {
      return .undelivered(troubles: relays.compactMap { troubles[$0.name] })
    }
    switch report.verdict {
    case .sent: return .sent(locale: choice.locale, relay: report.relay, reply: report.reply)
    case .ambiguous: return .unanswered(report)
    default: return .refused(report, trouble: troubles[report.relay])
    }
  }

  /// Hands one mail to the first relay that takes it, and waits for the end of that: not longer than until each relay
  /// has said why it cannot be used.
  ///
  /// - Returns: what came of it, and by the relay's name what each has been held for.
  private func deliver(
    _ mail: ReadyMail, over relays: [RelaySettings]
  ) throws -> (report: DeliveryReport?, troubles: [String: String]) {
    struct Course {
      var report: DeliveryReport?
      var troubles: [String: String] = [:]
    }
    let mails = BoundedQueue<ReadyMail>(capacity: 1)
    let course = Monitor(Course())
    let dispatcher = try RelayDispatcher(
      relays: relays, mails: mails, report: { _, report in course.change { $0.report = report } },
      event: { event in
        switch event {
        case .down(let relay, let found, _), .held(let relay, let found, _),
          .backingOff(let relay, let found, _):
          course.change { $0.troubles[relay] = found.message }
        case .recovered(let relay): course.change { $0.troubles[relay] = nil }
        default: break
        }
      })
    try dispatcher.start()
    mails.push(mail)
    let names = Set(relays.map(\.name))
    _ = course.wait(timeout: .seconds(120)) { course -> Void? in
      course.report != nil || course.troubles.count == names.count ? () : nil
    }
    dispatcher.finish(grace: .seconds(1))
    let end = course.withLock { $0 }
    return (end.report, end.troubles)
  }
}
