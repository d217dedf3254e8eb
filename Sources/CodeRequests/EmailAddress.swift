/// A mailbox that may stand in an SMTP command as it is: it has passed a strict parser, so it holds no control
/// character, and no blank, angle bracket or `@` that is not inside a quoted local part.
///
/// Accepted are local parts of at most 64 bytes and a domain of LDH labels; an internationalised domain is converted to
/// A-labels (RFC 5890). A local part is a dot-string (RFC 5321 4.1.2, RFC 6531 3.3 for non-ASCII), a quoted string, or, as
/// Japanese carriers gave them out, has dots at its ends or in a row. Whatever is no dot-string is written as a quoted
/// string, and one that need not be quoted is not: `"abc"@x` is `abc@x`, `a..b@x` is `"a..b"@x`. Address literals are
/// refused: no mailbox provider hands them out, and relays disagree about them.
/// `description` is redacted; `rawValue` is what goes on the wire.
public struct EmailAddress: Hashable, Sendable, CustomStringConvertible {
  /// As it goes on the wire: `localPart@domain`.
  public let rawValue: String
  /// In bytes.
  private let localLength: Int

  /// As it goes on the wire, quoted where it is no dot-string. Its case may matter to the receiving system.
  public var localPart: String { String(rawValue[..<at]) }
  /// A-labels, lower case, no trailing dot.
  public var domain: String { String(rawValue[rawValue.utf8.index(after: at)...]) }

  private var at: String.Index { rawValue.utf8.index(rawValue.startIndex, offsetBy: localLength) }

  /// Parses `text`.
  ///
  /// - Throws: a fault of `field` that never repeats the text.
  public init(_ text: String, field: String = "recipient") throws(RequestFault) {
    func fault(_ message: String) -> RequestFault { RequestFault(field: field, message) }
    guard !text.isEmpty else { throw fault("is empty; expected an address such as anna@example.org") }
    guard text.utf8.count <= 1024 else { throw fault("is longer than an address can be") }
    if let control = firstControlCharacter(in: text) {
      throw fault("holds the control character \(name(of: control)); an address holds none")
    }
    let bytes = text.utf8Span.span
    let local = try LocalPart(bytes, fault)
    // Nearly all are written as they were given.
    var wire = local.quoted
    let written = wire?.utf8.count ?? local.end
    guard written <= 64 else { throw fault("has more than 64 bytes before the @ (RFC 5321)") }
    localLength = written
    let domain = bytes.extracting((local.end + 1)..<bytes.count)
    let afterAt = text.utf8.index(text.startIndex, offsetBy: local.end + 1)
    if Self.isFolded(domain) {
      try Self.check(domain: domain, fault)
      wire?.append("@")
      wire?.append(contentsOf: text[afterAt...])
      rawValue = wire ?? text
    } else {
      let domain = try Self.canonical(domain: String(text[afterAt...]), fault)
      rawValue = (wire.map { $0 + "@" } ?? String(text[..<afterAt])) + domain
    }
    // RFC 5321 4.5.3.1.3: a path has at most 256 octets, its angle brackets among them.
    guard rawValue.utf8.count <= 254 else {
      throw fault("is longer than 254 bytes, the most that SMTP carries")
    }
  }

  /// Lower case, A-labels, no trailing dot.
  package static func canonical(
    domain text: String, _ fault: (String) -> RequestFault
  ) throws(RequestFault) -> String {
    var domain = text
    if domain.hasSuffix(".") { domain.removeLast() }
    if !domain.utf8.allSatisfy({ $0 < 0x80 }) {
      // IDNA would leave most of them out without a word; the two joiners have their own rules there (RFC 5892, A).
      let unjoined = domain.unicodeScalars.filter { $0 != "\u{200C}" && $0 != "\u{200D}" }
      if let scalar = LocalPart.firstInvisible(in: String(String.UnicodeScalarView(unjoined))) {
        throw fault(LocalPart.invisible(scalar, "in the domain"))
      }
      do throws(DomainFault) { domain = try InternationalDomain.labels(of: domain) } catch {
        throw fault(error.message)
      }
    }
    domain = domain.lowercased()
    try check(domain: domain.utf8Span.span, fault)
    return domain
  }

  /// ASCII in lower case without a trailing dot: `canonical` leaves it as it is.
  private static func isFolded(_ domain: Span<UInt8>) -> Bool {
    for index in domain.indices where domain[index] >= 0x80 || (0x41...0x5A).contains(domain[index]) {
      return false
    }
    return domain.isEmpty || domain[domain.count - 1] != UInt8(ascii: ".")
  }

  private static func check(domain: Span<UInt8>, _ fault: (String) -> RequestFault) throws(RequestFault) {
    guard !domain.isEmpty else { throw fault("has nothing after the @") }
    guard domain.count <= 253 else { throw fault("has a domain of more than 253 bytes") }
    if domain[0] == UInt8(ascii: "[") {
      throw fault("has an address literal after the @; a domain name is needed")
    }
    var start = 0
    for end in 0...domain.count where end == domain.count || domain[end] == UInt8(ascii: ".") {
      try check(label: domain.extracting(start..<end), fault)
      start = end + 1
    }
  }

  private static func check(label: Span<UInt8>, _ fault: (String) -> RequestFault) throws(RequestFault) {
    guard !label.isEmpty else { throw fault("has an empty label in its domain") }
    guard label.count <= 63 else { throw fault("has a domain label of more than 63 bytes") }
    guard label[0] != UInt8(ascii: "-"), label[label.count - 1] != UInt8(ascii: "-") else {
      throw fault("has a domain label that begins or ends with a hyphen")
    }
    for index in label.indices {
      switch label[index] {
      case 0x61...0x7A, 0x30...0x39, UInt8(ascii: "-"): break
      case UInt8(ascii: " "): throw fault("holds a space; an address holds none")
      case UInt8(ascii: "<"), UInt8(ascii: ">"): throw fault("holds < or >; give the bare address")
      default: throw fault("has a character in its domain other than letters, digits, hyphens and dots")
      }
    }
  }

  /// The spelling that a subject is known by: composed (NFC) and in lower case. That a mailbox provider tells `Anna` from
  /// `anna` is allowed (RFC 5321 2.4) and done by none; what goes on the wire stays as it was given.
  package var canonical: String {
    guard needsSMTPUTF8 else { return hasUpperCase ? rawValue.lowercased() : rawValue }
    // Composed again: lower case takes some letters apart.
    return "\(UnicodeSpelling.composed(UnicodeSpelling.composed(localPart).lowercased()))@\(domain)"
  }

  private var hasUpperCase: Bool { rawValue.utf8.contains { (0x41...0x5A).contains($0) } }

  /// The spelling that floods are counted by: `canonical` without what owners of a mailbox add to it, a `+tag`, and at
  /// Gmail dots. Where nothing is left the whole stays.
  package var mailbox: String {
    let canonical = canonical
    let isGmail = canonical.hasSuffix("@gmail.com") || canonical.hasSuffix("@googlemail.com")
    guard isGmail || canonical.utf8.contains(UInt8(ascii: "+")) || canonical.utf8.first == UInt8(ascii: "\"")
    else { return canonical }
    let at = canonical.utf8.lastIndex(of: UInt8(ascii: "@"))!
    let whole = String(canonical[..<at])
    let spoken = whole.utf8.first == UInt8(ascii: "\"") ? LocalPart.unquoted(whole) : whole
    var local = spoken
    if let plus = local.utf8.firstIndex(of: UInt8(ascii: "+")), plus > local.startIndex {
      local = String(local[..<plus])
    }
    if isGmail { local.removeAll { $0 == "." } }
    if local.isEmpty { local = spoken }
    return local + (isGmail ? "@gmail.com" : String(canonical[at...]))
  }

  /// True where only a relay with SMTPUTF8 (RFC 6531) can take it.
  public var needsSMTPUTF8: Bool {
    // The domain is ASCII always.
    var bytes = rawValue
    return bytes.withUTF8 { $0.contains { $0 >= 0x80 } }
  }

  private var isQuoted: Bool { rawValue.utf8.first == UInt8(ascii: "\"") }

  /// What stands before the `@`, without the quotes that SMTP wants around it; nil where there are none.
  package var unquotedLocalPart: String? { isQuoted ? LocalPart.unquoted(localPart) : nil }

  /// As its owner writes it: without quotes where only dots asked for them, and with the letters of its domain.
  package var spoken: String {
    guard let content = unquotedLocalPart, LocalPart.isSpokenUnquoted(content) else {
      return SpokenDomain.inAddress(rawValue)
    }
    return "\(content)@\(SpokenDomain.of(domain))"
  }

  /// The first character, `•••` and the domain: `a•••@example.org`. Of a quoted one a first character that is a letter
  /// or a digit.
  public var redacted: String {
    if let content = unquotedLocalPart {
      let first = content.first.map { $0.isLetter || $0.isNumber ? String($0) : "" } ?? ""
      return "\(first)•••@\(domain)"
    }
    let bytes = rawValue.utf8.prefix(2)
    // A character of ASCII is one as long as nothing that combines follows it.
    guard bytes.allSatisfy({ $0 < 0x80 }), let letter = bytes.first else {
      return "\(localPart.prefix(1))•••@\(domain)"
    }
    var redacted = String(Unicode.Scalar(letter))
    redacted += "•••"
    redacted += rawValue[at...]
    return redacted
  }

  /// The redacted form.
  public var description: String { redacted }
}
