internal import CodeRequests

/// A locale as matching sees it: aliases resolved, the script that goes without saying filled in. After CLDR 48:
/// aliases, likely subtags, parent locales and language matching (UTS 35, part 1, "Language Matching").
struct LanguageMatch: Sendable {
  let tag: LocaleTag
  private let language: String
  private let script: String
  /// Nil where the tag names none.
  private let region: String?
  /// Variants, and what stands behind `x`.
  private let rest: [Substring]

  init(_ tag: LocaleTag) {
    self.tag = tag
    var subtags = tag.rawValue.split(separator: "-")[...]
    let first = subtags.isEmpty ? "" : subtags.removeFirst()
    let alias = Self.aliases[String(first)]
    language = alias?.language ?? String(first)
    var script = alias?.script
    if let next = subtags.first, next.utf8.count == 4, next.utf8.allSatisfy({ !(0x30...0x39).contains($0) }) {
      script = String(subtags.removeFirst())
    }
    var region: String?
    if let next = subtags.first, next.utf8.count == 2 || Self.isNumber(next) {
      region = String(subtags.removeFirst())
    }
    self.region = region
    self.script = script ?? Self.likelyScript(language, region)
    // What an extension says (`u-ca-buddhist`) is nothing that a mail is written in.
    if let singleton = subtags.firstIndex(where: { $0.utf8.count == 1 && $0 != "x" }) {
      let use = subtags.firstIndex(of: "x") ?? subtags.endIndex
      if singleton < use { subtags.removeSubrange(singleton..<use) }
    }
    rest = subtags.filter { $0 != "x" }
  }

  /// How far what is there is from what a reader asks for; nil where it does not help them, 0 where it is the same.
  ///
  /// - Parameter there: a locale with templates.
  func distance(to there: LanguageMatch) -> Int? {
    guard let languages = Self.distance(language, there.language),
      let scripts = Self.distance(script, there.script, in: language == there.language ? language : nil)
    else { return nil }
    let regions = language == there.language ? distance(toRegionOf: there) : 0
    // To be called du by somebody who was not asked for it is worse than another country's words.
    let added = there.rest.count { !rest.contains($0) } * 60
    let missing = rest.count { !there.rest.contains($0) } * 15
    return 10 * (languages + scripts) + regions + added + missing
  }

  private func distance(toRegionOf there: LanguageMatch) -> Int {
    guard region != there.region else { return 0 }
    let likely = Self.likelyRegions["\(language)-\(script)"] ?? Self.likelyRegions[language]
    let (mine, theirs) = (region ?? likely, there.region ?? likely)
    if mine == theirs { return 5 }
    // Where neither is known to belong to a part of the world they are of one.
    let isOneGroup = isOfFirstGroup(mine) == isOfFirstGroup(theirs)
    guard let named = there.region else { return isOneGroup ? 20 : 40 }
    if !isOneGroup { return 50 }
    return Self.isNumber(named[...])
      ? 25 : named == likely || Self.models.contains("\(language)-\(named)") ? 28 : 30
  }

  private static func isNumber(_ subtag: Substring) -> Bool {
    subtag.utf8.count == 3 && subtag.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  // MARK: Languages

  /// Codes that mean another, with the script that this one is written in.
  private static let aliases: [String: (language: String, script: String?)] = [
    "iw": ("he", nil), "in": ("id", nil), "ji": ("yi", nil), "jw": ("jv", nil), "mo": ("ro", nil),
    "no": ("nb", nil), "tl": ("fil", nil), "sh": ("sr", "Latn"), "cmn": ("zh", nil), "arb": ("ar", nil),
    "swh": ("sw", nil), "ekk": ("et", nil), "lvs": ("lv", nil), "zsm": ("ms", nil), "pes": ("fa", nil),
    "prs": ("fa", nil), "khk": ("mn", nil), "npi": ("ne", nil), "ory": ("or", nil), "azj": ("az", nil),
    "uzn": ("uz", nil), "als": ("sq", nil), "plt": ("mg", nil),
  ]

  /// Languages whose readers read another, as CLDR has them up to a distance of 10; beyond it only the two kinds of
  /// Norwegian. CLDR has nynorsk nearer to Danish than to bokmål, which all of Norway reads: here it is not. Who asks for a language that only shares a country with another gets the default instead.
  private static let close: [String: [String: Int]] = {
    let lists: [(asked: String, there: String, distance: Int)] = [
      ("nn", "nb", 4), ("nb", "nn", 20), ("nb", "da", 8), ("nn", "da", 8), ("da", "nb", 8),
      ("hr bs", "hr bs", 4), ("sr", "bs hr", 4), ("hr bs", "sr", 4), ("cnr", "sr hr bs", 4),
      ("gsw lb", "de", 4), ("arz ary arq aeb apc ajp acm acq afb ars", "ar", 10),
      ("yue wuu nan hak gan hsn", "zh", 10),
    ]
    var close: [String: [String: Int]] = [:]
    for list in lists {
      for asked in list.asked.split(separator: " ") {
        for there in list.there.split(separator: " ") where asked != there {
          close[String(asked), default: [:]][String(there)] = list.distance
        }
      }
    }
    return close
  }()

  private static func distance(_ asked: String, _ there: String) -> Int? {
    asked == there ? 0 : close[asked]?[there]
  }

  // MARK: Scripts

  /// - Parameter language: that both are written in; nil where they differ.
  private static func distance(_ asked: String, _ there: String, in language: String?) -> Int? {
    if asked == there { return 0 }
    switch (language, asked, there) {
    case ("zh", "Hans", "Hant"): return 15
    case ("zh", "Hant", "Hans"): return 19
    case ("sr", _, _): return 5
    default: return nil
    }
  }

  /// The script of a language that is not written in Latin letters.
  private static let scripts: [String: String] = {
    let lists = [
      "Cyrl": "ab ba be bg ce cv kk ky mk mn os ru sah sr tg tt uk", "Arab": "ar ckb fa ks ps sd ug ur",
      "Grek": "el", "Hebr": "he yi", "Hans": "gan hsn wuu zh", "Hant": "hak nan yue", "Jpan": "ja",
      "Kore": "ko",
      "Deva": "bho brx doi hi kok mai mr ne sa", "Beng": "as bn", "Guru": "pa", "Gujr": "gu", "Orya": "or",
      "Taml": "ta", "Telu": "te", "Knda": "kn", "Mlym": "ml", "Sinh": "si", "Thai": "th", "Laoo": "lo",
      "Mymr": "my", "Khmr": "km", "Tibt": "bo dz", "Ethi": "am ti", "Geor": "ka", "Armn": "hy", "Thaa": "dv",
    ]
    var scripts: [String: String] = [:]
    for (script, languages) in lists {
      for language in languages.split(separator: " ") { scripts[String(language)] = script }
    }
    return scripts
  }()

  /// Where a language is written otherwise than elsewhere.
  private static let scriptsByRegion: [String: [String: String]] = {
    let lists = [
      ("zh", "Hant", "AU BN GB GF HK ID MO PA PF PH SR TH TW US VN"), ("yue", "Hans", "CN"),
      ("sr", "Latn", "ME RO RU TR"), ("uz", "Arab", "AF"), ("uz", "Cyrl", "CN"), ("az", "Arab", "IQ IR"),
      ("az", "Cyrl", "RU"), ("pa", "Arab", "PK"), ("kk", "Arab", "AF CN IR MN"), ("ky", "Arab", "CN"),
      ("ky", "Latn", "TR"), ("mn", "Mong", "CN"), ("tg", "Arab", "PK"), ("ku", "Arab", "IQ"),
      ("sd", "Deva", "IN"), ("ms", "Arab", "CC"),
    ]
    var scripts: [String: [String: String]] = [:]
    for (language, script, regions) in lists {
      for region in regions.split(separator: " ") {
        scripts[language, default: [:]][String(region)] = script
      }
    }
    return scripts
  }()

  private static func likelyScript(_ language: String, _ region: String?) -> String {
    region.flatMap { scriptsByRegion[language]?[$0] } ?? scripts[language] ?? "Latn"
  }

  // MARK: Regions

  private static let likelyRegions = [
    "ar": "EG", "cs": "CZ", "da": "DK", "de": "DE", "en": "US", "es": "ES", "fi": "FI", "fr": "FR",
    "hu": "HU",
    "it": "IT", "ja": "JP", "ko": "KR", "nb": "NO", "nl": "NL", "nn": "NO", "pl": "PL", "pt": "BR",
    "ro": "RO",
    "ru": "RU", "sk": "SK", "sr": "RS", "sv": "SE", "tr": "TR", "uk": "UA", "zh-Hans": "CN", "zh-Hant": "TW",
  ]

  /// Of languages whose words differ between two parts of the world the countries of one: CLDR's match variables.
  private static let firstGroups: [String: Set<String>] = [
    "en": ["US", "AS", "GU", "MH", "MP", "PH", "PR", "UM", "VI", "021", "003"],
    "es": ["ES", "AD", "EA", "GQ", "IC", "PH"], "pt": ["BR"], "zh-Hant": ["HK", "MO"],
    "ar": ["DZ", "EH", "LY", "MA", "MR", "TN", "015"],
  ]

  private func isOfFirstGroup(_ region: String?) -> Bool {
    guard let region else { return false }
    return (Self.firstGroups[language] ?? Self.firstGroups["\(language)-\(script)"])?.contains(region)
      ?? false
  }

  /// Within a group these are nearer to all others: CLDR's paradigm locales.
  private static let models: Set<String> = [
    "en-GB", "en-US", "es-ES", "es-MX", "pt-BR", "pt-PT", "zh-HK", "zh-TW",
  ]
}
