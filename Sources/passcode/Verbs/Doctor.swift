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
internal import SQLiteRecords
internal import RecordKeys
internal import RequestSpool
internal import SMTPDelivery

extension Verbs {
  static let doctor = Verb(
    path: ["doctor"],
    summary: "check configuration, state, templates, and each relay to the end of AUTH, without sending",
    discussion: "Exit status 1 where a check found a fault, 78 where the configuration cannot be read at all."
  ) { invocation in
    let installation = try Installation(invocation)
    var examination = Examination(isJSON: invocation.isJSON)
    examination.report("configuration", .good, installation.settings.file)
    examination.check("spool") {
      installation.settings.spoolPath + ", \(try installation.spool().count(.queued)) waiting"
    }
    examination.check("keys") {
      "\(try installation.keyring().entries.count) in \(installation.settings.keysPath)"
    }
    examination.check("records") {
      _ = try installation.records().keyUses()
      return installation.settings.recordsPath
    }
    examination.check("templates") {
      let templates = try TemplateCatalogue(
        directory: installation.settings.templates,
        needsSubjectWithCode: installation.settings.subjectShowsCode)
      return "\(templates.locales.map(\.rawValue).joined(separator: " ")) in \(templates.directory)"
    }
    examination.check("tenants") { "\(try installation.tenants().tenants.count)" }
    do {
      let size = try? largestMail(installation)
      for relay in try installation.settings.relaySettings() { examination.examine(relay, mailSize: size) }
    } catch { examination.report("relays", .bad, "\(error)") }
    return examination.isHealthy ? .done : .faultsFound
  }

  /// The bytes of the largest mail that the templates make, with nothing from a request in it.
  private static func largestMail(_ installation: Installation) throws -> Int {
    let settings = installation.settings
    let catalogue = try TemplateCatalogue(
      directory: settings.templates, needsSubjectWithCode: settings.subjectShowsCode)
    let letterhead = try Letterhead(settings: settings, tenant: try installation.tenants().resolve(nil))
    var largest = 0
    for purpose in catalogue.purposes {
      for locale in catalogue.locales {
        guard
          let choice = catalogue.choose(
            for: try LocalePreference(acceptLanguage: locale.rawValue), tenant: nil, tenantLocale: nil,
            defaultLocale: settings.defaultLocale, purpose: purpose),
          let mail = try? letterhead.sample(
            choice.template, to: settings.sender.address, variables: [:], now: Date())
        else { continue }
        largest = max(largest, mail.count)
      }
    }
    return largest
  }
}

/// The rows of one examination, printed as they come.
private struct Examination {
  enum Finding: String { case good = "ok", doubtful = "warning", bad = "fault" }

  let isJSON: Bool
  private(set) var isHealthy = true

  init(isJSON: Bool) { self.isJSON = isJSON }

  mutating func check(_ name: String, _ body: () throws -> String) {
    do { report(name, .good, try body()) } catch { report(name, .bad, Command.explain(error).1) }
  }

  mutating func report(_ name: String, _ finding: Finding, _ text: String) {
    if finding == .bad { isHealthy = false }
    if isJSON {
      var line = JSONLine()
      line.add("check", name)
      line.add("finding", finding.rawValue)
      line.add("detail", text)
      Terminal.print(line.text)
      return
    }
    let mark =
      switch finding {
      case .good: Terminal.styled("✓", .green)
      case .doubtful: Terminal.styled("!", .yellow)
      case .bad: Terminal.styled("✗", .red)
      }
    Terminal.print("\(mark) \(Help.padded(name, 15))\(text)")
  }

  /// One relay, from its name to the end of AUTH.
  ///
  /// - Parameter mailSize: the bytes of our largest mail.
  mutating func examine(_ settings: RelaySettings, mailSize: Int?) {
    let probe = RelayProbe(settings)
    let name = "relay \(probe.relay)"
    if let token = probe.token {
      let scope = token.scope.map { "for \($0)" } ?? token.wantedScope.map { "for \($0), as asked" }
      report(
        "token", .good,
        [
          "\(token.grant) at \(token.endpoint)", "valid for \(lifetime(token.lifetime))", scope,
          milliseconds(token.took),
        ].compactMap(\.self).joined(separator: "; "))
    }
    let steps = probe.steps.map { "\($0.name.rawValue) \(milliseconds($0.took))" }.joined(separator: ", ")
    var facts: [String] = []
    if let address = probe.address { facts.append(address) }
    if let version = probe.tlsVersion {
      facts.append([version, probe.cipher].compactMap(\.self).joined(separator: " "))
    }
    if !probe.features.lines.isEmpty {
      facts.append("offers \(probe.features.lines.joined(separator: ", "))")
    }
    if probe.isAuthenticated { facts.append("authenticated") }
    if !steps.isEmpty { facts.append(steps) }
    if let trouble = probe.trouble {
      report(name, .bad, trouble.message)
      if !facts.isEmpty { report(name, .doubtful, "came as far as: " + facts.joined(separator: "; ")) }
    } else {
      report(name, .good, facts.joined(separator: "; "))
    }
    if let certificate = probe.certificates.first {
      let days = certificate.daysLeft(now: Date())
      let names = certificate.names.isEmpty ? certificate.subject : certificate.names.joined(separator: ", ")
      report(
        "certificate", days ?? 0 < 14 ? .doubtful : .good,
        "\(names), by \(certificate.issuer), \(days.map { "\($0) days left" } ?? "no end date")")
    }
    for warning in probe.warnings { report(name, .doubtful, warning) }
    if let limit = probe.features.maxSize, let mailSize, mailSize > limit {
      report(
        name, .bad,
        "takes mails of at most \(limit) bytes (SIZE), and ours have up to \(mailSize); have its limit raised, or use another relay"
      )
    }
  }

  private func lifetime(_ duration: Duration) -> String {
    let seconds = Int(duration.inSeconds)
    return seconds < 120 ? "\(seconds) s" : "\(seconds / 60) min"
  }

  private func milliseconds(_ duration: Duration) -> String {
    "\((duration.inSeconds * 10_000).rounded() / 10) ms"
  }
}
