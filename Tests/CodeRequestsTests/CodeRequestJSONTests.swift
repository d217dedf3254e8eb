import CodeRequests
import Foundation
import Testing

struct CodeRequestJSONTests {
  static let id = "AAAAAAAAAAAAAAAAAAAAAA"

  /// A request with some members replaced; an empty text leaves one out.
  static func json(_ members: [String: String] = [:]) -> [UInt8] {
    var all = ["version": "1", "id": "\"\(id)\"", "recipient": "\"anna@example.org\""]
    all.merge(members) { $1 }
    let body = all.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
    return Array("{\(body.joined(separator: ","))}".utf8)
  }

  static func fault(_ bytes: [UInt8]) -> RequestFault? {
    do throws(RequestFault) {
      _ = try CodeRequest(json: bytes)
      return nil
    } catch { return error }
  }

  @Test func `reads every field`() throws {
    let request = try CodeRequest(
      json: Self.json([
        "locale": #"["sv-SE", "en"]"#, "tenant": #""contoso""#, "purpose": #""verify-email""#,
        "challenge": #""BBBBBBBBBBBBBBBBBBBBBB""#, "code": #""123456""#,
        "deadline": #""2026-11-21T05:22:47.5+01:00""#,
        "client": #"{"ip":"2001:db8::1","agent":"Firefox \"130\" \u00e5\ud83d\ude00"}"#,
        "accounts": #"["directory","google"]"#, "variables": #"{"city":"Göteborg","n":"a\/b"}"#,
      ]))
    #expect(request.locale.tags.map(\.rawValue) == ["sv-SE", "en"])
    #expect(request.tenant == "contoso")
    #expect(request.purpose.rawValue == "verify-email")
    #expect(request.challenge?.rawValue == "BBBBBBBBBBBBBBBBBBBBBB")
    #expect(request.code?.reveal() == "123456")
    #expect(request.deadline == Date(timeIntervalSince1970: 1_795_234_967.5))
    #expect(request.client == .init(ip: "2001:db8::1", agent: "Firefox \"130\" å😀"))
    #expect(request.accounts == ["directory", "google"])
    #expect(request.variables == ["city": "Göteborg", "n": "a/b"])
  }

  @Test func `what is written is read back`() throws {
    var request = CodeRequest(recipient: try EmailAddress("anna@bücher.example"))
    request.locale = LocalePreference(acceptLanguage: "de-AT, en;q=0.5, fr;q=0")
    request.tenant = "\"quoted\" \\ åäö 😀"
    request.sealedCode = "abc"
    request.deadline = Date(unixMilliseconds: 1_795_234_967_123)
    request.client = .init(agent: "x")
    request.variables = ["b": "2", "a": "", "c": "</script>"]
    let bytes = try request.json()
    #expect(try JSONSerialization.jsonObject(with: bytes) is [String: Any])
    let again = try CodeRequest(json: bytes)
    #expect(again.id == request.id)
    #expect(again.recipient == request.recipient)
    #expect(again.locale == request.locale)
    #expect(again.tenant == request.tenant)
    #expect(again.sealedCode == request.sealedCode)
    #expect(again.deadline == request.deadline)
    #expect(again.client == request.client)
    #expect(again.variables == request.variables)
    #expect(try again.json() == bytes)
  }

  @Test(arguments: [
    ("version", "", "version"), ("version", "2", "version"), ("version", "\"1\"", "version"),
    ("version", "1.0", "version"), ("version", "1e0", "version"), ("version", "01", "version"),
    ("version", "-1", "version"), ("version", "true", "version"), ("version", "null", "version"),
    ("version", "99999999999999999999", "version"),
    ("id", "", "id"), ("id", "\"SECRETshort\"", "id"), ("id", "7", "id"), ("id", "null", "id"),
    ("id", "\"SECRET/AAAAAAAAAAAAAAAAAAAA\"", "id"), ("id", "\"\(String(repeating: "a", count: 65))\"", "id"),
    ("recipient", "", "recipient"), ("recipient", "\"SECRET\"", "recipient"),
    ("recipient", "[]", "recipient"),
    ("recipient", "\"SECRET@a@b.c\"", "recipient"),
    ("locale", "[1]", "locale.0"), ("locale", "{}", "locale"), ("locale", "[\"sv\", null]", "locale.1"),
    ("locale", "true", "locale"), ("locale", "7", "locale"),
    ("tenant", "\"\"", "tenant"), ("tenant", "3", "tenant"),
    ("tenant", "\"\(String(repeating: "t", count: 2049))\"", "tenant"),
    ("purpose", "\"SECRET x\"", "purpose"),
    ("purpose", "\"../secret\"", "purpose"), ("challenge", "\"SECRET\"", "challenge"),
    ("code", "\"12\"", "code"), ("code", "123456", "code"), ("code", "\"SECRET-1\"", "code"),
    ("code", "\"１２３４５６\"", "code"),
    ("sealedCode", "\"\(String(repeating: "s", count: 1025))\"", "sealedCode"),
    ("deadline", "\"SECRET\"", "deadline"), ("deadline", "\"2026-02-30T00:00:00Z\"", "deadline"),
    ("deadline", "1795234967", "deadline"), ("client", "\"SECRET\"", "client"),
    ("client", "{\"ip\":\"SECRET\"}", "client.ip"), ("client", "{\"ip\":7}", "client.ip"),
    ("client", "{\"port\":7}", "client.port"), ("client", "{\"ip\":\"::1\",\"ip\":\"::2\"}", "client.ip"),
    ("accounts", "[\"SECRET\"]", "accounts"), ("accounts", "\"directory\"", "accounts"),
    ("accounts", "[[\"a\"]]", "accounts.0"), ("variables", "{\"1a\":\"SECRET\"}", "variables"),
    ("variables", "{\"a\":1}", "variables.a"), ("variables", "{\"a\":\"x\",\"a\":\"SECRET\"}", "variables.a"),
    ("variables", "{\"a\":\"\(String(repeating: "v", count: 4097))\"}", "variables.a"),
    ("variables", "[]", "variables"),
    ("variables", "{\"a\":{\"b\":\"SECRET\"}}", "variables.a"), ("unknown", "\"SECRET\"", "unknown"),
    ("Recipient", "\"SECRET@example.org\"", "Recipient"), ("with space", "1", "(a name that is not shown)"),
    ("a\\u0000b", "1", "(a name that is not shown)"), ("", "1", "(a name that is not shown)"),
  ])
  func `a bad field is named and its value is not repeated`(member: String, value: String, field: String)
    throws
  {
    let fault = try #require(Self.fault(Self.json([member: value])))
    #expect(fault.field == field, "\(fault)")
    #expect(!fault.description.contains("SECRET"))
    #expect(fault.message.utf8.count < 300)
  }

  @Test(arguments: [
    ("\"not a tag!\"", ["und"]), ("\"\"", []), ("[\"sv\", \"not a tag!\"]", ["sv"]),
    ("\"sv_SE.UTF-8\"", ["sv-SE"]),
    ("[\(Array(repeating: "\"sv\"", count: 33).joined(separator: ","))]", Array(repeating: "sv", count: 32)),
    ("\"\(String(repeating: "x", count: 40_000))\"", ["und"]), ("\"sv;q=2\"", ["sv"]), ("[]", []),
  ])
  func `no language is a fault`(value: String, tags: [String]) throws {
    let request = try CodeRequest(json: Self.json(["locale": value]))
    #expect(request.locale.tags.map(\.rawValue) == tags)
    #expect(try CodeRequest(json: request.json()).locale == request.locale)
  }

  @Test(arguments: ["\\\"a b\\\"@example.org", "a..b@docomo.ne.jp", "\\\"a>\\\\\\\"\\\"@example.org"])
  func `a quoted recipient is read and written`(address: String) throws {
    let request = try CodeRequest(json: Self.json(["recipient": "\"\(address)\""]))
    #expect(request.recipient.rawValue.hasPrefix("\""))
    #expect(try CodeRequest(json: request.json()).recipient == request.recipient)
  }

  @Test func `both kinds of code at once are refused`() {
    #expect(Self.fault(Self.json(["code": "\"123456\"", "sealedCode": "\"x\""]))?.field == "sealedCode")
  }

  @Test(arguments: [
    "locale", "tenant", "purpose", "challenge", "code", "sealedCode", "deadline", "client", "accounts",
    "variables",
  ])
  func `null counts as left out where a field is optional`(field: String) {
    #expect(Self.fault(Self.json([field: "null"])) == nil)
  }

  @Test(
    arguments: [
      "id", "recipient", "tenant", "purpose", "challenge", "code", "sealedCode", "deadline", "locale",
    ], ["\\r", "\\n", "\\u0000", "\\u0085", "\\u2028", "\\u2029", "\\u001b", "\\u007f"])
  func `a control character anywhere names the field`(field: String, control: String) throws {
    let valid = [
      "id": Self.id, "recipient": "anna@example.org", "challenge": Self.id, "code": "123456",
      "deadline": "2026-11-21T05:22:47Z", "locale": "sv",
    ]
    let text = valid[field] ?? "abcdef"
    for value in [control + text, text + control, text.prefix(3) + control + text.dropFirst(3)] {
      #expect(Self.fault(Self.json([field: "\"\(value)\""]))?.field == field)
    }
  }

  @Test(arguments: ["\\r", "\\n", "\\u0000", "\\u0085", "\\u2028", "\\u2029", "\\t"])
  func `a control character in what is nested names the field`(control: String) {
    #expect(Self.fault(Self.json(["client": "{\"ip\":\"::1\(control)\"}"]))?.field == "client.ip")
    #expect(Self.fault(Self.json(["client": "{\"agent\":\"a\(control)b\"}"]))?.field == "client.agent")
    #expect(Self.fault(Self.json(["variables": "{\"a\":\"a\(control)b\"}"]))?.field == "variables.a")
    #expect(Self.fault(Self.json(["variables": "{\"a\(control)\":\"b\"}"]))?.field == "variables")
    #expect(Self.fault(Self.json(["accounts": "[\"a\(control)\"]"]))?.field == "accounts")
    // A tab is a blank in Accept-Language.
    let isBlank = control == "\\t"
    #expect(Self.fault(Self.json(["locale": "[\"sv\(control)\"]"]))?.field == (isBlank ? nil : "locale"))
    #expect(Self.fault(Self.json(["locale": "\"sv,\(control)en\""]))?.field == (isBlank ? nil : "locale"))
  }

  /// Apart from the test, so that the compiler knows the type of each.
  private static let noObjects: [[UInt8]] = [
    Array("".utf8), Array(" \n ".utf8), Array("[]".utf8), Array("null".utf8), Array("{".utf8),
    Array("{}}".utf8),
    Array("\"x\"".utf8), [0xEF, 0xBB, 0xBF] + json(), json() + Array("x".utf8), json() + json(), json() + [0],
    Array(json().dropLast()), Array(json().dropLast()) + Array(",}".utf8), [0x7B, 0x00, 0x22],
    Array("{'version':1}".utf8), Array("{version:1}".utf8), Array("// x\n".utf8) + json(),
    Array(String(repeating: "[", count: 60000).utf8),
    Array(String(repeating: "{\"client\":", count: 6000).utf8),
    Array(String(repeating: " ", count: 65537).utf8), json(["tenant": "\"a\nb\""]),
    json(["tenant": "\"a\tb\""]),
    json(["tenant": "\"\\ud800\""]), json(["tenant": "\"\\udc00\\ud800\""]), json(["tenant": "\"\\x41\""]),
    json(["tenant": "\"\\u12G4\""]), json(["tenant": "NaN"]), json(["tenant": "nul"]),
    json(["tenant": "\"a"]),
    Array(#"{"version":1,"version":1,"id":"AAAAAAAAAAAAAAAAAAAAAA","recipient":"a@b.c"}"#.utf8),
    Array(
      #"{"version":1,"id":"AAAAAAAAAAAAAAAAAAAAAA","recipient":"a@b.c","\u0069d":"BBBBBBBBBBBBBBBBBBBBBB"}"#
        .utf8),
  ]

  @Test(arguments: noObjects)
  func `what is no JSON object is refused`(bytes: [UInt8]) {
    #expect(Self.fault(bytes) != nil)
  }

  @Test(
    arguments: [[0xFF], [0xC3], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80]]
      as [[UInt8]])
  func `bytes that are not UTF-8 are refused`(bad: [UInt8]) {
    let text = String(decoding: Self.json(["tenant": "\"@@\""]), as: UTF8.self)
    let parts = text.split(separator: "@@", omittingEmptySubsequences: false)
    #expect(Self.fault(Array(parts[0].utf8) + bad + Array(parts[1].utf8))?.field == "tenant")
  }

  /// A text, the field, and what is said of it.
  @Test(arguments: [
    (
      "{\"version\":1,\n \"id\":\"a\", \"version\":2}", "version",
      "stands twice, first at line 1, column 2; give it once (line 2, column 12)"
    ),
    (
      "{\"client\":{\"ip\":\"1\",\"ip\":\"2\"}}", "client.ip",
      "stands twice, first at line 1, column 12; give it once (line 1, column 21)"
    ),
    (
      "{\"variables\":{\"a\":\"å\",\n\"a\":\"2\"}}", "variables.a",
      "stands twice, first at line 1, column 15; give it once (line 2, column 1)"
    ),
    ("{\"variables\":{\"a\":\"å\", \"\\u0061\":\"2\"}}", "variables.a", "(line 1, column 24)"),
    ("{\"versjon\":1}", "versjon", "is not a field of a request; known are version, id"),
    ("{ \"vers\":1}", "vers", "(line 1, column 3)"),
    (
      "{\u{A0}\"version\":1}", "",
      "is not valid JSON in UTF-8; found U+00A0, a no-break space; write a plain space (line 1, column 2)"
    ),
    ("{“version”:1}", "", "found U+201C, a curly quotation mark"),
    ("{\"version\"：1}", "", "found U+FF1A, a full-width character"),
    (
      "{\"tenant\":\"åäö\\ud800\"}", "tenant",
      "half of a surrogate pair (U+D800); write the character itself or both halves (line 1, column 15)"
    ),
    ("{\"tenant\":\"\\udc00\"}", "tenant", "(U+DC00)"),
    ("{\"version\":99999999999}", "version", "is not a whole number of at most nine digits"),
    ("{\"version\":1e999}", "version", "is not a whole number of at most nine digits"),
  ])
  func `a slip is told by its field, what it is, and its place`(
    _ text: String, _ field: String, _ says: String
  ) {
    let fault = Self.fault(Array(text.utf8))
    #expect(fault?.field == field && fault?.message.contains(says) == true, "\(fault.map { "\($0)" } ?? "")")
  }

  @Test func `tells line and column`() {
    let fault = Self.fault(Array("{\n  \"version\": 1,\n  \"tenant\": 3\n}".utf8))
    #expect(fault?.field == "tenant")
    #expect(fault?.message.contains("line 3, column 13") == true)
  }

  @Test func `agrees with Foundation on damaged requests, and never traps`() {
    var generator = SeededGenerator(seed: 20_261_121)
    let seeds = [
      Self.json([
        "locale": #""sv-SE, en;q=0.5""#, "client": #"{"ip":"::1","agent":"a\u00e5\n"}"#,
        "variables": #"{"a":"\ud83d\ude00"}"#, "accounts": #"["a","b"]"#,
        "deadline": #""2026-11-21T05:22:47Z""#,
      ]), Self.json(["tenant": "\"åäö\"", "locale": "[\"sv\"]"]),
    ]
    let end = ContinuousClock.now + .milliseconds(700)
    var accepted = 0
    var rounds = 0
    while ContinuousClock.now < end {
      rounds += 1
      var bytes = seeds.randomElement(using: &generator)!
      for _ in 0..<Int.random(in: 0...3, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes[place] = .random(in: 0...255, using: &generator)
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(Array("{}[]\",:\\u0 1e-.nt".utf8).randomElement(using: &generator)!, at: place)
        default: bytes.insert(contentsOf: bytes[place..<min(place + 9, bytes.count)], at: place)
        }
      }
      guard let request = try? CodeRequest(json: bytes) else { continue }
      accepted += 1
      #expect((try? JSONSerialization.jsonObject(with: Data(bytes))) is [String: Any])
      #expect((try? CodeRequest(json: request.json()))?.id == request.id)
    }
    #expect(accepted > 10 && accepted < rounds)
  }
}

/// SplitMix64, so that a fuzz repeats.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
