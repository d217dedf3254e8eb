extension DocumentScanner {
  /// A number, `true`, `false` or `null`.
  mutating func literal() throws(Slip) -> DocumentValue.Content {
    let start = index
    switch current {
    case UInt8(ascii: "-"), .some(0x30...0x39): return try number()
    case UInt8(ascii: "+"), UInt8(ascii: "."): if isJSON5 { return try number() }
    default: break
    }
    let content: DocumentValue.Content? =
      switch word() {
      case "true": .boolean(true)
      case "false": .boolean(false)
      case "null": .null
      case "Infinity" where isJSON5: .number(.infinity)
      case "NaN" where isJSON5: .number(.nan)
      default: nil
      }
    if let content { return content }
    index = start
    throw slip(Self.wanted)
  }

  private static let wanted = "expected a value: a string in quotes, a number, true, false, null, { or ["

  private mutating func word() -> Substring {
    let start = index
    while let byte = current, byte < 0x80, Self.isNamePart(Unicode.Scalar(byte), isFirst: false) {
      index += 1
    }
    return Substring(decoding: bytes[start..<index].prefix(16), as: UTF8.self)
  }

  private mutating func number() throws(Slip) -> DocumentValue.Content {
    let start = index
    var isNegative = false
    if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") {
      isNegative = current == UInt8(ascii: "-")
      index += 1
    }
    let content: DocumentValue.Content
    if isJSON5, current == UInt8(ascii: "I") || current == UInt8(ascii: "N") {
      switch word() {
      case "Infinity": content = .number(isNegative ? -.infinity : .infinity)
      case "NaN": content = .number(.nan)
      default: throw Slip(start, Self.wanted)
      }
    } else if isJSON5, current == 0x30, byte(after: 1).map({ $0 | 0x20 }) == UInt8(ascii: "x") {
      content = try hexadecimalNumber(isNegative, from: start)
    } else {
      content = try decimalNumber(isNegative, from: start)
    }
    if let (scalar, _) = scalar, scalar == "." || Self.isNamePart(scalar, isFirst: false) {
      throw slip("a number that does not end where it should; expected , or the end of what it stands in")
    }
    return content
  }

  private mutating func digits() -> Range<Int> {
    let start = index
    while let byte = current, (0x30...0x39).contains(byte) { index += 1 }
    return start..<index
  }

  private mutating func decimalNumber(_ isNegative: Bool, from start: Int) throws(Slip)
    -> DocumentValue.Content
  {
    let whole = digits()
    if whole.count > 1, bytes[whole.lowerBound] == 0x30 {
      throw Slip(whole.lowerBound, "a number with a leading zero; leave the zero out")
    }
    var isWhole = true
    var fraction = index..<index
    if current == UInt8(ascii: "."), isJSON5 || !whole.isEmpty {
      index += 1
      isWhole = false
      fraction = digits()
      if fraction.isEmpty, !isJSON5 { throw slip("expected a digit after the point") }
    }
    if whole.isEmpty, fraction.isEmpty { throw slip("expected the digits of a number") }
    if current.map({ $0 | 0x20 }) == UInt8(ascii: "e") {
      index += 1
      isWhole = false
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { index += 1 }
      if digits().isEmpty { throw slip("expected the digits of an exponent") }
    }
    // An integer has no negative zero.
    if isWhole, let value = Self.integer(bytes[whole], isNegative), value != 0 || !isNegative {
      return .integer(value)
    }
    let value = try finite(
      Double(String(decoding: bytes[start..<index], as: UTF8.self)) ?? .infinity, from: start)
    if value == 0,
      bytes[whole].contains(where: { $0 > 0x30 }) || bytes[fraction].contains(where: { $0 > 0x30 })
    {
      throw Slip(start, "a number out of range; at least about 4.9e-324 is read")
    }
    return .number(value)
  }

  private static func integer(_ digits: ArraySlice<UInt8>, _ isNegative: Bool) -> Int? {
    var value = 0
    for digit in digits {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let step = Int(digit - 0x30)
      let (sum, carry) =
        isNegative ? product.subtractingReportingOverflow(step) : product.addingReportingOverflow(step)
      if overflow || carry { return nil }
      value = sum
    }
    return value
  }

  private mutating func hexadecimalNumber(
    _ isNegative: Bool, from start: Int
  ) throws(Slip) -> DocumentValue.Content {
    index += 2
    let first = index
    var whole: Int? = 0
    var value = 0.0
    while let digit = current.flatMap({ Self.digit($0) }) {
      value = value * 16 + Double(digit)
      whole = whole.flatMap { $0 <= Int.max >> 4 ? $0 << 4 | Int(digit) : nil }
      index += 1
    }
    if index == first { throw slip("expected hexadecimal digits after 0x") }
    if let whole, whole != 0 || !isNegative { return .integer(isNegative ? -whole : whole) }
    return .number(try finite(isNegative ? -value : value, from: start))
  }

  private func finite(_ value: Double, from start: Int) throws(Slip) -> Double {
    guard value.isFinite else { throw Slip(start, "a number out of range; at most about 1.8e308 is read") }
    return value
  }
}
