/// A language tag of BCP 47 (RFC 5646), compared without regard to case: `sv`, `de-AT`, `de-x-informal`.
public struct LocaleTag: Hashable, Sendable, CustomStringConvertible {
  /// With the usual case: language lower, script titled, region upper, the rest lower.
  public let rawValue: String

  /// Reads a tag; `_` counts as `-`.
  ///
  /// - Throws: a fault of `field` where the text is not a well-formed tag.
  public init(_ text: some StringProtocol, field: String = "locale") throws(RequestFault) {
    var text = String(text)
    guard let tag = text.withUTF8({ LocaleTag($0) }) else {
      throw RequestFault(
        field: field, "is not a language tag; expected BCP 47 such as sv, pl, de-AT or cs-CZ")
    }
    self = tag
  }

  /// Nil where the text is not a well-formed tag.
  fileprivate init?(_ text: UnsafeBufferPointer<UInt8>) {
    guard text.count <= 64 else { return nil }
    let canonical = String(unsafeUninitializedCapacity: text.count) { Self.canonicalize(text, into: $0) }
    guard !canonical.isEmpty else { return nil }
    rawValue = canonical
  }

  /// Writes the tag with the usual case. A language has 2 to 8 letters (or is `x`), then come subtags of 1 to 8 letters
  /// and digits, a single-letter one followed by what it introduces.
  ///
  /// - Parameter bytes: has room for the text.
  /// - Returns: the count; 0 where the text is not well-formed.
  private static func canonicalize(
    _ text: UnsafeBufferPointer<UInt8>, into bytes: UnsafeMutableBufferPointer<UInt8>
  ) -> Int {
    var start = 0
    var singleton: UInt8 = 0
    var isAfterSingleton = false
    /// Checks the subtag that ends there and gives it its case.
    func close(at end: Int) -> Bool {
      let count = end - start
      guard (1...8).contains(count) else { return false }
      let isAlphabetic = bytes[start..<end].allSatisfy { $0 >= 0x61 }
      if start == 0 {
        guard isAlphabetic, count > 1 || bytes[0] == UInt8(ascii: "x") else { return false }
      } else if singleton == 0, count == 2 {
        for index in start..<end where bytes[index] >= 0x61 { bytes[index] -= 0x20 }
      } else if singleton == 0, count == 4, isAlphabetic {
        bytes[start] -= 0x20
      }
      if singleton == UInt8(ascii: "x") {
        isAfterSingleton = false
      } else if count == 1 {
        guard !isAfterSingleton else { return false }
        singleton = bytes[start]
        isAfterSingleton = true
      } else {
        isAfterSingleton = false
      }
      return true
    }
    for (index, byte) in text.enumerated() {
      switch byte {
      case 0x30...0x39, 0x61...0x7A: bytes[index] = byte
      case 0x41...0x5A: bytes[index] = byte + 0x20
      case UInt8(ascii: "-"), UInt8(ascii: "_"):
        guard close(at: index) else { return 0 }
        bytes[index] = UInt8(ascii: "-")
        start = index + 1
      default: return 0
      }
    }
    return close(at: text.count) && !isAfterSingleton ? text.count : 0
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
    var text = text
    // Most often it is one tag alone.
    if let tag = text.withUTF8({ LocaleTag($0) }) {
      (tags, refused) = ([tag], [])
      return
    }
    var weighted: [(tag: LocaleTag, quality: Int)] = []
    var refused: [LocaleTag] = []
    for range in text.utf8.split(separator: UInt8(ascii: ",")) {
      var parts = range.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)[...]
      let name = Self.trimmed(parts.removeFirst())
      guard !name.isEmpty || !parts.isEmpty else { continue }
      var quality = 1000
      for parameter in parts {
        guard let value = Self.quality(Self.trimmed(parameter)) else {
          throw RequestFault(
            field: field, "has a bad weight; expected ;q=0 to ;q=1 with up to three decimals")
        }
        quality = value
      }
      if name.elementsEqual("*".utf8) { continue }
      let tag = try LocaleTag(Substring(name), field: field)
      if quality == 0 { refused.append(tag) } else { weighted.append((tag, quality)) }
    }
    guard weighted.count + refused.count <= 32 else {
      throw RequestFault(field: field, "lists more than 32 tags")
    }
    // Sorted by weight; equal weights stay in the order given.
    if weighted.count > 1 {
      weighted = weighted.enumerated()
        .sorted { ($1.element.quality, $0.offset) < ($0.element.quality, $1.offset) }.map(\.element)
    }
    tags = weighted.map(\.tag)
    self.refused = refused
  }

  /// Without the optional white space (RFC 9110 5.6.3) around it.
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
