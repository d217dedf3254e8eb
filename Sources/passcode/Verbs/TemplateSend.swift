internal import CodeRequests
internal import CommandVerbs
internal import Documents
internal import MessageTemplates
internal import PasscodeService
internal import SMTPDelivery

extension Verbs {
  static let templateSend = Verb(
    path: ["template", "send"], summary: "send one test mail through the configured relay",
    options: [
      .value("to", "ADDR", "who gets it"), .value("locale", "L", "a tag such as sv"),
      .value("tenant", "T", "tenant id, name, verified domain, or a sign-in link"),
      .value("purpose", "P", "default sign-in"),
      .value("templates", "DIR", "the directory; else the configuration's"),
      .repeated("variable", "K=V", "an extra string for the template; repeatable"),
    ],
    discussion: "The code in it is made up and verifies nothing. Exit status 69 where no relay takes it."
  ) { invocation in
    let service = try Service(invocation)
    let recipient = try invocation.recipient()
    let kind = try Service.MailKind(invocation)
    let mail = try service.sendTestMail(to: recipient, kind, variables: try invocation.pairs("variable")) {
      if $0.fellBack { kind.locale.noteFallback(to: $0.locale) }
    }
    switch mail {
    case .sent(let locale, let relay, let reply):
      let words = words(of: reply)
      invocation.answer("sent in \(locale) by \(relay): \(words)") { line in
        line.add("sent", true)
        line.add("locale", locale.rawValue)
        line.add("relay", relay)
        line.add("reply", words)
      }
      return .done
    case .refused(let report, let trouble):
      throw CommandFault(.unavailable, refusal(report, trouble))
    case .unanswered(let report):
      throw CommandFault(
        .unavailable,
        "\(report.relay) had the whole mail and did not say whether it took it (\(report.reply.map { "\($0)" } ?? "no reply")); it may have arrived: look there before you send another"
          + earlier(report))
    case .undelivered(let troubles):
      throw CommandFault(
        .unavailable,
        troubles.isEmpty ? "no relay answered within two minutes" : troubles.joined(separator: "; "))
    }
  }

  private static func words(of reply: Reply?) -> String { reply.map { "\($0)" } ?? "it ended the connection" }

  /// What is wrong with the relay, where it is the relay, says what to do as well.
  private static func refusal(_ report: DeliveryReport, _ trouble: String?) -> String {
    var text = trouble ?? "\(report.relay) did not take it: \(words(of: report.reply))"
    if case .unsendable(let reason) = report.verdict { text = "\(report.relay) cannot take it: \(reason)" }
    return text + earlier(report)
  }

  /// What other relays said before.
  private static func earlier(_ report: DeliveryReport) -> String {
    report.earlier.map { "; \($0.name): \(words(of: $0.reply))" }.joined()
  }
}
