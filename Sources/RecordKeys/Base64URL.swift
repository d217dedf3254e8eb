internal import LinuxSystem

/// base64url without padding (RFC 4648 section 5).
package enum Base64URL {
  private static let alphabet: StaticString =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

  package static func encode(_ bytes: [UInt8]) -> String {
    String(unsafeUninitializedCapacity: (bytes.count * 4 + 2) / 3) { text in
      var bits: UInt32 = 0
      var count = 0
      var end = 0
      func append(_ value: UInt32) {
        text[end] = alphabet.utf8Start[Int(value & 63)]
        end += 1
      }
      for byte in bytes {
        bits = bits << 8 | UInt32(byte)
        count += 8
        while count >= 6 {
          count -= 6
          append(bits >> UInt32(count))
        }
      }
      if count > 0 { append(bits << UInt32(6 - count)) }
      return end
    }
  }

  /// Nil for any other character, for padding, and where the last character carries bits of nothing.
  package static func decode(_ text: some StringProtocol) -> [UInt8]? {
    var decoder = Base64Decoder(.url)
    for character in text.utf8 { guard decoder.take(character) else { return nil } }
    return decoder.isWhole ? decoder.bytes : nil
  }
}
