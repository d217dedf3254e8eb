import Testing

@testable import CodeRequests

/// Domains as readers see them.
@Suite struct SpokenDomainTests {
  @Test(arguments: [
    "żółw.pl", "bücher.example", "faß.de", "mail.bücher.example", "βόλος.com", "пример.com", "почта.рф",
    "киев.укр", "點看.example", "ドメイン名例.jp", "日本go.jp", "한국.kr", "نامه.com", "हिन्दी.com", "ไทย.com",
    "đường.vn", "țară.ro", "rød-grød2.dk",
    // Letters that Latin has look alikes of, below a top-level domain of their own script.
    "сос.рф",
  ])
  func `a domain is shown in the letters of its owner`(domain: String) throws {
    let wire = try InternationalDomain.labels(of: domain)
    #expect(wire.hasPrefix("xn--") || wire.contains(".xn--"))
    #expect(SpokenDomain.of(wire) == domain)
    #expect(SpokenDomain.inAddress("a•••@\(wire)") == "a•••@\(domain)")
    #expect(try EmailAddress("anna@\(domain)").spoken == "anna@\(domain)")
    #expect(try EmailAddress("anna@\(domain)").rawValue == "anna@\(wire)")
  }

  @Test(arguments: [
    // Cyrillic among Latin, Greek among Latin, Cyrillic among Greek, all of them Cyrillic letters that look Latin.
    "pаypal.com", "fabrіkam.example", "αpple.com", "ορаν.com", "аррӏе.com", "сос.com", "ѕсоре.example",
    "ѕсоре.москва.example",
    // Scripts that are not known here, and Latin letters beyond those of languages of today.
    "ⴰⴱⴳ.com", "ɑpple.com", "ᏣᎳᎩ.com", "paypaƚ.com",
  ])
  func `a domain that mixes scripts, or looks as if it were Latin, stays as it is on the wire`(domain: String)
    throws
  {
    let wire = try InternationalDomain.labels(of: domain)
    #expect(SpokenDomain.of(wire) == wire)
  }

  @Test(arguments: [
    "example.org", "xn--example.org", "xn--a.example", "xn--\u{FC}.de", "xn--.de", "xn--99999999999.example",
    "",
    "xn--bcher-kva.xn--0", "xn--ls8h.la", "XN--BCHER-KVA.example",
  ])
  func `what is no A-label stays as it is`(domain: String) {
    #expect(SpokenDomain.of(domain) == domain)
  }
}
