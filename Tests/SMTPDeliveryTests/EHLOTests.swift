import Testing

@testable import SMTPDelivery

/// What is understood of EHLO's answer, by us and, respelt, by libcurl.
@Suite struct EHLOTests {
  private func understood(_ features: RelayFeatures) -> [String] {
    [
      features.hasPipelining ? "p" : nil, features.has8BitMIME ? "8" : nil, features.hasSMTPUTF8 ? "u" : nil,
      features.hasSTARTTLS ? "t" : nil,
      features.hasSize ? "s\(features.maxSize.map(String.init) ?? "")" : nil,
    ].compactMap { $0 } + features.mechanisms
  }

  private func spelt(_ line: String) -> String {
    var bytes = Array(line.utf8)
    bytes.withUnsafeMutableBytes { RelayFeatures.spellForLibcurl($0) }
    #expect(bytes.count == line.utf8.count)
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func `the corpus is large`() { #expect(EHLOCorpus.answers.count >= 150) }

  @Test(arguments: EHLOCorpus.answers)
  func `reads what a server offers`(_ answer: EHLOCorpus.Answer) {
    var features = RelayFeatures()
    for line in answer.lines.dropFirst() { features.add(line) }
    #expect(Set(understood(features)) == Set(answer.understood), "\(answer)")
    #expect(features.lines == Array(answer.lines.dropFirst()))
  }

  /// libcurl 7.88's reading: words in upper case at the line's begin, one blank behind AUTH, mechanisms in upper case
  /// between blanks.
  private struct LibcurlsReading {
    var hasSTARTTLS = false
    var hasSize = false
    var hasSMTPUTF8 = false
    var mechanisms: Set<String> = []

    mutating func add(_ line: String) {
      let text = line.dropFirst(4)
      if text.hasPrefix("STARTTLS") { hasSTARTTLS = true }
      if text.hasPrefix("SIZE") { hasSize = true }
      if text.hasPrefix("SMTPUTF8") { hasSMTPUTF8 = true }
      if text.hasPrefix("AUTH ") {
        mechanisms.formUnion(text.dropFirst(5).split { " \t\r\n\r\n".contains($0) }.map(String.init))
      }
    }
  }

  @Test(arguments: EHLOCorpus.answers)
  func `libcurl reads the same of a line that was respelt`(_ answer: EHLOCorpus.Answer) {
    var ours = RelayFeatures()
    var libcurls = LibcurlsReading()
    for line in answer.lines.dropFirst() {
      ours.add(line)
      libcurls.add(spelt("250-\(line)\r\n"))
    }
    #expect(!ours.hasSTARTTLS || libcurls.hasSTARTTLS)
    #expect(!ours.hasSMTPUTF8 || libcurls.hasSMTPUTF8)
    #expect(!ours.hasSize || libcurls.hasSize)
    #expect(libcurls.mechanisms == Set(ours.mechanisms))
  }

  @Test(arguments: [
    ("250-starttls\r\n", "250-STARTTLS\r\n"), ("250 StartTLS\r\n", "250 STARTTLS\r\n"),
    ("250 auth=plain login\r\n", "250 AUTH PLAIN LOGIN\r\n"),
    ("250-AUTH\tplain\tlogin \r\n", "250-AUTH PLAIN LOGIN \r\n"),
    ("250-auth =login\n", "250-AUTH  LOGIN\n"), ("250- starttls\r\n", "250-STARTTLS \r\n"),
    ("250-size 1000\r\n", "250-SIZE 1000\r\n"), ("250-smtputf8", "250-SMTPUTF8"),
    ("250-STARTTLS please\r\n", "250-STARTTLS please\r\n"),
    // What libcurl does not look for stays, and so does what is no EHLO line.
    ("250-pipelining\r\n", "250-pipelining\r\n"),
    ("250-auth.example.org hello\r\n", "250-auth.example.org hello\r\n"),
    ("250-starttlsx\r\n", "250-starttlsx\r\n"), ("220 starttls\r\n", "220 starttls\r\n"),
    ("250=starttls\r\n", "250=starttls\r\n"), ("250-\r\n", "250-\r\n"), ("250", "250"), ("", ""),
    ("250-ſtarttls\r\n", "250-ſtarttls\r\n"),
  ])
  func `respells what libcurl looks for and nothing else`(_ line: String, _ wanted: String) {
    #expect(spelt(line) == wanted)
  }

  @Test func `a keyword behind many lines counts`() {
    var features = RelayFeatures()
    for number in 0..<200 { features.add("X-\(number)") }
    for number in 0..<200 { features.add("AUTH M\(number)") }
    features.add("STARTTLS")
    #expect(features.hasSTARTTLS)
    #expect(features.lines.count == 64)
    #expect(features.mechanisms.count == 64)
  }
}
