package import CodeRequests
package import Configuration
internal import Documents
internal import FoundationEssentials
package import GuestPolicy
internal import LinuxSystem
package import MessageTemplates
internal import RecordKeys
internal import RequestSpool

/// Turns a request file's bytes into a request that can be admitted, or says what is wrong with it.
///
/// Used by the intake thread alone. A fault names the field; the file is set aside with it, and nothing else is
/// touched.
///
/// On failure: a request that cannot be understood is a fault that names its field; templates and tenants that became
/// faulty on disk stay as they were, told once.
final class RequestReader {
  private let settings: Settings
  private let keyring: Keyring
  private let templates: TemplateReloader
  private var tenants: TenantDirectoryReloader
  private let log: EventLog
  /// As of the last `refresh`.
  private var catalogue: TemplateCatalogue
  /// By the tenant's id, of tenants as of the last `refresh`.
  private var letterheads: [String: Letterhead] = [:]
  private let lifetime: TimeInterval

  init(
    settings: Settings, keyring: Keyring, templates: TemplateReloader, tenants: TenantDirectoryReloader,
    log: EventLog
  ) {
    self.settings = settings
    self.keyring = keyring
    self.templates = templates
    self.tenants = tenants
    self.log = log
    catalogue = templates.current
    Self.warn(of: catalogue, log)
    lifetime = settings.delivery.deadline.inSeconds
  }

  /// Takes changes of templates and tenants that were made on disk. What is faulty is not taken, and told once.
  func refresh(now: Date) {
    switch templates.poll(now: now) {
    case .loaded(let catalogue):
      log.post(.reloaded(.templates(templates.directory)))
      Self.warn(of: catalogue, log)
    case .refused(let faults): log.post(.reloadRefused(reason: "\(faults)"))
    case nil: break
    }
    catalogue = templates.current
    switch tenants.refresh(now: now) {
    case .reloaded:
      letterheads = [:]
      log.post(.reloaded(.tenants(settings.tenants)))
    case .broken(let faults): log.post(.reloadRefused(reason: "\(faults)"))
    case nil: break
    }
  }

  /// Folders that nothing is made of stop nothing; whoever left them there should know.
  private static func warn(of catalogue: TemplateCatalogue, _ log: EventLog) {
    for warning in catalogue.warnings { log.post(.templatePassedOver(warning)) }
  }

  func prepare(_ entry: SpoolEntry, _ file: RequestFile) throws(RequestFault) -> PreparedRequest {
    let entry = entry.queued(at: file.queuedAt)
    var request = try CodeRequest(json: file.bytes)
    if file.isForeign { try Self.checkForeign(request) }
    let secrets: PreparedRequest.Secrets =
      request.code != nil ? .code : request.device != nil ? .device : .none
    if let sealed = request.sealedCode {
      do { request.code = try keyring.open(sealed, for: request.id) } catch {
        throw RequestFault(
          field: "sealedCode", "cannot be opened; seal it with this installation's key, for this id")
      }
      request.sealedCode = nil
    }
    if let sealed = request.sealedDevice {
      do { request.device = try keyring.open(device: sealed, for: request.id) } catch {
        throw RequestFault(
          field: "sealedDevice", "cannot be opened; leave sealing to the worker, and give device")
      }
      request.sealedDevice = nil
    }
    return try prepare(entry, request, secrets, isForeign: file.isForeign)
  }

  /// What another user of the machine may not bring: with a code of his own he could sign in as anybody.
  private static func checkForeign(_ request: CodeRequest) throws(RequestFault) {
    let field =
      request.code != nil
      ? "code" : request.sealedCode != nil ? "sealedCode" : request.sealedDevice != nil ? "sealedDevice" : nil
    guard let field else { return }
    throw RequestFault(
      field: field, "may be brought by the spool's owner alone, and the file is another user's")
  }

  /// What the spool's group may ask for.
  private func checkForeign(_ request: CodeRequest, of tenant: Tenant) throws(RequestFault) {
    guard let group = settings.spoolGroup else { return }
    if let purposes = group.purposes, !purposes.contains(request.purpose) {
      throw RequestFault(
        field: "purpose",
        "is not one that spoolGroup may ask for; those are \(purposes.map(\.rawValue).joined(separator: ", "))"
      )
    }
    guard let allowed = group.tenants else { return }
    let directory = tenants.directory
    guard allowed.contains(where: { (try? directory.resolve($0))?.id == tenant.id }) else {
      throw RequestFault(field: "tenant", "is not one that spoolGroup may ask for")
    }
  }

  private func prepare(
    _ entry: SpoolEntry, _ request: consuming CodeRequest, _ secrets: PreparedRequest.Secrets, isForeign: Bool
  ) throws(RequestFault) -> PreparedRequest {
    let tenant = try tenants.directory.resolve(request.tenant)
    if isForeign { try checkForeign(request, of: tenant) }
    let choice = try catalogue.choice(for: request.locale, purpose: request.purpose, of: tenant, settings)
    try catalogue.check(request.variables)
    let deadline = request.deadline ?? entry.queuedAt.addingTimeInterval(lifetime)
    return PreparedRequest(
      entry: entry, request: request, secrets: secrets, keyring: keyring, deadline: deadline,
      template: choice.template, fellBack: choice.fellBack, letterhead: try letterhead(of: tenant))
  }

  private func letterhead(of tenant: Tenant) throws(RequestFault) -> Letterhead {
    if let known = letterheads[tenant.id] { return known }
    do {
      let made = try Letterhead(settings: settings, tenant: tenant)
      letterheads[tenant.id] = made
      return made
    } catch { throw RequestFault(field: "tenant", "has a sender that cannot stand in a header: \(error)") }
  }
}

extension TemplateCatalogue {
  /// The template of a mail to a guest of this tenant.
  ///
  /// - Throws: a fault of `purpose` where no language has templates for it.
  package func choice(
    for locale: LocalePreference, purpose: Purpose, of tenant: Tenant, _ settings: Settings
  ) throws(RequestFault) -> Choice {
    let choice = choose(
      for: locale, tenant: tenant.isOfFile ? tenant.name : nil, tenantLocale: tenant.locale,
      defaultLocale: settings.defaultLocale, purpose: purpose)
    if let choice { return choice }
    throw hasNone(purpose)
  }

  /// The fault of a purpose that no language has templates for.
  package func hasNone(_ purpose: Purpose) -> RequestFault {
    let names = purposes.map(\.rawValue)
    let hint = nearest(to: purpose.rawValue, in: names).map { "; did you mean \($0)?" } ?? ""
    return RequestFault(
      field: "purpose", "has no templates; there are \(names.joined(separator: ", "))\(hint)")
  }
}
