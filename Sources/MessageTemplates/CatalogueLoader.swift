internal import CodeRequests

/// Builds a catalogue from the files of a directory. What it cannot build stands as faults in `library`; the rest is
/// built all the same, so that lint and the preview can show it.
struct CatalogueLoader {
  static let tenantsFolder = "tenants"
  static let parts = ["subject.txt", "preheader.txt", "body.html", "body.txt"]
  static let subjectWithCode = "subject-with-code.txt"

  static func isPart(_ name: some StringProtocol) -> Bool {
    parts.contains { $0 == name } || name == subjectWithCode
  }

  var library: TemplateLibrary
  private let needsSubjectWithCode: Bool
  private var phrases: [String: ValidityPhrases] = [:]
  private var requestPhrases: [String: RequestPhrases] = [:]
  /// Mails that something keeps from being built.
  private(set) var unbuilt: [UnbuiltMail] = []

  struct UnbuiltMail {
    let locale: LocaleTag
    let purpose: Purpose
    let tenant: String?
  }

  init(files: TemplateFiles, needsSubjectWithCode: Bool) {
    library = TemplateLibrary(files)
    self.needsSubjectWithCode = needsSubjectWithCode
  }

  /// The locales in a folder: the tag, the name it is spelled with there, and the purposes in it.
  struct LocaleFolder {
    let name: String
    let purposes: Set<Purpose>
  }

  mutating func load() -> TemplateCatalogue {
    let commonFolders = locales(in: "")
    if commonFolders.isEmpty, library.faults.isEmpty {
      library.add(
        TemplateFault(
          .missingPart, file: "",
          "holds no locale; expected folders such as en/sign-in with subject.txt, preheader.txt, body.html, body.txt"
        ))
    }
    var common: [TemplateCatalogue.Key: MailTemplate] = [:]
    for (locale, folder) in commonFolders {
      for purpose in folder.purposes {
        common[TemplateCatalogue.Key(locale: locale, purpose: purpose)] = template(
          locale, purpose, common: folder.name, tenant: nil)
      }
    }
    var tenants: [String: [TemplateCatalogue.Key: MailTemplate]] = [:]
    var tenantFolders: [String: String] = [:]
    for tenant in library.files.folders(in: Self.tenantsFolder) {
      let own = load(tenant: tenant, commonFolders)
      let folded = TemplateCatalogue.folded(tenant)
      if let other = tenantFolders[folded] {
        library.add(
          TemplateFault(
            .folderName, file: "\(Self.tenantsFolder)/\(tenant)",
            "is the same tenant as '\(other)' (compared without case); keep one of them"))
      }
      tenantFolders[folded] = tenant
      if !own.isEmpty { tenants[folded] = own }
    }
    return TemplateCatalogue(
      directory: library.files.directory, names: library.names, common: common, tenants: tenants,
      warnings: Set(library.warnings).sorted(by: TemplateFault.isOrderedBefore))
  }

  private mutating func load(
    tenant: String, _ commonFolders: [LocaleTag: LocaleFolder]
  ) -> [TemplateCatalogue.Key: MailTemplate] {
    let root = "\(Self.tenantsFolder)/\(tenant)"
    let ownFolders = locales(in: root)
    let brings = library.files.names(in: root).contains(where: TemplateFiles.isTemplate)
    var templates: [TemplateCatalogue.Key: MailTemplate] = [:]
    for locale in Set(commonFolders.keys).union(ownFolders.keys) {
      let own = ownFolders[locale]
      // Nothing of the tenant's can take part in this locale.
      guard brings || own != nil else { continue }
      let purposes = (commonFolders[locale]?.purposes ?? []).union(own?.purposes ?? [])
      for purpose in purposes {
        let template = template(
          locale, purpose, common: commonFolders[locale]?.name,
          tenant: (name: tenant, folder: root, locale: own?.name))
        guard let template, template.origins.contains(where: { $0.file.hasPrefix(root + "/") }) else {
          continue
        }
        templates[TemplateCatalogue.Key(locale: locale, purpose: purpose)] = template
      }
    }
    return templates
  }

  /// The folders in `folder` that hold purposes, by locale.
  private mutating func locales(in folder: String) -> [LocaleTag: LocaleFolder] {
    var result: [LocaleTag: LocaleFolder] = [:]
    for name in library.files.folders(in: folder) where !(folder.isEmpty && name == Self.tenantsFolder) {
      let path = TemplateFolders.path(folder, name)
      let inside = library.files.folders(in: path)
      let isLocale =
        !inside.isEmpty || library.files.names(in: path).contains(where: TemplateFiles.isTemplate)
      // Others were passed over when the files were read.
      guard let locale = try? LocaleTag(name) else { continue }
      var purposes: Set<Purpose> = []
      for name in inside {
        guard let purpose = try? Purpose(name) else { continue }
        // A folder of pictures, notes or leftovers is no purpose that lacks its parts.
        if purpose == .signIn || library.wholePurposes.contains(name) {
          purposes.insert(purpose)
        } else {
          let held = library.files.names(in: "\(path)/\(name)").filter(Self.isPart)
          library.warn(
            TemplateFault(
              .folderName, file: "\(path)/\(name)",
              "holds \(held.isEmpty ? "no part" : "no more than \(held.joined(separator: ", "))") of a mail, and no locale has them all; the folder is passed over, expected \(Self.parts.joined(separator: ", "))"
            ))
        }
      }
      // `backup` and `old` are spelled like languages.
      if !purposes.isEmpty,
        let fault = ValidityPhrases.unknownLanguage(locale.language, in: path, library.files)
      {
        library.warn(fault)
      } else if let other = result[locale] {
        library.add(
          TemplateFault(.folderName, file: path, "is the same locale as '\(other.name)'; keep one of them"))
      } else if isLocale {
        result[locale] = LocaleFolder(name: name, purposes: purposes)
      }
    }
    return result
  }

  private mutating func template(
    _ locale: LocaleTag, _ purpose: Purpose, common: String?,
    tenant: (name: String, folder: String, locale: String?)?
  ) -> MailTemplate? {
    let folders = TemplateFolders(
      tenant: tenant.map { ($0.folder, $0.locale) }, common: common, purpose: purpose.rawValue)
    let constants: [Int: [UInt8]] = [
      TemplateNames.Known.locale.slot: Array(locale.rawValue.utf8),
      TemplateNames.Known.direction.slot: Array((locale.isRightToLeft ? "rtl" : "ltr").utf8),
    ]
    func compile(
      _ name: String, _ medium: TemplateProgram.Medium, _ library: inout TemplateLibrary
    ) -> ProgramCompiler.Result? {
      ProgramCompiler.compile(name, as: medium, in: folders, constants: constants, library: &library)
    }
    // All of them, before the first that is missing ends it: one look shows every fault.
    let subject = compile("subject.txt", .header, &library)
    let preheader = compile("preheader.txt", .header, &library)
    let body = (text: compile("body.txt", .text, &library), html: compile("body.html", .html, &library))
    let text = compile("layout.txt", .text, &library)
    let html = compile("layout.html", .html, &library)
    let hasSubjectWithCode = folders.parts.contains {
      library.files.sources[TemplateFolders.path($0, Self.subjectWithCode)] != nil
    }
    let withCode =
      hasSubjectWithCode || needsSubjectWithCode ? compile(Self.subjectWithCode, .header, &library) : nil
    let tenantFolders = tenant.map { ($0.folder, $0.locale) }
    let phrases = phrases(locale, common: common, tenant: tenantFolders)
    let requestPhrases = requestPhrases(locale, common: common, tenant: tenantFolders)
    for line in [subject, preheader, withCode] { if let line { checkLine(line) } }
    for line in [subject, withCode] { if let line { checkTabs(line) } }
    if let subject, subject.program.shows(TemplateNames.Known.code.slot) {
      library.add(
        TemplateFault(
          .codeInSubject, file: subject.origins[0].file, line: 1,
          "shows {{code}}; put that subject into subject-with-code.txt, which subjectShowsCode turns on"))
    }
    for layout in [text, html] { if let layout { checkLayout(layout) } }
    for (body, layout) in [(body.text, text), (body.html, html)] {
      checkCode(of: body, in: layout)
    }
    if let withCode,
      !withCode.program.alwaysShows(TemplateNames.Known.code.slot, filled: library.names.filled)
    {
      addMissingCode(withCode, isShown: withCode.program.shows(TemplateNames.Known.code.slot))
    }
    guard let subject, let preheader, let text, let html, let phrases else {
      unbuilt.append(UnbuiltMail(locale: locale, purpose: purpose, tenant: tenant?.name))
      return nil
    }
    var origins: [TemplateOrigin] = []
    let found = [subject.origins, withCode?.origins ?? [], preheader.origins, html.origins, text.origins]
    for origin in found.flatMap({ $0 }) + [phrases.origin, requestPhrases.origin].compactMap({ $0 })
    where !origins.contains(origin) {
      origins.append(origin)
    }
    let template = MailTemplate(
      locale: locale, purpose: purpose, tenant: tenant?.name, names: library.names, phrases: phrases.phrases,
      requestPhrases: requestPhrases.phrases, subject: subject.program, subjectWithCode: withCode?.program,
      preheader: preheader.program,
      text: text.program, html: html.program, origins: origins)
    checkVisibility(of: template)
    return template
  }

  /// Where a file of the locale is looked for, or of what look-up tries after it: `de-x-informal` counts as `de` does.
  private func candidates(
    _ name: String, _ locale: LocaleTag, common: String?, tenant: (folder: String, locale: String?)?
  ) -> [String] {
    var candidates: [String] = []
    if let tenant, let name = tenant.locale { candidates.append("\(tenant.folder)/\(name)") }
    if let common { candidates.append(common) }
    for tag in locale.fallbacks.dropFirst() {
      if let tenant { candidates.append("\(tenant.folder)/\(tag)") }
      candidates.append(tag.rawValue)
    }
    return candidates.map { "\($0)/\(name)" }
  }

  /// The first of `candidates` that is there.
  private func origin(_ part: String, _ candidates: [String]) -> TemplateOrigin? {
    candidates.firstIndex { library.files.sources[$0] != nil }.map {
      TemplateOrigin(part: part, file: candidates[$0], passedOver: Array(candidates[..<$0]))
    }
  }

  private mutating func phrases(
    _ locale: LocaleTag, common: String?, tenant: (folder: String, locale: String?)?
  ) -> (phrases: ValidityPhrases, origin: TemplateOrigin)? {
    let candidates = candidates(ValidityPhrases.fileName, locale, common: common, tenant: tenant)
    guard let origin = origin(ValidityPhrases.fileName, candidates) else {
      if !candidates.contains(where: library.broken.contains) {
        library.add(
          TemplateFault(
            .missingPlurals, file: candidates.first ?? ValidityPhrases.fileName,
            "is missing; expected the forms of minute and hour that {{validity}} is made of"
              + (candidates.count > 1 ? "; looked for \(candidates.joined(separator: ", "))" : "")))
      }
      return nil
    }
    if let known = phrases[origin.file] { return (known, origin) }
    do throws(TemplateFault) {
      let made = try ValidityPhrases(library.files.sources[origin.file]!, locale: locale.language)
      phrases[origin.file] = made
      return (made, origin)
    } catch {
      library.add(error)
      return nil
    }
  }

  /// What every language understands, where the locale brings no words of its own.
  private mutating func requestPhrases(
    _ locale: LocaleTag, common: String?, tenant: (folder: String, locale: String?)?
  ) -> (phrases: RequestPhrases, origin: TemplateOrigin?) {
    let candidates = candidates(RequestPhrases.fileName, locale, common: common, tenant: tenant)
    guard let origin = origin(RequestPhrases.fileName, candidates) else { return (.usual, nil) }
    if let known = requestPhrases[origin.file] { return (known, origin) }
    do throws(TemplateFault) {
      let made = try RequestPhrases(library.files.sources[origin.file]!)
      requestPhrases[origin.file] = made
      return (made, origin)
    } catch {
      library.add(error)
      return (.usual, origin)
    }
  }
}

extension LocaleTag {
  /// Written from right to left, by its script where it names one, else by its language.
  var isRightToLeft: Bool {
    let subtags = rawValue.split(separator: "-").map { $0.lowercased() }
    if let script = subtags.dropFirst().first(where: { $0.utf8.count == 4 }) {
      return ["arab", "hebr", "thaa", "syrc", "nkoo", "adlm", "rohg"].contains(script)
    }
    return ["ar", "arc", "ckb", "dv", "fa", "he", "iw", "ks", "ps", "sd", "ug", "ur", "yi"].contains(language)
  }
}
