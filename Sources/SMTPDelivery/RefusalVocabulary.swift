/// The words that refusals are made of, as stems: lower case, without accents, each taken for any word that begins
/// with it. `.` behind a stem is the whole word; `*` is any word, `~` up to two; `@` stands for an address in the
/// text, `#` for an IP address, `&` for a link or a host's name. The longest phrase at a place counts, and its words
/// for nothing else, which is what the phrases of no meaning are for.
enum RefusalVocabulary {
  /// What a phrase stands for. Things come first: what is said of them is looked for near them.
  enum Meaning: Int, CaseIterable {
    case nothing
    case mailbox, person, account, ownAccount, sending, sender, client, relay, hello, domain, mail
    case absent, closed, full, quota, limit, denial, unavailable
    case access, listed, judged, greylisting, soon, disorder, oversize, malformed, crowd, busy
    case sendingQuota, authentication, proof, cannotRelay, badName, notOurSender, restrictedRecipient
  }

  /// What one word of a phrase is found by.
  enum Stem {
    case beginning([UInt8])
    case whole([UInt8])
    case anyWord
    case gap
  }

  struct Phrase {
    let stems: [Stem]
    let meanings: [Meaning]
  }

  /// By the first two bytes of their first word, the second 0 where a word is a single one.
  static let phrases: [UInt16: [Phrase]] = {
    var found: [UInt16: [Phrase]] = [:]
    for (meanings, text) in things + verdicts + reasons {
      // Bytes: a worker makes the table at its first refusal, and characters would take most of the time.
      for phrase in text.utf8.split(separator: UInt8(ascii: ",")) {
        let stems = phrase.split(whereSeparator: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") })
          .map { stem(Array($0)) }
        guard let first = stems.first else { continue }
        let phrase = Phrase(stems: stems, meanings: meanings)
        for key in keys(first) { found[key, default: []].append(phrase) }
      }
    }
    return found
  }()

  /// Of the phrases that may begin with a word.
  static func key(_ first: UInt8, _ second: UInt8?) -> UInt16 { UInt16(first) << 8 | UInt16(second ?? 0) }

  /// A stem of one byte begins words of any second one.
  private static func keys(_ first: Stem) -> [UInt16] {
    switch first {
    case .beginning(let text) where text.count == 1: (0...255).map { key(text[0], $0) }
    case .beginning(let text), .whole(let text): [key(text[0], text.count > 1 ? text[1] : nil)]
    case .anyWord, .gap: []
    }
  }

  private static func stem(_ word: [UInt8]) -> Stem {
    switch word {
    case [UInt8(ascii: "*")]: .anyWord
    case [UInt8(ascii: "~")]: .gap
    default: word.last == UInt8(ascii: ".") ? .whole(word.dropLast()) : .beginning(word)
    }
  }
}
