import CodeRequests
import Foundation
import Testing

struct PasscodeTests {
  @Test func `shows its digits in no rendering`() throws {
    let code = try Passcode("424242")
    var dumped = ""
    dump(code, to: &dumped)
    dump([code], to: &dumped)
    var request = CodeRequest(recipient: try EmailAddress("anna@example.org"))
    request.code = code
    dump(request, to: &dumped)
    let optional: Passcode? = code
    let texts = [
      "\(code)", String(describing: code), String(reflecting: code), "\([code])", "\(["a": code])",
      "\(String(describing: optional))", "\(request)", String(reflecting: request), dumped,
      "\(Mirror(reflecting: code).children.map { "\($0)" })",
    ]
    for text in texts { #expect(!text.contains("4242"), "\(text)") }
    #expect("\(code)" == "••••••")
    #expect(code.reveal() == "424242")
  }

  @Test(arguments: [4, 6, 8, 12]) func `random codes have the length asked for`(length: Int) {
    for _ in 0..<200 {
      let text = Passcode.random(length: length).reveal()
      #expect(text.utf8.count == length)
      #expect(text.utf8.allSatisfy { (0x30...0x39).contains($0) })
    }
  }

  @Test func `random codes are uniform in each digit`() {
    var counts = [[Int]](repeating: [Int](repeating: 0, count: 10), count: 6)
    let total = 10_000
    for _ in 0..<total {
      for (place, byte) in Passcode.random(length: 6).reveal().utf8.enumerated() {
        counts[place][Int(byte - 0x30)] += 1
      }
    }
    for place in counts {
      let expected = Double(total) / 10
      let chiSquare = place.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
      // Nine degrees of freedom: beyond 45 once in a million runs.
      #expect(chiSquare < 45)
    }
  }

  @Test func `ids are random, in the alphabet, and shown in part`() throws {
    let ids = (0..<1000).map { _ in RequestID.random() }
    #expect(Set(ids).count == 1000)
    for id in ids {
      #expect(id.rawValue.utf8.count == 22)
      #expect((try? RequestID(id.rawValue)) == id)
      #expect(!"\(id)".contains(id.rawValue))
    }
    // Each of 64 characters at each place would be missing once in 10^400 runs.
    #expect(Set(ids.flatMap { $0.rawValue }).count == 64)
  }
}

struct LocaleTests {
  @Test(arguments: [
    ("sv", "sv"), ("SV-se", "sv-SE"), ("de_AT", "de-AT"), ("zh-hant-tw", "zh-Hant-TW"),
    ("sr-LATN", "sr-Latn"),
    ("es-419", "es-419"), ("de-CH-1996", "de-CH-1996"), ("sl-rozaj-biske", "sl-rozaj-biske"),
    ("en-a-bbb-x-a-ccc", "en-a-bbb-x-a-ccc"), ("DE-X-INFORMAL", "de-x-informal"),
    ("x-whatever", "x-whatever"),
    ("de-u-co-phonebk", "de-u-co-phonebk"), ("qaa-Qaaa-QM", "qaa-Qaaa-QM"),
  ])
  func `reads a tag and gives it its usual case`(text: String, canonical: String) throws {
    #expect(try LocaleTag(text).rawValue == canonical)
    #expect(try LocaleTag(canonical).rawValue == canonical)
  }

  @Test(arguments: [
    "", "-", "s", "1", "sv-", "-sv", "sv--SE", "sv SE", "sv-SE ", "svenskasvenska", "sv-ninechars1", "de-x",
    "x",
    "x-", "a-de", "de-a", "de-a-b-cc", "sv\r", "sv\u{2028}", "své", "../sv", "s.v", "sv;q=1", "C.UTF-8",
    "sv\0",
    String(repeating: "a-", count: 40) + "b",
  ])
  func `refuses what is no tag`(text: String) {
    let fault = #expect(throws: RequestFault.self) { try LocaleTag(text) }
    #expect(fault?.field == "locale")
  }

  @Test(arguments: [
    (
      "zh-Hant-CN-x-private1-private2",
      ["zh-Hant-CN-x-private1-private2", "zh-Hant-CN-x-private1", "zh-Hant-CN", "zh-Hant", "zh"]
    ),
    ("de-AT", ["de-AT", "de"]), ("sv", ["sv"]), ("en-a-bbb", ["en-a-bbb", "en"]),
  ])
  func `falls back as RFC 4647 section 3-4 says`(tag: String, expected: [String]) throws {
    #expect(try LocaleTag(tag).fallbacks.map(\.rawValue) == expected)
  }

  @Test(arguments: [
    ("sv", ["sv"], []), ("sv-SE, sv;q=0.9, en;q=0.8", ["sv-SE", "sv", "en"], []),
    ("en;q=0.1, sv;q=0.2", ["sv", "en"], []), ("da, en-gb;q=0.8, en;q=0.7", ["da", "en-GB", "en"], []),
    ("*", [], []), ("sv, *;q=0.1", ["sv"], []), ("de;q=0, sv", ["sv"], ["de"]), ("", [], []),
    (" , ,", [], []),
    ("de ; Q=0.5 ,sv; q=1.000", ["sv", "de"], []), ("sv;q=0.001,de;q=0.002", ["de", "sv"], []),
    ("pl;q=1,cs;q=1,sv;q=1", ["pl", "cs", "sv"], []), ("en;q=0.,sv;q=1.", ["sv"], ["en"]),
  ])
  func `reads Accept-Language as RFC 9110 says`(text: String, tags: [String], refused: [String]) throws {
    let preference = LocalePreference(acceptLanguage: text)
    #expect(preference.tags.map(\.rawValue) == tags)
    #expect(preference.refused.map(\.rawValue) == refused)
    #expect(LocalePreference(acceptLanguage: preference.acceptLanguage) == preference)
  }

  @Test(arguments: [
    ("sv_SE.UTF-8", ["sv-SE"]), ("sv_SE.utf8@euro", ["sv-SE"]), ("de_DE@euro", ["de-DE"]),
    ("sr_RS@latin", ["sr-Latn-RS"]), ("zh_Hans_CN", ["zh-Hans-CN"]), ("en_US_POSIX", ["en-US-posix"]),
    ("sv_SE.UTF-8, en_GB.UTF-8;q=0.5", ["sv-SE", "en-GB"]), ("de, ;q=0.5", ["de"]),
    ("en-US,en;q=0.9,", ["en-US", "en"]), (",,sv", ["sv"]), ("sv-, pl", ["sv", "pl"]),
    ("sv;q=1.001, de", ["sv", "de"]), ("sv;q=2", ["sv"]), ("sv;q=-1", ["sv"]), ("sv;q=0.1234", ["sv"]),
    ("sv;q=", ["sv"]), ("sv;q", ["sv"]), ("sv;x=1", ["sv"]), ("sv;", ["sv"]), ("sv;q=٣", ["sv"]),
    ("pl;q=0,5, sv", ["sv", "pl"]), ("not a tag!, cs", ["cs"]),
    ("sv, i-klingon, \u{1F600}", ["sv"]), ("null, sv", ["null", "sv"]),
    // Nothing can be read: a language that is not there.
    ("C", ["und"]), ("C.UTF-8", ["und"]), ("undefined", ["und"]), ("i-klingon", ["und"]), ("sv en", ["und"]),
    ("[object Object]", ["und"]), ("s", ["und"]), ("-", ["und"]),
    ("\u{200B}", []), ("sv\u{A0}", ["sv"]), ("\u{FEFF}sv-SE,\u{2009}en", ["sv-SE", "en"]),
    ("sv_SE:sv:en_GB:C", ["sv-SE", "sv", "en-GB"]), ("::de", ["de"]), (":", []),
    ("pl:en;q=0.2, cs;q=0.5", ["cs", "pl", "en"]),
    (String(repeating: "a", count: 65), ["und"]), (String(repeating: "a-", count: 700), ["und"]),
    (";q=1", []), ("", []), (" ", []), ("*", []), ("*;q=0.5", []),
    (String(repeating: "sv,", count: 400), Array(repeating: "sv", count: 32)),
    (String(repeating: "x", count: 2000) + ",sv", ["und"]),
  ])
  func `uses what can be read, and never refuses the rest`(text: String, tags: [String]) throws {
    let preference = LocalePreference(acceptLanguage: text)
    #expect(preference.tags.map(\.rawValue) == tags)
    #expect(preference.refused.isEmpty)
    #expect(LocalePreference(acceptLanguage: preference.acceptLanguage) == preference)
  }

  @Test(arguments: [
    ("sv\r\nX: y", ["sv"]), ("sv\n", ["sv"]), ("sv\0", ["sv"]), ("sv, \u{85}", ["sv"]),
    ("sv\u{2028}", ["sv"]), ("\u{1B}[0m", ["und"]), ("sv,\ten", ["sv", "en"]), ("\tde-AT\t", ["de-AT"]),
    ("pl\u{7F}cs", ["pl", "cs"]),
  ])
  func `uses what stands before a control character`(text: String, tags: [String]) {
    #expect(LocalePreference(acceptLanguage: text).tags.map(\.rawValue) == tags)
    #expect(LocalePreference(list: ["fr", text]).tags.first?.rawValue == "fr")
  }

  @Test(arguments: [
    (["sv", "en"], ["sv", "en"]), (["sv", "not a tag!", "en"], ["sv", "en"]), (["", "pl"], ["pl"]),
    (["sv;q=0.1", "de"], ["sv", "de"]), (["en-US,en;q=0.5", "sv"], ["en-US", "en", "sv"]), (["C"], ["und"]),
    (["POSIX", "sv_SE.UTF-8"], ["posix", "sv-SE"]), ([], []), (["*"], []),
    (Array(repeating: "sv", count: 99), Array(repeating: "sv", count: 32)),
  ])
  func `a list with bad members is the list of the others`(list: [String], tags: [String]) throws {
    #expect(LocalePreference(list: list).tags.map(\.rawValue) == tags)
  }
}

struct TimestampTests {
  @Test func `agrees with Foundation on random times`() {
    var generator = SeededGenerator(seed: 3)
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = TimeZone(secondsFromGMT: 0)!
    for _ in 0..<2000 {
      let date = Date(
        unixMilliseconds: .random(in: -10_000_000_000_000...20_000_000_000_000, using: &generator))
      let parts = calendar.dateComponents(
        [.year, .month, .day, .hour, .minute, .second, .weekday], from: date)
      #expect(CivilTime(date).weekday + 1 == parts.weekday)
      let text = date.rfc3339
      #expect(
        text.hasPrefix(
          String(
            format: "%04d-%02d-%02dT%02d:%02d:%02d.", parts.year!, parts.month!, parts.day!, parts.hour!,
            parts.minute!, parts.second!)))
      #expect(Date(rfc3339: text)?.unixMilliseconds == date.unixMilliseconds)
    }
  }

  @Test(arguments: [
    ("1985-04-12T23:20:50.52Z", 482_196_050.52), ("1996-12-19T16:39:57-08:00", 851_042_397),
    ("1990-12-31T23:59:60Z", 662_687_999), ("1937-01-01T12:00:27.87+00:20", -1_041_337_172.13),
    ("2024-02-29T00:00:00Z", 1_709_164_800), ("2026-11-21t05:22:47z", 1_795_238_567),
    ("1970-01-01 00:00:00Z", 0),
  ])
  func `reads RFC 3339`(text: String, seconds: Double) throws {
    let date = try #require(Date(rfc3339: text))
    #expect(abs(date.timeIntervalSince1970 - seconds) < 0.001)
  }

  @Test(arguments: [
    "", "2026-11-21", "2026-11-21T05:22:47", "2026-11-21T05:22Z", "2026-02-29T00:00:00Z",
    "2100-02-29T00:00:00Z",
    "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-04-31T00:00:00Z",
    "2026-11-21T24:00:00Z", "2026-11-21T05:60:00Z", "2026-11-21T05:22:61Z", "2026-11-21T05:22:47.Z",
    "2026-11-21T05:22:47+1:00", "2026-11-21T05:22:47+0100", "2026-11-21T05:22:47+24:00",
    "2026-11-21T05:22:47Z ",
    "+026-11-21T05:22:47Z", "2026-11-21T05:22:47.5", "２026-11-21T05:22:47Z", "2026-11-21T05:22:47Z\n",
  ])
  func `refuses what is not RFC 3339`(text: String) {
    #expect(Date(rfc3339: text) == nil)
  }
}
