/// Tells which local parts are words that replies are made of, and where such a word is somebody's name all the same.
enum ReplyNames {
  /// Words that a relay says of any mail, and names that many domains give to nobody in particular (RFC 2142).
  private static let usualWords: Set<String> = [
    "a", "an", "the", "is", "was", "are", "be", "been", "has", "have", "had", "do", "does", "did", "can",
    "could",
    "may", "will", "would", "should", "must", "not", "no", "none", "yes", "ok", "okay", "and", "or", "but",
    "if",
    "of", "in", "on", "at", "by", "to", "for", "from", "as", "with", "via", "per", "out", "off", "up", "it",
    "its",
    "this", "that", "there", "here", "we", "i", "me", "my", "our", "you", "your", "us", "all", "any", "some",
    "too",
    "many", "more", "try", "again", "later", "now", "please", "see", "go", "got", "sorry", "welcome", "hello",
    "helo", "ehlo", "bye", "mail", "mails", "email", "e-mail", "message", "messages", "queued", "queue", "id",
    "data", "end", "start", "begin", "sent", "send", "sender", "receive", "received", "recipient",
    "recipients",
    "rcpt", "accepted", "accept", "delivery", "delivered", "deliver", "relay", "relaying", "server",
    "service",
    "system", "host", "domain", "local", "remote", "user", "users", "unknown", "mailbox", "account",
    "address", "name",
    "error", "errors", "failed", "failure", "refused", "rejected", "reject", "denied", "access", "blocked",
    "block",
    "list", "listed", "policy", "spam", "spf", "dkim", "dmarc", "tls", "ssl", "auth", "smtp", "esmtp", "ip",
    "dns",
    "mx", "ptr", "limit", "size", "quota", "full", "rate", "temporary", "temporarily", "permanent", "invalid",
    "valid",
    "command", "syntax", "connection", "closed", "timeout", "time", "code", "status", "test", "info", "admin",
    "support", "help", "contact", "office", "sales", "news", "root", "postmaster", "abuse", "security",
    "webmaster",
    "hostmaster", "noc", "www", "bill", "mark", "grant", "art", "guy", "hope", "drew", "rob", "sue", "pat",
    "gene",
  ]
  /// Behind them stands somebody's name.
  private static let persons: Set<String> = [
    "user", "account", "userid", "username", "alias", "person", "benutzer", "konto", "uzivatel", "uzytkownik",
  ]

  /// A code in the languages of our mails, and the header of which codes are quoted.
  private static let codeWords: Set<String> = [
    "code", "codes", "passcode", "password", "pin", "otp", "token", "subject", "kod", "kodu", "kodem",
    "koden", "k\u{F3}d",
    "zugangscode", "einmalcode", "sicherheitscode", "anmeldecode", "inloggningskod", "eng\u{E5}ngskod",
    "verification",
  ]
  /// Before them `code` is the number of a fault.
  private static let faultWords: Set<String> = [
    "error", "status", "reply", "response", "reason", "return", "result",
  ]

  /// Whether the words are about a code that somebody is to type.
  static func speaksOfCode(_ bytes: [UInt8]) -> Bool {
    var last = ""
    for part in bytes.split(whereSeparator: { !ReplyNumbers.isLetter($0) && $0 < 0x80 }) {
      let word = ReplyNumbers.word(part)
      if codeWords.contains(word), !faultWords.contains(last) { return true }
      last = word
    }
    return false
  }

  /// Whether a local part says nothing of whose it is, so that it stays where it stands alone. A few digits do not.
  static func isUsual(_ localPart: ArraySlice<UInt8>) -> Bool {
    localPart.count <= 6 && localPart.allSatisfy(ReplyNumbers.isDigit)
      || usualWords.contains(ReplyNumbers.word(localPart))
  }

  /// `<ok>`, `"ok"`, `user ok`.
  static func isNamedPerson(_ range: Range<Int>, of bytes: [UInt8]) -> Bool {
    let before = bytes[..<range.lowerBound]
    let after = range.upperBound < bytes.count ? bytes[range.upperBound] : 0x20
    for (open, close) in ["<>", "\"\"", "''"].map({ ($0.utf8.first!, $0.utf8.last!) })
    where before.last == open && after == close { return true }
    let rest = before.reversed().drop { " :=".utf8.contains($0) }
    guard rest.count < before.count else { return false }
    return persons.contains(ReplyNumbers.word(rest.prefix(while: ReplyNumbers.isLetter).reversed()))
  }
}
