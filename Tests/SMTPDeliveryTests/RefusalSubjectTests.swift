import Testing

@testable import SMTPDelivery

/// What replies are about, as read from real words.
@Suite struct RefusalSubjectTests {
  /// The reply as its text reaches `RefusalSubject`, through the parser.
  private func subject(_ stage: DeliveryStage, _ reply: String) -> RefusalSubject {
    var parser = ReplyParser()
    var offset = 0
    let step = Array("\(reply)\r\n".utf8).withUnsafeBytes { parser.consume($0, from: &offset) }
    #expect(step == .reply, "\(reply)")
    return RefusalSubject(stage: stage, code: parser.code, enhanced: parser.enhanced, text: parser.text)
  }

  /// The corpus has a reply on one line: `550-a 550 b` is two of the relay's.
  private func lines(_ reply: String) -> String {
    let code = reply.prefix(3)
    guard reply.dropFirst(3).first == "-" else { return reply }
    var parts = reply.split(separator: " ").map(String.init)
    for index in parts.indices.dropFirst() where parts[index].hasPrefix("\(code)-") || parts[index] == code {
      parts[index] = "\r\n" + parts[index]
    }
    var text = parts.joined(separator: " ").replacing(" \r\n", with: "\r\n")
    // Where the corpus leaves the last line out.
    if !text.contains("\r\n\(code) ") { text += "\r\n\(code) " }
    return text
  }

  @Test func `the corpus is large`() {
    #expect(ReplyCorpus.lines.count >= 400)
    #expect(Set(ReplyCorpus.lines.map(\.server)).count >= 80)
  }

  @Test(arguments: ReplyCorpus.lines)
  func `reads what a server means`(_ line: ReplyCorpus.Line) throws {
    let stage = try #require(DeliveryStage(rawValue: line.stage))
    let wanted = try #require(RefusalSubject(rawValue: line.subject))
    #expect(subject(stage, lines(line.reply)) == wanted, "\(line)")
  }

  @Test(arguments: ReplyCorpus.lines)
  func `the case of letters changes nothing`(_ line: ReplyCorpus.Line) throws {
    let stage = try #require(DeliveryStage(rawValue: line.stage))
    // Humps are words only in mixed case.
    guard !line.reply.contains(where: \.isUppercase) || !line.reply.contains(/[a-z][A-Z]/) else { return }
    #expect(subject(stage, lines(line.reply).lowercased()).rawValue == line.subject, "\(line)")
  }

  /// Words of one reply in other spellings.
  @Test(arguments: [
    ("550 5.1.1 user is unknown", RefusalSubject.recipient), ("550 the mailbox doesn’t exist", .recipient),
    ("550 the mailbox doesn't exist", .recipient), ("550 non-existent mailbox", .recipient),
    ("550 There is no user by that name here; unknown user", .recipient),
    ("554 192.0.2.7 is black-listed", .reputation), ("554 192.0.2.7 is on a block-list", .reputation),
    ("554 192.0.2.7 is blocklisted", .reputation), ("554 2001:db8::7 is blacklisted", .reputation),
    ("550 5.1.1 Blacklisted: your server", .reputation), ("550 Re-laying denied, relay denied", .relaying),
    ("550 we are not an open relay: relaying denied", .relaying), ("550 We do not relay", .relaying),
    ("550 relaying to <anna@example.org> prohibited", .relaying),
    ("550 5.1.0 no-reply@fabrikam.example is not allowed to send", .sender),
    ("550 #5.1.0 Address rejected", .sender), ("550 rejected: the sender is unknown", .sender),
    ("504 <vm>: need fully-qualified hostname", .hello), ("550 your HELO name is not acceptable", .hello),
    ("550 bad rDNS", .hello), ("554 too many messages in this connection", .load),
    ("554 Too Many Messages. Try a new connection", .load), ("452 4.4.5 try a new connection", .load),
    ("450 4.2.0 come back soon", .greylisting), ("451 4.7.1 later", .greylisting),
    ("535 5.7.8 bad", .account), ("525 disabled", .account), ("550 5.7.30 disabled", .account),
    ("550 not verified", .sender), ("550 something", .recipient), ("554 something", .unclear),
    ("550 rejected", .reputation), ("550 5.7.1 no", .reputation), ("550 5.2.1 no", .recipient),
    ("503 5.5.1 bad sequence of commands", .sequence), ("501 5.1.3 no", .recipient), ("550", .recipient),
  ])
  func `reads other spellings`(_ reply: String, _ wanted: RefusalSubject) {
    #expect(subject(.recipient, reply) == wanted)
  }

  @Test(arguments: [
    "550 <blacklisted@example.org>: user unknown", "550 <relay-denied@example.org>... User unknown",
    "550 5.1.1 anna@spamfilter.example.net is unknown here, no such user",
    "550 mx.spamfilter.example.net: user unknown",
    "550 5.1.1 User unknown, see https://example.org/blocked/spam",
    "550 5.1.1 no such user (in reply to a mail from 192.0.2.7)",
  ])
  func `names and addresses in a reply judge nobody`(_ reply: String) {
    #expect(subject(.recipient, reply) == .recipient)
  }

  @Test(arguments: [
    "550 5.1.1 user unknown", "550 mailbox unavailable", "551 user not local", "553 5.1.3 bad address", "550",
    "554 something", "501 syntax", "550 5.7.1 no", "550 5.1.0 not allowed to send",
  ])
  func `a refusal of MAIL is never about a recipient`(_ reply: String) {
    let subject = subject(.mail, reply)
    #expect(subject != .recipient && subject != .unclear && subject != .message)
  }

  @Test(arguments: RefusalSubject.allCases)
  func `advice is given where an operator can do something`(_ subject: RefusalSubject) {
    switch subject {
    case .sender: #expect(subject.advice?.contains("sender.address") == true)
    case .account: #expect(subject.advice?.contains("passwordFile") == true)
    case .hello: #expect(subject.advice?.contains("hello") == true)
    case .relaying, .reputation: #expect(subject.advice != nil)
    case .recipient, .message, .load, .greylisting, .sequence, .unclear: #expect(subject.advice == nil)
    }
  }

  /// A phrase with an accent, a capital or a gap at its begin would never be found.
  @Test func `each phrase of the vocabulary can be found`() {
    let texts = RefusalVocabulary.things + RefusalVocabulary.verdicts + RefusalVocabulary.reasons
    for phrase in texts.flatMap({ $0.1.split(separator: ",") }) {
      let text = phrase.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(text.utf8.allSatisfy { $0 < 0x80 && !(0x41...0x5A).contains($0) }, "\(text)")
      #expect(!["*", "~"].contains(text.prefix(1)) && !text.hasSuffix("~"), "\(text)")
    }
  }

  /// The words of issues that a reply's code alone would misread.
  @Test(arguments: [
    (DeliveryStage.recipient, "504 5.5.2 <vm>: need fully-qualified hostname"),
    (.recipient, "550 bad HELO, go away"),
    (.recipient, "554 5.7.1 <anna@example.org>: Relay access denied"),
    (.recipient, "553 sender not owned by mailer"),
    (.recipient, "550 5.7.60 Client does not have permissions to send as this sender"),
    (.recipient, "554 your domain is not verified"), (.final, "554 Message rejected: sender not verified"),
    (.recipient, "550 5.1.1 <anna@example.org>: your IP 192.0.2.7 is listed at list.example.net"),
    (.recipient, "550 5.1.1 <anna@example.org> is not accepting mail from 192.0.2.7"),
    (.recipient, "550 5.2.1 Mailbox unavailable: content looks like spam"),
    (.recipient, "550 Your host is not welcome"),
    (.recipient, "550 5.1.2 sender domain unknown"), (.recipient, "550 You must log in before sending"),
    (.recipient, "550 Please use TLS"), (.recipient, "552 5.7.0 you have exceeded your daily quota"),
    (
      .recipient,
      "550 5.7.515 Access denied. The sender's domain in the 5322.From address fails authentication"
    ),
    (.final, "550 Message rejected by the recipient's spam filter"), (.recipient, "550 Blocked"),
  ])
  func `what is refused for our sake is neither the recipient's nor the mail's`(
    _ stage: DeliveryStage, _ reply: String
  ) {
    let ours: Set<RefusalSubject> = [.sender, .account, .hello, .relaying, .reputation]
    #expect(ours.contains(subject(stage, reply)), "\(subject(stage, reply))")
  }

  @Test(arguments: [
    "550 5.7.1 <anna@example.org>: user unknown", "550 5.7.0 no such user", "554 5.7.1 unknown recipient",
    "554 5.7.1 <anna@example.org>: Recipient address rejected: user anna@example.org does not exist",
    "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)", "550 5.3.0 no such mailbox",
    "550 account does not exist", "550 Your email could not be delivered: recipient unknown",
    "552 mailbox over quota",
    "550 5.1.1 The user has left the company", "550 No account by that name; sender please check the address",
    "550 5.1.1 User unknown. If you believe you are blocked in error, see https://list.spamhaus.org/",
  ])
  func `what is wrong with a recipient is the recipient's under any code`(_ reply: String) {
    #expect(subject(.recipient, reply) == .recipient)
  }

  @Test func `any bytes are read`() {
    var random = SeededGenerator(seed: 20_261_129)
    for round in 0..<300 {
      let length = round * 2
      let text = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
      for stage in DeliveryStage.allCases {
        let subject = RefusalSubject(stage: stage, code: 550, enhanced: nil, text: text)
        if stage == .mail { #expect(subject != .recipient) }
      }
    }
  }

  @Test func `a long text of one word ends`() {
    for word in ["not ", "mailbox ", "daily ", "a.", "::", "'", "<", "http://", "exceed "] {
      let text = Array(String(repeating: word, count: 300).utf8)
      _ = RefusalSubject(stage: .recipient, code: 550, enhanced: nil, text: text)
    }
  }
}
