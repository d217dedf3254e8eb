internal import Documents

/// One file of the templates: checked to be UTF-8 with LF line ends, so that nothing below has to ask again.
struct TemplateSource: Sendable {
  /// Relative to the directory of templates.
  let file: String
  let bytes: [UInt8]
  /// How many characters stand before each line that are not in the file.
  private let indentation: Int

  var text: String { String(decoding: bytes, as: UTF8.self) }

  init(file: String, bytes: [UInt8]) throws(TemplateFault) {
    self.file = file
    self.bytes = bytes
    indentation = 0
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      throw TemplateFault(
        .byteOrderMark, file: file, line: 1, column: 1,
        "begins with a byte order mark; expected plain UTF-8, so save it as \"UTF-8\", not \"UTF-8 with BOM\""
      )
    }
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      throw TemplateFault(.notUTF8, file: file, line: 1, column: 1, "is UTF-16; save it as UTF-8")
    }
    if let offset = Document.firstInvalidByte(of: bytes) {
      let (line, column) = position(of: offset)
      throw TemplateFault(
        .notUTF8, file: file, line: line, column: column,
        "is not UTF-8 here; the file may be Latin-1 or Windows-1252, so save it as UTF-8")
    }
    switch Self.firstControl(in: bytes) {
    case nil: break
    case (let offset, UInt8(ascii: "\r"))?:
      throw fault(
        .carriageReturn, at: offset,
        "the line ends with a carriage return; expected LF alone, so save it with Unix line ends")
    case (let offset, 0xC2...)?:
      throw fault(
        .controlCharacter, at: offset,
        "holds a control character or a Unicode line separator here, which no header can carry; delete it")
    case (let offset, _)?:
      throw fault(.controlCharacter, at: offset, "holds a control character here; delete it")
    }
  }

  /// Where a control character or U+2028 or U+2029 begins, and its first byte: a subject with one would be refused when
  /// a mail is due. A carriage return comes before all others, and what is ASCII before what is not.
  private static func firstControl(in bytes: [UInt8]) -> (offset: Int, byte: UInt8)? {
    bytes.withUnsafeBytes { bytes in
      var (ascii, wide): (Int?, Int?)
      var index = 0
      while index < bytes.count {
        let byte = bytes[index]
        if byte < 0x20 {
          if byte == UInt8(ascii: "\r") { return (index, byte) }
          if byte != 0x0A, byte != 0x09 { ascii = ascii ?? index }
        } else if byte == 0x7F {
          ascii = ascii ?? index
        } else if byte == 0xC2 {
          if bytes[index + 1] < 0xA0 { wide = wide ?? index }
        } else if byte == 0xE2, bytes[index + 1] == 0x80,
          bytes[index + 2] == 0xA8 || bytes[index + 2] == 0xA9
        {
          wide = wide ?? index
        }
        index += 1
      }
      return (ascii ?? wide).map { ($0, bytes[$0]) }
    }
  }

  private init(unchecked file: String, bytes: [UInt8], indentation: Int) {
    self.file = file
    self.bytes = bytes
    self.indentation = indentation
  }

  /// The same file with `indentation` put before each line that holds something, as the Mustache specification
  /// asks of a partial that stands alone on its line.
  func indented(by indentation: [UInt8]) -> TemplateSource {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + 16 * indentation.count)
    var isLineStart = true
    for byte in bytes {
      if isLineStart, byte != UInt8(ascii: "\n") { result += indentation }
      isLineStart = byte == UInt8(ascii: "\n")
      result.append(byte)
    }
    return TemplateSource(
      unchecked: file, bytes: result, indentation: self.indentation + indentation.count)
  }

  /// The same file without the line end that editors put at the end of a file.
  func withoutFinalLineEnd() -> TemplateSource {
    guard bytes.last == UInt8(ascii: "\n") else { return self }
    return TemplateSource(unchecked: file, bytes: Array(bytes.dropLast()), indentation: indentation)
  }

  /// Line and column in the file, both from 1; columns count characters.
  func position(of offset: Int) -> (line: Int, column: Int) {
    var line = 1
    var column = 1
    for byte in bytes.prefix(offset) {
      if byte == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    return (line, max(1, column - indentation))
  }

  func fault(_ rule: TemplateRule, at offset: Int, _ message: String) -> TemplateFault {
    let (line, column) = position(of: offset)
    return TemplateFault(rule, file: file, line: line, column: column, message)
  }

  /// Reads a file of JSON5.
  ///
  /// - Parameter expected: what it should look like, for faults of the text as a whole.
  func read<Value>(
    _ rule: TemplateRule, _ expected: String, _ read: (DocumentNode) throws(DocumentFault) -> Value
  ) throws(TemplateFault) -> Value {
    do throws(DocumentFault) { return try read(Document(bytes, file: file).node) } catch {
      let isShape = error.keyPath.isEmpty && error.kind != .badValue
      let message = error.keyPath.isEmpty ? error.message : "'\(error.keyPath)' \(error.message)"
      throw TemplateFault(
        rule, file: file, line: error.line, column: error.column,
        isShape ? "\(message); expected \(expected)" : message)
    }
  }

  /// Where `word` first stands; the beginning where it does not.
  func fault(_ rule: TemplateRule, near word: String, _ message: String) -> TemplateFault {
    let start = text.firstRange(of: word)?.lowerBound ?? text.startIndex
    return fault(rule, at: text.utf8.distance(from: text.startIndex, to: start), message)
  }
}
