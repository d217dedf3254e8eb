internal import FoundationEssentials
internal import LinuxSystem

/// Content-Transfer-Encoding undone (RFC 2045 6.7, 6.8). What is not well formed is kept as it stands or left out.
enum TransferDecoding {
  static func quotedPrintable(_ text: some Collection<UInt8>, underscoreIsSpace: Bool = false) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var index = text.startIndex
    while index != text.endIndex {
      let byte = text[index]
      index = text.index(after: index)
      if byte == UInt8(ascii: "_"), underscoreIsSpace {
        bytes.append(0x20)
        continue
      }
      guard byte == UInt8(ascii: "=") else {
        bytes.append(byte)
        continue
      }
      let following = text[index...].prefix(2)
      if following.first == 0x0A {
        index = text.index(after: index)
      } else if following.elementsEqual([0x0D, 0x0A]) {
        index = text.index(index, offsetBy: 2)
      } else if following.count == 2, let value = hexadecimal(following) {
        bytes.append(value)
        index = text.index(index, offsetBy: 2)
      } else {
        bytes.append(byte)
      }
    }
    return bytes
  }

  private static func hexadecimal(_ digits: some Collection<UInt8>) -> UInt8? {
    var value: UInt8 = 0
    for byte in digits {
      switch byte {
      case 0x30...0x39: value = value << 4 | (byte - 0x30)
      case 0x41...0x46: value = value << 4 | (byte - 0x41 + 10)
      case 0x61...0x66: value = value << 4 | (byte - 0x61 + 10)
      default: return nil
      }
    }
    return value
  }

  /// Characters outside the alphabet are skipped, as RFC 2045 asks; padding ends it.
  static func base64(_ text: some Collection<UInt8>) -> [UInt8] {
    var decoder = Base64Decoder(.standard)
    for byte in text where !decoder.take(byte) && byte == UInt8(ascii: "=") { break }
    return decoder.bytes
  }
}

/// Encoded words in header fields (RFC 2047): `=?charset?Q|B?text?=`.
enum EncodedWords {
  /// White space between two encoded words is no part of the text (RFC 2047 6.2). A word that is not well
  /// formed, or of a character set unknown here, stays as it is.
  static func decode(_ value: String) -> String {
    var bytes: [UInt8] = []
    var rest = Array(value.utf8)[...]
    var blanks: ArraySlice<UInt8> = []
    var followsWord = false
    while let first = rest.first {
      if first == 0x20 || first == 0x09 {
        blanks = rest.prefix { $0 == 0x20 || $0 == 0x09 }
        rest = rest.dropFirst(blanks.count)
        continue
      }
      if let word = decodeWord(rest) {
        if !followsWord { bytes += blanks }
        bytes += word.bytes
        rest = rest.dropFirst(word.length)
        followsWord = true
      } else {
        bytes += blanks
        let plain = rest.dropFirst().prefix { $0 != 0x20 && $0 != 0x09 && $0 != UInt8(ascii: "=") }.count + 1
        bytes += rest.prefix(plain)
        rest = rest.dropFirst(plain)
        followsWord = false
      }
      blanks = []
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func decodeWord(_ text: ArraySlice<UInt8>) -> (bytes: [UInt8], length: Int)? {
    let mark = UInt8(ascii: "?")
    guard text.starts(with: "=?".utf8) else { return nil }
    // A word has at most 75 octets; some writers make longer ones.
    let window = text.dropFirst(2).prefix(1000)
    let parts = window.split(separator: mark, maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count == 4, parts[3].first == UInt8(ascii: "="), parts[1].count == 1 else { return nil }
    let encoded = parts[2]
    guard !encoded.contains(0x20) else { return nil }
    let decoded: [UInt8]
    switch parts[1].first {
    case UInt8(ascii: "Q"), UInt8(ascii: "q"):
      decoded = TransferDecoding.quotedPrintable(encoded, underscoreIsSpace: true)
    case UInt8(ascii: "B"), UInt8(ascii: "b"): decoded = TransferDecoding.base64(encoded)
    default: return nil
    }
    let length = parts[3].startIndex + 1 - text.startIndex
    // RFC 2231 5 allows a language after an asterisk.
    let name = parts[0].prefix { $0 != UInt8(ascii: "*") }
    switch String(decoding: name, as: UTF8.self).lowercased() {
    case "utf-8", "us-ascii", "utf8": return (decoded, length)
    case "iso-8859-1", "latin1":
      let text = decoded.map { Character(Unicode.Scalar($0)) }
      return (Array(String(text).utf8), length)
    default: return nil
    }
  }
}
