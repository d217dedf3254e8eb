package import CodeRequests
internal import Documents
internal import FoundationEssentials
package import LinuxSystem

/// All templates of a directory, checked when they load. Immutable: a change on disk makes a new catalogue.
package struct TemplateCatalogue: Sendable {
  /// A locale and a purpose.
  struct Key: Hashable, Sendable {
    let locale: LocaleTag
    let purpose: Purpose
  }

  /// What a mail is rendered with, and how it came to that.
  package struct Choice: Sendable {
    package enum Reason: Hashable, Sendable {
      /// One of the reader's own tags, as it stood in the request.
      case reader(LocaleTag)
      /// The tenant's locale.
      case tenant
      /// The configured default.
      case `default`
      /// Nothing that was asked for is there.
      case lastResort
    }

    package let template: MailTemplate
    package let reason: Reason
    /// The reader asked for languages, and has got none of them.
    package let fellBack: Bool
    package var locale: LocaleTag { template.locale }
  }

  /// As it was given.
  package let directory: String
  package let names: TemplateNames
  let common: [Key: MailTemplate]
  /// By the name of the tenant's folder, folded; only what the tenant overrides.
  let tenants: [String: [Key: MailTemplate]]

  /// Every locale that anybody has, sorted by tag.
  let matches: [LanguageMatch]

  /// Folders that nothing is made of, such as a copy that somebody left: they stop nothing, and somebody should know.
  package let warnings: [TemplateFault]

  init(
    directory: String, names: TemplateNames, common: [Key: MailTemplate],
    tenants: [String: [Key: MailTemplate]], warnings: [TemplateFault] = []
  ) {
    self.warnings = warnings
    self.directory = directory
    self.names = names
    self.common = common
    self.tenants = tenants
    let locales = tenants.values.reduce(into: Set(common.keys.map(\.locale))) { locales, own in
      locales.formUnion(own.keys.map(\.locale))
    }
    matches = locales.sorted { $0.rawValue < $1.rawValue }.map(LanguageMatch.init)
  }

  /// Loads and checks a directory.
  ///
  /// - Parameters:
  ///   - needsSubjectWithCode: the subject shows the code, so every purpose needs `subject-with-code.txt`.
  ///   - trust: whose files they may be.
  /// - Throws: every fault of every file, with line and column.
  package init(
    directory: String, needsSubjectWithCode: Bool = false, trust: FileTrust = .anybody
  ) throws(TemplateFaults) {
    var loader = CatalogueLoader(
      files: TemplateFiles(directory: directory, trust: trust), needsSubjectWithCode: needsSubjectWithCode)
    let catalogue = loader.load()
    guard loader.library.faults.isEmpty else {
      throw TemplateFaults(directory: directory, loader.library.faults)
    }
    self = catalogue
  }

  /// The locales that all tenants have, sorted.
  package var locales: [LocaleTag] { Set(common.keys.map(\.locale)).sorted { $0.rawValue < $1.rawValue } }

  /// The purposes that any locale has, sorted.
  package var purposes: [Purpose] {
    Set(common.keys.map(\.purpose) + tenants.values.flatMap { $0.keys.map(\.purpose) })
      .sorted { $0.rawValue < $1.rawValue }
  }

  /// Tenants are compared without case, as the tenants file compares them.
  static func folded(_ tenant: String) -> String { UnicodeSpelling.folded(tenant) }

  /// The templates of a tenant's own; nil where it has none.
  func own(_ tenant: String?) -> [Key: MailTemplate]? {
    guard let tenant, !tenants.isEmpty else { return nil }
    return tenants[Self.folded(tenant)]
  }

  /// What mail was sent from in `other` and could not be any more: a locale or purpose that is gone.
  func missing(of other: TemplateCatalogue) -> [TemplateFault] {
    func fault(_ key: Key, _ folder: String) -> TemplateFault {
      TemplateFault(
        .missingPart, file: "\(folder)\(key.locale)/\(key.purpose)",
        "is gone, though mail is sent from it; put it back, or send the worker SIGHUP to go on without it")
    }
    var faults = other.common.keys.filter { common[$0] == nil }.map { fault($0, "") }
    for (tenant, templates) in other.tenants {
      for (key, template) in templates
      where tenants[tenant]?[key] == nil && common[key] == nil && other.common[key] == nil {
        faults.append(fault(key, "\(CatalogueLoader.tenantsFolder)/\(template.tenant ?? tenant)/"))
      }
    }
    return faults
  }

  /// Every template: the common ones, then those of tenants.
  package var all: [MailTemplate] {
    func sorted(_ templates: [Key: MailTemplate]) -> [MailTemplate] {
      templates.values.sorted {
        ($0.locale.rawValue, $0.purpose.rawValue) < ($1.locale.rawValue, $1.purpose.rawValue)
      }
    }
    return sorted(common) + tenants.keys.sorted().flatMap { sorted(tenants[$0]!) }
  }

  /// Whether all variables of a request are declared, and their values such as were declared.
  ///
  /// - Throws: a fault of the first that is not.
  package func check(_ variables: [String: String]) throws(RequestFault) {
    guard !variables.isEmpty else { return }
    if let name = undeclared(variables).first {
      let declared = names.variables.map(\.name)
      let hint = nearest(to: name, in: declared).map { "; did you mean \($0)?" }
      throw RequestFault(
        field: "variables.\(RequestOutline.name(name))",
        "is not declared in variables.json5 of the templates"
          + (hint
            ?? (declared.isEmpty
              ? ", which declares none" : "; declared are \(declared.joined(separator: ", "))"))
      )
    }
    for variable in names.variables {
      if let value = variables[variable.name] { try variable.check(value) }
    }
  }

  /// The variables of a request that no template can use, sorted: most likely a slip in the frontend.
  private func undeclared(_ variables: [String: String]) -> [String] {
    variables.keys.filter { name in !names.variables.contains { $0.name == name } }.sorted()
  }
}
