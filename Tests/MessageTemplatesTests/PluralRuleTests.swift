import CodeRequests
import Foundation
import Testing

@testable import MessageTemplates

/// How languages count, beside samples of CLDR 48's plural rules.
@Suite struct PluralRuleTests {
  /// For each form some of the numbers that take it.
  private static let samples: [(languages: String, forms: [PluralRule.Category: [Int]])] = [
    ("en de sv nb nn no da nl fi it es ca hu tr bg ckb dv ks eu", [.one: [1], .other: [2, 5, 11, 21, 101]]),
    ("fr pt si hi fa am", [.one: [1], .other: [2, 5, 21]]),
    ("ja zh ko vi th id bo wo ig", [.other: [1, 2, 21]]),
    ("pl", [.one: [1], .few: [2, 4, 22, 34, 102], .many: [5, 12, 14, 21, 25, 112]]),
    ("cs sk", [.one: [1], .few: [2, 3, 4], .other: [5, 22, 101]]),
    ("ru uk be", [.one: [1, 21, 101], .few: [2, 4, 22], .many: [5, 11, 14, 20, 111]]),
    ("hr sr bs", [.one: [1, 21], .few: [2, 34], .other: [5, 11, 12]]),
    ("sl", [.one: [1, 101], .two: [2, 102], .few: [3, 4, 104], .other: [5, 11, 12]]),
    ("lt", [.one: [1, 21], .few: [2, 9, 22], .other: [10, 11, 19, 30]]),
    ("lv", [.zero: [10, 11, 19, 20, 30], .one: [1, 21], .other: [2, 9, 22]]),
    ("ro", [.one: [1], .few: [2, 19, 101, 119], .other: [20, 100, 120]]),
    ("is", [.one: [1, 21], .other: [2, 11, 12]]),
    ("ar", [.one: [1], .two: [2], .few: [3, 10, 103], .many: [11, 99, 111], .other: [100, 102]]),
    ("he se iu smn", [.one: [1], .two: [2], .other: [3, 11, 12, 22]]),
    ("ga", [.one: [1], .two: [2], .few: [3, 6], .many: [7, 10], .other: [11, 20]]),
    ("cy", [.one: [1], .two: [2], .few: [3], .many: [6], .other: [4, 5, 7]]),
    ("mt", [.one: [1], .two: [2], .few: [3, 10, 103], .many: [11, 19], .other: [20, 101]]),
    ("fil tl ceb", [.one: [1, 2, 3, 5, 7, 8, 10, 11, 12, 13, 15, 21], .other: [4, 6, 9, 14, 16, 19, 24]]),
    (
      "br",
      [
        .one: [1, 21, 31, 81, 101], .two: [2, 22, 32, 102], .few: [3, 4, 9, 23, 29, 104], .many: [1_000_000],
        .other: [5, 8, 10, 11, 12, 19, 71, 72, 91, 92, 100],
      ]
    ),
    ("gd", [.one: [1, 11], .two: [2, 12], .few: [3, 10, 13, 19], .other: [20, 21, 101, 111]]),
  ]

  @Test(arguments: samples)
  func `counts as CLDR has it`(languages: String, forms: [PluralRule.Category: [Int]]) throws {
    for language in languages.split(separator: " ") {
      let rule = try #require(PluralRule(language: String(language)), "\(language)")
      for (form, counts) in forms {
        #expect(rule.categories.contains(form), "\(language)")
        for count in counts { #expect(rule.category(of: count) == form, "\(language) \(count)") }
      }
    }
  }

  private func faults(_ language: String, minute: String, hour: String? = nil) throws -> [String] {
    let whole = "other: '{{count}} x', many: '{{count}} x', few: '{{count}} x', one: '{{count}} x'"
    let folder = try TemplateFolder([
      "\(language)/plurals.json5": "{ minute: { \(minute) }, hour: { \(hour ?? whole) } }"
    ])
    for part in ["subject.txt", "preheader.txt", "body.html", "body.txt"] {
      try folder.write("x {{code}}", to: "\(language)/verify-email/\(part)")
      try folder.write(
        part == "subject.txt" ? "x" : "x {{code}}", to: "\(language)/sign-in/\(part)")
    }
    return folder.faults().map(\.description).filter { $0.contains("plurals.json5") }
  }

  @Test(arguments: [
    (
      "ru", "one: 'минуту', few: '{{count}} минуты', many: '{{count}} минут', other: '{{count}} минуты'",
      "one", "1, 21, 31"
    ),
    ("hr", "one: 'minutu', few: '{{count}} minute', other: '{{count}} minuta'", "one", "1, 21, 31"),
    (
      "pl", "one: 'minutę', few: 'kilka minut', many: '{{count}} minut', other: '{{count}} minuty'", "few",
      "2, 3, 4"
    ),
    ("fil", "one: 'isang minuto', other: '{{count}} na minuto'", "one", "1, 2, 3"),
    (
      "sl", "one: 'minuto', two: '{{count}} minuti', few: '{{count}} minute', other: '{{count}} minut'",
      "one", "1, 101, 201"
    ),
    ("gd", "one: 'mionaid', two: '{{count}} x', few: '{{count}} x', other: '{{count}} x'", "one", "1, 11"),
    ("is", "one: 'mínútu', other: '{{count}} mínútur'", "one", "1, 21, 31"),
  ])
  func `a form without its number is refused where more than one number takes it`(
    language: String, minute: String, form: String, counts: String
  ) throws {
    let faults = try faults(language, minute: minute)
    #expect(
      faults.contains { $0.contains("'minute.\(form)' is") && $0.contains("said of \(counts)") }, "\(faults)")
  }

  @Test(arguments: [
    ("en", "one: 'a minute', other: '{{count}} minutes'"),
    ("fr", "one: 'une minute', other: '{{count}} minutes'"),
    ("pl", "one: 'minutę', few: '{{count}} minuty', many: '{{count}} minut', other: '{{count}} minuty'"),
    ("he", "one: 'דקה', two: 'שתי דקות', other: '{{count}} דקות'"),
    ("se", "one: 'minuhta', two: 'guokte minuhta', other: '{{count}} minuhta'"),
    ("fr", "one: '{{count}} minute', many: '{{count}} de minutes', other: '{{count}} minutes'"),
    ("es", "one: '{{count}} minuto', many: '{{count}} de minutos', other: '{{count}} minutos'"),
    ("it", "one: '{{count}} minuto', many: '{{count}} di minuti', other: '{{count}} minuti'"),
    ("pt", "one: '{{count}} minuto', many: '{{count}} de minutos', other: '{{count}} minutos'"),
    ("ca", "one: '{{count}} minut', many: '{{count}} de minuts', other: '{{count}} minuts'"),
  ])
  func `a form of one number may spell it out, and forms that CLDR has may be there`(
    language: String, forms: String
  ) throws {
    #expect(try faults(language, minute: forms, hour: forms) == [])
  }

  @Test func `se is a language that counts, and no country's code`() throws {
    let forms = "{ one: '{{count}} x', two: '{{count}} x', other: '{{count}} x' }"
    let folder = try TemplateFolder(["se/plurals.json5": "{ minute: \(forms), hour: \(forms) }"])
    for (part, text) in TemplateFolder.sound where part.hasPrefix("en/sign-in/") {
      try folder.write(text, to: part.replacing("en/", with: "se/"))
    }
    #expect(TemplateLint.findings(in: folder.path).filter { $0.file.hasPrefix("se") } == [])
  }
}
