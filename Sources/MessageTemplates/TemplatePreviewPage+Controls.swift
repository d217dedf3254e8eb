internal import CodeRequests

/// What a reader of the page can choose: the browser's own controls, so that they work by keyboard and on a phone.
extension TemplatePreviewPage {
  private static let views = [("phone", "Phone"), ("desktop", "Desktop"), ("text", "Text")]
  private static let themes = [("both", "Both"), ("light", "Light"), ("dark", "Dark")]

  var controls: String {
    let locales = Set(cards.map(\.locale.rawValue)).sorted()
    let languages = locales.map { locale in
      "<label title=\"\((try? LocaleTag(locale)).map { escaped(LanguageNames.name(of: $0)) } ?? "")\"><input type=\"checkbox\" name=\"locale\" value=\"\(locale)\" autocomplete=\"off\">\(locale)</label>"
    }.joined()
    return """
      <form class="filters" aria-label="Which mails are shown">
      <fieldset class="switch"><legend>Languages</legend>\(languages)</fieldset>
      \(select("purpose", "Purpose", purposes.map { ($0, $0) }))\
      \(tenants.isEmpty ? "" : select("tenant", "Tenant", [("-", "none")] + tenants.map { ("=\($0)", $0) }))
      <button type="reset" hidden>Show all</button> <output id="count"></output>
      </form>
      <nav aria-label="How mails are shown">
      \(radios("sample", "Values", samples.enumerated().map { ("\($0.offset)", $0.element.label) }))
      \(radios("view", "As", Self.views))
      \(radios("theme", "Colours", Self.themes))
      <details class="jump"><summary>Go to</summary><div>
      \(jumps)</div></details>
      </nav>
      """
  }

  private func radios(_ name: String, _ title: String, _ options: [(String, String)]) -> String {
    "<fieldset class=\"switch\"><legend>\(title)</legend>"
      + options.enumerated().map { index, option in
        "<label><input type=\"radio\" name=\"\(name)\" value=\"\(option.0)\" autocomplete=\"off\"\(index == 0 ? " checked" : "")>\(escaped(option.1))</label>"
      }.joined() + "</fieldset>"
  }

  private func select(_ name: String, _ title: String, _ options: [(String, String)]) -> String {
    "<label class=\"select\">\(title) <select name=\"\(name)\" autocomplete=\"off\"><option value=\"\">all</option>"
      + options.map { "<option value=\"\(escaped($0.0))\">\(escaped($0.1))</option>" }.joined()
      + "</select></label>\n"
  }

  /// A link to each card, under its purpose and tenant.
  private var jumps: String {
    var html = ""
    for purpose in purposes {
      for tenant in [nil] + tenants.map(Optional.some) {
        let own = cards.filter { $0.purpose == purpose && $0.tenant == tenant }
        if own.isEmpty { continue }
        let links = own.map { card in
          "<a href=\"#\(escaped(card.identifier))\" data-locale=\"\(card.locale)\" data-purpose=\"\(escaped(purpose))\" data-tenant=\"\(escaped(tenant ?? ""))\"\(card.findings.isEmpty ? "" : " class=\"found\"")>\(card.locale)</a>"
        }
        html +=
          "<p><b>\(escaped(tenant.map { "\(purpose), \($0)" } ?? purpose))</b> \(links.joined(separator: " "))</p>\n"
      }
    }
    return html + "<p><a href=\"#\">Top</a></p>\n"
  }
}
