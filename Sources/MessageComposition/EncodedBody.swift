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

/// Text that stands in many bodies, its whole lines in quoted-printable already. What comes before its first line end and
/// after its last one shares a line with what stands beside it and is encoded with that.
package struct EncodedLiteral: Sendable {
  /// Up to the first line end and with it; all of the text where there is none.
  let head: [UInt8]
  let lines: [UInt8]
  let tail: [UInt8]

  /// - Parameter text: UTF-8, LF line ends.
  package init(_ text: [UInt8]) {
    guard let first = text.firstIndex(of: 10), let last = text.lastIndex(of: 10) else {
      (head, lines, tail) = (text, [], [])
      return
    }
    head = Array(text[...first])
    tail = Array(text[(last + 1)...])
    lines = BodyEncoding.quotedPrintable(Array(text[(first + 1)..<max(first + 1, last + 1)]))
  }

  /// True where other encodings of `text` would take more room.
  package static func isWorthwhile(for text: [UInt8]) -> Bool {
    BodyEncoding(shorterFor: text).kind == .quotedPrintable
  }
}

/// Puts a body together in quoted-printable from pieces, so that a mail costs the encoding of what is its own. The same
/// bytes come out as where the whole text is encoded at once: no line depends on another.
package struct QuotedPrintableWriter {
  private var output: [UInt8] = []
  /// The line that is not at its end yet, not encoded.
  private var line: [UInt8] = []

  package init(capacity: Int) {
    output.reserveCapacity(capacity)
    line.reserveCapacity(256)
  }

  /// Nothing stands behind the last line end.
  package var isAtLineStart: Bool { line.isEmpty }

  package mutating func append(_ literal: EncodedLiteral) {
    literal.head.withUnsafeBufferPointer { append($0) }
    guard !literal.lines.isEmpty || !literal.tail.isEmpty else { return }
    // The head ended its line.
    output.append(contentsOf: literal.lines)
    line.append(contentsOf: literal.tail)
  }

  package mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    var rest = bytes[...]
    while let feed = rest.firstIndex(of: 10) {
      line.append(contentsOf: UnsafeBufferPointer(rebasing: rest[...feed]))
      endLine()
      rest = rest[(feed + 1)...]
    }
    line.append(contentsOf: UnsafeBufferPointer(rebasing: rest))
  }

  private mutating func endLine() {
    var ended: [UInt8] = []
    swap(&ended, &line)
    ended.withUnsafeBufferPointer { ended in
      let room = BodyEncoding.mostQuotedPrintable(for: ended.count)
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: room) { buffer in
        let start = buffer.baseAddress!
        let end = BodyEncoding.writeQuotedPrintable(ended, to: start)
        output.append(contentsOf: UnsafeBufferPointer(start: start, count: end - start))
      }
    }
    // Its buffer is used again.
    ended.removeAll(keepingCapacity: true)
    swap(&ended, &line)
  }

  package consuming func finish() -> EncodedBody {
    endLine()
    return EncodedBody(.quotedPrintable, output)
  }
}
