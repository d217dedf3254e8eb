internal import CodeRequests
internal import CommandVerbs
internal import Configuration
internal import FoundationEssentials
internal import Glibc
internal import GuestPolicy
internal import LinuxSystem
internal import MailWorker
internal import MessageComposition
internal import MessageTemplates
internal import PasscodeService
internal import SMTPDelivery

extension Verbs {
  private static let directory = Verb.Option.value(
    "templates", "DIR", "the directory; else the configuration's, which is then not needed")

  static let templateLint = Verb(
    path: ["template", "lint"], summary: "check every template of every tenant, locale and purpose",
    options: [directory, .flag("rules", "list what is checked, and check nothing")],
    discussion: "Exit status 1 where there is a finding."
  ) { invocation in
    if invocation.has("rules") {
      listRules(isJSON: invocation.isJSON)
      return .done
    }
    let (path, showsCode, tenants) = try templates(invocation)
    let findings = TemplateLint.findings(in: path, needsSubjectWithCode: showsCode, tenants: tenants)
    for finding in findings {
      if invocation.isJSON {
        var line = JSONLine()
        line.add("rule", finding.rule.rawValue)
        line.add("file", finding.file)
        line.add("line", finding.line)
        line.add("column", finding.column)
        line.add("message", finding.message)
        Terminal.print(line.text)
      } else {
        Terminal.print("\(path)/\(finding)  [\(finding.rule.rawValue)]")
      }
    }
    if findings.isEmpty, !invocation.isJSON {
      let catalogue = try TemplateCatalogue(directory: path, needsSubjectWithCode: showsCode)
      Terminal.print(
        "\(catalogue.all.count) templates in \(catalogue.locales.map(\.rawValue).joined(separator: " ")): nothing found"
      )
    }
    return findings.isEmpty ? .done : .faultsFound
  }

  private static func listRules(isJSON: Bool) {
    for rule in TemplateRule.allCases.sorted(by: { $0.rawValue < $1.rawValue }) {
      if isJSON {
        var line = JSONLine()
        line.add("rule", rule.rawValue)
        line.add("summary", rule.summary)
        Terminal.print(line.text)
      } else {
        Terminal.print("\(Help.padded(rule.rawValue, 19))\(rule.summary)")
      }
    }
  }

  static let templatePreview = Verb(
    path: ["template", "preview"], summary: "write a page that shows every mail as a reader will see it",
    options: [
      directory, .value("out", "DIR", "where index.html is written"),
      .flag("watch", "write it again whenever a template changes, until interrupted"),
    ],
    discussion: "The page needs no server and no network: open DIR/index.html in a browser."
  ) { invocation in
    let (path, showsCode, tenants) = try templates(invocation)
    let out = try invocation.required("out")
    try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
    func write() throws {
      let preview = TemplatePreview(directory: path, needsSubjectWithCode: showsCode, tenants: tenants)
      for (name, text) in preview.files {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(out)/\(name)"), options: .atomic)
      }
      let findings = preview.findings.count
      Terminal.print(
        "\(out)/index.html: \(findings == 0 ? "nothing found" : "\(findings) \(findings == 1 ? "finding" : "findings"), shown in place")"
      )
    }
    let signals = try SignalQueue([SIGINT, SIGTERM])
    var seen = TemplateReloader.fingerprint(of: path)
    try write()
    while invocation.has("watch") {
      if try waitReadable([signals.pollDescriptor], milliseconds: 300)[0], signals.next() != nil { break }
      let fingerprint = TemplateReloader.fingerprint(of: path)
      guard fingerprint != seen else { continue }
      seen = fingerprint
      try write()
    }
    return .done
  }

  static let templateExplain = Verb(
    path: ["template", "explain"], summary: "tell which file each part of a mail comes from, and why",
    options: [
      .value("locale", "L", "a tag such as de-AT, or an Accept-Language value"),
      .value("tenant", "T", "tenant id, name, verified domain, or a sign-in link"),
      .value("purpose", "P", "default sign-in"),
    ]
  ) { invocation in
    let installation = try Installation(invocation)
    let (choice, _) = try choose(invocation, installation)
    if invocation.isJSON {
      var line = JSONLine()
      line.add("locale", choice.locale.rawValue)
      line.add("reason", choice.reason.name)
      line.add("fellBack", choice.fellBack)
      line.add(
        "parts",
        choice.template.origins.map { origin in
          var part = JSONLine()
          part.add("part", origin.part)
          part.add("file", origin.file)
          part.add("passedOver", origin.passedOver)
          return part
        })
      Terminal.print(line.text)
    } else {
      choice.explanation.forEach(Terminal.print)
    }
    return .done
  }

  static let templateSend = Verb(
    path: ["template", "send"], summary: "send one test mail through the configured relay",
    options: [
      .value("to", "ADDR", "who gets it"), .value("locale", "L", "a tag such as sv"),
      .value("tenant", "T", "tenant id, name, verified domain, or a sign-in link"),
      .value("purpose", "P", "default sign-in"),
      .repeated("variable", "K=V", "an extra string for the template; may be given again"),
    ],
    discussion: "The code in it is made up and verifies nothing. Exit status 69 where no relay takes it."
  ) { invocation in
    let installation = try Installation(invocation)
    let settings = installation.settings
    let recipient = try EmailAddress(try invocation.required("to"))
    let (choice, tenant) = try choose(invocation, installation)
    let letterhead = try Letterhead(settings: settings, tenant: tenant)
    let bytes = try letterhead.sample(
      choice.template, to: recipient, variables: try invocation.pairs("variable"), now: Date())
    let (report, trouble) = try deliver(
      ReadyMail(
        sender: letterhead.envelopeSender, recipient: recipient,
        deadline: Date().addingTimeInterval(settings.delivery.deadline.inSeconds), bytes: bytes),
      over: try settings.relaySettings())
    let reply = report.reply.map { "\($0)" } ?? "it ended the connection"
    guard report.verdict == .sent else {
      // What is wrong with the relay, where it is the relay, says what to do as well.
      var words = trouble ?? "\(report.relay) did not take it: \(reply)"
      if report.verdict == .ambiguous {
        words =
          "\(report.relay) had the whole mail and did not say whether it took it (\(report.reply.map { "\($0)" } ?? "no reply")); it may have arrived: look there before you send another"
      }
      if case .unsendable(let reason) = report.verdict { words = "\(report.relay) cannot take it: \(reason)" }
      for answer in report.earlier {
        words += "; \(answer.name): \(answer.reply.map { "\($0)" } ?? "it ended the connection")"
      }
      throw CommandFault(.unavailable, words)
    }
    if invocation.isJSON {
      var line = JSONLine()
      line.add("sent", true)
      line.add("locale", choice.locale.rawValue)
      line.add("relay", report.relay)
      line.add("reply", reply)
      Terminal.print(line.text)
    } else {
      Terminal.print("sent in \(choice.locale) by \(report.relay): \(reply)")
    }
    return .done
  }

  /// The directory to look at, whether subjects show the code, and the names of tenants where a file has them.
  private static func templates(_ invocation: Invocation) throws -> (String, Bool, tenants: [String]?) {
    if let path = invocation.string("templates") {
      guard FileManager.default.fileExists(atPath: path) else {
        throw CommandFault(.notFound, "\(path): there is no such directory")
      }
      return (path, false, nil)
    }
    let installation = try Installation(invocation)
    let settings = installation.settings
    let tenants = settings.tenants == nil ? nil : try installation.tenants().tenants.map(\.name)
    return (settings.templates, settings.subjectShowsCode, tenants)
  }

  private static func choose(
    _ invocation: Invocation, _ installation: Installation
  ) throws -> (TemplateCatalogue.Choice, Tenant) {
    let settings = installation.settings
    let catalogue = try TemplateCatalogue(
      directory: settings.templates, needsSubjectWithCode: settings.subjectShowsCode)
    let tenant = try installation.tenants().resolve(invocation.string("tenant"))
    let preference = try invocation.string("locale").map { try LocalePreference(acceptLanguage: $0) } ?? .none
    let purpose = try invocation.string("purpose").map { try Purpose($0) } ?? .signIn
    guard
      let choice = catalogue.choose(
        for: preference, tenant: tenant.isOfFile ? tenant.name : nil, tenantLocale: tenant.locale,
        defaultLocale: settings.defaultLocale, purpose: purpose)
    else {
      throw RequestFault(
        field: "purpose",
        "has no templates; there are \(catalogue.purposes.map(\.rawValue).joined(separator: ", "))")
    }
    return (choice, tenant)
  }

  /// Hands one mail to the first relay that takes it, and waits for the end of that: not longer than until each relay
  /// has said why it cannot be used.
  ///
  /// - Returns: what came of it, and what the last relay that was asked has been held for; nil where it was not.
  private static func deliver(
    _ mail: ReadyMail, over relays: [RelaySettings]
  ) throws -> (DeliveryReport, trouble: String?) {
    struct Course {
      var report: DeliveryReport?
      var troubles: [String: String] = [:]
    }
    let mails = BoundedQueue<ReadyMail>(capacity: 1)
    let course = Monitor(Course())
    let dispatcher = try RelayDispatcher(
      relays: relays, mails: mails, settle: { _, report in course.change { $0.report = report } },
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
    if let report = end.report, report.verdict != .untouched { return (report, end.troubles[report.relay]) }
    let troubles = relays.compactMap { end.troubles[$0.name] }
    throw CommandFault(
      .unavailable,
      troubles.isEmpty ? "no relay answered within two minutes" : troubles.joined(separator: "; "))
  }
}
