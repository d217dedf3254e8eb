/// The last look at a text before it stands in the log: other people's words may hold an address, and the names of
/// spool files hold ids, which are secrets.
enum LogText {
  /// `a•••@example.org` in place of each `anna@example.org`, and `1795238400000.AbCdEfGh….json` or `AbCdEfGh….json` in
  /// place of a spool file's name with its whole id.
  static func guarded(_ text: String) -> String {
    // Nearly all texts: nothing to look at.
    var text = text
    let hasAddress = text.withUTF8 {
      $0.contains { $0 == UInt8(ascii: "@") || $0 == UInt8(ascii: "%") || $0 == 0xEF }
    }
    guard text.utf8.count >= shortestName || hasAddress else { return text }
    var bytes = Array(text.utf8)
    var isChanged = false
    if hasAddress {
      bytes = withoutAddresses(bytes)
      isChanged = true
    }
    for shorten in [withoutIDs, withoutBareIDs] where bytes.count >= shortestName {
      if let shorter = shorten(bytes) {
        bytes = shorter
        isChanged = true
      }
    }
    return isChanged ? String(decoding: bytes, as: UTF8.self) : text
  }

  /// An id and `.json`.
  private static let shortestName = 27

  /// Of files that are named by their id alone.
  ///
  /// - Returns: nil where there is none.
  private static func withoutBareIDs(_ bytes: [UInt8]) -> [UInt8]? {
    let suffix = Array(".json".utf8)
    var result: [UInt8] = []
    var copied = 0
    var start = 0
    for (index, byte) in bytes.enumerated() where !isOfID(byte) {
      if index - start >= 22, bytes[index...].starts(with: suffix) {
        result += bytes[copied..<(start + 8)]
        result += Array("…".utf8)
        copied = index
      }
      start = index + 1
    }
    return copied == 0 ? nil : result + bytes[copied...]
  }

  /// The bytes of what stands there for the @ of an address: itself, `%40`, or the full-width one; 0 where none does.
  private static func atLength(_ bytes: some RandomAccessCollection<UInt8>, _ index: Int) -> Int {
    func stands(_ text: StaticString) -> Bool {
      index + text.utf8CodeUnitCount <= bytes.count
        && (0..<text.utf8CodeUnitCount).allSatisfy {
          bytes[bytes.index(bytes.startIndex, offsetBy: index + $0)] == text.utf8Start[$0]
        }
    }
    switch bytes[bytes.index(bytes.startIndex, offsetBy: index)] {
    case UInt8(ascii: "@"): return 1
    case UInt8(ascii: "%"): return stands("%40") ? 3 : 0
    case 0xEF: return stands("＠") ? 3 : 0
    default: return 0
    }
  }

  private static func withoutAddresses(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    // Where the word began that an @ may end, in what is written so far.
    var start = 0
    for (index, byte) in bytes.enumerated() {
      let length = atLength(bytes, index)
      if length > 0, start < result.count, index + length < bytes.count, isOfWord(bytes[index + length]) {
        let first = String(decoding: result[start...], as: UTF8.self).prefix(1)
        result.replaceSubrange(start..., with: Array("\(first)•••".utf8))
      }
      result.append(byte)
      if !isOfWord(byte) { start = result.count }
    }
    return result
  }

  /// What a local part is made of, but for what only quotes allow (RFC 5321 4.1.2, RFC 6531 3.3).
  private static func isOfWord(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...: true
    default: "!#$%&'*+-.=?^_`{|}~".utf8.contains(byte)
    }
  }

  /// - Returns: nil where there is none.
  private static func withoutIDs(_ bytes: [UInt8]) -> [UInt8]? {
    var result: [UInt8] = []
    var digits = 0
    var copied = 0
    var index = 0
    while index < bytes.count {
      if (0x30...0x39).contains(bytes[index]) {
        digits += 1
        index += 1
        continue
      }
      let isTime = digits == 13 && bytes[index] == UInt8(ascii: ".")
      digits = 0
      index += 1
      guard isTime else { continue }
      var end = index
      while end < bytes.count, isOfID(bytes[end]) { end += 1 }
      // A deferred name goes on with its attempt and its own time.
      guard end - index >= 22 else { continue }
      result += bytes[copied..<(index + 8)]
      result += Array("…".utf8)
      copied = end
      index = end
    }
    return copied == 0 ? nil : result + bytes[copied...]
  }

  private static func isOfID(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): true
    default: false
    }
  }
}
