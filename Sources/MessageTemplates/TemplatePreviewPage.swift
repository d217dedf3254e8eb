internal import CodeRequests
internal import FoundationEssentials

/// The markup of the preview. Switches are radio buttons ahead of everything that they change, so that style rules
/// alone do what they ask.
struct TemplatePreviewPage {
  let cards: [TemplatePreview.Card]
  let findings: [TemplateFault]
  /// Those that a worker does not take: it keeps the last good version.
  let refused: Set<TemplateFault>

  private static let views = [("phone", "Phone"), ("desktop", "Desktop"), ("text", "Text")]
  private static let themes = [("both", "Both"), ("light", "Light"), ("dark", "Dark")]

  /// In the order of their colours.
  private var tenants: [String] { Set(cards.compactMap(\.tenant)).sorted() }

  var html: String {
    var purposes = ""
    for purpose in Set(cards.map(\.purpose)).sorted() {
      purposes += "<section id=\"\(escaped(purpose))\"><h2>\(escaped(purpose))</h2>\n"
      purposes += strip(cards.filter { $0.purpose == purpose && $0.tenant == nil })
      for tenant in tenants {
        let own = cards.filter { $0.purpose == purpose && $0.tenant == tenant }
        if own.isEmpty { continue }
        purposes += """
          <div class="tenant" style="--hue:\(hue(tenant))"><h3><span class="chip">\(escaped(tenant))</span> \
          brings files of its own</h3>\n\(strip(own))</div>

          """
      }
      purposes += "</section>\n"
    }
    let count = "\(findings.count) \(findings.count == 1 ? "finding" : "findings")"
    let state =
      findings.isEmpty
      ? "<p class=\"fine\">Lint finds nothing.</p>"
      : "<p class=\"wrong\">\(count)\(refused.isEmpty ? "" : ": a worker keeps the last good version").</p>"
        + list(findings)
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
      \(switchStyle)</style>
      </head>
      <body>
      \(inputs("sample", TemplatePreview.samples.indices.map { "s\($0)" }))\
      \(inputs("view", Self.views.map(\.0)))\
      \(inputs("theme", Self.themes.map(\.0)))
      <header><h1>Passcode mails</h1>
      \(state)
      </header>
      <nav aria-label="What is shown">
      \(labels("Values", TemplatePreview.samples.enumerated().map { ("s\($0.offset)", $0.element.label) }))
      \(labels("As", Self.views))
      \(labels("Colours", Self.themes))
      </nav>
      <main>
      <section aria-label="Inbox"><ul class="inbox">
      \(cards.map(inboxRow).joined())</ul></section>
      \(purposes)</main>
      </body>
      </html>

      """
  }

  // MARK: Switches

  private func inputs(_ name: String, _ identifiers: [String]) -> String {
    identifiers.enumerated().map { index, identifier in
      "<input type=\"radio\" name=\"\(name)\" id=\"\(identifier)\"\(index == 0 ? " checked" : "")>"
    }.joined()
  }

  private func labels(_ title: String, _ options: [(String, String)]) -> String {
    "<div class=\"switch\"><span>\(title)</span>"
      + options.map { "<label for=\"\($0.0)\">\(escaped($0.1))</label>" }.joined() + "</div>"
  }

  /// Shows what is chosen, hides the rest.
  private var switchStyle: String {
    let identifiers = TemplatePreview.samples.indices.map { "s\($0)" }
    let all = identifiers + (Self.views + Self.themes).map(\.0)
    var rules = identifiers.map { "#\($0):checked~main .sample.\($0){display:block}" }
    rules += identifiers.map { "#\($0):checked~main .line.\($0){display:flex}" }
    rules.append(
      all.map { "#\($0):checked~nav [for=\($0)]" }.joined(separator: ",")
        + "{background:var(--accent);color:var(--on-accent)}")
    rules.append(
      all.map { "#\($0):focus-visible~nav [for=\($0)]" }.joined(separator: ",")
        + "{outline:2px solid var(--ink);outline-offset:2px}")
    return rules.joined(separator: "\n") + "\n"
  }

  // MARK: Inbox

  private func inboxRow(_ card: TemplatePreview.Card) -> String {
    let lines = zip(TemplatePreview.samples, card.mails).enumerated().map { index, pair in
      """
      <span class="line s\(index)" lang="\(card.locale)"><b>\(escaped(pair.0.app))</b>\
      <span><strong>\(escaped(pair.1.mail.subject))</strong> \(escaped(pair.1.preheader))</span></span>
      """
    }.joined()
    return """
      <li\(hueStyle(card.tenant))><a href="#\(escaped(card.identifier))"><i></i>\(lines.isEmpty ? Self.cannotBeBuilt : lines)\
      <em>\(escaped(card.tenant ?? card.purpose)) <b>\(card.locale)</b></em></a></li>

      """
  }

  private static let cannotBeBuilt = "<span class=\"broken\">cannot be built: see below</span>"

  // MARK: Cards

  private func strip(_ cards: [TemplatePreview.Card]) -> String {
    "<div class=\"strip\">\n\(cards.map(article).joined())</div>\n"
  }

  private func article(_ card: TemplatePreview.Card) -> String {
    let files = card.template?.origins.map(\.file) ?? []
    let own = files.filter { $0.hasPrefix("\(CatalogueLoader.tenantsFolder)/") }
    var html = """
      <article id="\(escaped(card.identifier))"\(hueStyle(card.tenant))>
      <h4>\(escaped(Self.name(of: card.locale))) <code>\(card.locale)</code></h4>

      """
    if !own.isEmpty { html += "<p class=\"own\">\(own.map(escaped).joined(separator: "<br>"))</p>\n" }
    // Each finding beside its part, in the order of the parts.
    let parts = ["subject", "preheader", "html", "text", "other"]
    let byPart = Dictionary(grouping: card.findings, by: Self.part)
    if card.mails.isEmpty {
      return html + "<p class=\"wrong\">Cannot be built.</p>"
        + parts.map { list(byPart[$0] ?? []) }.joined() + "</article>\n"
    }
    html += list(byPart["other"] ?? [])
    for (index, (mail, preheader)) in card.mails.enumerated() {
      html += sample(index, card, mail, preheader, byPart)
    }
    return html + "</article>\n"
  }

  private func sample(
    _ index: Int, _ card: TemplatePreview.Card, _ mail: RenderedMail, _ preheader: String,
    _ findings: [String: [TemplateFault]]
  ) -> String {
    let source = String(decoding: mail.html, as: UTF8.self)
    // Any browser shows the dark colours so, whatever its own setting.
    let dark = source.replacing("(prefers-color-scheme: dark)", with: "all")
    let title = "\(card.locale), \(TemplatePreview.samples[index].label)"
    let frames = [("light", source), ("dark", dark)].map { theme, source in
      """
      <div class="screen \(theme)"><iframe sandbox loading="lazy" title="\(escaped(title)), \(theme)" \
      style="color-scheme:\(theme)" srcdoc="\(escaped(source))"></iframe></div>
      """
    }.joined(separator: "\n")
    return """
      <div class="sample s\(index)">
      <p class="subject" lang="\(card.locale)">\(escaped(mail.subject))</p>
      \(list(findings["subject"] ?? []))\
      <p class="preheader" lang="\(card.locale)">\(escaped(preheader))</p>
      \(list(findings["preheader"] ?? []))\
      <div class="screens">\(list(findings["html"] ?? []))\(frames)</div>
      <div class="plain">\(list(findings["text"] ?? []))\
      <pre lang="\(card.locale)" dir="auto">\(escaped(String(decoding: mail.text, as: UTF8.self)))</pre></div>
      </div>

      """
  }

  /// The part that a finding belongs to, by the file it is in.
  private static func part(of finding: TemplateFault) -> String {
    let name = finding.file.split(separator: "/").last ?? ""
    if name.hasPrefix("subject") { return "subject" }
    if name.hasPrefix("preheader") { return "preheader" }
    if name.hasSuffix(".html") { return "html" }
    return name.hasSuffix(".txt") ? "text" : "other"
  }

  private func list(_ findings: [TemplateFault]) -> String {
    guard !findings.isEmpty else { return "" }
    let items = findings.map {
      "<li\(refused.contains($0) ? " class=\"refused\"" : "")><code>\($0.rule.rawValue)</code> \(escaped($0.description))</li>"
    }
    return "<ul class=\"findings\">\(items.joined())</ul>\n"
  }

  /// `Swedish`, `German (informal)`: as the people who read the page call it.
  private static func name(of locale: LocaleTag) -> String {
    let language = LanguageNames.english(locale.language) ?? locale.language
    let rest = locale.rawValue.split(separator: "-").dropFirst().filter { $0 != "x" }
    return rest.isEmpty ? language : "\(language) (\(rest.joined(separator: ", ")))"
  }

  /// Far apart for tenants that stand beside each other (the golden angle).
  private func hue(_ tenant: String) -> Int { ((tenants.firstIndex(of: tenant) ?? 0) * 137 + 28) % 360 }

  private func hueStyle(_ tenant: String?) -> String {
    tenant.map { " style=\"--hue:\(hue($0))\" class=\"own-hue\"" } ?? ""
  }

  private func escaped(_ text: String) -> String {
    String(decoding: ValueEscaping.html.escaped(text.utf8), as: UTF8.self)
  }
}
