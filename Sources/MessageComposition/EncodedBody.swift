package import LinuxSystem

/// A body as it stands in the message: its Content-Transfer-Encoding (RFC 2045), an empty line, and lines of at most 76
/// ASCII characters that end in CRLF.
package enum EncodedBody {
  /// Writes `text` (UTF-8, LF line ends), encoded in the way that comes out shorter.
  package static func write(_ text: UnsafeBufferPointer<UInt8>, to output: inout ByteBuffer) {
    let encoding = BodyEncoding(shorterFor: text)
    begin(encoding.kind, in: &output)
    output.write(atMost: encoding.maximumSize) { encoding.write(text, to: $0) }
  }

  static func begin(_ kind: BodyEncoding.Kind, in output: inout ByteBuffer) {
    output.append(literal: "Content-Transfer-Encoding: ")
    output.append(literal: kind.name)
    output.append(literal: "\r\n\r\n")
  }
}

/// Texts that stand in many bodies, in quoted-printable already. All in one array, so that the threads that write mails
/// do not count references to each.
package struct EncodedLiterals: Sendable {
  /// Above this many bytes a soft line break in front costs less than encoding the first line in each body.
  private static let mostToEncode = 24

  struct Literal: Sendable {
    /// The text up to its first line end where that is short, as it was given; nil where it is not.
    let shortStart: Range<Int>?
    /// The same as it stands behind a value, in a line that has room for it.
    let encodedStart: Range<Int>
    /// The whole text as it is at the start of a line.
    let encoded: Range<Int>
    /// Where in `encoded` the first line ends.
    let firstLineEnd: Int
    /// How many characters the last line of `encoded` has.
    let column: Int
  }

  private var bytes: [UInt8] = []
  private(set) var literals: [Literal] = []

  package init() {}

  package var isEmpty: Bool { literals.isEmpty }

  /// - Parameter text: UTF-8, LF line ends.
  package mutating func append(_ text: some Collection<UInt8>) {
    func add(_ more: [UInt8]) -> Range<Int> {
      bytes += more
      return (bytes.count - more.count)..<bytes.count
    }
    let text = Array(text)
    let feed = text.firstIndex(of: 10)
    let start = Array(text[..<(feed ?? text.count)])
    let isShort = start.count <= Self.mostToEncode
    var column = 0
    let encoded = add(BodyEncoding.quotedPrintable(text, column: &column))
    // Anywhere but at the start of a line, and far from its end: a start that is short never breaks there.
    var middle = 1
    var end = 0
    literals.append(
      Literal(
        shortStart: isShort ? add(start) : nil,
        encodedStart: add(isShort ? BodyEncoding.quotedPrintable(start, column: &middle) : []),
        encoded: encoded,
        // Less its CRLF.
        firstLineEnd: feed.map {
          encoded.lowerBound + BodyEncoding.quotedPrintable(Array(text[...$0]), column: &end).count - 2
        } ?? encoded.upperBound,
        column: column))
  }

  func withBytes(of range: Range<Int>, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    bytes.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[range])) }
  }

  /// True where other encodings of `text` would take more room.
  package static func isWorthwhile(for text: [UInt8]) -> Bool {
    text.withUnsafeBufferPointer { BodyEncoding(shorterFor: $0).kind == .quotedPrintable }
  }
}

/// Puts a body together in quoted-printable from pieces, so that a mail costs the encoding of what is its own. A long
/// literal behind a value begins a line, after a soft line break, and stands there as it was encoded.
package struct QuotedPrintableWriter {
  /// How many characters the last line has.
  private var column = 0

  /// Begins a body; all else is written to the same bytes.
  package init(to output: inout ByteBuffer) { EncodedBody.begin(.quotedPrintable, in: &output) }

  /// Nothing stands behind the last line end.
  package var isAtLineStart: Bool { column == 0 }

  /// - Parameter index: of a text, in the order they were appended to `texts`.
  package mutating func append(
    _ texts: borrowing EncodedLiterals, at index: Int, to output: inout ByteBuffer
  ) {
    let literal = texts.literals[index]
    if column == 0 {
      texts.withBytes(of: literal.encoded) { output.append($0) }
    } else if let start = literal.shortStart {
      if column + literal.encodedStart.count <= BodyEncoding.roomBeforeBreak {
        texts.withBytes(of: literal.encodedStart) { output.append($0) }
        column += literal.encodedStart.count
      } else {
        texts.withBytes(of: start) { append($0, to: &output) }
      }
      if literal.firstLineEnd == literal.encoded.upperBound { return }
      guardLastBlank(of: &output)
      texts.withBytes(of: literal.firstLineEnd..<literal.encoded.upperBound) { output.append($0) }
    } else {
      breakLine(of: &output)
      texts.withBytes(of: literal.encoded) { output.append($0) }
    }
    column = literal.column
  }

  package mutating func append(_ bytes: UnsafeBufferPointer<UInt8>, to output: inout ByteBuffer) {
    if bytes.first == 10 { guardLastBlank(of: &output) }
    output.write(atMost: BodyEncoding.mostQuotedPrintable(for: bytes.count)) {
      BodyEncoding.writeQuotedPrintable(bytes, to: $0, column: &column, goesOn: true)
    }
  }

  private mutating func breakLine(of output: inout ByteBuffer) {
    output.append(literal: "=\r\n")
    column = 0
  }

  /// A blank at the end of a line is encoded (RFC 2045 6.7), and whether a piece ends its line is known with the next.
  private mutating func guardLastBlank(of output: inout ByteBuffer) {
    guard column > 0, let last = output.last, last == 0x20 || last == 9 else { return }
    output.removeLast(to: output.count - 1)
    column -= 1
    if column + 3 > BodyEncoding.roomBeforeBreak { breakLine(of: &output) }
    output.append(literal: last == 9 ? "=09" : "=20")
    column += 3
  }

  package consuming func finish(_ output: inout ByteBuffer) { guardLastBlank(of: &output) }
}
