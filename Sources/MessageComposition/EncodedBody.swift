/// A body as it stands in the message: lines of at most 76 ASCII characters that end in CRLF, with the
/// Content-Transfer-Encoding that reads it (RFC 2045).
package struct EncodedBody: Sendable {
  let kind: BodyEncoding.Kind
  let bytes: [UInt8]

  init(_ kind: BodyEncoding.Kind, _ bytes: [UInt8]) {
    self.kind = kind
    self.bytes = bytes
  }

  /// Encodes `text` (UTF-8, LF line ends) in the way that comes out shorter.
  package init(_ text: [UInt8]) {
    let encoding = BodyEncoding(shorterFor: text)
    kind = encoding.kind
    bytes = [UInt8](unsafeUninitializedCapacity: encoding.maximumSize) { buffer, count in
      guard let start = buffer.baseAddress else { return }
      count = encoding.write(text, to: start) - start
    }
  }
}

/// Text that stands in many bodies, in quoted-printable already.
package final class EncodedLiteral: Sendable {
  /// Above this many bytes a soft line break in front costs less than encoding the first line in each body.
  private static let mostToEncode = 24

  /// The text up to its first line end where that is short; nil where it is not.
  let shortStart: [UInt8]?
  /// The whole text as it is at the start of a line.
  let encoded: [UInt8]
  /// Where in `encoded` the first line ends.
  let firstLineEnd: Int
  /// How many characters the last line of `encoded` has.
  let column: Int

  /// - Parameter text: UTF-8, LF line ends.
  package init(_ text: [UInt8]) {
    var column = 0
    encoded = BodyEncoding.quotedPrintable(text, column: &column)
    self.column = column
    let feed = text.firstIndex(of: 10)
    let start = text[..<(feed ?? text.count)]
    shortStart = start.count <= Self.mostToEncode ? Array(start) : nil
    var end = 0
    // Less its CRLF.
    firstLineEnd =
      feed.map { BodyEncoding.quotedPrintable(Array(text[...$0]), column: &end).count - 2 } ?? encoded.count
  }

  /// True where other encodings of `text` would take more room.
  package static func isWorthwhile(for text: [UInt8]) -> Bool {
    BodyEncoding(shorterFor: text).kind == .quotedPrintable
  }
}

/// Puts a body together in quoted-printable from pieces, so that a mail costs the encoding of what is its own. A long
/// literal behind a value begins a line, after a soft line break, and stands there as it was encoded.
package struct QuotedPrintableWriter {
  private var output: [UInt8] = []
  /// How many characters the last line has.
  private var column = 0

  package init(capacity: Int) { output.reserveCapacity(capacity) }

  /// Nothing stands behind the last line end.
  package var isAtLineStart: Bool { column == 0 }

  package mutating func append(_ literal: EncodedLiteral) {
    if column == 0 {
      output.append(contentsOf: literal.encoded)
    } else if let start = literal.shortStart {
      start.withUnsafeBufferPointer { append($0) }
      if literal.firstLineEnd == literal.encoded.count { return }
      guardLastBlank()
      output.append(contentsOf: literal.encoded[literal.firstLineEnd...])
    } else {
      breakLine()
      output.append(contentsOf: literal.encoded)
    }
    column = literal.column
  }

  package mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    if bytes.first == 10 { guardLastBlank() }
    let room = BodyEncoding.mostQuotedPrintable(for: bytes.count)
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: room) { buffer in
      let start = buffer.baseAddress!
      let end = BodyEncoding.writeQuotedPrintable(bytes, to: start, column: &column, goesOn: true)
      output.append(contentsOf: UnsafeBufferPointer(start: start, count: end - start))
    }
  }

  private mutating func breakLine() {
    output.append(contentsOf: [UInt8(ascii: "="), 13, 10])
    column = 0
  }

  /// A blank at the end of a line is encoded (RFC 2045 6.7), and whether a piece ends its line is known with the next.
  private mutating func guardLastBlank() {
    guard column > 0, let last = output.last, last == 0x20 || last == 9 else { return }
    output.removeLast()
    column -= 1
    if column + 3 > 75 { breakLine() }
    output.append(contentsOf: last == 9 ? "=09".utf8 : "=20".utf8)
    column += 3
  }

  package consuming func finish() -> EncodedBody {
    guardLastBlank()
    return EncodedBody(.quotedPrintable, output)
  }
}
