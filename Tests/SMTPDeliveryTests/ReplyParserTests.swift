import CodeRequests
import Testing

@testable import SMTPDelivery

@Suite struct ReplyParserTests {
  /// Feeds bytes in pieces of `size`.
  private func parse(_ text: String, inPiecesOf size: Int) -> [String] {
    var parser = ReplyParser()
    var found: [String] = []
    let bytes = Array(text.utf8)
    var start = 0
    while start < bytes.count {
      let piece = Array(bytes[start..<min(start + size, bytes.count)])
      var offset = 0
      while offset < piece.count {
        let step = piece.withUnsafeBytes { parser.consume($0, from: &offset) }
        switch step {
        case .needsMore: break
        case .malformed: return found + ["malformed"]
        case .reply: found.append("\(parser.code) \(String(decoding: parser.text, as: UTF8.self))")
        }
      }
      start += size
    }
    return found
  }

  static let cases: [(String, [String])] = [
    ("250 Ok\r\n", ["250 Ok"]),
    ("250\r\n", ["250 "]),
    ("250 \r\n", ["250 "]),
    ("250\n", ["250 "]),
    ("250-a\r\n250-b\r\n250 c\r\n354 go\r\n", ["250 a b c", "354 go"]),
    ("250-\r\n250\r\n", ["250 "]),
    ("250 a\rb\r\n", ["250 a?b"]),
    ("250 a\r\r\n", ["250 a?"]),
    ("250 a\u{0}b\tc\r\n", ["250 a?b?c"]),
    ("250-a\r\n251 b\r\n", ["malformed"]),
    ("150 a\r\n", ["malformed"]),
    ("650 a\r\n", ["malformed"]),
    ("25x a\r\n", ["malformed"]),
    ("2500 a\r\n", ["malformed"]),
    ("250\rx", ["malformed"]),
    ("\r\n250 a\r\n", ["malformed"]),
    ("hello\r\n", ["malformed"]),
    ("250 half", []),
  ]

  @Test(arguments: cases)
  func `reads replies however they are cut`(_ text: String, _ expected: [String]) {
    for size in 1...max(1, text.utf8.count) { #expect(parse(text, inPiecesOf: size) == expected) }
  }

  @Test func `keeps a bounded part of an endless reply`() {
    let long = "250 " + String(repeating: "x", count: 100_000) + "\r\n"
    #expect(parse(long, inPiecesOf: 1000).first?.utf8.count == ReplyParser.textLimit + 4)
    let endless = String(repeating: "250-x\r\n", count: 50_000)
    #expect(parse(endless, inPiecesOf: 4096) == ["malformed"])
  }

  @Test(
    arguments: [
      (550, "5.1.1 unknown", EnhancedStatus(5, 1, 1)), (450, "4.7.28", EnhancedStatus(4, 7, 28)),
      (250, "2.0.0 Ok", EnhancedStatus(2, 0, 0)), (550, "4.1.1 x", nil), (550, "5.1 x", nil),
      (550, "5.1.1x", nil),
      (550, "5.1.1111 x", nil), (550, "", nil), (550, "3.1.1 x", nil), (550, "5..1 x", nil),
    ] as [(Int, String, EnhancedStatus?)])
  func `reads enhanced codes`(_ code: Int, _ text: String, _ expected: EnhancedStatus?) {
    var parser = ReplyParser()
    var offset = 0
    _ = Array("\(code) \(text)\r\n".utf8).withUnsafeBytes { parser.consume($0, from: &offset) }
    #expect(parser.enhanced == expected)
  }

  /// Random bytes and mutations of real replies, the same in each run.
  @Test func `survives anything`() throws {
    var corpus = Self.cases.map { Array($0.0.utf8) }
    corpus.append(Array("250-relay\r\n250-SIZE 10240000\r\n250-AUTH PLAIN LOGIN\r\n250 SMTPUTF8\r\n".utf8))
    corpus.append(
      Array("550-5.1.1 <anna@example.org>: Recipient address rejected: 123456\r\n550 5.1.1 end\r\n".utf8))
    var random = SeededGenerator(seed: 20_261_121)
    let redaction = ReplyRedaction(recipient: try EmailAddress("anna@example.org"), confidential: ["83451"])
    for _ in 0..<5000 {
      var bytes = corpus[Int.random(in: 0..<corpus.count, using: &random)]
      for _ in 0..<Int.random(in: 0...8, using: &random) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
        case 2 where place < bytes.count: bytes.remove(at: place)
        default: bytes.insert(contentsOf: corpus[Int.random(in: 0..<corpus.count, using: &random)], at: place)
        }
      }
      var parser = ReplyParser()
      var offset = 0
      parse: while offset < bytes.count {
        let before = offset
        let step = bytes.withUnsafeBytes { parser.consume($0, from: &offset) }
        guard offset > before else {
          Issue.record("no progress on \(bytes)")
          return
        }
        switch step {
        case .malformed: break parse
        case .needsMore: continue
        case .reply:
          let reply = redaction.reply(parser)
          guard (200...599).contains(reply.code), firstControlCharacter(in: reply.text) == nil,
            reply.text.utf8.count <= ReplyRedaction.limit, !reply.text.contains("anna@example.org"),
            !reply.text.contains("83451"),
            !reply.text.utf8.split(whereSeparator: { !(0x30...0x39).contains($0) }).isEmpty
              || !reply.text.contains("123456")
          else {
            Issue.record("\(reply) from \(bytes)")
            return
          }
        }
      }
    }
  }
}

extension ReplyParserTests {
  /// What libcurl hands over line by line while it connects.
  @Test func `what is said before AUTH is bounded and never trusted`() throws {
    let lines = [
      "220 relay ESMTP\r\n", "250-relay\r\n", "250-SIZE 99999999999999999999\r\n", "250-AUTH=PLAIN LOGIN\r\n",
      "250-AUTH\r\n", "250 SMTPUTF8\r\n", "250\r\n", "220 go\r\n", "235 ok\r\n", "334 \r\n",
      "454 4.7.0 no\r\n",
      "250-" + String(repeating: "x", count: 5000) + "\r\n", "", "\r\n", "\0\0\0\0\r\n", "999 x\r\n",
    ].map { Array($0.utf8) }
    var random = SeededGenerator(seed: 3)
    for _ in 0..<200 {
      let transcript = SessionTranscript(isCancelled: try CancelFlag())
      for _ in 0..<Int.random(in: 0...300, using: &random) {
        var bytes = lines.randomElement(using: &random)!
        if Int.random(in: 0..<8, using: &random) == 0 {
          bytes.insert(
            .random(in: 0...255, using: &random), at: Int.random(in: 0...bytes.count, using: &random))
        }
        guard bytes.withUnsafeBytes({ transcript.add($0) }) else { break }
      }
      #expect(transcript.features.lines.count <= 64)
      #expect(transcript.moments.count <= 32)
      #expect(transcript.features.lines.allSatisfy { $0.utf8.count <= 3 * 512 })
      #expect(transcript.greeting.utf8.count <= 3 * ReplyParser.textLimit)
      if let size = transcript.features.maxSize { #expect(size > 0) }
    }
  }
}

/// The same numbers in each run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
