internal import LinuxSystem

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
  init?(_ text: UnsafeBufferPointer<UInt8>) {
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
      case _ where byte.isASCIILetterOrDigit: bytes[index] = byte.asciiLowercased
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

  init(unchecked rawValue: String) { self.rawValue = rawValue }

  /// The language alone: `de` of `de-AT`.
  public var language: String { String(rawValue.prefix { $0 != "-" }) }

  /// The tag.
  public var description: String { rawValue }
}
