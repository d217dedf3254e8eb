/// What the words of a refusal say, for `RefusalSubject`.
///
/// The text is cut into words; addresses, IP addresses, links and names of hosts become marks, so that
/// `<blocked@example.org>` blocks nothing and `spamfilter.example.net` judges nobody (block lists alone are known
/// by their hosts). Then phrases of the vocabulary are looked up, and verdicts ("unknown", "rejected") are joined
/// to the thing in the same sentence that they are about. One pass over at most 512 bytes; nothing is kept.
struct RefusalWords {
  struct Evidence: OptionSet {
    let rawValue: UInt64

    static let mailboxAbsent = Evidence(rawValue: 1 << 0)
    static let mailboxFull = Evidence(rawValue: 1 << 1)
    /// "Recipient address rejected", without saying why.
    static let mailboxRefused = Evidence(rawValue: 1 << 2)
    /// "Account disabled", "account blocked": a mailbox or ours.
    static let ofAccount = Evidence(rawValue: 1 << 3)
    static let ownAccount = Evidence(rawValue: 1 << 4)
    static let senderRefused = Evidence(rawValue: 1 << 5)
    static let clientRefused = Evidence(rawValue: 1 << 6)
    static let relaying = Evidence(rawValue: 1 << 7)
    static let hello = Evidence(rawValue: 1 << 8)
    static let listed = Evidence(rawValue: 1 << 9)
    /// A block list's name, in a link or host only.
    static let listLink = Evidence(rawValue: 1 << 10)
    static let judged = Evidence(rawValue: 1 << 11)
    static let greylisting = Evidence(rawValue: 1 << 12)
    static let disorder = Evidence(rawValue: 1 << 13)
    static let oversize = Evidence(rawValue: 1 << 14)
    static let malformed = Evidence(rawValue: 1 << 15)
    static let crowd = Evidence(rawValue: 1 << 16)
    static let busy = Evidence(rawValue: 1 << 17)
    static let sendingQuota = Evidence(rawValue: 1 << 18)
    static let authentication = Evidence(rawValue: 1 << 19)
    static let proof = Evidence(rawValue: 1 << 20)
    static let restrictedRecipient = Evidence(rawValue: 1 << 21)
    /// A verdict without a thing.
    static let refused = Evidence(rawValue: 1 << 22)
    static let absent = Evidence(rawValue: 1 << 23)
    // What is named at all, with a verdict or without.
    static let namesMailbox = Evidence(rawValue: 1 << 24)
    static let namesSender = Evidence(rawValue: 1 << 25)
    static let namesClient = Evidence(rawValue: 1 << 26)
    static let namesAccount = Evidence(rawValue: 1 << 27)
    static let namesRelay = Evidence(rawValue: 1 << 28)
    static let accessDenied = Evidence(rawValue: 1 << 30)
    /// "Come back later", without the word greylisting.
    static let soon = Evidence(rawValue: 1 << 29)
    /// Something is over its quota, whoever's.
    static let quota = Evidence(rawValue: 1 << 31)
    /// What is absent or full is a mailbox or recipient by that word, or one of SMTP's own phrases ("no such user").
    static let ofMailbox = Evidence(rawValue: 1 << 32)
  }

  private(set) var evidence: Evidence = []
  /// True where there is nothing but numbers and marks.
  let isEmpty: Bool
  /// Marks are words too.
  let count: Int
  let hasAddress: Bool

  init(_ text: some Collection<UInt8>) {
    let words = ReplyWords(text)
    isEmpty = !words.words.contains { !$0.isMark && !$0.isLink }
    count = words.words.count
    hasAddress = words.words.contains { $0.isMark && words.bytes[$0.range.lowerBound] == UInt8(ascii: "@") }
    let findings = Self.findings(words)
    for (index, finding) in findings.enumerated() { note(finding, at: index, of: findings) }
  }

  private typealias Meaning = RefusalVocabulary.Meaning

  private struct Finding {
    let meanings: [Meaning]
    let first: Int
    let last: Int
    let sentence: Int
    let isLink: Bool

    /// The thing that it names, where it names one.
    var thing: Meaning? {
      meanings.first { Meaning.mailbox.rawValue <= $0.rawValue && $0.rawValue <= Meaning.mail.rawValue }
    }
  }

  // MARK: Phrases

  private static func findings(_ text: ReplyWords) -> [Finding] {
    var found: [Finding] = []
    var index = 0
    while index < text.words.count {
      let word = text.words[index]
      var best = 0
      var meanings: [Meaning] = []
      let (start, size) = (word.range.lowerBound, word.range.count)
      let key = RefusalVocabulary.key(text.bytes[start], size > 1 ? text.bytes[start + 1] : nil)
      for phrase in RefusalVocabulary.phrases[key] ?? [] {
        let length = match(phrase.stems, from: 0, at: index, of: text)
        if length > best {
          best = length
          meanings = phrase.meanings
        } else if length == best, length > 0 {
          meanings += phrase.meanings
        }
      }
      if best > 0 {
        found.append(
          Finding(
            meanings: meanings, first: index, last: index + best - 1, sentence: word.sentence,
            isLink: word.isLink))
      }
      index += max(best, 1)
    }
    return found
  }

  /// How many words the stems from `place` on take from `start` on; 0 where they do not stand there.
  private static func match(
    _ stems: [RefusalVocabulary.Stem], from place: Int, at start: Int, of text: ReplyWords
  ) -> Int {
    guard place < stems.count else { return 0 }
    switch stems[place] {
    case .gap:
      for gap in 0...2 {
        let rest = match(stems, from: place + 1, at: start + gap, of: text)
        if rest > 0 { return gap + rest }
      }
      return 0
    case .anyWord: guard start < text.words.count else { return 0 }
    case .beginning(let stem): guard text.word(start, hasPrefix: stem) else { return 0 }
    case .whole(let stem):
      guard text.word(start, hasPrefix: stem), text.words[start].range.count == stem.count else { return 0 }
    }
    if place == stems.count - 1 { return 1 }
    let rest = match(stems, from: place + 1, at: start + 1, of: text)
    return rest == 0 ? 0 : rest + 1
  }

  // MARK: What is said of what

  private mutating func note(_ finding: Finding, at index: Int, of findings: [Finding]) {
    for meaning in finding.meanings {
      if finding.isLink {
        if meaning == .listed { evidence.insert(.listLink) }
        continue
      }
      switch meaning {
      case .absent:
        switch thing(of: index, in: findings) {
        case .mailbox: evidence.formUnion([.mailboxAbsent, .ofMailbox])
        case .person where finding.meanings.contains(.person):
          evidence.formUnion([.mailboxAbsent, .ofMailbox])
        case .person: evidence.insert(.mailboxAbsent)
        case .account where finding.meanings.contains(.closed):
          evidence.formUnion([.mailboxAbsent, .ofAccount])
        case .account: evidence.insert(.mailboxAbsent)
        case .ownAccount: evidence.insert(.ownAccount)
        case .sending: evidence.insert(.sendingQuota)
        case .sender: evidence.insert(.senderRefused)
        case .hello: evidence.insert(.hello)
        case .client, .relay: evidence.insert(.clientRefused)
        default: evidence.insert(.absent)
        }
      case .denial:
        switch thing(of: index, in: findings) {
        case .account: evidence.formUnion([.mailboxRefused, .ofAccount])
        case .mailbox, .person: evidence.insert(.mailboxRefused)
        case .ownAccount: evidence.insert(.ownAccount)
        case .sending: evidence.insert(.sendingQuota)
        case .sender: evidence.insert(.senderRefused)
        case .client: evidence.insert(.clientRefused)
        case .relay: evidence.insert(.relaying)
        case .hello: evidence.insert(.hello)
        case .mail: evidence.insert(.judged)
        default: evidence.insert(.refused)
        }
      case .full: evidence.formUnion([.mailboxFull, .ofMailbox])
      case .quota:
        switch thing(of: index, in: findings) {
        case .sending: evidence.insert(.sendingQuota)
        case .mailbox: evidence.formUnion([.mailboxFull, .ofMailbox])
        default: evidence.formUnion([.mailboxFull, .quota])
        }
      case .limit:
        // A word of limits alone says nothing.
        if thing(of: index, in: findings) == .sending { evidence.insert(.sendingQuota) }
      case .unavailable: evidence.insert(.mailboxRefused)
      case .access: evidence.formUnion([.refused, .accessDenied])
      case .soon: evidence.insert(.soon)
      case .listed: evidence.insert(.listed)
      case .judged: evidence.insert(.judged)
      case .greylisting: evidence.insert(.greylisting)
      case .disorder: evidence.insert(.disorder)
      case .oversize: evidence.insert(.oversize)
      case .malformed: evidence.insert(.malformed)
      case .crowd: evidence.insert(.crowd)
      case .busy: evidence.insert(.busy)
      case .sendingQuota: evidence.insert(.sendingQuota)
      case .authentication: evidence.insert(.authentication)
      case .proof: evidence.insert(.proof)
      case .cannotRelay: evidence.insert(.relaying)
      case .badName: evidence.insert(.hello)
      case .notOurSender: evidence.insert(.senderRefused)
      case .restrictedRecipient: evidence.insert(.restrictedRecipient)
      case .mailbox, .person, .account: evidence.insert(.namesMailbox)
      case .ownAccount: evidence.insert(.namesAccount)
      case .sender: evidence.insert(.namesSender)
      case .client: evidence.insert(.namesClient)
      case .relay: evidence.insert(.namesRelay)
      case .nothing, .sending, .hello, .domain, .mail, .closed: break
      }
    }
  }

  /// What the verdict at `index` is about: the nearest thing before it in its sentence, else one close behind it.
  private func thing(of index: Int, in findings: [Finding]) -> Meaning? {
    let verdict = findings[index]
    func isNear(_ finding: Finding) -> Bool { !finding.isLink && finding.sentence == verdict.sentence }
    // Sending can be stopped, but not unknown: "outbound relay: user unknown".
    let mayBeSending = !verdict.meanings.contains(.absent) || verdict.meanings.contains(.closed)
    // "Recipient unknown" names its own.
    if verdict.thing == .mailbox { return .mailbox }
    var neutral = verdict.thing
    for finding in findings[..<index].reversed() where isNear(finding) {
      guard let thing = finding.thing, verdict.first - finding.last <= 12 else { continue }
      switch thing {
      case .person, .account, .domain, .mail: neutral = neutral ?? thing
      case .mailbox, .ownAccount, .sending, .sender, .client, .relay, .hello:
        if thing == .sending, !mayBeSending { continue }
        // "IP address unknown", but not "connection from 192.0.2.1: user unknown".
        if neutral == .person || neutral == .account, thing == .client { continue }
        // "Relaying to <anna@example.org> prohibited", but not "relay: user unknown".
        if thing == .relay, neutral == .person, !verdict.meanings.contains(.denial) { continue }
        return thing
      default: break
      }
    }
    for finding in findings[(index + 1)...] where isNear(finding) {
      guard let thing = finding.thing, finding.first - verdict.last <= 4,
        thing != .sending || mayBeSending
      else { continue }
      switch thing {
      case .person, .account, .domain, .mail: neutral = neutral ?? thing
      default:
        if neutral == nil || [.sender, .mailbox, .sending].contains(thing) { return thing }
      }
    }
    return neutral
  }
}
