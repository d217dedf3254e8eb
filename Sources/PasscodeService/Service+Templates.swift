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
  /// Whose files they may be.
  let trust: FileTrust

  /// One that no configuration speaks of.
  package init(directory: String) {
    self.init(directory: directory, needsSubjectWithCode: false, tenants: nil, trust: .anybody)
  }

  init(directory: String, needsSubjectWithCode: Bool, tenants: [String]?, trust: FileTrust) {
    self.directory = directory
    self.needsSubjectWithCode = needsSubjectWithCode
    self.tenants = tenants
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
  package func preview() -> TemplatePreview {
    TemplatePreview(
      directory: directory, needsSubjectWithCode: needsSubjectWithCode, tenants: tenants, trust: trust)
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

    package init(locale: LocalePreference = .none, tenant: String? = nil, purpose: Purpose = .signIn) {
      self.locale = locale
      self.tenant = tenant
      self.purpose = purpose
    }
  }

  /// The configuration's templates.
  package func templateSource() throws -> TemplateSource {
    let settings = installation.settings
    let names = settings.tenants == nil ? nil : try tenants().tenants.map(\.name)
    return TemplateSource(
      directory: settings.templates, needsSubjectWithCode: settings.subjectShowsCode, tenants: names,
      trust: settings.trust)
  }

  /// Which template a mail is made from, and why.
  ///
  /// - Throws: a `RequestFault` where nothing has the purpose, else what is wrong with templates or tenants.
  package func template(for mail: MailKind) throws -> TemplateCatalogue.Choice { try choose(mail).choice }

  func choose(_ mail: MailKind) throws -> (choice: TemplateCatalogue.Choice, tenant: Tenant) {
    let settings = installation.settings
    let catalogue = try TemplateCatalogue(
      directory: settings.templates, needsSubjectWithCode: settings.subjectShowsCode,
      trust: settings.trust)
    let tenant = try tenants().resolve(mail.tenant)
    return (try catalogue.choice(for: mail.locale, purpose: mail.purpose, of: tenant, settings), tenant)
  }
}
