internal import CodeRequests

/// The words of a reply as a reader takes them: one byte for whatever can be read as that character of ASCII, and where it
/// stands in the original. Digits of any script and full-width characters, spaces and dashes of any width, `%40`: nobody
/// who is quoted so is quoted less.
struct ReplySpelling {
  /// What is compared; a character beyond ASCII that is read as none of it has its bytes of UTF-8 here.
  private(set) var bytes: [UInt8] = []
  /// Where each of `bytes` begins in `original`, and at last where that ends.
  private(set) var starts: [Int] = []
  let original: [UInt8]

  init(_ original: some Collection<UInt8>) {
    let text = String(decoding: original, as: UTF8.self)
    self.original = Array(text.utf8)
    bytes.reserveCapacity(self.original.count)
    starts.reserveCapacity(self.original.count + 1)
    var place = 0
    var skipped = 0
    for scalar in text.unicodeScalars {
      let width = UTF8.width(scalar)
      defer { place += width }
      if skipped > 0 {
        skipped -= 1
        continue
      }
      if scalar == "%", let byte = encoded(at: place) {
        append(byte, at: place)
        skipped = 2
      } else if let byte = Self.folded(scalar) {
        append(byte, at: place)
      } else if !Self.isInvisible(scalar) {
        for offset in 0..<width { append(self.original[place + offset], at: place + offset) }
      }
    }
    starts.append(place)
  }

  private mutating func append(_ byte: UInt8, at place: Int) {
    bytes.append(byte)
    starts.append(place)
  }

  /// The character that `%41` stands for.
  private func encoded(at place: Int) -> UInt8? {
    guard place + 2 < original.count, let high = Self.hexadecimal(original[place + 1]),
      let low = Self.hexadecimal(original[place + 2])
    else { return nil }
    let byte = high << 4 | low
    return (0x20...0x7E).contains(byte) ? byte : nil
  }

  private static func hexadecimal(_ byte: UInt8) -> UInt8? {
    Character(Unicode.Scalar(byte)).hexDigitValue.map(UInt8.init)
  }

  /// Nil for what is read as no character of ASCII.
  private static func folded(_ scalar: Unicode.Scalar) -> UInt8? {
    if scalar.isASCII { return UInt8(scalar.value) }
    if (0xFF01...0xFF5E).contains(scalar.value) { return UInt8(scalar.value - 0xFEE0) }
    if scalar.value == 0xFE6B { return UInt8(ascii: "@") }
    switch scalar.properties.generalCategory {
    case .decimalNumber: return scalar.properties.numericValue.map { 0x30 + UInt8($0) }
    case .spaceSeparator: return 0x20
    case .dashPunctuation: return UInt8(ascii: "-")
    default: return scalar.value == 0x2212 ? UInt8(ascii: "-") : nil
    }
  }

  /// Zero-width characters and marks of direction; they belong to what stands before them.
  private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    !scalar.isASCII && scalar.properties.generalCategory == .format
  }
}
