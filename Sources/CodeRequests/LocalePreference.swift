/// What a reader prefers: tags, the most wanted first, and tags never wanted.
///
/// On failure: languages never block a sign-in. Whatever frontends, browsers and shells put here, what can be read of it
/// is used; where nothing can, the preference is `und`, for which there are no templates. A control character ends what
/// stands before it. (A request file holds none: there it is a fault of the field, as everywhere.)
public struct LocalePreference: Hashable, Sendable {
  /// In order of preference. Empty: no preference.
  public var tags: [LocaleTag]
  /// Tags with q=0: never this language.
  public var refused: [LocaleTag]

  /// No preference.
  public static let none = LocalePreference(tags: [])

  /// So many tags are kept, the first that stand there.
  static let mostTags = 32
  /// So many bytes are looked at.
  static let mostBytes = 1024

  /// Tags in order of preference.
  public init(tags: [LocaleTag], refused: [LocaleTag] = []) {
    self.tags = tags
    self.refused = refused
  }

  /// Reads one tag, a POSIX name such as `sv_SE.UTF-8`, a list of them as `LANGUAGE` has it (`sv:en`), or an Accept-Language value (RFC 9110 12.5.4): q orders, q=0
  /// refuses, `*` says nothing. What cannot be read is passed over, and so is what stands beyond 32 tags or 1024 bytes.
  public init(acceptLanguage text: String) {
    var text = text
    // Most often it is one tag alone.
    if let tag = text.withUTF8({ LocaleTag($0) }) {
      (tags, refused) = ([tag], [])
      return
    }
    var reading = Reading()
    reading.read(text)
    self = reading.preference
  }

  /// Reads a list in order of preference, each as `init(acceptLanguage:)` does.
  package init(list: [String]) {
    var reading = Reading()
    for (index, text) in list.enumerated() {
      reading.step = index
      reading.read(text)
    }
    self = reading.preference
  }

  /// As an Accept-Language value, falling weights keeping the order.
  package var acceptLanguage: String {
    let wanted = tags.enumerated().map { index, tag -> String in
      let thousandths = max(1, 1000 - index)
      let digits = String(thousandths + 1000).dropFirst()
      return index == 0 ? tag.rawValue : "\(tag.rawValue);q=0.\(digits)"
    }
    return (wanted + refused.map { "\($0.rawValue);q=0" }).joined(separator: ", ")
  }

  /// True where nothing is preferred and nothing refused.
  public var isEmpty: Bool { tags.isEmpty && refused.isEmpty }
}

extension LocaleTag {
  /// BCP 47's name for a language that is not known.
  package static let undetermined = LocaleTag(unchecked: "und")

  /// A tag, or the language of a POSIX name: `sv_SE.UTF-8`, `de_DE@euro`, `sr_RS@latin`.
  fileprivate init?(lenient text: Substring.UTF8View) {
    var name = text.prefix { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "@") }
    while let last = name.last, last == UInt8(ascii: "-") || last == UInt8(ascii: "_") { name.removeLast() }
    let modifier = text.drop { $0 != UInt8(ascii: "@") }.dropFirst().map { $0 | 0x20 }
    let script = ["latin": "Latn", "cyrillic": "Cyrl"][String(decoding: modifier, as: UTF8.self)]
    func tag(_ text: String) -> LocaleTag? {
      var text = text
      return text.withUTF8 { LocaleTag($0) }
    }
    guard let plain = tag(String(Substring(name))) else { return nil }
    guard let script else {
      self = plain
      return
    }
    let subtags = plain.rawValue.split(separator: "-", maxSplits: 1)
    self = tag(([subtags[0], script[...]] + subtags.dropFirst()).joined(separator: "-")) ?? plain
  }
}

/// What has been read so far of a preference.
private struct Reading {
  private var weighted: [(tag: LocaleTag, step: Int, quality: Int)] = []
  private var refused: [LocaleTag] = []
  private var isUnreadable = false
  /// Of a list: what comes first is wanted more, whatever its weight.
  var step = 0

  var preference: LocalePreference {
    // Sorted by weight; equal weights stay in the order given.
    let sorted = weighted.enumerated().sorted { left, right in
      (left.element.step, right.element.quality, left.offset)
        < (right.element.step, left.element.quality, right.offset)
    }
    let tags = sorted.map(\.element.tag)
    // Asked for, and nothing of it understood: that is told as any other language that is not there.
    return LocalePreference(tags: tags.isEmpty && isUnreadable ? [.undetermined] : tags, refused: refused)
  }

  mutating func read(_ text: String) {
    // What is pasted or typed carries blanks that nobody sees. A tab is a blank in a header (RFC 9110 5.6.3).
    var text = text
    if !text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) {
      text = String(
        String.UnicodeScalarView(
          text.unicodeScalars.map { scalar in
            if scalar != "\t", firstControlCharacter(in: String(scalar)) != nil { return "," }
            return Self.isInvisible(scalar) ? " " : scalar
          }))
    }
    var members = text.utf8.prefix(LocalePreference.mostBytes).split(separator: UInt8(ascii: ","))
    if text.utf8.count > LocalePreference.mostBytes {
      // The last may have been cut.
      members.removeLast()
      isUnreadable = true
    }
    for (index, member) in members.enumerated() {
      guard weighted.count + refused.count < LocalePreference.mostTags else { return }
      read(member, next: index + 1 < members.count ? members[index + 1] : nil)
    }
  }

  private mutating func read(_ member: Substring.UTF8View, next: Substring.UTF8View?) {
    var parts = member.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)[...]
    let name = Self.trimmed(parts.removeFirst())
    var quality = 1000
    for parameter in parts {
      // A weight that is none says nothing.
      guard let weight = Self.quality(Self.trimmed(parameter)) else { continue }
      quality = weight
    }
    // `q=0,5`: a refusal where a half was meant would take the reader's own language away.
    if quality == 0, !parts.isEmpty, let next = next.map(Self.trimmed), !next.isEmpty, next.count <= 3,
      next.allSatisfy({ (0x30...0x39).contains($0) })
    {
      quality = Int(String(Substring(next)).padding(to: 3)) ?? 1000
    }
    // A shell's LANGUAGE is a list: `sv:en`.
    for name in name.split(separator: UInt8(ascii: ":")).map(Self.trimmed) where !name.isEmpty {
      if name.elementsEqual("*".utf8) { continue }
      if let tag = LocaleTag(lenient: name) {
        if quality == 0 { refused.append(tag) } else { weighted.append((tag, step, quality)) }
      } else {
        isUnreadable = true
      }
    }
  }

  private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isWhitespace || scalar.properties.generalCategory == .format
  }

  /// Without the white space around it.
  private static func trimmed(_ text: Substring.UTF8View) -> Substring.UTF8View {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
    var text = text.drop(while: isSpace)
    while let last = text.last, isSpace(last) { text.removeLast() }
    return text
  }

  /// Thousandths of `q=0.5` and the like (RFC 9110 12.4.2).
  private static func quality(_ parameter: Substring.UTF8View) -> Int? {
    let bytes = Array(parameter)
    guard bytes.count >= 3, bytes[0] | 0x20 == UInt8(ascii: "q"), bytes[1] == UInt8(ascii: "="),
      bytes[2] == 0x30 || bytes[2] == 0x31
    else { return nil }
    var value = Int(bytes[2] - 0x30) * 1000
    guard bytes.count > 3 else { return value }
    guard bytes[3] == UInt8(ascii: "."), bytes.count <= 7 else { return nil }
    var place = 100
    for byte in bytes[4...] {
      guard (0x30...0x39).contains(byte) else { return nil }
      value += Int(byte - 0x30) * place
      place /= 10
    }
    return value <= 1000 ? value : nil
  }
}

extension String {
  /// With zeros behind it: the thousandths of a fraction.
  fileprivate func padding(to count: Int) -> String {
    self + String(repeating: "0", count: max(0, count - utf8.count))
  }
}
