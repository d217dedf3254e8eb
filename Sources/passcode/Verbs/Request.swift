internal import CodeRequests
internal import CommandVerbs
internal import Configuration
internal import Documents
internal import PasscodeService
internal import Records

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
      .value("client-agent", "TEXT", "that person's User-Agent; the mail tells browser and system"),
      .flag(
        "device", "read the device from standard input: what the last sign-in from the same browser returned"),
      .repeated("account", "KIND", "another way this guest can sign in; repeatable"),
      .repeated("variable", "K=V", "an extra string for the template; repeatable"),
      .init(
        name: "wait", value: .optionalDuration("TIMEOUT"),
        help: "wait for the outcome, 30s unless said otherwise"),
      .flag("dry-run", "only tell whether it would be let through; nothing is queued or recorded"),
    ],
    discussion: """
      Prints the id: it is the challenge id that `passcode verify` takes, and whoever knows it may answer the
      challenge. With --wait the exit status tells the outcome: 0 sent, 15 another method is to be used, 75 rate-limited or
      still waiting, 65 rejected, 69 anything else. Where no worker runs, it does not wait: the request stays in the spool.

      What is wrong with a request is said before it is queued, with 65: an address, an undeclared variable, a purpose
      without templates. A language never is: what can be read of it counts.

      With --dry-run: 0 let through, 15 another method is to be used, 75 rate-limited, 69 a resend into a challenge that is used,
      locked or expired. The same rules decide when the worker admits a request, whose word is final.
      """
  ) { invocation in
    let service = try Service(invocation)
    let checked = try service.check(try request(invocation, service))
    if invocation.has("dry-run") { return tell(try service.forecast(checked.request), invocation) }
    if checked.fellBack, let locale = checked.locale { checked.request.locale.noteFallback(to: locale) }
    if invocation.has("wait") { try service.prepareToWait() }
    try service.enqueue(checked)
    let id = checked.request.id
    guard invocation.has("wait") else {
      invocation.answer(id.rawValue) { $0.add("id", id.rawValue) }
      return .done
    }
    // Said before the wait: it is acknowledged, whatever becomes of the waiting.
    if !invocation.isJSON { Terminal.print(id.rawValue) }
    let timeout = try invocation.duration("wait") ?? .seconds(30)
    let progress = try service.wait(for: id, timeout: timeout) { waiting in
      invocation.warn(waiting.sentence)
    }
    invocation.answer(progress.sentence, json: progress.fill)
    return status(of: progress)
  }

  /// What would become of it.
  private static func tell(_ forecast: Forecast, _ invocation: Invocation) -> ExitStatus {
    switch forecast {
    case .letThrough:
      invocation.answer("would be let through") { $0.add("forecast", "let-through") }
      return .done
    case .refused(let method, let url, let rule):
      invocation.answer(
        "would be refused, sign in with \(method)\(url.map { " at \($0)" } ?? ""): \(rule)"
      ) { line in
        line.add("forecast", "refused")
        line.add("method", method)
        line.add("url", url)
        line.add("reason", rule)
      }
      return .notAllowed
    case .limited(let until, let rule):
      invocation.answer("would be rate-limited, ask again after \(until.rfc3339): \(rule)") { line in
        line.add("forecast", "limited")
        line.add("retryAt", until.rfc3339)
        line.add("reason", rule)
      }
      return .tryAgain
    case .closed(let reason):
      invocation.answer("would come to nothing: \(reason)") { line in
        line.add("forecast", "closed")
        line.add("reason", reason)
      }
      return .unavailable
    }
  }

  /// What was asked for, before it is checked.
  private static func request(_ invocation: Invocation, _ service: Service) throws -> CodeRequest {
    var request = CodeRequest(recipient: try invocation.recipient())
    if let locale = invocation.string("locale") {
      request.locale = LocalePreference(acceptLanguage: locale)
    }
    request.tenant = invocation.string("tenant")
    if let purpose = invocation.string("purpose") { request.purpose = try Purpose(purpose) }
    if let id = invocation.string("resend") { request.challenge = try RequestID(id) }
    if let ip = invocation.string("client-ip") {
      try CodeRequest.Client.check(ip: ip)
      request.client = CodeRequest.Client(ip: ip)
    }
    if let agent = invocation.string("client-agent") {
      request.client = CodeRequest.Client(ip: request.client?.ip, agent: agent)
    }
    if invocation.has("device") { request.device = try DeviceToken.read() }
    if invocation.has("account") {
      request.accounts = try invocation.accounts(known: try service.knownAccounts())
    }
    request.variables = try invocation.pairs("variable")
    return request
  }

  private static func status(of progress: RequestProgress) -> ExitStatus {
    switch progress.outcome {
    case .sent: .done
    case .limited, nil: .tryAgain
    case .rejected: .badInput
    // By the policy, which has another method. Else the challenge is closed.
    case .refused where progress.status?.method != nil: .notAllowed
    case .refused, .expired, .failed, .superseded, .cancelled: .unavailable
    }
  }
}
