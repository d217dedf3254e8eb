/// How a language counts things: which form a whole number takes. After CLDR 48, plural rules, cardinals; the parts
/// of the rules that only fractions and compact millions reach are left out, since validity is a whole number.
package enum PluralRule: String, CaseIterable, Sendable {
  case same, oneOther, zeroOneOther, polish, czech, eastSlavic, southSlavic, slovenian, lithuanian, latvian
  case romanian, icelandic, arabic, oneTwoOther, irish, welsh, maltese, filipino, breton, scottishGaelic

  package enum Category: String, CaseIterable, Sendable { case zero, one, two, few, many, other }

  /// The rule of a language (its first subtag); nil where none is known here.
  package init?(language: String) {
    guard let rule = Self.byLanguage[language] else { return nil }
    self = rule
  }

  private static let byLanguage: [String: PluralRule] = {
    let lists: [(PluralRule, String)] = [
      (
        .same,
        "bm bo dz hnj id ig ii in ja jbo jv jw kde kea km ko lkt lo ms my nqo osa sah ses sg su th to tpi vi wo "
          + "yo yue zh"
      ),
      (
        .oneOther,
        "af an asa ast az bal bem bez bg brx ca ce cgg chr ckb da de dv ee el en eo es et eu fi fo fur fy gl gsw ha "
          + "haw hu ia ie io it ji jgo jmc ka kaj kcg kk kkj kl ks ksb ksh ku ky lb lg lij lld mas mgo ml mn mr nah "
          + "nb nd ne nl nn nnh no nr ny nyn om or os pap ps rm rof rwk saq sc scn sd sdh seh sn so sq ss ssy st sv "
          + "sw syr ta te teo tig tk tn tr ts ug ur uz ve vec vo vun wae xh xog yi"
      ),
      (
        .zeroOneOther,
        "ak am as bho bn csw doi fa ff fr gu guw hi hy kab kn kok lag ln mg nso pa pcm pt si ti wa zu"
      ),
      (.polish, "pl"), (.czech, "cs sk"), (.eastSlavic, "be ru uk"), (.southSlavic, "bs hr sh sr"),
      (.slovenian, "dsb hsb sl"), (.lithuanian, "lt"), (.latvian, "lv prg"), (.romanian, "mo ro"),
      (.icelandic, "is mk"), (.arabic, "ar ars"), (.oneTwoOther, "he iu iw naq sat se sma smi smj smn sms"),
      (.irish, "ga"), (.welsh, "cy"), (.maltese, "mt"), (.filipino, "ceb fil tl"), (.breton, "br"),
      (.scottishGaelic, "gd"),
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
    case .oneOther, .zeroOneOther, .icelandic, .filipino: [.one, .other]
    case .polish, .czech, .eastSlavic, .lithuanian: [.one, .few, .many, .other]
    case .southSlavic, .romanian: [.one, .few, .other]
    case .slovenian: [.one, .two, .few, .other]
    case .latvian: [.zero, .one, .other]
    case .oneTwoOther: [.one, .two, .other]
    case .scottishGaelic: [.one, .two, .few, .other]
    case .irish, .maltese, .breton: [.one, .two, .few, .many, .other]
    case .arabic, .welsh: [.zero, .one, .two, .few, .many, .other]
    }
  }

  /// Forms that CLDR has for a language and that no whole number below a million takes: they may be there.
  static func spare(_ language: String) -> [Category] {
    let romance: Set<String> = ["ca", "es", "fr", "it", "lld", "pt", "scn", "vec"]
    return romance.contains(language) ? [.many] : ["ksh", "lag"].contains(language) ? [.zero] : []
  }

  /// Counts that take a form, the smallest first.
  func counts(of category: Category) -> [Int] { (1...1000).filter { self.category(of: $0) == category } }

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
    case .oneTwoOther: return count == 1 ? .one : count == 2 ? .two : .other
    case .filipino: return count <= 3 || ![4, 6, 9].contains(tens) ? .one : .other
    case .breton:
      let isOfTens = [1, 7, 9].contains(hundreds / 10)
      if tens == 1, !isOfTens { return .one }
      if tens == 2, !isOfTens { return .two }
      if [3, 4, 9].contains(tens), !isOfTens { return .few }
      return count > 0 && count % 1_000_000 == 0 ? .many : .other
    case .scottishGaelic:
      switch count {
      case 1, 11: return .one
      case 2, 12: return .two
      case 3...10, 13...19: return .few
      default: return .other
      }
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
