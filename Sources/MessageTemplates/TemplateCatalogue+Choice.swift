package import CodeRequests

extension TemplateCatalogue {
  /// Finds the template for a reader: of the reader's tags, then the tenant's locale, then the default, each in turn, what
  /// is nearest to it (`LanguageMatch`). A locale of the tenant's own stands in for the common one.
  ///
  /// A refused tag (q=0), and what is more special than it, is taken only where nothing else is left.
  ///
  /// - Returns: nil where no locale has this purpose at all.
  package func choose(
    for preference: LocalePreference, tenant: String?, tenantLocale: LocaleTag?, defaultLocale: LocaleTag,
    purpose: Purpose
  ) -> Choice? {
    let own = own(tenant)
    func find(_ locale: LocaleTag) -> MailTemplate? {
      let key = Key(locale: locale, purpose: purpose)
      return own?[key] ?? common[key]
    }
    func lookUp(_ tag: LocaleTag) -> MailTemplate? {
      // Most readers ask for exactly what is there.
      if preference.refused.isEmpty, let template = find(tag) { return template }
      let wanted = LanguageMatch(tag)
      var nearest: (match: LanguageMatch, distance: Int)?
      for match in matches {
        // The first of those that are as near as another: they are sorted.
        guard let distance = wanted.distance(to: match), distance < nearest?.distance ?? .max,
          find(match.tag) != nil, !Self.isRefused(match.tag, preference)
        else { continue }
        nearest = (match, distance)
      }
      return nearest.flatMap { find($0.match.tag) }
    }
    for tag in preference.tags {
      if let template = lookUp(tag) {
        return Choice(template: template, reason: .reader(tag), fellBack: false)
      }
    }
    let fellBack = !preference.tags.isEmpty
    if let tenantLocale, let template = lookUp(tenantLocale) {
      return Choice(template: template, reason: .tenant, fellBack: fellBack)
    }
    if let template = lookUp(defaultLocale) {
      return Choice(template: template, reason: .default, fellBack: fellBack)
    }
    // Nothing that anybody asked for. English first: most likely to be understood.
    let keys = Set(common.keys).union(own.map { Set($0.keys) } ?? [])
    let rest = keys.filter { $0.purpose == purpose }.map(\.locale).sorted {
      ($0.language == "en" ? 0 : 1, $0.rawValue) < ($1.language == "en" ? 0 : 1, $1.rawValue)
    }
    let wanted = [tenantLocale, defaultLocale].compactMap { $0 }.flatMap(\.fallbacks)
    guard
      let locale = rest.first(where: { !Self.isRefused($0, preference) })
        ?? wanted.first(where: rest.contains) ?? rest.first, let template = find(locale)
    else { return nil }
    return Choice(template: template, reason: .lastResort, fellBack: fellBack || !preference.refused.isEmpty)
  }

  /// `de;q=0` refuses `de` and `de-AT`, unless `de-AT` itself is asked for.
  private static func isRefused(_ locale: LocaleTag, _ preference: LocalePreference) -> Bool {
    guard !preference.refused.isEmpty else { return false }
    if preference.refused.contains(locale) { return true }
    return !preference.tags.contains(locale) && locale.fallbacks.contains(where: preference.refused.contains)
  }
}
