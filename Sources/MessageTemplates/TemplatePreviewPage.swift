internal import CodeRequests
internal import FoundationEssentials

/// The markup of the preview. Text and subject of all mails stand in it with the first values; its script puts in others,
/// and the HTML.
struct TemplatePreviewPage {
  let cards: [TemplatePreview.Card]
  let samples: [TemplatePreview.Sample]
  let findings: [TemplateFault]
  /// Those that a worker does not take: it keeps the last good version.
  let refused: Set<TemplateFault>
  /// The files that findings are about.
  let sources: [String: TemplateSource]

  /// In the order of their colours.
  var tenants: [String] { Set(cards.compactMap(\.tenant)).sorted() }
  var purposes: [String] { Set(cards.map(\.purpose)).sorted() }

  /// - Parameter version: nil for a page that is not watched.
  func html(version: String?) -> String {
    var sections = ""
    for purpose in purposes {
      sections += "<section id=\"\(escaped(purpose))\" class=\"purpose\"><h2>\(escaped(purpose))</h2>\n"
      sections += strip(cards.filter { $0.purpose == purpose && $0.tenant == nil })
      for tenant in tenants {
        let own = cards.filter { $0.purpose == purpose && $0.tenant == tenant }
        if own.isEmpty { continue }
        sections += """
          <div class="tenant" style="--hue:\(hue(tenant))"><h3><span class="chip">\(escaped(tenant))</span> \
          brings files of its own</h3>\n\(strip(own))</div>

          """
      }
      sections += "</section>\n"
    }
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>Passcode mails</title>
      <style>
      \(Self.style)
      </style>
      </head>
      <body\(version.map { " data-version=\"\($0)\"" } ?? "")>
      <header><h1>Passcode mails</h1>
      \(version == nil ? "" : "<p id=\"watch\" class=\"watch\" role=\"status\">Follows edits.</p>\n")\(state)
      </header>
      \(controls)
      <noscript><p class="wrong">Without JavaScript the page shows only the text of the mails.</p></noscript>
      <main>
      <section aria-label="Inbox"><ul class="inbox">
      \(cards.map(inboxRow).joined())</ul><p class="none" hidden>No mail is of that kind.</p></section>
      \(sections)</main>
      <script type="application/json" id="data">\(TemplatePreviewData(cards, samples).json(samples))</script>
      <script>
      \(Self.script)\(version == nil ? "" : Self.watchScript)</script>
      </body>
      </html>

      """
  }

  // MARK: Inbox

  private func inboxRow(_ card: TemplatePreview.Card) -> String {
    var target = card.identifier
    let line: String
    if let (mail, preheader) = card.mails.first {
      line = """
        <span class="line" lang="\(card.locale)"><b>\(escaped(samples[0].app))</b>\
        <span><strong>\(escaped(mail.subject))</strong> <span class="rest">\(escaped(preheader))</span></span></span>
        """
    } else {
      if let first = card.findings.first { target = identifier(of: first, in: card) }
      let why = card.findings.first.map { ": \($0.description)" } ?? ""
      line =
        "<span class=\"line\"><b>cannot be built</b><span>\(escaped("\(card.locale)\(why)"))</span></span>"
    }
    let count = card.findings.count
    let note = count == 0 ? "" : "<mark>\(count) \(count == 1 ? "finding" : "findings")</mark>"
    return """
      <li\(attributes(card))><a href="#\(escaped(target))"><i></i>\(line)\
      <em>\(note) \(escaped(card.tenant ?? card.purpose)) <b>\(card.locale)</b></em></a></li>

      """
  }

  // MARK: Cards

  private func strip(_ cards: [TemplatePreview.Card]) -> String {
    "<div class=\"strip\">\n\(cards.map(article).joined())</div>\n"
  }

  /// Five rows, which cards that stand side by side share, so that mails begin and end at one height: name, subject with
  /// preheader, findings of the bodies, and two for the bodies.
  private func article(_ card: TemplatePreview.Card) -> String {
    let own = (card.template?.origins.map(\.file) ?? []).filter {
      $0.hasPrefix("\(CatalogueLoader.tenantsFolder)/")
    }
    var head = """
      <h4>\(escaped(LanguageNames.name(of: card.locale))) <code>\(card.locale)</code>\
      \(card.template.map { " <small>\(form(samples[0], $0))</small>" } ?? "")</h4>

      """
    if !own.isEmpty { head += "<p class=\"own\">\(own.map(escaped).joined(separator: "<br>"))</p>\n" }
    if card.mails.isEmpty { head += "<p class=\"wrong\">Cannot be built.</p>\n" }
    // Each finding beside its part.
    let byPart = Dictionary(grouping: card.findings, by: Self.part)
    func list(_ part: String) -> String { self.list(byPart[part] ?? [], in: card) }
    let (mail, preheader) = card.mails.first.map { ($0.mail, $0.preheader) } ?? (nil, nil)
    func line(_ name: String, _ text: String?) -> String {
      (text.map { "<p class=\"\(name)\" lang=\"\(card.locale)\" dir=\"auto\">\(escaped($0))</p>\n" } ?? "")
        + list(name)
    }
    return """
      <article id="\(escaped(card.identifier))"\(attributes(card))>
      <div>\(head)\(list("other"))</div>
      <div>\(line("subject", mail?.subject))\(line("preheader", preheader))</div><div>\(list("html"))\(list("text"))</div>
      \(mail.map { plain($0, card) } ?? "")</article>

      """
  }

  /// The text part. The script puts the HTML in front of it.
  private func plain(_ mail: RenderedMail, _ card: TemplatePreview.Card) -> String {
    let text = escaped(String(decoding: mail.text, as: UTF8.self))
    return "<div class=\"plain\"><pre lang=\"\(card.locale)\" dir=\"auto\">\(text)</pre></div>\n"
  }

  /// `few`: the form that the sample's number takes in the language.
  private func form(_ sample: TemplatePreview.Sample, _ template: MailTemplate) -> String {
    template.phrases.rule.category(of: sample.count).rawValue
  }

  // MARK: What they are written with

  /// What filters, colours and marks go by.
  private func attributes(_ card: TemplatePreview.Card) -> String {
    var classes: [String] = []
    if card.tenant != nil { classes.append("own-hue") }
    if card.mails.isEmpty { classes.append("broken") }
    if card.findings.contains(where: refused.contains) { classes.append("refused") }
    if !card.findings.isEmpty { classes.append("found") }
    return """
       data-locale="\(card.locale)" data-purpose="\(escaped(card.purpose))" data-tenant="\(escaped(card.tenant ?? ""))"\
      \(classes.isEmpty ? "" : " class=\"\(classes.joined(separator: " "))\"")\
      \(card.tenant.map { " style=\"--hue:\(hue($0))\"" } ?? "")
      """
  }

  /// Far apart for tenants that stand beside each other (the golden angle).
  private func hue(_ tenant: String) -> Int { ((tenants.firstIndex(of: tenant) ?? 0) * 137 + 28) % 360 }

  func escaped(_ text: String) -> String {
    String(decoding: ValueEscaping.html.escaped(text.utf8), as: UTF8.self)
  }
}

extension LanguageNames {
  /// `Swedish`, `German (informal)`: as the people who read the page call it.
  static func name(of locale: LocaleTag) -> String {
    let language = english(locale.language) ?? locale.language
    let rest = locale.rawValue.split(separator: "-").dropFirst().filter { $0 != "x" }
    return rest.isEmpty ? language : "\(language) (\(rest.joined(separator: ", ")))"
  }
}
