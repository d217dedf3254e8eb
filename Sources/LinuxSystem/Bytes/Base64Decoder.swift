/// Puts base64 back into bytes (RFC 4648), a character at a time. What it makes of characters that are none of the
/// alphabet's, and of an end in the middle, is for the caller to say.
package struct Base64Decoder {
  /// The two characters in which the alphabets differ, for 62 and 63.
  package struct Alphabet: Sendable {
    fileprivate let last: (UInt8, UInt8)

    /// RFC 4648 section 4.
    package static let standard = Alphabet(last: (UInt8(ascii: "+"), UInt8(ascii: "/")))
    /// RFC 4648 section 5, for URLs and names of files.
    package static let url = Alphabet(last: (UInt8(ascii: "-"), UInt8(ascii: "_")))
  }

  private let alphabet: Alphabet
  private var bits: UInt32 = 0
  private var count = 0
  package private(set) var bytes: [UInt8] = []

  package init(_ alphabet: Alphabet) { self.alphabet = alphabet }

  /// Takes a character.
  ///
  /// - Returns: false where it is none of the alphabet's; it was not taken.
  package mutating func take(_ character: UInt8) -> Bool {
    let value: UInt8
    switch character {
    case 0x41...0x5A: value = character - 0x41
    case 0x61...0x7A: value = character - 0x61 + 26
    case 0x30...0x39: value = character - 0x30 + 52
    case alphabet.last.0: value = 62
    case alphabet.last.1: value = 63
    default: return false
    }
    bits = bits << 6 | UInt32(value)
    count += 6
    if count >= 8 {
      count -= 8
      bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
    }
    return true
  }

  /// No character is left over, and the last one carried no bits of nothing.
  package var isWhole: Bool { count < 6 && bits & (1 << UInt32(count) - 1) == 0 }
}
