internal import LinuxSystem

/// How a value is written where it stands, decided when templates are loaded.
enum ValueEscaping: Equatable, Sendable {
  /// As it is: plain text and headers.
  case none
  /// Text of HTML, or an attribute in either kind of quotes.
  case html
  /// Text of HTML that may have several lines.
  case lines
  /// Begins a URL: `https://…`, `http://…` or `mailto:…`, and `#` in place of all else.
  case url
  /// The same in a list of URLs, where a comma begins another.
  case urlInList
  /// Later in a URL: what is no letter, digit, `-`, `.`, `_` or `~` is percent-encoded (RFC 3986, 2.3).
  case urlPart
  /// The address of a `mailto:` URL, which keeps its `@`.
  case mailbox

  /// Whether `write` would change anything.
  func changes(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    switch self {
    case .none: false
    case .html: bytes.contains(where: Self.isEscaped)
    case .lines: bytes.contains { Self.isEscaped($0) || $0 == UInt8(ascii: "\n") }
    case .url, .urlInList, .urlPart, .mailbox: true
    }
  }

  func write(_ bytes: UnsafeBufferPointer<UInt8>, into output: inout ByteBuffer) {
    switch self {
    case .none: output.append(bytes)
    case .html: Self.escapeHTML(bytes, into: &output)
    case .lines: Self.escapeHTML(bytes, breakingLines: true, into: &output)
    case .url: Self.writeURL(bytes, isListed: false, into: &output)
    case .urlInList: Self.writeURL(bytes, isListed: true, into: &output)
    case .urlPart:
      for byte in bytes { Self.write(byte, isKept: Self.isUnreserved(byte), into: &output) }
    case .mailbox:
      for byte in bytes {
        Self.write(byte, isKept: Self.isUnreserved(byte) || byte == UInt8(ascii: "@"), into: &output)
      }
    }
  }

  func escaped(_ text: some Collection<UInt8>) -> [UInt8] {
    var output = ByteBuffer(capacity: text.count)
    Array(text).withUnsafeBufferPointer { write($0, into: &output) }
    return [UInt8](output)
  }

  // MARK: HTML

  private static func isEscaped(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"): true
    default: false
    }
  }

  /// Escapes what ends a text node or an attribute in either kind of quotes.
  private static func escapeHTML(
    _ bytes: UnsafeBufferPointer<UInt8>, breakingLines: Bool = false, into output: inout ByteBuffer
  ) {
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "&"): output.append(literal: "&amp;")
      case UInt8(ascii: "<"): output.append(literal: "&lt;")
      case UInt8(ascii: ">"): output.append(literal: "&gt;")
      case UInt8(ascii: "\""): output.append(literal: "&quot;")
      case UInt8(ascii: "'"): output.append(literal: "&#39;")
      case UInt8(ascii: "\n") where breakingLines: output.append(literal: "<br>\n")
      default: output.append(byte)
      }
    }
  }

  // MARK: URLs

  /// What is allowed is listed, so that blanks, controls, references and letter case need no list of tricks.
  private static func writeURL(
    _ bytes: UnsafeBufferPointer<UInt8>, isListed: Bool, into output: inout ByteBuffer
  ) {
    guard begins(bytes, "https://") || begins(bytes, "http://") || begins(bytes, "mailto:") else {
      return output.append(UInt8(ascii: "#"))
    }
    for (index, byte) in bytes.enumerated() {
      switch byte {
      case UInt8(ascii: "&"): output.append(literal: "&amp;")
      case UInt8(ascii: "%"):
        // What is encoded already stays so.
        let isCode = index + 2 < bytes.count && isHex(bytes[index + 1]) && isHex(bytes[index + 2])
        write(byte, isKept: isCode, into: &output)
      case UInt8(ascii: ","): write(byte, isKept: !isListed, into: &output)
      default: write(byte, isKept: isUnreserved(byte) || isReserved(byte), into: &output)
      }
    }
  }

  private static func begins(_ bytes: UnsafeBufferPointer<UInt8>, _ scheme: StaticString) -> Bool {
    let count = scheme.utf8CodeUnitCount
    guard bytes.count > count else { return false }
    return (0..<count).allSatisfy { bytes[$0].asciiLowercased == scheme.utf8Start[$0] }
  }

  private static func write(_ byte: UInt8, isKept: Bool, into output: inout ByteBuffer) {
    guard !isKept else { return output.append(byte) }
    output.append(UInt8(ascii: "%"))
    output.append(hexDigit(byte >> 4))
    output.append(hexDigit(byte & 15))
  }

  private static func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
  }

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
    default: byte.isASCIILetterOrDigit
    }
  }

  /// RFC 3986, 2.2, but for `'`, `&` and `,`.
  private static func isReserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: ":"), UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "["),
      UInt8(ascii: "]"), UInt8(ascii: "@"), UInt8(ascii: "!"), UInt8(ascii: "$"), UInt8(ascii: "("),
      UInt8(ascii: ")"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: ";"), UInt8(ascii: "="):
      true
    default: false
    }
  }

  private static func isHex(_ byte: UInt8) -> Bool {
    byte.isASCIIDigit || (0x61...0x66).contains(byte | 0x20)
  }
}
