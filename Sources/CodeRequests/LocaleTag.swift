/// A language tag of BCP 47 (RFC 5646), compared without regard to case: `sv`, `de-AT`, `de-x-informal`.
public struct LocaleTag: Hashable, Sendable, CustomStringConvertible {
  /// With the usual case: language lower, script titled, region upper, the rest lower.
  public let rawValue: String

  /// Reads a tag; `_` counts as `-`.
  ///
  /// - Throws: a fault of `field` where the text is not a well-formed tag.
  public init(_ text: String, field: String = "locale") throws(RequestFault) {
    let subtags = text.split(omittingEmptySubsequences: false) { $0 == "-" || $0 == "_" }
    guard text.utf8.count <= 64, let language = subtags.first, Self.isWellFormed(language, subtags) else {
      throw RequestFault(
        field: field, "is not a language tag; expected BCP 47 such as sv, pl, de-AT or cs-CZ")
    }
    var hasSingleton = false
    rawValue = subtags.enumerated().map { index, subtag in
      defer { if subtag.utf8.count == 1 { hasSingleton = true } }
      let lower = subtag.lowercased()
      if index == 0 || hasSingleton { return lower }
      if lower.utf8.count == 2 { return lower.uppercased() }
      if lower.utf8.count == 4, lower.utf8.allSatisfy({ $0 >= 0x61 }) {
        return lower.prefix(1).uppercased() + lower.dropFirst()
      }
      return lower
    }.joined(separator: "-")
  }

  private static func isWellFormed(_ language: Substring, _ subtags: [Substring]) -> Bool {
    let letters = language.utf8.allSatisfy { (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) }
    let isPrivate = language.lowercased() == "x" && subtags.count > 1
    guard letters, (2...8).contains(language.utf8.count) || isPrivate else { return false }
    guard subtags.last?.utf8.count != 1 || subtags.contains(where: { $0.lowercased() == "x" }) else {
      return false
    }
    guard subtags.last.map({ $0.lowercased() }) != "x" else { return false }
    return subtags.allSatisfy { subtag in
      (1...8).contains(subtag.utf8.count)
        && subtag.utf8.allSatisfy {
          (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
        }
    }
  }

  /// This tag, then what RFC 4647 section 3.4 (look-up) tries after it: the last subtag dropped, and with it a
  /// single-letter one before it. `de-AT` → `de-AT`, `de`.
  public var fallbacks: [LocaleTag] {
    var result = [self]
    var subtags = rawValue.split(separator: "-")
    while subtags.count > 1 {
      subtags.removeLast()
      if subtags.count > 1, subtags.last?.utf8.count == 1 { subtags.removeLast() }
      result.append(LocaleTag(unchecked: subtags.joined(separator: "-")))
    }
    return result
  }

  private init(unchecked rawValue: String) { self.rawValue = rawValue }

  /// The language alone: `de` of `de-AT`.
  public var language: String { String(rawValue.prefix { $0 != "-" }) }

  /// The tag.
  public var description: String { rawValue }
}

/// What a reader prefers: tags, the most wanted first, and tags never wanted.
public struct LocalePreference: Hashable, Sendable {
  /// In order of preference. Empty: no preference.
  public var tags: [LocaleTag]
  /// Tags with q=0: never this language.
  public var refused: [LocaleTag]

  /// No preference.
  public static let none = LocalePreference(tags: [])

  /// Tags in order of preference.
  public init(tags: [LocaleTag], refused: [LocaleTag] = []) {
    self.tags = tags
    self.refused = refused
  }

  /// Reads one tag, or an Accept-Language value (RFC 9110 12.5.4): q orders, q=0 refuses, `*` says nothing.
  ///
  /// - Throws: a fault of `field`.
  public init(acceptLanguage text: String, field: String = "locale") throws(RequestFault) {
    guard text.utf8.count <= 1024 else { throw RequestFault(field: field, "is longer than 1024 bytes") }
    var weighted: [(tag: LocaleTag, quality: Int)] = []
    var refused: [LocaleTag] = []
    for range in text.split(separator: ",", omittingEmptySubsequences: true) {
      let parts = range.split(separator: ";").map { $0.filter { $0 != " " } }
      guard let name = parts.first, !name.isEmpty else { continue }
      var quality = 1000
      for parameter in parts.dropFirst() {
        guard let value = Self.quality(parameter) else {
          throw RequestFault(
            field: field, "has a bad weight; expected ;q=0 to ;q=1 with up to three decimals")
        }
        quality = value
      }
      if name == "*" { continue }
      let tag = try LocaleTag(name, field: field)
      if quality == 0 { refused.append(tag) } else { weighted.append((tag, quality)) }
    }
    // Sorted by weight; equal weights stay in the order given.
    tags = weighted.enumerated()
      .sorted { ($1.element.quality, $0.offset) < ($0.element.quality, $1.offset) }.map(\.element.tag)
    self.refused = refused
  }

  /// Thousandths of `q=0.5` and the like.
  private static func quality(_ parameter: String) -> Int? {
    guard parameter.lowercased().hasPrefix("q=") else { return nil }
    let parts = parameter.dropFirst(2).split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let whole = Int(parts[0]), (0...1).contains(whole) else {
      return nil
    }
    let decimals = parts.count == 2 ? parts[1] : ""
    guard decimals.count <= 3, decimals.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    let value = whole * 1000 + (Int(decimals + String(repeating: "0", count: 3 - decimals.count)) ?? 0)
    return value <= 1000 ? value : nil
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
