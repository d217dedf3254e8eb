internal import CLibidn2

/// Domains as readers write them: `żółw.pl` for `xn--w-uga1v8h.pl`. What goes on the wire stays as it is.
///
/// A name that is made to look like another stays in A-labels, where nobody takes it for the other (UTS 39 and what
/// browsers do): each label has to be of one script, that is Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew, Arabic,
/// Devanagari, Thai, or those of Chinese, Japanese and Korean with Latin; digits and the hyphen go with any. Letters of other
/// scripts, and Latin ones beyond those that languages of today are written in, are not shown. Nor is a Greek or Cyrillic
/// label of nothing but letters that look like Latin ones (`аррӏе`), unless the top-level domain is in that script.
/// Without libidn2, and where a name does not come back as it was, it stays in A-labels as a whole.
package enum SpokenDomain {
  /// - Parameter domain: A-labels, in lower case.
  package static func of(_ domain: String) -> String {
    guard domain.utf8.containsLabelPrefix, let found = clibidn2_unicode(domain) else { return domain }
    defer { clibidn2_free(found) }
    let spoken = String(cString: found)
    guard (try? InternationalDomain.labels(of: spoken)) == domain else { return domain }
    let labels = spoken.split(separator: ".")
    let top = labels.last.flatMap { script(of: $0) }
    for label in labels where !label.utf8.allSatisfy({ $0 < 0x80 }) {
      guard let script = script(of: label) else { return domain }
      if label.unicodeScalars.allSatisfy({ lookalikes.contains($0) || isNeutral($0) }), script != top {
        return domain
      }
    }
    return spoken
  }

  /// The same of the domain behind the last `@` of a text, such as a redacted address.
  package static func inAddress(_ text: String) -> String {
    guard let at = text.lastIndex(of: "@") else { return text }
    return text[...at] + of(String(text[text.index(after: at)...]))
  }

  // MARK: Scripts

  private enum Script {
    case latin, greek, cyrillic, armenian, georgian, hebrew, arabic, devanagari, thai, eastAsian
  }

  /// Of a whole label; nil where it has several, or letters of none of these.
  private static func script(of label: Substring) -> Script? {
    var scripts: Set<Script> = []
    for scalar in label.unicodeScalars where !isNeutral(scalar) {
      guard let script = script(of: scalar) else { return nil }
      scripts.insert(script)
    }
    // Chinese, Japanese and Korean are written with Latin letters among theirs.
    if scripts.contains(.eastAsian) { scripts.remove(.latin) }
    return scripts.isEmpty ? .latin : scripts.count == 1 ? scripts.first : nil
  }

  private static func isNeutral(_ scalar: Unicode.Scalar) -> Bool {
    (0x30...0x39).contains(scalar.value) || scalar == "-"
  }

  private static func script(of scalar: Unicode.Scalar) -> Script? {
    switch scalar.value {
    // Letters of ASCII, Latin-1 and Latin Extended-A; of the rest those of Romanian, Vietnamese, Livonian and pinyin.
    case 0x61...0x7A, 0xDF...0xF6, 0xF8...0x137, 0x139...0x148, 0x14A...0x17E, 0x1A1, 0x1B0, 0x1CE...0x1DC,
      0x218...0x21B, 0x22A...0x233, 0x1E01...0x1EF9:
      .latin
    case 0x3AC...0x3CE, 0x1F00...0x1FFC: .greek
    case 0x430...0x45F, 0x48B...0x4CE, 0x4D1...0x4F9, 0x491: .cyrillic
    case 0x561...0x586: .armenian
    case 0x10D0...0x10F0: .georgian
    case 0x5B0...0x5EA: .hebrew
    case 0x620...0x6D3, 0x6F0...0x6F9, 0x660...0x669: .arabic
    case 0x900...0x963, 0x966...0x96F: .devanagari
    case 0xE01...0xE4E, 0xE50...0xE59: .thai
    case 0x3041...0x3096, 0x30A1...0x30FA, 0x30FC, 0x3005, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xAC00...0xD7A3:
      .eastAsian
    default: nil
    }
  }

  /// Cyrillic and Greek letters that are drawn as Latin ones.
  private static let lookalikes = Set("асԁеһіјӏорԛѕԝхуъьҽпгѵѡανορυικχωγ".unicodeScalars)
}

extension String.UTF8View {
  /// `xn--` at the beginning of a label.
  fileprivate var containsLabelPrefix: Bool {
    var isStart = true
    for index in indices {
      if isStart, self[index...].starts(with: "xn--".utf8) { return true }
      isStart = self[index] == UInt8(ascii: ".")
    }
    return false
  }
}
