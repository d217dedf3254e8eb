import CodeRequests
import Foundation
import LinuxSystem
import MessageComposition
import Testing

@Suite struct MessageBytesTests {
  static func compose(
    subject: String = "Code", name: String? = nil, text: String = "t\n", html: String = "h\n",
    to: String = "anna@example.org", id: String = "abc", ref: String = "r1"
  ) throws -> [UInt8] {
    let composer = try MessageComposer(
      sender: Mailbox(name: name, address: EmailAddress("no-reply@fabrikam.example")))
    let recipient = try EmailAddress(to)
    var output = ByteBuffer(capacity: 2048)
    try Array(subject.utf8).withUnsafeBufferPointer { subject throws(CompositionFault) in
      try composer.compose(
        subject: subject, language: "en", to: recipient, messageID: id, entityRef: ref,
        date: Date(rfc3339: "2026-01-04T23:59:09Z")!, into: &output
      ) { output in
        Array(text.utf8).withUnsafeBufferPointer { EncodedBody.write($0, to: &output) }
      } html: { output in
        Array(html.utf8).withUnsafeBufferPointer { EncodedBody.write($0, to: &output) }
      }
    }
    return [UInt8](output)
  }

  /// What holds for every message, whatever is in it.
  static func checkShape(_ message: [UInt8]) {
    #expect(message.last == 10)
    var faults: [String] = []
    // Indices of raw bytes: what takes slices takes minutes in a debug build.
    message.withUnsafeBytes { message in
      var isHeader = true
      var start = 0
      while start < message.count {
        var end = start
        var isPlain = true
        while end < message.count, message[end] != 10 {
          let byte = message[end]
          if byte < 0x20 || byte > 0x7E, byte != 9, byte != 13 { isPlain = false }
          if byte == 13, end + 1 < message.count, message[end + 1] != 10 { isPlain = false }
          end += 1
        }
        let line = end - start
        let text = { String(decoding: message[start..<end], as: UTF8.self) }
        if line == 0 || message[end - 1] != 13 { faults.append("a line ends without CR: \(text())") }
        if !isPlain { faults.append("a byte that is not printable: \(text())") }
        if line == 1 { isHeader = false }
        if isHeader, line > 79 { faults.append("a header line is longer than 78: \(text())") }
        if !isHeader, line > 77 { faults.append("a body line is longer than 76: \(text())") }
        if isHeader {
          if line > 77, text().contains("=?UTF-8?") {
            faults.append("a line with an encoded word is longer than 76: \(text())")
          }
          for word in text().split(separator: " ") where word.hasPrefix("=?") {
            if word.utf8.count(where: { $0 != 13 }) > 75 {
              faults.append("an encoded word is too long: \(word)")
            }
          }
        }
        start = end + 1
      }
      if isHeader { faults.append("no empty line ends the header") }
    }
    #expect(faults == [])
  }

  @Test(arguments: [
    ("a..b@docomo.ne.jp", #"To: "a..b"@docomo.ne.jp"#), (#""a b"@example.org"#, #"To: "a b"@example.org"#),
    (#""abc"@example.org"#, "To: abc@example.org"),
    (#""a>\", b"@example.org"#, #"To: "a>\", b"@example.org"#),
    (#""x@y"@example.org"#, #"To: "x@y"@example.org"#),
  ])
  func `a local part that is no dot-string is quoted in the header`(address: String, header: String) throws {
    let message = try Self.compose(to: address)
    Self.checkShape(message)
    #expect(String(decoding: message, as: UTF8.self).contains("\r\n\(header)\r\n"))
  }

  @Test(arguments: [
    ("plain", "Fabrikam", "From: Fabrikam <no-reply@fabrikam.example>\r\n"),
    ("quoted", #"A&B <x> "q""#, #"From: "A&B <x> \"q\"" <no-reply@fabrikam.example>"#),
    ("encoded", "Zürich", "From: =?UTF-8?Q?Z=C3=BCrich?= <no-reply@fabrikam.example>\r\n"),
    ("looks encoded", "=?UTF-8?Q?x?=", "From: =?UTF-8?B?PT9VVEYtOD9RP3g/PQ==?= <no-reply@"),
    ("no name", "", "From: no-reply@fabrikam.example\r\n"),
  ])
  func `writes a display name as RFC 5322 and RFC 2047 ask`(kind: String, name: String, line: String) throws {
    let text = String(decoding: try Self.compose(name: name), as: UTF8.self)
    #expect(text.hasPrefix(line), "\(kind): \(text.prefix(120))")
  }

  @Test(arguments: ["é", "aé", "é ", "日", "👩‍👩‍👧", "a"])
  func `no line with an encoded word is longer than 76, however long the text is`(unit: String) throws {
    for count in 1...90 {
      let text = "ü" + String(repeating: unit, count: count)
      Self.checkShape(try Self.compose(subject: text, name: text))
    }
  }

  @Test(arguments: ["a\r\nBcc: x@y.z", "a\nb", "a\u{0}", "a\u{85}b", "a\u{2028}b", "a\u{2029}b", "\u{7F}"])
  func `refuses control characters and names the header`(value: String) throws {
    var faults: [CompositionFault] = []
    do { _ = try Self.compose(subject: value) } catch let fault as CompositionFault { faults.append(fault) }
    do { _ = try Self.compose(name: value) } catch let fault as CompositionFault { faults.append(fault) }
    #expect(faults.map(\.field) == ["subject", "sender.name"])
    #expect(faults.allSatisfy { $0.code == "control-character" && !$0.description.contains("Bcc") })
  }

  @Test(arguments: ["", "a b", "a>b", "a@b", "é", String(repeating: "x", count: 129)])
  func `refuses a Message-ID or reference that is no token`(token: String) {
    #expect(throws: CompositionFault.self) { try Self.compose(id: token) }
    #expect(throws: CompositionFault.self) { try Self.compose(ref: token) }
  }

  @Test func `encodes what relays touch: dots, From and blanks at line ends`() throws {
    let text = String(decoding: try Self.compose(text: ".\nFrom me\na \nb\t\n=\n"), as: UTF8.self)
    #expect(text.contains("\r\n=2E\r\n=46rom me\r\na=20\r\nb=09\r\n=3D\r\n"))
  }

  @Test func `takes base64 where that is shorter`() throws {
    let text = String(decoding: try Self.compose(text: "Привет, ваш код\n", html: "Hello\n"), as: UTF8.self)
    #expect(text.components(separatedBy: "Content-Transfer-Encoding: base64").count == 2)
    #expect(text.components(separatedBy: "Content-Transfer-Encoding: quoted-printable").count == 2)
  }

  @Test func `the boundary cannot be made to occur in a part`() throws {
    let text = String(decoding: try Self.compose(text: "--=_r1--\n--=_r1\n", ref: "r1"), as: UTF8.self)
    #expect(text.components(separatedBy: "\r\n--=_r1").count == 4)
  }

  @Test func `keeps a local part that needs SMTPUTF8 as it is`() throws {
    let message = try Self.compose(to: "ünï@example.org")
    #expect(String(decoding: message, as: UTF8.self).contains("\r\nTo: ünï@example.org\r\n"))
  }

  /// Seeded, so that a failure can be seen again.
  private struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }

    mutating func scalar() -> Unicode.Scalar {
      let ranges: [ClosedRange<UInt32>] = [
        0x20...0x7E, 0x20...0x7E, 0x20...0x20, 0xA1...0x24F, 0x400...0x5FF, 0x3040...0x9FFF,
        0x1F300...0x1FAFF,
        // Marks that join what stands before them; letters that run the other way; marks of direction.
        0x300...0x36F, 0x590...0x6FF, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x206F,
        0x10000...0x10FFFD, 0xE000...0xFFFD,
      ]
      while true {
        if let scalar = Unicode.Scalar(UInt32.random(in: ranges.randomElement(using: &self)!, using: &self)) {
          return scalar
        }
      }
    }

    mutating func line(_ count: Int) -> String {
      let isASCII = Bool.random(using: &self)
      var text = String.UnicodeScalarView()
      for _ in 0..<count {
        text.append(isASCII ? Unicode.Scalar(UInt8.random(in: 0x20...0x7E, using: &self)) : scalar())
      }
      return String(text)
    }

    mutating func body() -> String {
      let starts = ["", ".", "..", "From ", "--=_r1", " ", "\t", "="]
      let ends = ["", " ", "\t", "  ", "=", ".", "\r", "a\rb"]
      return (0..<Int.random(in: 0...8, using: &self)).map { _ in
        let length = Int.random(in: 0...9, using: &self) == 0 ? 3000 : 200
        return starts.randomElement(using: &self)! + line(Int.random(in: 0...length, using: &self))
          + ends.randomElement(using: &self)!
      }.joined(separator: "\n")
    }
  }

  private struct Input {
    let subject: String
    let name: String
    let text: String
    let html: String

    func message() throws -> [UInt8] {
      try MessageBytesTests.compose(subject: subject, name: name, text: text, html: html)
    }
  }

  private static func inputs(_ count: Int, seed: UInt64) -> [Input] {
    var random = Generator(state: seed)
    return (0..<count).map { _ in
      Input(
        subject: random.line(Int.random(in: 1...120, using: &random)),
        name: random.line(Int.random(in: 1...80, using: &random)), text: random.body(), html: random.body())
    }
  }

  @Test(.enabled(if: PythonMail.isAvailable, "python3 is missing"), arguments: [1, 2, 3])
  func `Python reads back exactly what went in, whatever it was`(seed: UInt64) throws {
    let inputs = Self.inputs(150, seed: seed)
    let messages = try inputs.map { try $0.message() }
    for message in messages { Self.checkShape(message) }
    for (input, reading) in zip(inputs, try PythonMail.read(messages)) {
      #expect(reading.defects == [])
      #expect(scalars(reading.header("Subject") ?? "") == scalars(input.subject))
      #expect(scalars(reading.name) == scalars(input.name))
      #expect(reading.address == "no-reply@fabrikam.example")
      #expect(Array(reading.text.utf8) == Array(input.text.utf8))
      #expect(Array(reading.html.utf8) == Array(input.html.utf8))
    }
  }

  @Test(.enabled(if: Reformime.isAvailable, "\(Reformime.comment)"))
  func `reformime reads back exactly what went in, whatever it was`() throws {
    let inputs = Self.inputs(120, seed: 4)
    let messages = try inputs.map { try $0.message() }
    for (input, reading) in zip(inputs, try Reformime().read(messages)) {
      #expect(reading.types == ["multipart/alternative", "text/plain", "text/html"])
      #expect(reading.subject == Array(input.subject.utf8))
      #expect(reading.text == Self.wire(input.text))
      #expect(reading.html == Self.wire(input.html))
    }
  }

  /// With the line ends of mail. Its last line ends too: a part ends where its boundary's line end begins.
  private static func wire(_ text: String) -> [UInt8] {
    text.utf8.reduce(into: []) { bytes, byte in bytes += byte == 10 ? [13, 10] : [byte] }
  }

  @Test(arguments: 0..<4)
  func `no input adds a header, ends one early or reaches another part`(seed: UInt64) throws {
    var random = Generator(state: 100 + seed)
    let controls = ["\r\n", "\n", "\r", "\u{0}", "\u{B}", "\u{85}", "\u{2028}", "\u{2029}", "\u{7F}", "\t"]
    let attacks = ["Bcc: x@y.z", "Content-Type: text/html", "--=_r1", "--=_r1--", ".", "\r\n\r\n<b>"]
    var refused = 0
    for _ in 0..<200 {
      var fields = (0..<3).map { _ in random.line(Int.random(in: 1...60, using: &random)) }
      let isHostile = Bool.random(using: &random)
      let field = Int.random(in: 0..<3, using: &random)
      if isHostile {
        let control = controls.randomElement(using: &random)!
        fields[field] += control + attacks.randomElement(using: &random)! + control
      }
      do {
        let message = try Self.compose(
          subject: fields[0], name: fields[1], text: random.body() + fields[2], html: fields[2])
        #expect(!isHostile || field == 2)
        let lines = message.split(separator: 10, omittingEmptySubsequences: false)
        let headers = lines.prefix { $0 != [13] }.filter { $0.first != 0x20 }
          .map { String(decoding: $0.prefix { $0 != 0x3A }, as: UTF8.self) }
        #expect(
          headers == [
            "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Language",
            "Auto-Submitted",
            "X-Entity-Ref-ID", "Content-Type",
          ])
        #expect(lines.filter { $0.starts(with: "--=_r1".utf8) }.count == 3)
        Self.checkShape(message)
      } catch let fault as CompositionFault {
        #expect(isHostile && field < 2 && fault.code == "control-character")
        refused += 1
      }
    }
    #expect(refused > 30)
  }

  /// Scalars, since equal strings may differ in them.
  private func scalars(_ text: String) -> [Unicode.Scalar] { Array(text.unicodeScalars) }

  @Test func `every length of line and every place of an escaped byte keeps within 76`() throws {
    for length in 60...160 {
      for place in stride(from: 0, to: length, by: 7) {
        var line = [Character](repeating: "a", count: length)
        line[place] = "é"
        line[length - 1] = " "
        Self.checkShape(try Self.compose(text: String(line) + "\n" + String(line)))
      }
    }
  }
}
