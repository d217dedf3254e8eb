/// Whether programs that show mail may make a link of a part of a text, by itself and without any markup: a URL, a bare
/// domain, an address.
///
/// Their rules differ, and are nowhere written down; this goes by what any of them may do. Letters around a full stop are a
/// domain, whether or not there is such a top-level domain: new ones come every year.
package enum LinkText {
  package static func isIn(_ text: String) -> Bool {
    let text = plain(text)
    return text.indices.contains { index in
      switch text[index] {
      case ":": isScheme(text, before: index)
      case ".": isDomain(text, around: index)
      case "@": index > 0 && index + 1 < text.count && isPart(text[index - 1]) && isPart(text[index + 1])
      // \\server\share
      case "\\": index + 2 < text.count && text[index + 1] == "\\" && isPart(text[index + 2])
      default: false
      }
    }
  }

  // MARK: Spelling

  /// What a reader sees and a program goes by: without what is invisible, in lower case, in half width, with one kind of
  /// full stop, colon, slash and @.
  private static func plain(_ text: String) -> [Unicode.Scalar] {
    var visible = String.UnicodeScalarView()
    for scalar in text.unicodeScalars where !isInvisible(scalar) { visible.append(known[scalar] ?? scalar) }
    return UnicodeSpelling.folded(String(visible)).unicodeScalars
      .filter { !isInvisible($0) }.map { known[$0] ?? $0 }
  }

  /// Joiners, soft hyphens, marks of direction, tags, selectors of variants.
  private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    guard scalar.value >= 0x80 else { return scalar.value < 0x20 && scalar.value != 0x09 }
    return scalar.properties.isDefaultIgnorableCodePoint || scalar.properties.generalCategory == .format
  }

  /// What stands for punctuation of ASCII in an address, or looks like it; and full width, for where libidn2 is missing.
  private static let known: [Unicode.Scalar: Unicode.Scalar] = {
    var known: [Unicode.Scalar: Unicode.Scalar] = [
      "\u{3002}": ".", "\u{FF61}": ".", "\u{FE12}": ".", "\u{2024}": ".", "\u{FE52}": ".", "\u{A4F8}": ".",
      "\u{A60E}": ".", "\u{0701}": ".", "\u{0702}": ".", "\u{06D4}": ".", "\u{A78F}": ".",
      "\u{2236}": ":", "\u{A789}": ":", "\u{FE13}": ":", "\u{FE55}": ":", "\u{02D0}": ":", "\u{0589}": ":",
      "\u{2044}": "/", "\u{2215}": "/", "\u{29F8}": "/", "\u{FE6B}": "@", "\u{FE68}": "\\", "\u{2216}": "\\",
      "\u{29F5}": "\\",
    ]
    for value in UInt32(0x21)...0x7E {
      known[Unicode.Scalar(value + 0xFEE0)!] = Unicode.Scalar(value)!
    }
    return known
  }()

  // MARK: Links

  /// Schemes that are links without slashes.
  private static let schemes: Set<String> = [
    "http", "https", "ftp", "ftps", "sftp", "file", "mailto", "tel", "callto", "sms", "smsto", "mms",
    "facetime",
    "facetime-audio", "skype", "sip", "sips", "xmpp", "im", "irc", "ircs", "javascript", "vbscript", "data",
    "blob", "about", "view-source", "urn", "magnet", "geo", "maps", "map", "market", "intent", "itms",
    "itms-apps", "itms-services", "whatsapp", "tg", "viber", "line", "signal", "sgnl", "slack", "msteams",
    "zoommtg", "zoomus", "webcal", "webcals", "feed", "news", "nntp", "ldap", "ldaps", "ssh", "telnet", "vnc",
    "rdp", "git", "svn", "bitcoin", "ethereum", "lightning", "steam", "spotify", "shortcuts", "onenote",
    "outlook", "cid", "mid", "ws", "wss", "jar", "res", "wtai",
  ]

  /// `https:` in front of anything, and `any://`.
  private static func isScheme(_ text: [Unicode.Scalar], before colon: Int) -> Bool {
    guard colon + 1 < text.count, !text[colon + 1].properties.isWhitespace else { return false }
    let name = text[..<colon].reversed().prefix {
      isLetterOrDigit($0) && $0.isASCII || "+-.".unicodeScalars.contains($0)
    }
    let scheme = String(String.UnicodeScalarView(name.reversed()))
    guard !scheme.isEmpty else { return false }
    if text[(colon + 1)...].starts(with: "//".unicodeScalars) { return true }
    if scheme.hasPrefix("ms-") || scheme.hasPrefix("x-") { return true }
    // Behind a full stop or a hyphen a word begins anew.
    let word = scheme.split(whereSeparator: { ".+".contains($0) }).last.map(String.init) ?? ""
    return schemes.contains(scheme) || schemes.contains(word)
  }

  /// `evil.example`, `www.x`, and an IPv4 address with a path or a port.
  private static func isDomain(_ text: [Unicode.Scalar], around dot: Int) -> Bool {
    guard dot > 0, dot + 1 < text.count, isPart(text[dot - 1]) else { return false }
    let label = text[(dot + 1)...].prefix { isLetterOrDigit($0) || $0 == "-" }
    if let first = label.first, !isDigit(first), label.count >= 2 { return true }
    if text[..<dot].suffix(3).elementsEqual("www".unicodeScalars), !label.isEmpty { return true }
    let next = dot + 1 + label.count
    let before = text[..<dot].suffix(while: { isDigit($0) || $0 == "." })
    return !label.isEmpty && label.allSatisfy(isDigit) && before.count { $0 == "." } == 2
      && next + 1 < text.count && (text[next] == "/" || text[next] == ":") && isPart(text[next + 1])
  }

  /// May stand beside a full stop or an @ in a link: letters and digits of any script, signs, hearts.
  private static func isPart(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return isLetterOrDigit(scalar) || "-_~+%=!#$&*".unicodeScalars.contains(scalar) }
    return !scalar.properties.isWhitespace
  }

  private static func isLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return isDigit(scalar) || (0x61...0x7A).contains(scalar.value | 0x20) }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
      .spacingMark, .enclosingMark, .decimalNumber, .letterNumber:
      return true
    default: return false
    }
  }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { (0x30...0x39).contains(scalar.value) }
}

extension RandomAccessCollection where Index == Int {
  /// The longest end all of whose elements satisfy `predicate`.
  fileprivate func suffix(while predicate: (Element) -> Bool) -> SubSequence {
    var start = endIndex
    while start > startIndex, predicate(self[start - 1]) { start -= 1 }
    return self[start...]
  }
}
