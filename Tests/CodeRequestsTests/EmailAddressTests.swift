import CodeRequests
import Testing

struct EmailAddressTests {
  @Test(arguments: [
    ("anna@example.org", "anna@example.org"),
    ("Anna.Svensson+tag@EXAMPLE.org", "Anna.Svensson+tag@example.org"),
    ("a@b", "a@b"), ("!#$%&'*+/=?^_`{|}~-@example.org", "!#$%&'*+/=?^_`{|}~-@example.org"),
    ("anna@example.org.", "anna@example.org"), ("anna@bücher.example", "anna@xn--bcher-kva.example"),
    ("anna@BÜCHER.example", "anna@xn--bcher-kva.example"), ("anna@żółć.pl", "anna@xn--kda4b0koi.pl"),
    ("anna@xn--bcher-kva.example", "anna@xn--bcher-kva.example"), ("åsa@example.org", "åsa@example.org"),
    ("1@1.2", "1@1.2"), ("a@sub.sub.example.co.uk", "a@sub.sub.example.co.uk"),
    ("a@日本.jp", "a@xn--wgv71a.jp"),
    // Quoted only where they must be, with as few backslashes as may be.
    ("\"anna b\"@example.org", "\"anna b\"@example.org"), ("\"a@b\"@example.org", "\"a@b\"@example.org"),
    ("\"abc\"@example.org", "abc@example.org"), ("\"a\\bc\"@example.org", "abc@example.org"),
    ("\"a\\\"b\\\\\"@EXAMPLE.org", "\"a\\\"b\\\\\"@example.org"),
    ("\"\\ \"@example.org", "\" \"@example.org"),
    ("\"a.b\"@bücher.example", "a.b@xn--bcher-kva.example"), ("\"å b\"@example.org", "\"å b\"@example.org"),
    ("\"a> NOTIFY=NEVER\"@example.org", "\"a> NOTIFY=NEVER\"@example.org"),
    ("\"a>@evil.example> <\"@example.org.", "\"a>@evil.example> <\"@example.org"),
    // As Japanese carriers gave them out.
    ("a..b@docomo.ne.jp", "\"a..b\"@docomo.ne.jp"), ("a.@ezweb.ne.jp", "\"a.\"@ezweb.ne.jp"),
    (".a@docomo.ne.jp", "\".a\"@docomo.ne.jp"), ("\"a..b\"@docomo.ne.jp", "\"a..b\"@docomo.ne.jp"),
    ("-._a...@docomo.ne.jp", "\"-._a...\"@docomo.ne.jp"), ("日..本@example.org", "\"日..本\"@example.org"),
  ])
  func `takes what a mailbox may be`(text: String, wire: String) throws {
    let address = try EmailAddress(text)
    #expect(address.rawValue == wire)
    // What came out goes in again unchanged.
    #expect(try EmailAddress(address.rawValue).rawValue == wire)
  }

  @Test(arguments: [
    ("an\u{200B}na@example.org", "holds U+200B, an invisible character; delete it (before the @)"),
    ("\u{FEFF}anna@example.org", "U+FEFF"),
    ("an\u{FFFD}a@example.org", "U+FFFD, what stands for a character that was lost"),
    ("anna\u{FE0F}@example.org", "U+FE0F, an invisible"), ("an\u{34F}na@example.org", "U+034F"),
    ("an\u{3164}na@example.org", "U+3164"), ("an\u{2800}na@example.org", "U+2800"),
    ("an\u{A0}na@example.org", "U+00A0, a no-break space"),
    ("\"an\u{E0041}na\"@example.org", "U+E0041"),
    ("an\u{E000}na@example.org", "U+E000, which has no meaning that all agree on"),
    ("anna@exa\u{200B}mple.org", "U+200B, an invisible character; delete it (in the domain)"),
    ("anna@exam\u{AD}ple.org", "U+00AD"),
    ("anna@example\u{FFFD}.org", "U+FFFD"), ("anna@exa\u{2060}mple.org", "U+2060"),
    ("anna@exa\u{FE0F}mple.org", "U+FE0F"),
    ("anna＠example.org", "has U+FF20, which looks like an @ and is another character; write @"),
    ("anna﹫example.org", "has U+FE6B"),
    ("anna\u{301}.example.org", "has no @; expected an address such as anna@example.org"),
  ])
  func `names the character that nobody sees, or takes for another`(_ text: String, _ says: String) {
    let fault = #expect(throws: RequestFault.self) { try EmailAddress(text) }
    #expect(fault?.message.contains(says) == true, "\(fault?.message ?? "")")
    // By its number alone.
    #expect(fault?.message.unicodeScalars.allSatisfy(\.isASCII) == true)
  }

  @Test func `leaves what scripts are spelt with`() throws {
    #expect(try EmailAddress("anna@نامه\u{200C}ای.com").domain == "xn--mgba3gch31f060k.com")
    #expect(try EmailAddress("दीपिका@example.org").needsSMTPUTF8)
  }

  @Test(arguments: [
    "", "anna", "@example.org", "anna@", "anna@.", "anna@..", "a b@example.org", "anna@exa mple.org",
    " anna@example.org", "anna@example.org ", "anna@example.org\r\nRCPT TO:<eve@example.org>",
    "anna\r\n@example.org", "a> NOTIFY=NEVER@example.org", "anna@example.org> NOTIFY=NEVER",
    "<anna@example.org>",
    "Anna <anna@example.org>", "anna\\@example.org", "a@b@example.org",
    "anna@example..org", "anna@.example.org", "....@example.org",
    "\"anna b@example.org", "\"anna b\"example.org", "\"anna\" b@example.org", "\"anna\".b@example.org",
    "anna.\"b c\"@example.org", "an\"na@example.org", "\"\"@example.org", "\"anna\\\"@example.org",
    "\"anna\\", "\"an\\éna b\"@example.org", "\"a>\r\nRCPT TO:<eve@example.org\"@example.org",
    "\"anna\tb\"@example.org", "\"anna\0b\"@example.org", "\"anna\\\nb\"@example.org",
    "\"an\u{200B}na\"@example.org",
    "\"anna b\"@", "\"anna b\"@exa mple.org", "\"anna b\"@[192.0.2.1]", "\"anna b\"@\"example.org\"",
    "\"\(String(repeating: "a b", count: 21))\"@example.org",
    "anna@-example.org", "anna@example-.org", "anna@exam_ple.org", "anna@[192.0.2.1]", "anna@[IPv6:::1]",
    "anna@example.org,eve@example.org", "anna@example.org;eve@example.org", "anna(comment)@example.org",
    "anna\0@example.org", "anna@example.org\0", "anna\t@example.org", "anna@exam\tple.org",
    "anna\u{7F}@example.org",
    "anna\u{85}@example.org", "anna\u{2028}@example.org", "anna@example\u{2029}.org",
    "an\u{200B}na@example.org",
    "an\u{A0}na@example.org", "an\u{202E}na@example.org", "an\u{AD}na@example.org",
    "an\u{FEFF}na@example.org",
    "anna@exam%70le.org", "anna@example.org/x", "anna@example.org:25", "anna@example.org?x",
    "anna@example.org#x",
    "anna@user:pass@example.org", "anna@bücher%2eexample", "anna@bü/cher.example", "anna@bü:80.example",
    "anna@bü?x.example", "anna@bü#x.example", "anna@bü\\x.example", "anna@bü cher.example",
    "anna@bü@x.example",
    "\(String(repeating: "a", count: 65))@example.org", "a@\(String(repeating: "b", count: 64)).org",
    "a@\(Array(repeating: "abcdefgh", count: 29).joined(separator: "."))",
    "\(String(repeating: "a", count: 64))@\(Array(repeating: "abcdefgh", count: 22).joined(separator: "."))",
    String(repeating: "a", count: 2000),
  ])
  func `refuses what would be read otherwise elsewhere`(text: String) {
    let fault = #expect(throws: RequestFault.self) { try EmailAddress(text) }
    #expect(fault?.field == "recipient")
    if text.utf8.count > 8 { #expect(fault?.description.contains(text) == false) }
  }

  @Test(
    arguments: [
      ("anna@ｅxample.org", "example.org"), ("anna@exa\u{AD}mple\u{E9}.org", nil),
      ("anna@é.org", "xn--9ca.org"),
      ("anna@e\u{301}.org", "xn--9ca.org"), ("anna@example。org", "example.org"),
    ] as [(String, String?)])
  func `a domain in another spelling is the same domain, or none`(text: String, domain: String?) {
    if let address = try? EmailAddress(text) {
      #expect(address.domain.utf8.allSatisfy { $0 < 0x80 })
      if let domain { #expect(address.domain == domain) }
    }
  }

  /// One that can stand as it is is not taken apart, another one is: the trailing dot makes it one.
  @Test(arguments: [
    "anna@example.org", "a.b+c@sub.example.co.uk", "a@b", "@example.org", ".a@example.org", "a.@example.org",
    "a..b@example.org", "\"a b\"@example.org", "\"ab\"@example.org", "a@b@example.org", "a b@example.org",
    "anna@-example.org", "anna@example-.org",
    "anna@example..org", "anna@.org", "anna@[192.0.2.1]", "anna@exa_mple.org", "anna@exa mple.org",
    "anna@<example", "anna@\(String(repeating: "b", count: 64)).org", "an\u{AD}na@-example.org",
    "\(String(repeating: "a", count: 65))@-example.org",
  ])
  func `judges alike what is taken as it is and what is converted`(text: String) {
    func judgement(_ text: String) -> Result<EmailAddress, RequestFault> {
      Result { () throws(RequestFault) in try EmailAddress(text) }
    }
    #expect(judgement(text) == judgement(text + "."))
  }

  @Test func `two spellings of one address count as one`() throws {
    let composed = try EmailAddress("\u{E5}sa@example.org")
    let decomposed = try EmailAddress("a\u{30A}sa@EXAMPLE.ORG")
    #expect(composed.canonical.unicodeScalars.elementsEqual(decomposed.canonical.unicodeScalars))
    #expect(composed.needsSMTPUTF8)
    #expect(try !EmailAddress("a@bücher.example").needsSMTPUTF8)
  }

  @Test(arguments: [
    ("\"abc\"@example.org", "abc@example.org"), ("\"a..b\"@docomo.ne.jp", "a..b@docomo.ne.jp"),
    ("\"\\a\\ \\b\"@example.org", "\"a b\"@EXAMPLE.org"), ("\"a.\"@example.org", "a.@example.org"),
    ("\"\u{E5}sa b\"@example.org", "\"a\u{30A}sa b\"@example.org"),
  ])
  func `quotes are spelling, not part of an address`(one: String, other: String) throws {
    let (one, other) = (try EmailAddress(one), try EmailAddress(other))
    #expect(one.canonical == other.canonical)
    #expect(one.needsSMTPUTF8 || one == other)
  }

  @Test(arguments: [
    ("a..b@docomo.ne.jp", "a..b@docomo.ne.jp", "a•••@docomo.ne.jp"),
    ("\"a b\"@example.org", "\"a b\"@example.org", "a•••@example.org"),
    ("\"<a>\"@example.org", "\"<a>\"@example.org", "•••@example.org"),
    ("\"abc\"@example.org", "abc@example.org", "a•••@example.org"),
  ])
  func `is shown as its owner writes it, or redacted`(text: String, spoken: String, redacted: String) throws {
    let address = try EmailAddress(text)
    #expect(address.spoken == spoken && address.redacted == redacted && "\(address)" == redacted)
  }

  @Test func `description shows no more than the first character and the domain`() throws {
    let address = try EmailAddress("anna.svensson@example.org")
    #expect("\(address)" == "a•••@example.org")
    #expect(address.redacted == "a•••@example.org")
  }

  /// What a parser of RFC 5321 sees outside a quoted string at the start.
  private static func withoutQuoted(_ wire: String) -> String {
    guard wire.hasPrefix("\"") else { return wire }
    var rest = wire.unicodeScalars.dropFirst()
    while let scalar = rest.popFirst() {
      if scalar == "\\" { _ = rest.popFirst() }
      if scalar == "\"" { return String(String.UnicodeScalarView(rest)) }
    }
    return wire
  }

  @Test func `nothing that parses can leave an SMTP command`() {
    var generator = SeededGenerator(seed: 7)
    let alphabet = Array("anna@example.org<>\"\\ \r\n\0\t.,;:()[]@-_%éåü日\u{200B}\u{2028}\u{85}\u{202E}xn--")
      .map(String.init)
    let end = ContinuousClock.now + .milliseconds(500)
    var accepted = 0
    while ContinuousClock.now < end {
      let parts = (0..<Int.random(in: 1...14, using: &generator)).map { _ in
        alphabet.randomElement(using: &generator)!
      }
      var text = parts.joined()
      if Bool.random(using: &generator) { text += "@example.org" }
      guard let address = try? EmailAddress(text) else { continue }
      accepted += 1
      let wire = address.rawValue
      #expect(firstControlCharacter(in: wire) == nil)
      let bare = Self.withoutQuoted(wire)
      #expect(!bare.contains { " <>\"\\,;:()[]".contains($0) })
      #expect(bare.filter { $0 == "@" }.count == 1)
      #expect(address.domain.utf8.allSatisfy { $0 < 0x80 })
      #expect(wire.utf8.count <= 254)
      #expect((try? EmailAddress(wire))?.rawValue == wire)
    }
    #expect(accepted > 10)
  }

  /// Random bytes, and mutations of addresses that stay as seeds; half a second, always the same numbers.
  @Test func `survives anything, and accepts no control character`() {
    let seeds = [
      "anna@example.org", "a.b+c@sub.example.org", "åsa@bücher.example", "żółw@xn--bcher-kva.example",
      "anna@[192.0.2.1]", "\"anna b\"@example.org", "anna@example.org> NOTIFY=NEVER", "anna\r\n@example.org",
      "@", "", String(repeating: "a", count: 64) + "@" + String(repeating: "b.", count: 90) + "org",
      "anna@ｅxample。org", "an\u{200B}na@example.org", "\u{202E}gro.elpmaxe@anna",
    ].map { Array($0.utf8) }
    var generator = SeededGenerator(seed: 20_261_121)
    let end = ContinuousClock.now + .milliseconds(500)
    var (rounds, accepted) = (0, 0)
    while ContinuousClock.now < end {
      rounds += 1
      var bytes = seeds.randomElement(using: &generator)!
      for _ in 0..<Int.random(in: 0...6, using: &generator) {
        let place = Int.random(in: 0...bytes.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0 where place < bytes.count: bytes[place] = .random(in: 0...255, using: &generator)
        case 1: bytes.insert(.random(in: 0...255, using: &generator), at: place)
        case 2 where place < bytes.count: bytes.remove(at: place)
        default: bytes.insert(contentsOf: seeds.randomElement(using: &generator)!, at: place)
        }
      }
      guard let address = try? EmailAddress(String(decoding: bytes, as: UTF8.self)) else { continue }
      accepted += 1
      let wire = address.rawValue
      let bare = Self.withoutQuoted(wire)
      guard firstControlCharacter(in: wire) == nil, wire.utf8.count <= 254,
        !bare.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F || " <>\"\\,;:()[]".utf8.contains($0) }),
        bare.utf8.count(where: { $0 == UInt8(ascii: "@") }) == 1,
        address.domain.utf8.allSatisfy({ $0 < 0x80 }), (try? EmailAddress(wire))?.rawValue == wire
      else {
        Issue.record("\(wire.debugDescription) from \(bytes)")
        return
      }
    }
    #expect(rounds > 100 && accepted > 10)
  }
}
