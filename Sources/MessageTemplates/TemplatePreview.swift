internal import CodeRequests
internal import FoundationEssentials
package import LinuxSystem

/// A page that shows every mail there is, for people who change words: opens in any browser from the file system,
/// with no server, no network and no script.
///
/// On top an inbox list; below it each purpose with its locales side by side, then what each tenant overrides, in a
/// colour of its own. Switches choose the values (several times of validity, and hostile ones), phone, desktop or
/// text, and light or dark. Findings of lint stand beside the part that has them; a mail that cannot be built has a
/// card with the reason.
package struct TemplatePreview {
  /// The files of the page, by name: `index.html` is the one to open.
  package let files: [String: String]
  /// What lint found; shown on the page too.
  package let findings: [TemplateFault]

  /// Values that mails are shown with.
  struct Sample {
    let label: String
    var app = "Fabrikam"
    var minutes = 30
  }

  static let samples =
    [Sample(label: "30 min")] + [1, 2, 5, 22].map { Sample(label: "\($0) min", minutes: $0) } + [
      Sample(label: "A&B <x>", app: "A&B <x>"),
      Sample(
        label: "long name", app: "Vereinigte Straßenbahnbetriebsgesellschaften Überlingen-Łódź mbH & Co. KG"),
    ]

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

  /// Renders everything that can be rendered; what cannot stands among the findings.
  package init(
    directory: String, needsSubjectWithCode: Bool = false, tenants: [String]? = nil,
    trust: FileTrust = .anybody
  ) {
    let findings = TemplateLint.findings(
      in: directory, needsSubjectWithCode: needsSubjectWithCode, tenants: tenants, trust: trust)
    var loader = CatalogueLoader(
      files: TemplateFiles(directory: directory, trust: trust), needsSubjectWithCode: needsSubjectWithCode)
    let catalogue = loader.load()
    var cards = catalogue.all.map { Self.card($0, findings) }
    // What has no template because of a fault in it.
    for finding in findings where !cards.contains(where: { $0.findings.contains(finding) }) {
      guard let card = Self.brokenCard(finding) else { continue }
      if let index = cards.firstIndex(where: { $0.identifier == card.identifier }) {
        cards[index].findings.append(finding)
      } else {
        cards.append(card)
      }
    }
    cards.sort {
      ($0.purpose, $0.tenant ?? "", $0.locale.rawValue) < ($1.purpose, $1.tenant ?? "", $1.locale.rawValue)
    }
    self.findings = findings
    files = [
      "index.html": TemplatePreviewPage(
        cards: cards, findings: findings, refused: Set(loader.library.faults)
      ).html
    ]
  }

  private static func card(_ template: MailTemplate, _ findings: [TemplateFault]) -> Card {
    var card = Card(
      locale: template.locale, purpose: template.purpose.rawValue, tenant: template.tenant, template: template
    )
    for sample in samples {
      let values = TemplateValues.filledSample(
        template.names, app: sample.app, validity: .seconds(sample.minutes * 60), tenant: template.tenant)
      guard let values, let mail = try? template.render(values),
        let preheader = try? template.renderPreheader(values)
      else { continue }
      card.mails.append((mail, preheader))
    }
    card.findings = findings.filter { finding in template.origins.contains { $0.file == finding.file } }
    return card
  }

  /// The card of the mail that `finding` spoils; nil where it belongs to no single mail.
  private static func brokenCard(_ finding: TemplateFault) -> Card? {
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
}
