internal import CodeRequests
internal import Configuration
internal import FoundationEssentials
internal import GuestPolicy
internal import LinuxSystem
internal import MailWorker
internal import MessageTemplates
internal import Records
internal import RecordKeys
internal import RequestSpool
internal import SMTPDelivery

/// One row of an examination of the installation.
package struct Finding: Hashable, Sendable {
  /// What was looked at.
  package enum Subject: Hashable, Sendable {
    case configuration, limits, state, spool, worker, keys, records, templates, tenants, secret, relays, token
    case certificate
    /// `host:port`.
    case relay(String)
  }

  package enum Grade: Hashable, Sendable { case good, doubtful, bad }

  package let subject: Subject
  package let grade: Grade
  /// What was found, and where it is bad what to do.
  package let text: String
}

extension Service {
  /// Looks at configuration, state, templates, and each relay to the end of AUTH. Nothing is sent, and nothing is made:
  /// what root's look made would be root's, and the worker could not use it.
  ///
  /// - Parameter report: gets each finding as it is made.
  /// - Returns: whether nothing was bad.
  package func examine(_ report: (Finding) -> Void) -> Bool {
    withoutActuallyEscaping(report) { report in
      let examination = Examination(report)
      examination.run(self)
      return examination.isHealthy
    }
  }
}

/// The rows of one examination, told as they come.
private final class Examination {
  private let tell: (Finding) -> Void
  private(set) var isHealthy = true

  init(_ tell: @escaping (Finding) -> Void) { self.tell = tell }

  func run(_ service: Service) {
    let settings = service.installation.settings
    report(.configuration, .good, settings.file)
    examineLimits(settings)
    look(.spool) {
      let view = try Spool.view(of: settings.spoolPath)
      if let path = view.missing.first { return .missing(path) }
      return .there("\(settings.spoolPath), \(view.waiting) waiting")
    }
    examineWorker(service)
    examineRecords(service)
    examineAccess(settings)
    check(.templates) {
      let templates = try TemplateCatalogue(
        directory: settings.templates, needsSubjectWithCode: settings.subjectShowsCode,
        trust: settings.trust)
      return "\(templates.locales.map(\.rawValue).joined(separator: " ")) in \(templates.directory)"
    }
    check(.tenants) { "\(try service.tenants().tenants.count)" }
    let faults = settings.secretFaults()
    for fault in faults { report(.secret, .bad, fault.description) }
    // Told already, and with the others of their kind.
    guard faults.isEmpty else { return }
    do {
      let size = try? service.largestMail()
      for relay in try settings.relaySettings() { examine(relay, mailSize: size, now: service.now()) }
    } catch { report(.relays, .bad, "\(error)") }
  }

  /// Keys and records.
  private func examineRecords(_ service: Service) {
    let settings = service.installation.settings
    var hasKeys = false
    look(.keys) {
      guard try service.installation.hasKeys() else { return .missing("\(settings.keysPath)/1.key") }
      hasKeys = true
      let keyring = try service.installation.keyring()
      try service.installation.checkRetiredKeys(of: keyring, now: service.now())
      return .there("\(keyring.entries.count) in \(settings.keysPath)")
    }
    look(.records) {
      guard FilePath.isThere(settings.recordsPath) else { return .missing(settings.recordsPath) }
      // Without keys they cannot be opened, which the row above says.
      // Opened and closed: what SQLite keeps beside them while they are open goes again.
      if hasKeys { _ = try service.installation.records() }
      return .there(settings.recordsPath)
    }
  }

  /// A part of the state, where it is there.
  private enum Part {
    case there(String)
    case missing(String)
  }

  private func look(_ subject: Finding.Subject, _ body: () throws -> Part) {
    do {
      switch try body() {
      case .there(let text): report(subject, .good, text)
      case .missing(let path):
        report(subject, .doubtful, "\(path) is not there yet; the worker makes it when it first starts")
      }
    } catch { report(subject, .bad, "\(error)") }
  }

  /// Who sends what waits, since when, and whether it still turns.
  private func examineWorker(_ service: Service) {
    let worker: Service.WorkerReport
    do { worker = try service.worker() } catch { return report(.worker, .bad, "\(error)") }
    let standby = worker.standbyCount == 0 ? "" : ", \(worker.standbyCount) standby"
    guard worker.isRunning else {
      return report(
        .worker, .doubtful,
        "none is running\(standby), so that what is asked for waits; start passcode worker (systemctl start passcode-worker)"
      )
    }
    var text = "running"
    if let process = worker.process { text += ", process \(process)" }
    if let startedAt = worker.startedAt { text += ", since \(startedAt.rfc3339)" }
    guard let turnedAt = worker.turnedAt else { return report(.worker, .good, text + standby) }
    let age = max(0, Int(service.now().timeIntervalSince(turnedAt)))
    text += ", last turn \(age) s ago\(standby)"
    if age > 60 {
      report(
        .worker, .doubtful,
        "\(text); it turns every ten seconds at least: its log says what holds it up, and a restart loses nothing"
      )
    } else {
      report(.worker, .good, text)
    }
  }

  /// What somebody who guesses comes to, and whether everybody together are bounded.
  private func examineLimits(_ settings: Settings) {
    let chance = GuessingChance.within30Days(settings.passcode, settings.limits)
    let tenThousandths = (chance * 100_000).rounded(.up) / 10
    report(
      .limits, chance > GuessingChance.bound ? .doubtful : .good,
      "whoever guesses hits a code of one address within 30 days with a chance of at most \(tenThousandths) in 10,000"
    )
    if settings.limits.total.isEmpty,
      (try? settings.relaySettings())?.contains(where: { !$0.address.isLoopback }) == true
    {
      report(
        .limits, .doubtful,
        "limits.total is not set; set it to 0.8 times what the provider takes, so that nobody uses that up")
    }
  }

  /// Who else can read or write what the service keeps.
  private func examineAccess(_ settings: Settings) {
    let access = StateAccess(settings)
    for exposure in access.exposures() {
      let subject: Finding.Subject =
        switch exposure.part {
        case .state: .state
        case .spool: .spool
        case .keys: .keys
        case .records: .records
        }
      report(subject, .bad, exposure.text)
    }
    guard FilePath.isThere(settings.state) else {
      return report(
        .state, .doubtful, "\(settings.state) is not there yet; the worker makes it when it first starts")
    }
    if isHealthy { report(.state, .good, "\(settings.state), closed to others") }
  }

  private func check(_ subject: Finding.Subject, _ body: () throws -> String) {
    do { report(subject, .good, try body()) } catch { report(subject, .bad, "\(error)") }
  }

  private func report(_ subject: Finding.Subject, _ grade: Finding.Grade, _ text: String) {
    if grade == .bad { isHealthy = false }
    tell(Finding(subject: subject, grade: grade, text: text))
  }

  /// One relay, from its name to the end of AUTH.
  ///
  /// - Parameter mailSize: the bytes of our largest mail.
  private func examine(_ settings: RelaySettings, mailSize: Int?, now: Date) {
    let probe = RelayProbe(settings)
    let relay = Finding.Subject.relay(probe.relay)
    if let token = probe.token {
      let scope = token.scope.map { "for \($0)" } ?? token.wantedScope.map { "for \($0), as asked" }
      report(
        .token, .good,
        [
          "\(token.grant) at \(token.endpoint)", "valid for \(lifetime(token.lifetime))", scope,
          milliseconds(token.took),
        ].compactMap(\.self).joined(separator: "; "))
    }
    let facts = facts(probe)
    if let trouble = probe.trouble {
      report(relay, .bad, trouble.message)
      if !facts.isEmpty { report(relay, .doubtful, "came as far as: " + facts.joined(separator: "; ")) }
    } else {
      report(relay, .good, facts.joined(separator: "; "))
    }
    if let certificate = probe.certificates.first {
      let days = certificate.daysLeft(now: now)
      let names = certificate.names.isEmpty ? certificate.subject : certificate.names.joined(separator: ", ")
      report(
        .certificate, days ?? 0 < 14 ? .doubtful : .good,
        "\(names), by \(certificate.issuer), \(days.map { "\($0) days left" } ?? "no end date")")
    }
    for warning in probe.warnings { report(relay, .doubtful, warning) }
    if let limit = probe.features.maxSize, let mailSize, mailSize > limit {
      report(
        relay, .bad,
        "takes mails of at most \(limit) bytes (SIZE), and ours have up to \(mailSize); have its limit raised, or use another relay"
      )
    }
  }

  private func facts(_ probe: RelayProbe) -> [String] {
    var facts: [String] = []
    if let address = probe.address { facts.append(address) }
    if !probe.greeting.isEmpty { facts.append("greets as \"\(probe.greeting)\"") }
    if let version = probe.tlsVersion {
      facts.append([version, probe.cipher].compactMap(\.self).joined(separator: " "))
    }
    if !probe.features.lines.isEmpty {
      facts.append("offers \(probe.features.lines.joined(separator: ", "))")
    }
    if probe.isAuthenticated { facts.append("authenticated") }
    let steps = probe.steps.map { "\($0.name.rawValue) \(milliseconds($0.took))" }.joined(separator: ", ")
    if !steps.isEmpty { facts.append(steps) }
    return facts
  }

  private func lifetime(_ duration: Duration) -> String {
    let seconds = Int(duration.inSeconds)
    return seconds < 120 ? "\(seconds) s" : "\(seconds / 60) min"
  }

  private func milliseconds(_ duration: Duration) -> String {
    "\((duration.inSeconds * 10_000).rounded() / 10) ms"
  }
}

extension Service {
  /// The bytes of the largest mail that the templates make, with nothing from a request in it.
  fileprivate func largestMail() throws -> Int {
    let settings = installation.settings
    let catalogue = try TemplateCatalogue(
      directory: settings.templates, needsSubjectWithCode: settings.subjectShowsCode,
      trust: settings.trust)
    let letterhead = try Letterhead(settings: settings, tenant: try tenants().resolve(nil))
    var largest = 0
    for purpose in catalogue.purposes {
      for locale in catalogue.locales {
        guard
          let choice = catalogue.choose(
            for: LocalePreference(acceptLanguage: locale.rawValue), tenant: nil, tenantLocale: nil,
            defaultLocale: settings.defaultLocale, purpose: purpose),
          let mail = try? letterhead.sample(
            choice.template, to: settings.sender.address, variables: [:], now: now())
        else { continue }
        largest = max(largest, mail.count)
      }
    }
    return largest
  }
}
