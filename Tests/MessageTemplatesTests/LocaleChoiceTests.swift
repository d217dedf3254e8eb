import CodeRequests
import Testing

@testable import MessageTemplates

@Suite struct LocaleChoiceTests {
  /// What a reader asks for, the tenant's locale, the default, and what comes of it.
  static let cases: [(wanted: String, tenant: String?, fallback: String, chosen: String, fellBack: Bool)] = [
    ("sv", nil, "en", "sv", false),
    ("SV", nil, "en", "sv", false),
    ("sv_SE", nil, "en", "sv", false),
    ("de-AT", nil, "en", "de", false),
    ("de-x-informal", nil, "en", "de-x-informal", false),
    ("de-x-formal", nil, "en", "de", false),
    ("de-Latn-AT-x-informal", nil, "en", "de-x-informal", false),
    ("de-DE-x-informal", nil, "en", "de-x-informal", false), ("gsw-CH", nil, "en", "de", false),
    ("xx, pl;q=0.5", nil, "en", "pl", false),
    ("pl;q=0.5, cs;q=0.9", nil, "en", "cs", false),
    ("hu-HU, hu;q=0.9", nil, "en", "en", true), ("fr-CA, fr;q=0.9", nil, "en", "fr", false),
    ("hu", "sv", "en", "sv", true), ("no-NO", nil, "en", "nb", false), ("nn", nil, "en", "nb", false),
    ("es-MX", nil, "en", "es", false), ("uk_UA.UTF-8", nil, "en", "uk", false),
    ("", "sv-SE", "en", "sv", false),
    ("", nil, "cs", "cs", false),
    ("*", nil, "cs", "cs", false),
    ("xx", "yy", "zz", "en", true),
    ("sv;q=0", nil, "sv", "en", true),
    ("de;q=0, de-AT", nil, "en", "en", true),
    ("de;q=0, de-x-informal", nil, "en", "de-x-informal", false),
    ("de;q=0", "de-x-informal", "pl", "pl", false),
    (shippedLocales.map { "\($0);q=0" }.joined(separator: ", "), nil, "cs", "cs", true),
  ]

  @Test(arguments: cases)
  func `finds the nearest of what ships`(
    wanted: String, tenant: String?, fallback: String, chosen: String, fellBack: Bool
  ) throws {
    let catalogue = try TemplateCatalogue(directory: shipped)
    let preference = wanted.isEmpty ? .none : LocalePreference(acceptLanguage: wanted)
    let choice = try #require(
      catalogue.choose(
        for: preference, tenant: nil, tenantLocale: tenant.map(tag), defaultLocale: tag(fallback),
        purpose: .signIn))
    #expect(choice.locale.rawValue == chosen)
    #expect(choice.fellBack == fellBack)
  }

  /// What a reader asks for, the folders that there are, and the one that is taken; nil: nothing helps this reader.
  static let matches: [(wanted: String, folders: String, chosen: String?)] = [
    ("zh-TW", "zh zh-Hans zh-Hant", "zh-Hant"), ("zh-HK", "zh-Hans zh-Hant", "zh-Hant"),
    ("zh-CN", "zh-Hans zh-Hant", "zh-Hans"), ("zh", "zh-Hans zh-Hant", "zh-Hans"),
    ("zh-SG", "zh-Hans zh-Hant", "zh-Hans"), ("zh-Hant-CN", "zh-Hans zh-Hant", "zh-Hant"),
    ("zh-TW", "zh-Hans", "zh-Hans"), ("zh-TW", "zh zh-TW", "zh-TW"), ("zh-MO", "zh-Hant zh-HK", "zh-HK"),
    ("cmn-Hant-TW", "zh-Hans zh-Hant", "zh-Hant"), ("yue", "zh-Hans zh-Hant", "zh-Hant"),
    ("pt", "pt-BR", "pt-BR"), ("pt-PT", "pt-BR", "pt-BR"), ("pt-BR", "pt-PT", "pt-PT"), ("pt-BR", "pt", "pt"),
    ("pt", "pt-BR pt-PT", "pt-BR"), ("pt-AO", "pt-BR pt-PT", "pt-PT"), ("pt-AO", "pt pt-PT", "pt-PT"),
    ("no", "nb nn", "nb"), ("nb-NO", "no", "no"), ("nn", "nb sv", "nb"), ("nn", "da nb", "nb"),
    ("nn-NO", "no", "no"),
    ("no", "nn", "nn"), ("nb", "da sv", "da"), ("da", "nb de", "nb"), ("sv", "nb da", nil),
    ("iw", "he", "he"), ("he-IL", "iw", "iw"), ("in", "id", "id"), ("tl", "fil", "fil"),
    ("sr-ME", "sr sr-Latn", "sr-Latn"), ("sr", "sr-Cyrl sr-Latn", "sr-Cyrl"),
    ("sh", "sr-Latn sr-Cyrl", "sr-Latn"),
    ("bs", "hr sl", "hr"), ("sr-Cyrl", "hr", nil), ("sr-Latn", "hr", "hr"), ("ru-Latn", "ru", nil),
    ("de-DE-x-informal", "de de-x-informal", "de-x-informal"), ("de", "de-x-informal", "de-x-informal"),
    ("de-CH", "de de-AT", "de"), ("de-LI", "de-AT de-x-informal", "de-AT"), ("lb", "de fr", "de"),
    ("en-AU", "en en-GB", "en-GB"), ("en-IN", "en-US en-GB", "en-GB"), ("en-PH", "en-GB en-US", "en-US"),
    ("en", "en-AU en-GB en-US", "en-US"), ("en-AU", "en-001 en-GB en", "en-001"),
    ("es-MX", "es es-419", "es-419"), ("es-AR", "es-ES es-MX", "es-MX"), ("es-ES", "es-419", "es-419"),
    ("fr-CA", "fr", "fr"), ("fr", "fr-CA", "fr-CA"), ("fr-BE", "fr-CA fr-FR", "fr-FR"),
    ("de-u-co-phonebk", "de", "de"), ("sl-rozaj", "sl", "sl"), ("ca-valencia", "ca es", "ca"),
    ("uk", "ru", nil), ("be", "ru", nil), ("fi", "sv et", nil), ("x-klingon", "en", nil),
  ]

  @Test(arguments: matches)
  func `takes what is nearest by CLDR's language matching, whatever folders there are`(
    wanted: String, folders: String, chosen: String?
  ) {
    let there = folders.split(separator: " ").map { LanguageMatch(tag(String($0))) }
    let asked = LanguageMatch(tag(wanted))
    let nearest = there.sorted { $0.tag.rawValue < $1.tag.rawValue }
      .compactMap { match in asked.distance(to: match).map { (match.tag.rawValue, $0) } }
      .reduce(nil as (String, Int)?) { nearest, next in next.1 < nearest?.1 ?? .max ? next : nearest }
    #expect(nearest?.0 == chosen)
    for match in there { #expect(match.distance(to: match) == 0) }
  }

  @Test func `says why a locale was chosen`() throws {
    let catalogue = try TemplateCatalogue(directory: shipped)
    func reason(_ wanted: String, _ tenant: String?, _ fallback: String) throws -> TemplateCatalogue.Choice
      .Reason?
    {
      catalogue.choose(
        for: LocalePreference(acceptLanguage: wanted), tenant: nil, tenantLocale: tenant.map(tag),
        defaultLocale: tag(fallback), purpose: .signIn)?.reason
    }
    #expect(try reason("xx, de-AT", nil, "en") == .reader(tag("de-AT")))
    #expect(try reason("xx", "sv", "en") == .tenant)
    #expect(try reason("xx", "yy", "pl") == .default)
    #expect(try reason("xx", "yy", "zz") == .lastResort)
  }

  @Test func `an unknown purpose has no template`() throws {
    let catalogue = try TemplateCatalogue(directory: shipped)
    #expect(
      catalogue.choose(
        for: .none, tenant: nil, tenantLocale: nil, defaultLocale: tag("en"), purpose: try Purpose("reset"))
        == nil)
  }

  @Test func `a tenant's file stands in for the common one, in that tenant only`() throws {
    let folder = try TemplateFolder([
      "tenants/fabrikam/en/sign-in/subject.txt": "Fabrikam says: your code",
      "tenants/contoso/layout.txt": "CONTOSO\n{{> content}}",
    ])
    let catalogue = try folder.catalogue()
    #expect(catalogue.tenantNames == ["contoso", "fabrikam"])
    func mail(_ tenant: String?) throws -> RenderedMail {
      try catalogue.choose(
        for: .none, tenant: tenant, tenantLocale: nil, defaultLocale: tag("en"), purpose: .signIn)!
        .template.render(values())
    }
    #expect(try mail("fabrikam").subject == "Fabrikam says: your code")
    #expect(try String(decoding: mail("fabrikam").text, as: UTF8.self) == "Your code:\n\n042917\n")
    #expect(try mail("contoso").subject == "Your Fabrikam code")
    #expect(try String(decoding: mail("contoso").text, as: UTF8.self) == "CONTOSO\nYour code:\n\n042917\n")
    #expect(try mail("other").subject == "Your Fabrikam code")
    #expect(try mail(nil).subject == "Your Fabrikam code")
  }

  @Test func `a tenant may bring a partial for one locale alone, under its name in any case`() throws {
    let folder = try TemplateFolder([
      "en/sign-in/body.txt": "{{code}}\n{{> sign}}", "sign.txt": "Everybody",
      "tenants/ÅBO/en/sign.txt": "Åbo",
    ])
    #expect(TemplateLint.findings(in: folder.path).isEmpty)
    let catalogue = try folder.catalogue()
    func text(_ tenant: String?) throws -> String {
      let template = catalogue.template(tenant: tenant, locale: tag("en"), purpose: .signIn)
      return String(decoding: try #require(template).render(values()).text, as: UTF8.self)
    }
    #expect(try text(nil).hasSuffix("Everybody"))
    #expect(try text("Turku").hasSuffix("Everybody"))
    for name in ["ÅBO", "Åbo", "åbo", "A\u{30A}bo"] { #expect(try text(name).hasSuffix("\nÅbo"), "\(name)") }
  }

  @Test func `each tag is tried in the tenant's folder, then in the common one, before the next tag`() throws
  {
    let parts = ["preheader.txt": "p", "body.html": "{{code}}", "body.txt": "{{code}}", "subject.txt": "s"]
    var files: [String: String?] = ["de/plurals.json5": TemplateFolder.sound["en/plurals.json5"]!]
    files["fi/plurals.json5"] = TemplateFolder.sound["en/plurals.json5"]!
    for (name, text) in parts {
      files["tenants/t/de/sign-in/\(name)"] = text
      files["fi/sign-in/\(name)"] = text
      files["tenants/t/de-AT/sign-in/\(name)"] = text
    }
    let catalogue = try TemplateFolder(files).catalogue()
    func locale(_ wanted: String, _ tenant: String?) throws -> String? {
      catalogue.choose(
        for: LocalePreference(acceptLanguage: wanted), tenant: tenant, tenantLocale: nil,
        defaultLocale: tag("en"), purpose: .signIn)?.locale.rawValue
    }
    #expect(try locale("fi, de", "t") == "fi")
    #expect(try locale("de-AT, fi", "t") == "de-AT")
    #expect(try locale("de-CH, fi", "t") == "de")
    #expect(try locale("de-AT, fi", nil) == "fi")
    #expect(try locale("de-AT", "u") == "en")
  }

  @Test func `drops no more of a tag than it has to`() throws {
    var files: [String: String?] = [:]
    for locale in ["de", "de-AT"] {
      files["\(locale)/plurals.json5"] = TemplateFolder.sound["en/plurals.json5"]!
      for part in ["preheader.txt", "body.html", "body.txt", "subject.txt"] {
        files["\(locale)/sign-in/\(part)"] = TemplateFolder.sound["en/sign-in/\(part)"]!
      }
    }
    let catalogue = try TemplateFolder(files).catalogue()
    for (wanted, tenantLocale, refused) in [
      ("de-AT-1996", nil, ""), ("fr", "de-AT-1996", ""), ("de-AT-1996", nil, ", fr;q=0"),
      ("en;q=0", "de-AT-1996", ", de-DE;q=0"),
    ] {
      let choice = catalogue.choose(
        for: LocalePreference(acceptLanguage: wanted + refused), tenant: nil,
        tenantLocale: tenantLocale.map(tag), defaultLocale: tag("en"), purpose: .signIn)
      #expect(choice?.locale.rawValue == "de-AT", "\(wanted)\(refused)")
    }
    // Where only what was refused is left: the nearest of it as well.
    let refused = LocalePreference(acceptLanguage: "en;q=0, de;q=0")
    let choice = catalogue.choose(
      for: refused, tenant: nil, tenantLocale: tag("de-AT-1996"), defaultLocale: tag("de"), purpose: .signIn)
    #expect(choice?.locale.rawValue == "de-AT")
  }

  @Test func `tells which file each part comes from and what was passed over`() throws {
    let folder = try TemplateFolder([
      "tenants/t/en/sign-in/subject.txt": "x", "foot.txt": "f", "en/sign-in/body.txt": "{{code}}{{> foot}}",
    ])
    let origins = try folder.catalogue().template(tenant: "t", locale: tag("en"), purpose: .signIn)!.origins
    #expect(origins.first { $0.part == "subject.txt" }?.file == "tenants/t/en/sign-in/subject.txt")
    let foot = try #require(origins.first { $0.part == "foot.txt" })
    #expect(foot.file == "foot.txt")
    #expect(
      foot.passedOver == [
        "tenants/t/en/sign-in/foot.txt", "tenants/t/en/foot.txt", "tenants/t/foot.txt", "en/sign-in/foot.txt",
        "en/foot.txt",
      ])
  }
}
