/// Why a reader gets the words they get: the locale that was chosen, and the file that each part comes from.
extension TemplateCatalogue.Choice {
  /// One sentence on the locale, then a line for each part with what was passed over on the way to it.
  package var explanation: [String] {
    let why =
      switch reason {
      case .reader(let tag) where tag == locale: "the reader asks for it"
      case .reader(let tag):
        "the reader asks for '\(tag)', and this is the nearest that is there (language matching of CLDR)"
      case .tenant:
        "it is the tenant's locale" + (fellBack ? ", and nothing the reader asks for is there" : "")
      case .default:
        "it is the default locale" + (fellBack ? ", and nothing the reader asks for is there" : "")
      case .lastResort: "nothing that the reader, the tenant or the configuration asks for is there"
      }
    let owner = template.tenant.map { ", with files of the tenant '\($0)'" } ?? ""
    return ["\(locale)/\(template.purpose)\(owner): \(why)"] + template.origins.map(\.explanation)
  }
}

extension TemplateOrigin {
  /// `body.html ← sv/sign-in/body.html (not there: tenants/…)`.
  package var explanation: String {
    let missing = passedOver.isEmpty ? "" : " (not there: \(passedOver.joined(separator: ", ")))"
    return "\(part) ← \(file)\(missing)"
  }
}

extension TemplateCatalogue.Choice.Reason {
  /// `reader`, `tenant`, `default` or `last-resort`.
  package var name: String {
    switch self {
    case .reader: "reader"
    case .tenant: "tenant"
    case .default: "default"
    case .lastResort: "last-resort"
    }
  }
}
