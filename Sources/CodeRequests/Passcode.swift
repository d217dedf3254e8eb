internal import LinuxSystem

/// The secret digits. Printing, logging, interpolating or dumping one shows `••••••`; `reveal()` is the one way
/// to the digits, and is called only where a mail is rendered, a code is hashed or a seal is closed. In memory they are
/// overwritten when the last copy of the value goes.
public struct Passcode: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  private let digits: SecretBytes

  /// A code that the frontend made: 4 to 12 characters of `[0-9A-Za-z]`. The fault's field is `code`.
  public init(_ text: String) throws(RequestFault) {
    guard (4...12).contains(text.utf8.count) else {
      throw RequestFault(field: "code", "has \(text.utf8.count) characters; a code has 4 to 12")
    }
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: break
      default: throw RequestFault(field: "code", "holds a character other than a digit or a letter A-Z a-z")
      }
    }
    digits = SecretBytes(text)
  }

  private init(unchecked digits: String) { self.digits = SecretBytes(digits) }

  /// A passcode of `length` decimal digits from the system's generator, each value equally likely.
  ///
  /// - Parameter length: 4 to 12 digits. NIST SP 800-63B-4 asks for at least 6.
  public static func random(length: Int) -> Passcode {
    var generator = SystemRandomNumberGenerator()
    return random(length: length, using: &generator)
  }

  /// - Parameter generator: a cryptographic one.
  package static func random(length: Int, using generator: inout some RandomNumberGenerator) -> Passcode {
    precondition((4...12).contains(length))
    var bound: UInt64 = 1
    for _ in 0..<length { bound *= 10 }
    // `next(upperBound:)` rejects what would make some values likelier than others.
    let text = String(generator.next(upperBound: bound))
    return Passcode(unchecked: String(repeating: "0", count: length - text.utf8.count) + text)
  }

  /// The digits themselves.
  public func reveal() -> String { digits.withBytes { String(decoding: $0, as: UTF8.self) } }

  /// Lends the digits in ASCII, without a copy.
  package func withDigits<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try digits.withBytes(body)
  }

  /// `••••••`, whatever the length.
  public var description: String { "••••••" }
  /// `••••••`, whatever the length.
  public var debugDescription: String { "••••••" }
  /// Nothing: `dump` shows no digits either.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
