/// Reads SMTP replies (RFC 5321 4.2) out of bytes that arrive in any pieces.
///
/// A reply is lines of three digits, a hyphen on all but the last, and text. What the parser keeps of the text
/// is bounded; the rest is passed over. A line that is no reply line, lines of one reply with different codes,
/// and a reply above `sizeLimit` are `malformed`, after which nothing on that connection can be trusted.
/// It allocates nothing: the buffer for the text is made once.
package struct ReplyParser {
  package enum Step { case needsMore, reply, malformed }

  /// The most of a reply's text that is kept.
  package static let textLimit = 512
  /// The most that one reply may have in all.
  package static let sizeLimit = 256 * 1024

  /// The code of the last reply; 0 where there was none.
  package private(set) var code = 0
  /// The kept text of the last reply: lines joined by one space, control characters as `?`.
  package private(set) var text: [UInt8] = []

  private enum Place { case firstDigit, secondDigit, thirdDigit, separator, text, carriageReturn, lineFeed }
  private var place = Place.firstDigit
  private var lineCode = 0
  private var isLastLine = false
  private var isFirstLine = true
  private var size = 0

  package init() { text.reserveCapacity(Self.textLimit) }

  /// True between two replies.
  package var isBetweenReplies: Bool { place == .firstDigit && isFirstLine }

  /// Takes bytes from `offset` on, up to the end of one reply.
  ///
  /// - Parameter offset: moves behind what was taken.
  package mutating func consume(_ bytes: UnsafeRawBufferPointer, from offset: inout Int) -> Step {
    while offset < bytes.count {
      let byte = bytes[offset]
      offset += 1
      size += 1
      if size > Self.sizeLimit { return .malformed }
      switch place {
      case .firstDigit:
        if isFirstLine {
          size = 1
          text.removeAll(keepingCapacity: true)
        }
        guard (0x32...0x35).contains(byte) else { return .malformed }
        lineCode = Int(byte - 0x30)
        place = .secondDigit
      case .secondDigit, .thirdDigit:
        guard (0x30...0x39).contains(byte) else { return .malformed }
        lineCode = lineCode * 10 + Int(byte - 0x30)
        place = place == .secondDigit ? .thirdDigit : .separator
      case .separator:
        if isFirstLine { code = lineCode } else if lineCode != code { return .malformed }
        isLastLine = byte != UInt8(ascii: "-")
        switch byte {
        case UInt8(ascii: "-"), UInt8(ascii: " "):
          if !isFirstLine { keep(0x20) }
          place = .text
        case 0x0D: place = .lineFeed
        case 0x0A: if endLine() { return .reply }
        default: return .malformed
        }
      case .lineFeed:
        guard byte == 0x0A else { return .malformed }
        if endLine() { return .reply }
      case .carriageReturn:
        if byte == 0x0A {
          if endLine() { return .reply }
        } else {
          keep(UInt8(ascii: "?"))
          place = byte == 0x0D ? .carriageReturn : .text
          if byte != 0x0D { keep(byte) }
        }
      case .text:
        switch byte {
        case 0x0A: if endLine() { return .reply }
        case 0x0D: place = .carriageReturn
        default:
          keep(byte)
          keepPrintable(of: bytes, from: &offset)
        }
      }
    }
    return .needsMore
  }

  private mutating func keep(_ byte: UInt8) {
    guard text.count < Self.textLimit else { return }
    text.append(byte < 0x20 || byte == 0x7F ? UInt8(ascii: "?") : byte)
  }

  /// What stands for itself, in one piece.
  private mutating func keepPrintable(of bytes: UnsafeRawBufferPointer, from offset: inout Int) {
    let start = offset
    while offset < bytes.count, bytes[offset] >= 0x20, bytes[offset] != 0x7F { offset += 1 }
    size += offset - start
    let kept = min(offset, start + Self.textLimit - text.count)
    text.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[start..<kept]))
  }

  private mutating func endLine() -> Bool {
    place = .firstDigit
    isFirstLine = isLastLine
    return isLastLine
  }

  /// The enhanced code in the last reply's text, where its class is the reply's.
  package var enhanced: EnhancedStatus? { EnhancedStatus(in: text, code: code) }
}
