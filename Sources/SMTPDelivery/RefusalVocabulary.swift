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

  struct Phrase {
    let words: [[UInt8]]
    let meanings: [Meaning]
  }

  /// By the first byte of their first word.
  static let phrases: [[Phrase]] = {
    var found = [[Phrase]](repeating: [], count: 256)
    for (meanings, text) in things + verdicts + reasons {
      for phrase in text.split(separator: ",") {
        let words = phrase.split(whereSeparator: { $0 == " " || $0 == "\n" }).map { Array($0.utf8) }
        guard let first = words.first?.first else { continue }
        found[Int(first)].append(Phrase(words: words, meanings: meanings))
      }
    }
    return found
  }()
}
