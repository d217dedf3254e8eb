/// A text of JSON5 (spec.json5.org) or JSON (RFC 8259) as a tree of values that carry their place. The one reader of
/// both: configuration, tenants and templates are read by it, and answers and files of programs.
///
/// It is stricter than the grammars where a slip would pass silently: equal keys in one object, half of a surrogate
/// pair, a number too large, a control character and an escape of a letter that means nothing are faults.
///
/// On failure: the first wrong place, with what was expected there. Size, depth and count of values are bounded, so
/// that a hostile text ends in a fault and not in a full stack or memory.
package struct Document: Sendable {
  package enum Grammar: String, Sendable {
    case json5 = "JSON5"
    case json = "JSON"
  }

  /// The most that is read, in bytes; in levels; in values.
  package static let maximumSize = 16 * 1024 * 1024
  static let maximumDepth = 64
  static let maximumCount = 1_000_000

  package let text: DocumentText
  package let root: DocumentValue

  /// Reads a whole text; a byte-order mark before it is skipped.
  ///
  /// - Parameter file: what messages call it.
  package init(_ bytes: [UInt8], as grammar: Grammar = .json5, file: String = "") throws(DocumentFault) {
    var repeated: [DocumentFault] = []
    try self.init(bytes, as: grammar, file: file, repeatedKeys: &repeated)
    if let first = repeated.first { throw first }
  }

  /// The same for those who collect faults.
  ///
  /// - Parameter repeatedKeys: gets a fault for each key that stands in an object already; the first one counts.
  package init(
    _ bytes: [UInt8], as grammar: Grammar = .json5, file: String = "", repeatedKeys: inout [DocumentFault]
  ) throws(DocumentFault) {
    guard bytes.count <= Self.maximumSize else {
      throw DocumentText([], file: file).fault(
        .syntax, "has \(bytes.count) bytes; at most \(Self.maximumSize) are read", [], at: 0)
    }
    let text = DocumentText(bytes, file: file)
    self.text = text
    func fault(_ slip: DocumentScanner.Slip) -> DocumentFault {
      text.fault(.syntax, "is not \(grammar.rawValue): \(slip.message)", [], at: slip.offset)
    }
    if let offset = Self.firstInvalidByte(of: bytes) {
      throw fault(DocumentScanner.Slip(offset, "a byte that is not UTF-8; save the file as UTF-8"))
    }
    var scanner = DocumentScanner(bytes, grammar)
    do throws(DocumentScanner.Slip) { root = try scanner.document() } catch { throw fault(error) }
    for (path, range, first) in scanner.repeatedKeys {
      let (line, column) = text.position(of: first.lowerBound)
      repeatedKeys.append(
        text.fault(
          .repeatedKey,
          "stands twice in the same object, first at line \(line), column \(column); keep one of them", path,
          at: range.lowerBound))
    }
  }

  /// Where a text stops being UTF-8; nil where all of it is.
  package static func firstInvalidByte(of bytes: [UInt8]) -> Int? {
    do throws(UTF8.ValidationError) {
      _ = try UTF8Span(validating: bytes.span)
      return nil
    } catch { return error.byteOffsets.lowerBound }
  }

  package var bytes: [UInt8] { text.bytes }

  /// The whole, for reading it by its keys.
  package var node: DocumentNode {
    DocumentNode(text: text, path: [], value: root, offset: root.range.lowerBound)
  }

  /// The value at the end of `path`; nil where there is none.
  package func value(at path: [DocumentValue.Step]) -> DocumentValue? {
    path.reduce(Optional(root)) { value, step in value?[step] }
  }
}

/// The bytes of a document, and where its lines begin.
package final class DocumentText: Sendable {
  package let bytes: [UInt8]
  package let file: String
  private let lineStarts: [Int]

  init(_ bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
    var starts = [0]
    bytes.withUnsafeBufferPointer { bytes in
      for index in 0..<bytes.count where bytes[index] == 0x0A || bytes[index] == 0x0D {
        // CR LF ends one line, and so does either alone.
        if bytes[index] == 0x0D, index + 1 < bytes.count, bytes[index + 1] == 0x0A { continue }
        starts.append(index + 1)
      }
    }
    lineStarts = starts
  }

  /// Line and column of an offset, both counted from 1; columns count characters.
  package func position(of offset: Int) -> (line: Int, column: Int) {
    let offset = min(max(offset, 0), bytes.count)
    var (low, high) = (0, lineStarts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    let before = String(decoding: bytes[lineStarts[low]..<offset], as: UTF8.self)
    return (low + 1, before.count(where: { $0 != "\u{FEFF}" }) + 1)
  }

  func fault(
    _ kind: DocumentFault.Kind, _ message: String, _ path: [DocumentValue.Step], at offset: Int
  ) -> DocumentFault {
    let (line, column) = position(of: offset)
    return DocumentFault(
      kind: kind, message: message, file: file, keyPath: path.keyPath, line: line, column: column)
  }
}
