/// How a language counts things: which form a whole number takes. After CLDR 46, plural rules, cardinals; the parts
/// of the rules that only fractions and compact millions reach are left out, since validity is a whole number.
package enum PluralRule: String, CaseIterable, Sendable {
  case same, oneOther, zeroOneOther, polish, czech, eastSlavic, southSlavic, slovenian, lithuanian, latvian
  case romanian, icelandic, arabic, hebrew, irish, welsh, maltese

  package enum Category: String, CaseIterable, Sendable { case zero, one, two, few, many, other }

  /// The rule of a language (its first subtag); nil where none is known here.
  package init?(language: String) {
    guard let rule = Self.byLanguage[language] else { return nil }
    self = rule
  }

  private static let byLanguage: [String: PluralRule] = {
    let lists: [(PluralRule, String)] = [
      (.same, "id ja jv km ko lo ms my su th vi yo yue zh"),
      (
        .oneOther,
        "af an ast az bg ca ce da de el en eo es et eu fi fo fur fy gl gsw ha hu ia ie it ka kk kl ku ky lb lg "
          + "ml mn mr nb ne nl nn no om or os ps rm sc scn sd se so sq sv sw ta te tk tr ug ur uz vo wa xh yi"
      ),
      (.zeroOneOther, "ak am as bn fa ff fr gu hi hy kab kn ln mg pa pt ti zu"),
      (.polish, "pl"), (.czech, "cs sk"), (.eastSlavic, "be ru uk"), (.southSlavic, "bs hr sh sr"),
      (.slovenian, "dsb hsb sl"), (.lithuanian, "lt"), (.latvian, "lv prg"), (.romanian, "mo ro"),
      (.icelandic, "is mk"), (.arabic, "ar ars"), (.hebrew, "he iw"), (.irish, "ga"), (.welsh, "cy"),
      (.maltese, "mt"),
    ]
    var rules: [String: PluralRule] = [:]
    for (rule, languages) in lists {
      for language in languages.split(separator: " ") { rules[String(language)] = rule }
    }
    return rules
  }()

  /// The forms that a file of plurals has to bring. Polish and Czech bring CLDR's four, though Czech `many` is
  /// reached by fractions only and Polish `other` likewise.
  package var categories: [Category] {
    switch self {
    case .same: [.other]
    case .oneOther, .zeroOneOther, .icelandic: [.one, .other]
    case .polish, .czech, .eastSlavic, .lithuanian: [.one, .few, .many, .other]
    case .southSlavic, .romanian: [.one, .few, .other]
    case .slovenian: [.one, .two, .few, .other]
    case .latvian: [.zero, .one, .other]
    case .hebrew: [.one, .two, .other]
    case .irish, .maltese: [.one, .two, .few, .many, .other]
    case .arabic, .welsh: [.zero, .one, .two, .few, .many, .other]
    }
  }

  package func category(of count: Int) -> Category {
    let tens = count % 10
    let hundreds = count % 100
    switch self {
    case .same: return .other
    case .oneOther: return count == 1 ? .one : .other
    case .zeroOneOther: return count <= 1 ? .one : .other
    case .polish:
      if count == 1 { return .one }
      return (2...4).contains(tens) && !(12...14).contains(hundreds) ? .few : .many
    case .czech:
      if count == 1 { return .one }
      return (2...4).contains(count) ? .few : .other
    case .eastSlavic:
      if tens == 1, hundreds != 11 { return .one }
      return (2...4).contains(tens) && !(12...14).contains(hundreds) ? .few : .many
    case .southSlavic:
      if tens == 1, hundreds != 11 { return .one }
      return (2...4).contains(tens) && !(12...14).contains(hundreds) ? .few : .other
    case .slovenian:
      switch hundreds {
      case 1: return .one
      case 2: return .two
      case 3, 4: return .few
      default: return .other
      }
    case .lithuanian:
      if (11...19).contains(hundreds) { return .other }
      if tens == 1 { return .one }
      return tens >= 2 ? .few : .other
    case .latvian:
      if tens == 0 || (11...19).contains(hundreds) { return .zero }
      return tens == 1 ? .one : .other
    case .romanian:
      if count == 1 { return .one }
      return count == 0 || (1...19).contains(hundreds) ? .few : .other
    case .icelandic: return tens == 1 && hundreds != 11 ? .one : .other
    case .arabic:
      switch (count, hundreds) {
      case (0, _): return .zero
      case (1, _): return .one
      case (2, _): return .two
      case (_, 3...10): return .few
      case (_, 11...99): return .many
      default: return .other
      }
    case .hebrew: return count == 1 ? .one : count == 2 ? .two : .other
    case .irish:
      switch count {
      case 1: return .one
      case 2: return .two
      case 3...6: return .few
      case 7...10: return .many
      default: return .other
      }
    case .welsh:
      switch count {
      case 0: return .zero
      case 1: return .one
      case 2: return .two
      case 3: return .few
      case 6: return .many
      default: return .other
      }
    case .maltese:
      if count == 1 { return .one }
      if count == 2 { return .two }
      if count == 0 || (3...10).contains(hundreds) { return .few }
      return (11...19).contains(hundreds) ? .many : .other
    }
  }
}
