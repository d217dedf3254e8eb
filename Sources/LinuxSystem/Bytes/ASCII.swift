extension UInt8 {
  /// A letter of ASCII in lower case, and any other byte as it is.
  @inlinable package var asciiLowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }

  /// A letter of ASCII.
  @inlinable package var isASCIILetter: Bool { (self | 0x20) &- 0x61 < 26 }

  /// A digit of ASCII.
  @inlinable package var isASCIIDigit: Bool { self &- 0x30 < 10 }

  /// A letter or a digit of ASCII.
  @inlinable package var isASCIILetterOrDigit: Bool { isASCIILetter || isASCIIDigit }
}

extension UnsafeRawBufferPointer {
  /// Whether this is `word`, in whatever case of ASCII's letters.
  package func isASCII(equalTo word: StaticString) -> Bool {
    count == word.utf8CodeUnitCount && beginsASCII(with: word)
  }

  /// Whether this begins with `word`, in whatever case of ASCII's letters.
  package func beginsASCII(with word: StaticString) -> Bool {
    let length = word.utf8CodeUnitCount
    guard count >= length else { return false }
    let expected = word.utf8Start
    for index in 0..<length where self[index].asciiLowercased != expected[index].asciiLowercased {
      return false
    }
    return true
  }
}
