internal import Configuration
package import FoundationEssentials
internal import GuestPolicy
internal import LinuxSystem
internal import MessageTemplates
internal import PasscodeVerifier
internal import Records
internal import RequestSpool

/// What can be asked of an installation, whoever carries the question: the command, HTTP, a test. What cannot be had is
/// an answer (an enum), not an error; front ends turn answers into words and statuses.
///
/// Parts are opened when they are first wanted and kept, so that who asks for a status needs no templates, and who asks a
/// thousand times opens them once. For any thread.
///
/// On failure: a question throws the error of the module that could not answer it (`ConfigurationFault`, `RequestFault`,
/// `SpoolError`, `RecordError`, `KeyFault`, `TemplateFaults`, `TenantFaults`), and nothing of it has happened unless its
/// own words say otherwise. The same question may be asked again.
package final class Service: Sendable {
  package let installation: Installation
  let now: @Sendable () -> Date
  /// Waits this long before the same is asked again.
  let pause: @Sendable (Duration) -> Void
  private let openedSpool = OpenedPart<Spool>()
  private let openedRecords = OpenedPart<RecordStore>()
  private let openedVerifier = OpenedPart<Verifier>()
  private let openedTenants = OpenedPart<TenantDirectoryReloader>()
  private let openedTemplates = OpenedPart<TemplateReloader>()

  /// - Parameters:
  ///   - now: the time; replaced in tests.
  ///   - pause: waits; replaced in tests.
  package init(
    _ installation: Installation, now: @escaping @Sendable () -> Date = { Date() },
    pause: @escaping @Sendable (Duration) -> Void = Service.wait
  ) {
    self.installation = installation
    self.now = now
    self.pause = pause
  }

  /// Lets this thread rest.
  package static func wait(_ duration: Duration) {
    _ = try? waitReadable([], milliseconds: max(1, Int(duration.inSeconds * 1000)))
  }

  func spool() throws -> Spool { try openedSpool.use(open: installation.spool) { $0 } }

  /// Hands over the records; another thread that wants them waits.
  func records<Result>(_ body: (RecordStore) throws -> Result) throws -> Result {
    try openedRecords.use(
      open: installation.records, again: { if $0.isReplaced { try $0.renew() } }, body)
  }

  func verifier() throws -> Verifier { try openedVerifier.use(open: installation.verifier) { $0 } }

  /// The tenants as the file has them now. One that became faulty leaves the last good ones in force.
  func tenants() throws -> TenantDirectory {
    try openedTenants.use(
      open: { [settings = installation.settings] in
        try settings.tenants.map {
          try TenantDirectoryReloader(path: $0, access: .fileSystem(settings.trust))
        } ?? TenantDirectoryReloader()
      },
      again: { [now] in _ = $0.refresh(now: now()) }
    ) { $0.directory }
  }

  /// The templates that mails are made from now.
  func templates() throws -> TemplateCatalogue {
    try openedTemplates.use(
      open: {
        try TemplateReloader(
          directory: installation.settings.templates, trust: installation.settings.trust)
      },
      again: { _ = $0.poll(now: now()) }
    ) { $0.current }
  }

  /// The tenant that a reference means, and its id in the records.
  func tenant(_ reference: String?) throws -> (tenant: Tenant, id: String?) {
    let tenant = try tenants().resolve(reference)
    return (tenant, tenant.id == Tenant.only.id ? nil : tenant.id)
  }
}
