/// One JSON object on one line, its keys in the order they were added (RFC 8259). All JSON that we write is written by
/// it: log, answers of commands, request files, what sink and worker leave on disk. The log keeps one for all its lines,
/// so that a line costs no allocation.
///
/// A number that is none (infinite, not a number) is left out.
package struct JSONLine: Sendable {
  private var bytes: [UInt8] = []

  /// - Parameter capacity: bytes to begin with; a longer line grows.
  package init(capacity: Int = 64) {
    bytes.reserveCapacity(capacity)
    bytes.append(UInt8(ascii: "{"))
  }

  /// Forgets what was added, and keeps the room for more.
  package mutating func restart() {
    bytes.removeAll(keepingCapacity: true)
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
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    append(digits: value.magnitude)
  }

  package mutating func add(_ key: String, _ value: Bool?) {
    guard let value else { return }
    addKey(key)
    bytes.append(contentsOf: (value ? "true" : "false").utf8)
  }

  /// A number with at most five decimals, so that none reads like a passcode of six digits: who looks for one in a log
  /// finds none by chance.
  package mutating func add(_ key: String, decimal value: Double?) {
    guard let value, value.isFinite else { return }
    addKey(key)
    let parts = Int((value * 100_000).rounded())
    if parts < 0 { bytes.append(UInt8(ascii: "-")) }
    var (whole, fraction) = parts.magnitude.quotientAndRemainder(dividingBy: 100_000)
    append(digits: whole)
    if fraction != 0 { bytes.append(UInt8(ascii: ".")) }
    var place: UInt = 10_000
    while fraction != 0 {
      (whole, fraction) = fraction.quotientAndRemainder(dividingBy: place)
      bytes.append(0x30 + UInt8(whole))
      place /= 10
    }
  }

  private mutating func append(digits number: UInt) {
    if number > 9 { append(digits: number / 10) }
    bytes.append(0x30 + UInt8(number % 10))
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

  /// An object that is written in place.
  package mutating func add(_ key: String, _ fill: (inout JSONLine) -> Void) {
    addKey(key)
    bytes.append(UInt8(ascii: "{"))
    fill(&self)
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
    // No value ends with it outside of quotes.
    let isFirst = bytes.last == UInt8(ascii: "{")
    let key = key.utf8Span.span
    bytes.append(addingCapacity: key.count + 4) { output in
      if !isFirst { output.append(UInt8(ascii: ",")) }
      output.append(UInt8(ascii: "\""))
      for index in key.indices { output.append(key[index]) }
      output.append(UInt8(ascii: "\""))
      output.append(UInt8(ascii: ":"))
    }
  }

  private static let hexadecimal = Array("0123456789abcdef".utf8)

  private static func append(_ text: String, to bytes: inout [UInt8]) {
    var text = text
    bytes.append(UInt8(ascii: "\""))
    text.withUTF8 { text in
      // Nearly every text can stand as it is.
      guard
        text.contains(where: {
          $0 < 0x20 || $0 >= 0x7F || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\")
        })
      else { return bytes.append(contentsOf: text) }
      for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
        if scalar == "\"" || scalar == "\\" {
          bytes.append(UInt8(ascii: "\\"))
          bytes.append(UInt8(scalar.value))
        } else if PlainText.isActive(scalar) {
          // Whoever prints the line shows it to a terminal; whoever reads it gets the character (RFC 8259, 7).
          for unit in UTF16.encode(scalar)! { escape(unit, to: &bytes) }
        } else {
          bytes.append(contentsOf: UTF8.encode(scalar)!)
        }
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private static func escape(_ unit: UInt16, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: "\\u".utf8)
    for shift in [12, 8, 4, 0] { bytes.append(hexadecimal[Int(unit >> UInt16(shift)) & 15]) }
  }

  /// The object, without a line end.
  package var text: String { String(decoding: bytes, as: UTF8.self) + "}" }

  /// The same as UTF-8.
  package consuming func finish() -> [UInt8] {
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }

  /// Appends the object and a line end.
  package func append(to output: inout [UInt8]) {
    output.append(contentsOf: bytes)
    output.append(UInt8(ascii: "}"))
    output.append(UInt8(ascii: "\n"))
  }
}
