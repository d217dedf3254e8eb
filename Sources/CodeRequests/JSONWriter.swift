/// Writes one JSON object, member by member.
struct JSONWriter {
  private(set) var bytes: [UInt8] = [UInt8(ascii: "{")]
  private var isFirst = true

  private mutating func name(_ name: String) {
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    isFirst = false
    text(name)
    bytes.append(UInt8(ascii: ":"))
  }

  private mutating func text(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case 0..<0x20:
        let digits = Array("0123456789abcdef".utf8)
        bytes += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  mutating func add(_ name: String, _ value: Int) {
    self.name(name)
    bytes += Array(String(value).utf8)
  }

  mutating func add(_ name: String, _ value: String?) {
    guard let value else { return }
    self.name(name)
    text(value)
  }

  mutating func add(_ name: String, _ values: [String]) {
    guard !values.isEmpty else { return }
    self.name(name)
    bytes.append(UInt8(ascii: "["))
    for (index, value) in values.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      text(value)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  /// An object of its own; not written where it is empty.
  mutating func add(_ name: String, _ members: [(name: String, value: String?)]) {
    let present = members.filter { $0.value != nil }
    guard !present.isEmpty else { return }
    self.name(name)
    bytes.append(UInt8(ascii: "{"))
    isFirst = true
    for member in present { add(member.name, member.value) }
    bytes.append(UInt8(ascii: "}"))
    isFirst = false
  }

  /// The whole text.
  consuming func finish() -> [UInt8] {
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }
}
