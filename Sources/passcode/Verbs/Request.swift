internal import CodeRequests
internal import CommandVerbs
internal import Configuration
internal import FoundationEssentials
internal import GuestPolicy
internal import MailWorker
internal import MessageTemplates
internal import PasscodeService
internal import PasscodeVerifier
internal import Records
internal import RequestSpool

extension Verbs {
  static let request = Verb(
    path: ["request"], summary: "ask for a code to be mailed; durable when it returns",
    options: [
      .value("to", "ADDR", "who gets the mail"),
      .value("locale", "L", "the reader's languages: a tag such as sv, or an Accept-Language value"),
      .value("tenant", "T", "tenant id, name, verified domain, or a sign-in link"),
      .value("purpose", "P", "template set; default sign-in"),
      .value("resend", "ID", "the open challenge that this is a resend of"),
      .value("client-ip", "IP", "address of the person asking, for limits and the template"),
      .repeated("account", "KIND", "another way this guest can sign in; may be given again"),
      .repeated("variable", "K=V", "an extra string for the template; may be given again"),
      .init(
        name: "wait", value: .optionalDuration("TIMEOUT"),
        help: "wait for the outcome, 30s unless said otherwise"),
    ],
    discussion: """
      Prints the id: it is the challenge id that `passcode verify` takes, and whoever knows it may answer the
      challenge. With --wait the exit status tells the outcome: 0 sent, 75 limited or still waiting, 65 rejected, 69 anything else.
      """
  ) { invocation in
    let installation = try Installation(invocation)
    var request = CodeRequest(recipient: try EmailAddress(try invocation.required("to")))
    if let locale = invocation.string("locale") {
      request.locale = try LocalePreference(acceptLanguage: locale)
    }
    request.tenant = invocation.string("tenant")
    if let purpose = invocation.string("purpose") { request.purpose = try Purpose(purpose) }
    if let id = invocation.string("resend") { request.challenge = try RequestID(id) }
    if let ip = invocation.string("client-ip") {
      try CodeRequest.Client.check(ip: ip)
      request.client = CodeRequest.Client(ip: ip)
    }
    request.accounts = invocation.strings("account")
    request.variables = try invocation.pairs("variable")
    // What the worker would reject is said here, before it is acknowledged.
    request = try CodeRequest(json: try request.json())
    _ = try installation.tenants().resolve(request.tenant)
    try noteFallback(request, installation)
    try installation.spool().enqueue(request)
    guard invocation.has("wait") else {
      if invocation.isJSON {
        var line = JSONLine()
        line.add("id", request.id.rawValue)
        Terminal.print(line.text)
      } else {
        Terminal.print(request.id.rawValue)
      }
      return .done
    }
    // Said before the wait: it is acknowledged, whatever becomes of the waiting.
    if !invocation.isJSON { Terminal.print(request.id.rawValue) }
    let timeout = invocation.string("wait").flatMap { Duration(settingsText: $0) } ?? .seconds(30)
    let standing = try Standing.wait(for: request.id, installation, timeout: timeout)
    if invocation.isJSON {
      Terminal.print(standing.json.text)
    } else {
      Terminal.print(standing.sentence)
    }
    switch standing.outcome {
    case "sent": return .done
    case "limited", nil: return .tryAgain
    case "rejected": return .badInput
    default: return .unavailable
    }
  }

  /// A language without templates is no error: the mail goes out in another, and whoever asks is told.
  private static func noteFallback(_ request: CodeRequest, _ installation: Installation) throws {
    guard let templates = try? TemplateCatalogue(directory: installation.settings.templates) else { return }
    let tenant = try installation.tenants().resolve(request.tenant)
    guard
      let choice = templates.choose(
        for: request.locale, tenant: tenant.isOfFile ? tenant.name : nil, tenantLocale: tenant.locale,
        defaultLocale: installation.settings.defaultLocale, purpose: request.purpose)
    else {
      throw RequestFault(
        field: "purpose",
        "has no templates; there are \(templates.purposes.map(\.rawValue).joined(separator: ", "))")
    }
    if choice.fellBack {
      let isUnread = request.locale.tags == [.undetermined]
      let wanted = request.locale.tags.map(\.rawValue).joined(separator: ", ")
      Terminal.error(
        "passcode: \(isUnread ? "--locale names no language" : "there are no templates for \(wanted)"); the mail will be in \(choice.locale)"
      )
    }
  }
}
