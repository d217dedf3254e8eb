package import Branding
internal import CodeRequests
internal import FoundationEssentials
package import LinuxSystem

/// A page that shows every mail there is, for people who change words: opens in any browser from the file system,
/// with no server and no network.
///
/// On top an inbox list; below it each purpose with its locales side by side, then what each tenant overrides, in a
/// colour of its own. Switches choose the values (a number for each plural form of the languages, and hostile names),
/// phone, desktop or text, and light or dark; filters leave some languages, a purpose, a tenant. Findings of lint stand
/// beside the part that has them, with the line that they are about; a mail that cannot be built has a card with the
/// reason. Without script the page shows the text of the mails.
///
/// A watched page asks `version.js`, which lies beside it, whether it is still the newest, and loads itself again where
/// it is not. The answer is a script because a browser lets a page from the file system read nothing else. A server may
/// serve the files as they are; one that keeps the answer back until something changes is asked that much less often.
package struct TemplatePreview {
  /// The files of the page, by name: `index.html` is the one to open. Whoever writes them writes that one first.
  package let files: [String: String]
  /// What lint found; shown on the page too.
  package let findings: [TemplateFault]

  package static let pageName = "index.html"
  package static let versionName = "version.js"
  /// What `version.js` is to say once nobody follows the edits any more.
  package static let ended = versionScript("")

  /// One mail with every sample; where it cannot be built, with none.
  struct Card {
    let locale: LocaleTag
    let purpose: String
    let tenant: String?
    var template: MailTemplate?
    var mails: [(mail: RenderedMail, preheader: String)] = []
    var findings: [TemplateFault] = []

    var identifier: String { "\(tenant.map { "t-\($0)" } ?? "all")-\(locale)-\(purpose)" }
  }

  let cards: [Card]
  let samples: [Sample]

  /// Renders everything that can be rendered; what cannot stands among the findings.
  ///
  /// - Parameters:
  ///   - brands: how the mails look; nil where no configuration says.
  ///   - isWatched: the page follows edits, as long as its files are written again after each.
  package init(
    directory: String, needsSubjectWithCode: Bool = false, tenants: [String]? = nil, brands: BrandBook? = nil,
    trust: FileTrust = .anybody, isWatched: Bool = false
  ) {
    let findings = TemplateLint.findings(
      in: directory, needsSubjectWithCode: needsSubjectWithCode, tenants: tenants, trust: trust)
    var loader = CatalogueLoader(
      files: TemplateFiles(directory: directory, trust: trust), needsSubjectWithCode: needsSubjectWithCode)
    let templates = loader.load().all
    let samples = Self.samples(of: templates.map(\.phrases.rule))
    var cards = templates.map { Self.card($0, of: $0.tenant, brands, samples, findings) }
    // Who has colours and no words of his own is shown once: all his mails are those of the others.
    let examples = templates.filter { $0.tenant == nil && $0.purpose == .signIn }
    if let example = examples.first(where: { $0.locale.rawValue == "en" }) ?? examples.first {
      let shown = Set(templates.compactMap(\.tenant).map(TemplateCatalogue.folded))
      let further = (brands?.tenants.keys ?? [:].keys).filter {
        !shown.contains(TemplateCatalogue.folded($0))
      }
      for tenant in further.sorted().prefix(Self.mostBrands) {
        cards.append(Self.card(example, of: tenant, brands, samples, []))
      }
    }
    for mail in loader.unbuilt {
      if let card = Self.brokenCard(mail, findings) { cards.append(card) }
    }
    // A mail that others have and that is not there at all.
    for finding in findings where !cards.contains(where: { $0.findings.contains(finding) }) {
      guard let card = Self.missingCard(finding) else { continue }
      if let index = cards.firstIndex(where: { $0.identifier == card.identifier }) {
        cards[index].findings.append(finding)
      } else {
        cards.append(card)
      }
    }
    cards.sort {
      ($0.purpose, $0.tenant ?? "", $0.locale.rawValue) < ($1.purpose, $1.tenant ?? "", $1.locale.rawValue)
    }
    self.cards = cards
    self.samples = samples
    self.findings = findings
    let page = TemplatePreviewPage(
      cards: cards, samples: samples, findings: findings, refused: Set(loader.library.faults),
      sources: loader.library.files.sources)
    guard isWatched else {
      files = [Self.pageName: page.html(version: nil)]
      return
    }
    let version = Self.version(of: page.html(version: ""))
    files = [
      Self.pageName: page.html(version: version), Self.versionName: Self.versionScript(version),
    ]
  }

  private static func versionScript(_ version: String) -> String { "previewVersion(\"\(version)\")\n" }

  /// FNV-1a: the same page has the same version, whoever writes it.
  private static func version(of text: String) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return String(hash, radix: 16)
  }

  /// So many tenants that have nothing but a brand are shown.
  private static let mostBrands = 20

  private static func card(
    _ template: MailTemplate, of tenant: String?, _ brands: BrandBook?, _ samples: [Sample],
    _ findings: [TemplateFault]
  ) -> Card {
    var card = Card(
      locale: template.locale, purpose: template.purpose.rawValue, tenant: tenant, template: template)
    let own = tenant.flatMap { tenant in
      brands?.tenants.first { TemplateCatalogue.folded($0.key) == TemplateCatalogue.folded(tenant) }?.value
    }
    let brand = brands.map { own?.over($0.common) ?? $0.common }
    for sample in samples {
      var values = TemplateValues.filledSample(
        template.names, app: sample.app, validity: .seconds(sample.minutes * 60), tenant: tenant)
      if let brand {
        values?.palette = brand.palette
        values?.logo = brand.logo
        values?.footer = brand.footer
      }
      guard let values, let mail = try? template.render(values),
        let preheader = try? template.renderPreheader(values)
      else { continue }
      card.mails.append((mail, preheader))
    }
    // One that a value spoils, such as a line break in a declared example, is shown as broken.
    if card.mails.count != samples.count { card.mails = [] }
    card.findings = findings.filter { finding in template.origins.contains { $0.file == finding.file } }
    return card
  }

  /// The card of a mail that cannot be built, with what is wrong with any file that it may be made of; nil where a
  /// tenant has it from all and spoils nothing.
  private static func brokenCard(
    _ mail: CatalogueLoader.UnbuiltMail, _ findings: [TemplateFault]
  ) -> Card? {
    let common = ["", "\(mail.locale)", "\(mail.locale)/\(mail.purpose)"]
    let root = mail.tenant.map { "\(CatalogueLoader.tenantsFolder)/\($0)" }
    let own = root.map { root in common.map { $0.isEmpty ? root : "\(root)/\($0)" } } ?? []
    // A locale's folder may be spelt in any case.
    func found(in folders: [String]) -> [TemplateFault] {
      let folders = Set(folders.map { $0.lowercased() })
      return findings.filter { folders.contains(folder(of: $0).lowercased()) }
    }
    if root != nil, found(in: own).isEmpty { return nil }
    return Card(
      locale: mail.locale, purpose: mail.purpose.rawValue, tenant: mail.tenant,
      findings: found(in: own + common))
  }

  /// The card of the mail that `finding` spoils; nil where it belongs to no single mail.
  private static func missingCard(_ finding: TemplateFault) -> Card? {
    var folders = finding.file.split(separator: "/").map(String.init)
    var tenant: String?
    if folders.first == CatalogueLoader.tenantsFolder, folders.count > 2 {
      tenant = folders[1]
      folders.removeFirst(2)
    }
    guard folders.count >= 2, let locale = try? LocaleTag(folders[0]), let purpose = try? Purpose(folders[1])
    else { return nil }
    return Card(locale: locale, purpose: purpose.rawValue, tenant: tenant, findings: [finding])
  }

  /// Empty for what lies in the directory itself.
  private static func folder(of finding: TemplateFault) -> String {
    guard let slash = finding.file.lastIndex(of: "/") else { return "" }
    return String(finding.file[..<slash])
  }
}
