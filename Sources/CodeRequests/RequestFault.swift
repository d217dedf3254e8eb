internal import Documents

/// What is wrong with a code request, and in which field. Never carries the offending value itself: it may be
/// a passcode or an address.
public struct RequestFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// The field of the request file, for example `recipient`, `client.ip` or `variables.city`; empty where
  /// the file as a whole is meant.
  public let field: String
  /// What was found, what was expected, and what to do.
  public let message: String

  /// A fault of `field`.
  public init(field: String, _ message: String) {
    self.field = field
    self.message = message
  }

  /// `field: message`.
  public var description: String { field.isEmpty ? message : "\(field): \(message)" }
}

/// The characters that nothing which may reach a header, a log line or an SMTP command can hold: CR, LF, NUL
/// and the other C0 and C1 controls, DEL, U+2028 and U+2029.
package func firstControlCharacter(in text: String) -> Unicode.Scalar? {
  var text = text
  return text.withUTF8 { firstControlCharacter(in: $0) }
}

/// The same of UTF-8.
package func firstControlCharacter(in text: UnsafeBufferPointer<UInt8>) -> Unicode.Scalar? {
  // The bytes decide quickly: ASCII controls are one byte; C1 begins with C2, U+2028/9 with E2.
  guard text.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == 0xC2 || $0 == 0xE2 }) else { return nil }
  return String(decoding: text, as: UTF8.self).unicodeScalars.first {
    $0.value < 0x20 || (0x7F...0x9F).contains($0.value) || $0.value == 0x2028 || $0.value == 0x2029
  }
}

/// `U+000D` and the like, for messages.
package func name(of scalar: Unicode.Scalar) -> String { CharacterName.code(scalar) }
