internal import CodeRequests
internal import Documents
package import LinuxSystem

/// Looks at a directory of templates as a careful reader would: everything that loading refuses, and beyond it what
/// makes a mail hard to read, wrong in its language, or suspicious to a mail program.
package struct TemplateLint {
  /// The most that a rendered HTML part may have: beyond it mail programs clip.
  static let maximumHTML = 25 * 1024
  static let maximumStyle = 8 * 1024
  /// WCAG 2.2, success criterion 1.4.3.
  static let minimumContrast = 4.5

  let library: TemplateLibrary
  let catalogue: TemplateCatalogue
  var findings: Set<TemplateFault>

  /// Every finding, in the order of files and lines; empty where all is well.
  ///
  /// - Parameters:
  ///   - tenants: the names of the tenants file; nil where there is none, or it is not known.
  ///   - trust: whose files they may be.
  package static func findings(
    in directory: String, needsSubjectWithCode: Bool = false, tenants: [String]? = nil,
    trust: FileTrust = .anybody
  ) -> [TemplateFault] {
    var loader = CatalogueLoader(
      files: TemplateFiles(directory: directory, trust: trust), needsSubjectWithCode: needsSubjectWithCode)
    let catalogue = loader.load()
    var lint = TemplateLint(
      library: loader.library, catalogue: catalogue,
      findings: Set(loader.library.faults + loader.library.warnings))
    lint.checkFolders()
    if let tenants { lint.checkTenants(tenants) }
    lint.checkUse()
    lint.checkCharacters()
    lint.checkCopies()
    let broken = Set(loader.library.faults.map { folder(of: $0.file) })
    for template in catalogue.all
    where !template.origins.contains(where: { broken.contains(folder(of: $0.file)) }) {
      lint.check(template)
    }
    return TemplateFault.sorted(lint.findings)
  }

  /// What a mail looks like is not judged while a file beside its own is broken: one slip, one finding.
  private static func folder(of file: String) -> String {
    file.lastIndex(of: "/").map { String(file[..<$0]) } ?? ""
  }

  private mutating func find(_ rule: TemplateRule, _ file: String, _ message: String) {
    findings.insert(TemplateFault(rule, file: file, message))
  }

  /// A finding at the place where `text` stands in one of the files of a template; at the first file where it
  /// stands in none, since values and partials can put it together.
  mutating func find(
    _ rule: TemplateRule, _ text: String, in template: MailTemplate, suffix: String, _ message: String
  ) {
    let files = template.origins.map(\.file).filter { $0.hasSuffix(suffix) }
    for file in files {
      if let source = library.files.sources[file], source.text.contains(text) {
        findings.insert(source.fault(rule, near: text, message))
        return
      }
    }
    find(rule, files.first ?? "", message)
  }

  // MARK: Folders and files

  /// Countries whose code is often taken for that of their language.
  private static let countries = [
    "at": "de", "cn": "zh", "cz": "cs", "dk": "da", "gb": "en", "gr": "el", "jp": "ja", "kr": "ko",
    "ua": "uk", "us": "en",
  ]

  private mutating func checkFolders() {
    let tenants = library.files.folders(in: CatalogueLoader.tenantsFolder)
    for parent in [""] + tenants.map({ "\(CatalogueLoader.tenantsFolder)/\($0)" }) {
      for name in library.files.folders(in: parent) {
        guard let language = Self.countries[name.lowercased()] else { continue }
        find(
          .countryCode, TemplateFolders.path(parent, name),
          "'\(name)' is the code of a country, not of a language; did you mean '\(language)'?")
      }
    }
    for locale in catalogue.locales {
      for purpose in Set(catalogue.common.keys.map(\.purpose))
      where catalogue.common[.init(locale: locale, purpose: purpose)] == nil {
        // A purpose that is there but broken has its own finding.
        if findings.contains(where: { $0.file.hasPrefix("\(locale)/\(purpose)/") }) { continue }
        find(
          .missingPurpose, "\(locale)/\(purpose)",
          "is missing, but other locales have it; readers of '\(locale)' would get it in another language")
      }
    }
  }

  /// A folder that is spelt like no tenant would brand nobody's mail.
  private mutating func checkTenants(_ known: [String]) {
    let folded = Set(known.map(TemplateCatalogue.folded))
    for name in library.files.folders(in: CatalogueLoader.tenantsFolder)
    where !folded.contains(TemplateCatalogue.folded(name)) {
      let hint =
        Documents.nearest(to: name, in: known).map { "did you mean '\($0)'?" }
        ?? "known are \(known.sorted().joined(separator: ", "))"
      find(
        .unknownTenant, "\(CatalogueLoader.tenantsFolder)/\(name)",
        "'\(name)' is the name of no tenant in the tenants file; \(hint)")
    }
  }

  /// Files that no mail is made of, and variables that no mail shows.
  private mutating func checkUse() {
    // With a fault in it a file may seem unused only because what includes it was not built.
    guard library.faults.isEmpty else { return }
    let used = Set(catalogue.all.flatMap { $0.origins.map(\.file) } + ["variables.json5"])
    for file in library.files.sources.keys where !used.contains(file) {
      find(
        .unknownFile, file,
        "is part of no mail; expected one of \(CatalogueLoader.parts.joined(separator: ", ")), a layout, or a partial that is included"
      )
    }
    let slots = catalogue.all.map(\.allSlots).reduce(into: Set<Int>()) { $0.formUnion($1) }
    for (index, variable) in catalogue.names.variables.enumerated()
    where !slots.contains(TemplateNames.firstVariable + index) {
      if let source = library.files.sources["variables.json5"] {
        findings.insert(
          source.fault(
            .unusedName, near: variable.name, "'\(variable.name)' is declared, but no template uses it"))
      }
    }
  }

  // MARK: One mail

  /// That of the sample.
  private static let code = "042917"

  /// A value at the end may be empty, and then the blank beside it is one too many. What is sent is trimmed.
  private mutating func checkEnds(of template: MailTemplate) {
    let lines = ["subject.txt", CatalogueLoader.subjectWithCode, "preheader.txt"]
    for file in template.origins.map(\.file) {
      guard lines.contains(where: { file.hasSuffix("/" + $0) }), let source = library.files.sources[file]
      else {
        continue
      }
      let line = source.text.prefix { $0 != "\n" }
      guard let first = line.first, let last = line.last, first.isWhitespace || last.isWhitespace else {
        continue
      }
      findings.insert(
        TemplateFault(
          .blankEnds, file: file, line: 1, column: first.isWhitespace ? 1 : line.count,
          "has a blank at the \(first.isWhitespace ? "beginning" : "end") of its line; delete it"))
    }
  }

  private mutating func check(_ template: MailTemplate) {
    checkEnds(of: template)
    let told = [TemplateNames.Known.requestedAtLocal.slot, TemplateNames.Known.clientAgentName.slot]
    if !template.allSlots.isDisjoint(with: told),
      !template.origins.contains(where: { $0.part == RequestPhrases.fileName })
    {
      find(
        .missingRequestWords, "\(template.locale)/\(RequestPhrases.fileName)",
        "is missing; without it mails say 2026-11-21 05:22 and 'Firefox, Windows', whatever the language")
    }
    guard let sample = TemplateValues.filledSample(template.names), let mail = try? template.render(sample)
    else { return }
    let text = String(decoding: mail.text, as: UTF8.self)
    let html = String(decoding: mail.html, as: UTF8.self)
    if !text.split(separator: "\n").contains(where: { $0 == Self.code }) {
      find(
        .splitCode, "{{code}}", in: template, suffix: "body.txt",
        "{{code}} shares its line with other text; expected it alone, so that it copies and auto-fills")
    }
    checkMarkup(html, mail.html.count, template)
    for stray in HTMLReading(mail.html).strays {
      let files = template.origins.compactMap { library.files.sources[$0.file] }
      let place = stray.places.first { place in files.contains { $0.text.contains(place) } }
      find(
        .htmlTags, place ?? "", in: template, suffix: ".html",
        "\(stray.message); mail programs repair that each in its own way")
    }
    checkWords(template, text)
    checkSubjects(of: template, sample)
    for finding in ContrastCheck.findings(in: html) where finding.ratio < Self.minimumContrast {
      let ratio = Double(Int(finding.ratio * 100)) / 100
      find(
        .contrast, finding.color.written, in: template, suffix: ".html",
        "\(finding.color.written) on \(finding.background.written) has a contrast of \(ratio); expected at least \(Self.minimumContrast)"
      )
    }
  }

  private mutating func checkMarkup(_ html: String, _ size: Int, _ template: MailTemplate) {
    func has(_ pattern: String) -> String? { LintPattern(pattern, inAnyCase: true).first(in: html) }
    if has(#">\s*\#(Self.code)\s*<"#) == nil {
      find(
        .splitCode, "{{code}}", in: template, suffix: ".html",
        "{{code}} shares its text node with other text; expected an element of its own around it")
    }
    let language = has(#"<html\b[^>]*"#).flatMap { tag -> String? in
      LintPattern(#"\blang\s*=\s*["'][^"']*"#).first(in: tag).map {
        String($0.drop { $0 != "\"" && $0 != "'" }.dropFirst())
      }
    }
    if language != template.locale.rawValue {
      find(
        .htmlLanguage, "<html", in: template, suffix: ".html",
        "the language of <html> is \(language.map { "'\($0)'" } ?? "not given"); expected lang=\"{{locale}}\", here '\(template.locale)'"
      )
    }
    if let found = has(#"<script\b|javascript:|<[a-z][^>]*\son[a-z]+\s*="#) {
      find(
        .script, found, in: template, suffix: ".html",
        "holds a script; mail programs take such mail for an attack")
    }
    if let found = has(#"<(form|input|button|select|textarea)\b"#) {
      find(
        .form, found, in: template, suffix: ".html", "holds a form; no mail program lets a reader fill it in")
    }
    if let found = has(
      #"<(img|audio|video|source|embed|iframe|object|link)\b[^>]*\b(src|srcset|data|poster|href)\s*=\s*["']?(https?:)?//|url\(\s*["']?(https?:)?//|\bbackground\s*=\s*["']?(https?:)?//|@import\b"#
    ) {
      find(
        .remoteImage, found, in: template, suffix: ".html",
        "loads something from elsewhere; readers are asked for leave and can be followed by it")
    }
    var styles = 0
    var rest = html[...]
    while let open = rest.firstRange(ofASCII: "<style"),
      let close = rest[open.upperBound...].firstRange(ofASCII: "</style")
    {
      styles += rest[open.upperBound..<close.lowerBound].utf8.count
      rest = rest[close.upperBound...]
    }
    if styles > Self.maximumStyle {
      find(
        .styleSize, "<style", in: template, suffix: ".html",
        "the style element has \(styles) bytes; expected at most \(Self.maximumStyle), beyond which Gmail drops it"
      )
    }
    if size >= Self.maximumHTML {
      find(
        .htmlSize, "\n", in: template, suffix: "body.html",
        "the HTML comes to \(size) bytes; expected less than \(Self.maximumHTML)")
    }
  }

  // MARK: Words

  private mutating func checkWords(_ template: MailTemplate, _ text: String) {
    let files = template.origins.map(\.file).filter { $0.hasSuffix(".txt") || $0.hasSuffix(".html") }
    let units =
      ([#"min\b|minut|timm|hour|godzin|Stund|hodin"#]
      + template.phrases.units.map(LintPattern.escaped))
      .joined(separator: "|")
    for file in files {
      guard let source = library.files.sources[file] else { continue }
      // What stands in tags of HTML are sizes, not words; blanks may be written as entities.
      let words = LintPattern("&(nbsp|#160|#xa0);", inAnyCase: true)
        .replacing(with: "\u{A0}", in: LintPattern("<[^>]*>").replacing(with: " ", in: source.text))
      // The group, since what stands before the number is no part of it.
      if let found = LintPattern(#"(?:\A|[^#\w&])(\d+[\s\u00A0-]*(\#(units)))"#, inAnyCase: true)
        .first(in: words, group: 1)
      {
        findings.insert(
          source.fault(
            .writtenMinutes, near: source.text.contains(found) ? found : String(found.prefix { $0.isNumber }),
            "'\(found)…' is written out; expected {{validity}}, which follows the configuration"))
      }
    }
    guard template.locale.language == "de" else { return }
    let all = [text, (try? subjectAndPreheader(of: template)) ?? ""].joined(separator: "\n")
    let address = GermanAddress(all)
    guard let familiar = address.familiar, let polite = address.polite else { return }
    // The word that is foreign to the locale is the slip.
    let isInformal = template.locale.rawValue.contains("informal")
    let slip = isInformal ? polite : familiar
    find(
      .formality, slip, in: template, suffix: "",
      "mixes 'du' and 'Sie': '\(slip)' stands beside '\(isInformal ? familiar : polite)'; keep to one of them"
    )
  }

  private func subjectAndPreheader(of template: MailTemplate) throws -> String {
    [template.subject, template.preheader].map { String(decoding: $0.text, as: UTF8.self) }
      .joined(separator: "\n")
  }
}

extension MailTemplate {
  var allSlots: Set<Int> {
    [subject, preheader, text, html].reduce(into: subjectWithCode?.slots ?? []) { $0.formUnion($1.slots) }
  }
}
