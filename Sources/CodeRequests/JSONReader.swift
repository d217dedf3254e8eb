internal import Documents

/// Reads JSON (RFC 8259) as a schema asks for it: no tree is built, nothing is skipped, so nothing nests deeper
/// than the schema and no value goes unread. Stricter than Foundation's decoder where requests need it: a name
/// that stands twice is a fault, as is a byte order mark, a lone surrogate, or a byte that is not UTF-8.
///
/// All other JSON is read by `Document`. This is beside it for speed: the request of every mail passes here, and a tree
/// of it would be made for nothing.
///
/// Faults tell line and column and never repeat what stood there.
struct JSONReader {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var index = 0
  /// Where the name of the member begins that is being read.
  private(set) var nameStart = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  enum Kind: String {
    case object = "an object"
    case list = "a list"
    case string = "a string"
    case number = "a number"
    case boolean = "true or false"
    case null = "null"
  }

  private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
  }

  /// A fault of `field` at `place`, else at the place reached.
  func fault(_ field: String, _ message: String, at place: Int? = nil) -> RequestFault {
    RequestFault(field: field, "\(message) (\(position(of: place ?? index)))")
  }

  /// A fault of a name that stands in its object already.
  ///
  /// - Parameter first: where it stood first.
  func repeated(_ field: String, first: Int) -> RequestFault {
    fault(field, "stands twice, first at \(position(of: first)); give it once", at: nameStart)
  }

  /// Line and column, both from 1; columns count characters.
  private func position(of offset: Int) -> String {
    var line = 1
    var column = 1
    for byte in bytes[..<min(offset, bytes.count)] {
      if byte == 0x0A { (line, column) = (line + 1, 1) } else if byte & 0xC0 != 0x80 { column += 1 }
    }
    return "line \(line), column \(column)"
  }

  private func invalid(_ field: String) -> RequestFault {
    if index >= bytes.count { return fault(field, "the file ends before the JSON object does") }
    let text = String(decoding: bytes[index..<min(index + 4, bytes.count)], as: UTF8.self)
    let odd = text.unicodeScalars.first.flatMap(CharacterName.odd)
    return fault(field, "is not valid JSON in UTF-8" + (odd.map { "; found \($0)" } ?? ""))
  }

  /// What comes next.
  mutating func kind(_ field: String) throws(RequestFault) -> Kind {
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .list
    case UInt8(ascii: "\""): return .string
    case .some(UInt8(ascii: "-")), .some(0x30...0x39): return .number
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
    case UInt8(ascii: "n"): return .null
    default: throw invalid(field)
    }
  }

  private mutating func expect(_ kind: Kind, _ field: String) throws(RequestFault) {
    let found = try self.kind(field)
    if found == kind { return }
    if found == .null { throw fault(field, "is null; leave it out or give a value") }
    throw fault(field, "has the wrong type; found \(found.rawValue), expected \(kind.rawValue)")
  }

  /// The whole text: one object and nothing after it.
  mutating func document(
    _ member: (inout JSONReader, String) throws(RequestFault) -> Void
  ) throws(RequestFault) {
    if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF {
      throw RequestFault(field: "", "the file begins with a byte order mark; write UTF-8 without one")
    }
    skipSpace()
    guard index < bytes.count else {
      throw RequestFault(field: "", "the file is empty; expected a JSON object")
    }
    guard next == UInt8(ascii: "{") else { throw fault("", "the file is not a JSON object in UTF-8") }
    try object("", member)
    skipSpace()
    guard index == bytes.count else { throw fault("", "something stands after the JSON object") }
  }

  /// An object; `member` is called with each name and reads its value.
  mutating func object(
    _ field: String, _ member: (inout JSONReader, String) throws(RequestFault) -> Void
  ) throws(RequestFault) {
    try expect(.object, field)
    index += 1
    skipSpace()
    if next == UInt8(ascii: "}") {
      index += 1
      return
    }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw invalid(field) }
      let start = index
      let name = try string(field)
      skipSpace()
      guard next == UInt8(ascii: ":") else { throw invalid(field) }
      index += 1
      nameStart = start
      try member(&self, name)
      skipSpace()
      let separator = next
      guard separator == UInt8(ascii: ",") || separator == UInt8(ascii: "}") else { throw invalid(field) }
      index += 1
      if separator == UInt8(ascii: "}") { return }
    }
  }

  /// A list of at most `maximum` strings; without one, of as many as a file has room for.
  mutating func strings(_ field: String, maximum: Int = .max) throws(RequestFault) -> [String] {
    try expect(.list, field)
    index += 1
    skipSpace()
    var list: [String] = []
    if next == UInt8(ascii: "]") {
      index += 1
      return list
    }
    while true {
      guard list.count < maximum else { throw fault(field, "lists more than \(maximum) values") }
      list.append(try string("\(field).\(list.count)"))
      skipSpace()
      let separator = next
      guard separator == UInt8(ascii: ",") || separator == UInt8(ascii: "]") else { throw invalid(field) }
      index += 1
      if separator == UInt8(ascii: "]") { return list }
    }
  }

  /// Null is read and told as such; anything else is left.
  mutating func isNull(_ field: String) throws(RequestFault) -> Bool {
    guard try kind(field) == .null else { return false }
    let word: StaticString = "null"
    for offset in 0..<4 {
      guard next == word.utf8Start[offset] else { throw invalid(field) }
      index += 1
    }
    return true
  }

  /// A whole number of at most 9 digits, without fraction or exponent.
  mutating func wholeNumber(_ field: String) throws(RequestFault) -> Int {
    try expect(.number, field)
    let start = index
    var value = 0
    while let byte = next, (0x30...0x39).contains(byte), index - start < 9 {
      value = value * 10 + Int(byte - 0x30)
      index += 1
    }
    let isWhole =
      switch next {
      case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "-"), .some(0x30...0x39):
        false
      default: true
      }
    guard isWhole, bytes[start] != 0x30 || index == start + 1 else {
      throw fault(field, "is not a whole number of at most nine digits")
    }
    return value
  }

  mutating func string(_ field: String) throws(RequestFault) -> String {
    try expect(.string, field)
    let start = index + 1
    var end = start
    while end < bytes.count, bytes[end] != UInt8(ascii: "\""), bytes[end] != UInt8(ascii: "\\"),
      bytes[end] >= 0x20
    {
      end += 1
    }
    index = end
    if let byte = next, byte < 0x20 { throw rawControl(byte, field) }
    guard next != nil else { throw invalid(field) }
    if next == UInt8(ascii: "\"") {
      defer { index += 1 }
      return try text(UnsafeBufferPointer(rebasing: bytes[start..<index]), field)
    }
    var unescaped = Array(bytes[start..<index])
    while true {
      guard let byte = next else { throw invalid(field) }
      guard byte >= 0x20 else { throw rawControl(byte, field) }
      index += 1
      if byte == UInt8(ascii: "\"") { break }
      if byte == UInt8(ascii: "\\") {
        unescaped.append(contentsOf: try escape(field).utf8)
      } else {
        unescaped.append(byte)
      }
    }
    return try unescaped.withUnsafeBufferPointer { buffer throws(RequestFault) in try text(buffer, field) }
  }

  private func text(_ buffer: UnsafeBufferPointer<UInt8>, _ field: String) throws(RequestFault) -> String {
    // Nearly all: what is ASCII needs no check.
    if buffer.allSatisfy({ $0 < 0x80 }) { return String(decoding: buffer, as: UTF8.self) }
    guard let text = String(validating: buffer, as: UTF8.self) else {
      throw fault(field, "holds bytes that are not UTF-8")
    }
    return text
  }

  private func rawControl(_ byte: UInt8, _ field: String) -> RequestFault {
    fault(field, "holds the control character \(name(of: Unicode.Scalar(byte))), which JSON strings cannot")
  }

  /// What stands after a backslash.
  private mutating func escape(_ field: String) throws(RequestFault) -> Unicode.Scalar {
    let start = index - 1
    guard let byte = next else { throw invalid(field) }
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let unit = try codeUnit(field)
      if let scalar = Unicode.Scalar(unit) { return scalar }
      guard (0xD800...0xDBFF).contains(unit), next == UInt8(ascii: "\\"), index + 1 < bytes.count,
        bytes[index + 1] == UInt8(ascii: "u")
      else { throw half(unit, field, at: start) }
      index += 2
      let low = try codeUnit(field)
      guard (0xDC00...0xDFFF).contains(low),
        let scalar = Unicode.Scalar(0x10000 + (UInt32(unit & 0x3FF) << 10) + UInt32(low & 0x3FF))
      else { throw half(unit, field, at: start) }
      return scalar
    default: throw fault(field, "holds an escape that JSON does not know")
    }
  }

  private func half(_ unit: UInt16, _ field: String, at start: Int) -> RequestFault {
    fault(
      field,
      "holds half of a surrogate pair (U+\(String(unit, radix: 16, uppercase: true))); write the character itself or both halves",
      at: start)
  }

  private mutating func codeUnit(_ field: String) throws(RequestFault) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      let digit: UInt8
      switch next {
      case .some(let byte) where (0x30...0x39).contains(byte): digit = byte - 0x30
      case .some(let byte) where (0x41...0x46).contains(byte): digit = byte - 0x37
      case .some(let byte) where (0x61...0x66).contains(byte): digit = byte - 0x57
      default: throw invalid(field)
      }
      unit = unit << 4 | UInt16(digit)
      index += 1
    }
    return unit
  }
}
