internal import Branding
package import CodeRequests
internal import Configuration
internal import GuestPolicy
package import LinuxSystem
internal import MailWorker
package import MessageTemplates

/// A directory of templates, and what there is to know for judging it.
package struct TemplateSource: Sendable {
  package let directory: String
  /// Subject lines carry the code, so each template needs one that does.
  let needsSubjectWithCode: Bool
  /// The names that folders of tenants may have; nil where no tenants file says.
  let tenants: [String]?
  /// How the mails look; nil where no configuration says.
  let brands: BrandBook?
  /// Whose files they may be.
  let trust: FileTrust

  /// One that no configuration speaks of.
  package init(directory: String) {
    self.init(directory: directory, needsSubjectWithCode: false, tenants: nil, brands: nil, trust: .anybody)
  }

  init(
    directory: String, needsSubjectWithCode: Bool, tenants: [String]?, brands: BrandBook?, trust: FileTrust
  ) {
    self.directory = directory
    self.needsSubjectWithCode = needsSubjectWithCode
    self.tenants = tenants
    self.brands = brands
    self.trust = trust
  }

  /// What is wrong with any template of any tenant, locale and purpose.
  package func findings() -> [TemplateFault] {
    TemplateLint.findings(
      in: directory, needsSubjectWithCode: needsSubjectWithCode, tenants: tenants, trust: trust)
  }

  package func catalogue() throws(TemplateFaults) -> TemplateCatalogue {
    try TemplateCatalogue(directory: directory, needsSubjectWithCode: needsSubjectWithCode, trust: trust)
  }

  /// Pages that show every mail as a reader will see it.
  ///
  /// - Parameter isWatched: they follow edits.
  package func preview(isWatched: Bool = false) -> TemplatePreview {
    TemplatePreview(
      directory: directory, needsSubjectWithCode: needsSubjectWithCode, tenants: tenants, brands: brands,
      trust: trust, isWatched: isWatched)
  }

  /// Another one where a file has changed.
  package func fingerprint() -> DirectoryStamp { TemplateReloader.fingerprint(of: directory) }
}

extension Service {
  /// Whose mail is meant.
  package struct MailKind: Sendable {
    package var locale: LocalePreference
    package var tenant: String?
    package var purpose: Purpose
    /// The directory to take instead of the configuration's.
    package var templates: String?

    package init(
      locale: LocalePreference = .none, tenant: String? = nil, purpose: Purpose = .signIn,
      templates: String? = nil
    ) {
      self.locale = locale
      self.tenant = tenant
      self.purpose = purpose
      self.templates = templates
    }
  }

  /// The configuration's templates.
  package func templateSource() throws -> TemplateSource {
    let settings = installation.settings
    let tenants = settings.tenants == nil ? nil : try tenants().tenants
    let brands = (tenants ?? []).filter { $0.brand != Brand() }.map { ($0.name, $0.brand) }
    return TemplateSource(
      directory: settings.templates, needsSubjectWithCode: settings.subjectShowsCode,
      tenants: tenants?.map(\.name),
      brands: BrandBook(common: settings.brand, tenants: Dictionary(brands) { first, _ in first }),
      trust: settings.trust)
  }

  /// Which template a mail is made from, and why.
  ///
  /// - Throws: a `RequestFault` where nothing has the purpose, else what is wrong with templates or tenants.
  package func template(for mail: MailKind) throws -> TemplateCatalogue.Choice { try choose(mail).choice }

  func choose(
    _ mail: MailKind
  ) throws -> (choice: TemplateCatalogue.Choice, tenant: Tenant, catalogue: TemplateCatalogue) {
    let settings = installation.settings
    // Whoever names a directory believes it.
    let catalogue = try TemplateCatalogue(
      directory: mail.templates ?? settings.templates, needsSubjectWithCode: settings.subjectShowsCode,
      trust: mail.templates == nil ? settings.trust : .anybody)
    let tenant = try tenants().resolve(mail.tenant)
    let choice = try catalogue.choice(for: mail.locale, purpose: mail.purpose, of: tenant, settings)
    return (choice, tenant, catalogue)
  }
}

extension TemplateSource {
  /// Which template a mail is made from where no configuration speaks of tenants and of a default language: the tenant
  /// is the name of its folder, the language English.
  package func template(for mail: Service.MailKind) throws -> TemplateCatalogue.Choice {
    let catalogue = try catalogue()
    let choice = catalogue.choose(
      for: mail.locale, tenant: mail.tenant, tenantLocale: nil, defaultLocale: try LocaleTag("en"),
      purpose: mail.purpose)
    guard let choice else { throw catalogue.hasNone(mail.purpose) }
    return choice
  }
}
