/// The id of a code request: the challenge id and the idempotency key.
///
/// 22 to 64 characters of `[A-Za-z0-9_-]` with at least 128 random bits. Who knows it may answer the
/// challenge, so it is treated as a secret: `description` shows the first 8 characters only, and records hold
/// its SHA-256.
public struct RequestID: Hashable, Sendable, CustomStringConvertible {
  /// The whole id.
  public let rawValue: String

  /// Checks an id that came from outside.
  ///
  /// - Throws: a fault of `field`.
  public init(_ text: String, field: String = "id") throws(RequestFault) {
    let count = text.utf8.count
    guard (22...64).contains(count) else {
      throw RequestFault(
        field: field, "has \(count) characters; an id has 22 to 64 of A-Z a-z 0-9 _ -")
    }
    var id = text
    guard id.withUTF8({ Self.isWellFormed(UnsafeRawBufferPointer($0)) }) else {
      throw RequestFault(field: field, "holds a character outside A-Z a-z 0-9 _ -")
    }
    rawValue = text
  }

  /// Whether these bytes are an id.
  package static func isWellFormed(_ bytes: UnsafeRawBufferPointer) -> Bool {
    (22...64).contains(bytes.count) && bytes.allSatisfy(isAllowed)
  }

  private init(unchecked rawValue: String) { self.rawValue = rawValue }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D: true
    default: false
    }
  }

  /// A new id: almost 132 bits from the system's generator, as 22 characters. The first is a letter or a digit, so
  /// that no command takes an id for an option.
  public static func random() -> RequestID {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-".utf8)
    var generator = SystemRandomNumberGenerator()
    var bits: [UInt64] = [generator.next(), generator.next(), generator.next()]
    var characters = [alphabet[Int(generator.next(upperBound: UInt64(62)))]]
    for index in 1..<22 {
      let word = index / 10
      characters.append(alphabet[Int(bits[word] & 63)])
      bits[word] >>= 6
    }
    return RequestID(unchecked: String(decoding: characters, as: UTF8.self))
  }

  /// The first 8 characters and `…`: enough to find it in a log, not enough to use it.
  public var description: String { short + "…" }

  /// The first 8 characters, which records and log name a request by.
  package var short: String { String(rawValue.unicodeScalars.prefix(Self.shortCount)) }
  package static let shortCount = 8
}
