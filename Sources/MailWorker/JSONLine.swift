/// One JSON object on one line, its keys in the order they were added (RFC 8259). What log and commands print.
///
/// On failure: nothing here fails; a number that is none (infinite, not a number) is left out.
package struct JSONLine: Sendable {
  private var bytes: [UInt8] = []

  /// - Parameter capacity: bytes to begin with; a longer line grows.
  package init(capacity: Int = 64) {
    bytes.reserveCapacity(capacity)
    bytes.append(UInt8(ascii: "{"))
  }

  package mutating func add(_ key: String, _ value: String?) {
    guard let value else { return }
    addKey(key)
    Self.append(value, to: &bytes)
  }

  package mutating func add(_ key: String, _ value: Int?) {
    guard let value else { return }
    addKey(key)
    bytes.append(contentsOf: String(value).utf8)
  }

  package mutating func add(_ key: String, _ value: Bool?) {
    guard let value else { return }
    addKey(key)
    bytes.append(contentsOf: (value ? "true" : "false").utf8)
  }

  /// A number with at most three decimals.
  package mutating func add(_ key: String, decimal value: Double?) {
    guard let value, value.isFinite else { return }
    addKey(key)
    let thousandths = Int((value * 1000).rounded())
    let fraction = abs(thousandths % 1000)
    if thousandths < 0, thousandths > -1000 { bytes.append(UInt8(ascii: "-")) }
    bytes.append(contentsOf: String(thousandths / 1000).utf8)
    if fraction != 0 {
      bytes.append(UInt8(ascii: "."))
      bytes.append(contentsOf: String(1000 + fraction).utf8.dropFirst())
    }
  }

  package mutating func add(_ key: String, _ values: [String]?) {
    guard let values else { return }
    addKey(key)
    bytes.append(UInt8(ascii: "["))
    for (index, value) in values.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      Self.append(value, to: &bytes)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  package mutating func add(_ key: String, _ object: JSONLine?) {
    guard let object else { return }
    addKey(key)
    bytes.append(contentsOf: object.bytes)
    bytes.append(UInt8(ascii: "}"))
  }

  package mutating func add(_ key: String, _ objects: [JSONLine]) {
    addKey(key)
    bytes.append(UInt8(ascii: "["))
    for (index, object) in objects.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes.append(contentsOf: object.bytes)
      bytes.append(UInt8(ascii: "}"))
    }
    bytes.append(UInt8(ascii: "]"))
  }

  private mutating func addKey(_ key: String) {
    if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
    bytes.append(UInt8(ascii: "\""))
    bytes.append(contentsOf: key.utf8)
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
  }

  private static let hexadecimal = Array("0123456789abcdef".utf8)

  private static func append(_ text: String, to bytes: inout [UInt8]) {
    var text = text
    bytes.append(UInt8(ascii: "\""))
    text.withUTF8 { text in
      // Nearly every text can stand as it is.
      guard
        text.contains(where: {
          $0 < 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\")
        })
      else { return bytes.append(contentsOf: text) }
      for byte in text {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
          bytes.append(UInt8(ascii: "\\"))
          bytes.append(byte)
        case 0..<0x20, 0x7F:
          bytes.append(contentsOf: "\\u00".utf8)
          bytes.append(hexadecimal[Int(byte >> 4)])
          bytes.append(hexadecimal[Int(byte & 15)])
        default: bytes.append(byte)
        }
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// The object, without a line end.
  package var text: String { String(decoding: bytes, as: UTF8.self) + "}" }

  func append(to output: inout [UInt8]) {
    output.append(contentsOf: bytes)
    output.append(UInt8(ascii: "}"))
    output.append(UInt8(ascii: "\n"))
  }
}
