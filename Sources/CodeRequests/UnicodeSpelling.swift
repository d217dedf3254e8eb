internal import CLibidn2
// Normalisation is the standard library's own and not public in it; Foundation's would bring ICU's 38 MB of tables along.
// A test holds it to Foundation's.
@_spi(_Unicode) internal import Swift

/// Texts of equal meaning in one spelling, so that they can be compared and counted by their bytes.
package enum UnicodeSpelling {
  /// Unicode's composed form (NFC): `é` is one scalar, however it was typed.
  package static func composed(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return text }
    var result = ""
    result.unicodeScalars.append(contentsOf: text._nfc)
    return result
  }

  /// What names are compared in: composed, without case, and in full width or ligatures what they are without (NFKC).
  ///
  /// The last needs libidn2, which is loaded when the first name with such characters comes; where it is missing, a name
  /// in full width is another name than one in half.
  package static func folded(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.lowercased() }
    return composedCompatibly(text).lowercased()
  }

  private static func composedCompatibly(_ text: String) -> String {
    let composed = composed(text)
    guard !composed.unicodeScalars.allSatisfy(isPlainLatin) else { return composed }
    var count = 0
    let bytes = Array(composed.utf8)
    guard let found = clibidn2_compose_compatibly(bytes, bytes.count, &count) else { return composed }
    defer { clibidn2_free_composed(found) }
    return String(decoding: UnsafeBufferPointer(start: found, count: count), as: UTF8.self)
  }

  /// A letter of a Latin alphabet that has no other spelling left once it is composed; nearly all names are of these.
  static func isPlainLatin(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x80, 0xC0...0x131, 0x141...0x148, 0x14A...0x17E: true
    default: false
    }
  }
}
