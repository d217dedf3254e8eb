internal import LinuxSystem

/// Puts a body into lines of at most 76 ASCII characters, whatever it holds.
///
/// Line ends of the input are LF and become CRLF; a CR of the input is data and is encoded. Bodies are most of a
/// message, so they are written through a pointer into room that was reckoned beforehand.
struct BodyEncoding: Sendable {
  enum Kind: Sendable {
    case quotedPrintable, base64

    var name: StaticString {
      switch self {
      case .quotedPrintable: "quoted-printable"
      case .base64: "base64"
      }
    }
  }

  /// How many characters a line has at most where a soft line break follows.
  static let roomBeforeBreak = 75

  let kind: Kind
  /// The most bytes that the encoded body takes.
  let maximumSize: Int

  /// The one that comes out shorter: text in Latin letters stays readable, other scripts do not treble.
  init(shorterFor bytes: UnsafeBufferPointer<UInt8>) {
    let (escaped, lineEnds) = Self.count(bytes)
    let canonical = bytes.count + lineEnds
    let base64 = (canonical + 2) / 3 * 4
    let quoted = canonical + 2 * escaped
    // A soft line break is three bytes for at least 73; each line can have one blank or dot that is escaped.
    if quoted + quoted / 75 * 3 <= base64 + base64 / 76 * 2 {
      kind = .quotedPrintable
      let encoded = quoted + 4 * (lineEnds + 1) + quoted / 73 * 5
      maximumSize = encoded + encoded / 73 * 3 + 16
    } else {
      kind = .base64
      maximumSize = base64 + (base64 / 76 + 1) * 2
    }
  }

  /// How many bytes need three characters in quoted-printable, and how many lines end.
  private static func count(_ bytes: UnsafeBufferPointer<UInt8>) -> (escaped: Int, lineEnds: Int) {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let lows: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
    /// The highest bit of each byte that is not 0; nothing carries from one byte into the next.
    func filled(_ block: UInt64) -> UInt64 { ((block & lows) &+ lows) | block }
    func sum(_ lanes: UInt64) -> Int {
      let pairs: UInt64 = 0x00FF_00FF_00FF_00FF
      return Int((((lanes & pairs) &+ ((lanes >> 8) & pairs)) &* 0x0001_0001_0001_0001) >> 48)
    }
    var escaped = 0
    var lineEnds = 0
    var index = 0
    let raw = UnsafeRawBufferPointer(bytes)
    while index + 8 <= bytes.count {
      // Eight bytes at a time, counted in eight lanes, which overflow after 255 rounds.
      var unsafeLanes: UInt64 = 0
      var lineLanes: UInt64 = 0
      let end = min(bytes.count - 7, index + 8 * 255)
      while index < end {
        let block = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        let controls = ~((block & lows) &+ ones &* 0x60)
        let isSafe =
          filled(block ^ (ones &* UInt64(UInt8(ascii: "=")))) & filled(block ^ lows) & ~block & ~controls
        unsafeLanes &+= (~isSafe >> 7) & ones
        lineLanes &+= (~filled(block ^ (ones &* 10)) >> 7) & ones
        index += 8
      }
      escaped += sum(unsafeLanes)
      lineEnds += sum(lineLanes)
    }
    for byte in bytes[index...] {
      escaped += byte &- 0x20 > 0x5E || byte == UInt8(ascii: "=") ? 1 : 0
      lineEnds += byte == 10 ? 1 : 0
    }
    return (escaped - lineEnds, lineEnds)
  }

  /// Writes the encoded body, at most `maximumSize` bytes; returns where it ends.
  func write(
    _ bytes: UnsafeBufferPointer<UInt8>, to output: UnsafeMutablePointer<UInt8>
  ) -> UnsafeMutablePointer<UInt8> {
    switch kind {
    case .quotedPrintable:
      var column = 0
      return Self.writeQuotedPrintable(bytes, to: output, column: &column, goesOn: false)
    case .base64: return Self.writeBase64(bytes, to: output)
    }
  }

  /// The most bytes that so many take in quoted-printable, soft line breaks and room to work in among them.
  static func mostQuotedPrintable(for count: Int) -> Int { 3 * count + (3 * count / 73 + 1) * 3 + 16 }

  /// What goes on behind `bytes`, from `column` on.
  static func quotedPrintable(_ bytes: [UInt8], column: inout Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: mostQuotedPrintable(for: bytes.count)) { buffer, count in
      count =
        bytes.withUnsafeBufferPointer {
          writeQuotedPrintable($0, to: buffer.baseAddress!, column: &column, goesOn: true)
        } - buffer.baseAddress!
    }
  }

  /// RFC 2045 6.7. A blank at the end of a line, a dot at its start and `From ` are encoded although they need not
  /// be: relays are known to touch them.
  ///
  /// - Parameters:
  ///   - column: how many characters stand in the line already, and afterwards.
  ///   - goesOn: other bytes follow, so that the end of these is no end of a line: a blank there is left as it is.
  static func writeQuotedPrintable(
    _ bytes: UnsafeBufferPointer<UInt8>, to start: UnsafeMutablePointer<UInt8>, column lineColumn: inout Int,
    goesOn: Bool
  ) -> UnsafeMutablePointer<UInt8> {
    var output = start
    var column = lineColumn
    defer { lineColumn = column }
    var index = 0
    let count = bytes.count
    while index < count {
      if column > 0 {
        let run = safeRun(bytes, from: index, limit: roomBeforeBreak - column, copyingTo: output)
        output += run
        column += run
        index += run
        // The last few of a short piece, and what stands between blanks.
        while index < count, column < roomBeforeBreak, isPlain(bytes[index]) {
          output[0] = bytes[index]
          output += 1
          column += 1
          index += 1
        }
        if index == count { break }
      }
      let byte = bytes[index]
      if byte == 10 {
        output[0] = 13
        output[1] = 10
        output += 2
        column = 0
        index += 1
        continue
      }
      let isLast = index + 1 == count ? !goesOn : bytes[index + 1] == 10
      var isSafe =
        isPlain(byte) || (!isLast && (byte == 0x20 || byte == 9))
      if column == 0, byte == UInt8(ascii: ".") || isFrom(bytes, index, goesOn) { isSafe = false }
      // 75 and the soft line break, or 76 where the line ends here.
      if column + (isSafe ? 1 : 3) > (isLast ? 76 : 75) {
        output[0] = UInt8(ascii: "=")
        output[1] = 13
        output[2] = 10
        output += 3
        column = 0
        // Looked at again: at the start of a line it may have to be encoded.
        continue
      }
      if isSafe {
        output[0] = byte
        output += 1
        column += 1
      } else {
        output[0] = UInt8(ascii: "=")
        output[1] = Hexadecimal.upper(byte >> 4)
        output[2] = Hexadecimal.upper(byte & 15)
        output += 3
        column += 3
      }
      index += 1
    }
    return output
  }

  /// Stands for itself wherever it is in a line, but for `.` and `F` at its start.
  @inline(__always)
  private static func isPlain(_ byte: UInt8) -> Bool { byte &- 0x21 <= 0x5D && byte != UInt8(ascii: "=") }

  /// Copies what stands for itself, eight bytes at a time, and tells how much that was. May write up to eight bytes
  /// beyond, which the next call overwrites. Stops before a blank that could be the last of its line.
  @inline(__always)
  private static func safeRun(
    _ bytes: UnsafeBufferPointer<UInt8>, from start: Int, limit: Int,
    copyingTo output: UnsafeMutablePointer<UInt8>
  ) -> Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let highs: UInt64 = 0x8080_8080_8080_8080
    let input = UnsafeRawPointer(bytes.baseAddress!)
    let target = UnsafeMutableRawPointer(output)
    var run = 0
    while run < limit, start + run + 8 <= bytes.count {
      let block = UInt64(littleEndian: input.loadUnaligned(fromByteOffset: start + run, as: UInt64.self))
      // The lowest bit set marks the first byte that is a control, not ASCII, "=" or DEL; borrows only reach
      // bytes above it.
      let equals = block ^ (ones &* UInt64(UInt8(ascii: "=")))
      let deletes = block ^ (ones &* 0x7F)
      let marks =
        (((block &- ones &* 0x20) & ~block) | ((equals &- ones) & ~equals) | ((deletes &- ones) & ~deletes)
          | block) & highs
      target.storeBytes(of: block.littleEndian, toByteOffset: run, as: UInt64.self)
      if marks != 0 {
        run += marks.trailingZeroBitCount >> 3
        break
      }
      run += 8
    }
    run = max(0, min(run, limit))
    return run > 0 && bytes[start + run - 1] == 0x20 ? run - 1 : run
  }

  @inline(__always)
  private static func isFrom(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int, _ goesOn: Bool) -> Bool {
    guard bytes[index] == UInt8(ascii: "F") else { return false }
    let start = bytes[index...].prefix(5)
    // The rest of it may stand in the next piece.
    return start.count == 5 || goesOn ? "From ".utf8.starts(with: start) : false
  }

  private static func writeBase64(
    _ bytes: UnsafeBufferPointer<UInt8>, to start: UnsafeMutablePointer<UInt8>
  ) -> UnsafeMutablePointer<UInt8> {
    var canonical: [UInt8] = []
    canonical.reserveCapacity(bytes.count + bytes.count / 16)
    for byte in bytes {
      if byte == 10 { canonical.append(13) }
      canonical.append(byte)
    }
    return canonical.withUnsafeBufferPointer { canonical in
      var output = start
      // 57 bytes make 76 characters.
      var first = 0
      while first < canonical.count {
        let end = min(first + 57, canonical.count)
        output = Base64.write(UnsafeBufferPointer(rebasing: canonical[first..<end]), to: output)
        if end < canonical.count {
          output[0] = 13
          output[1] = 10
          output += 2
        }
        first = end
      }
      return output
    }
  }
}

/// RFC 4648 section 4.
enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func write(
    _ bytes: UnsafeBufferPointer<UInt8>, to start: UnsafeMutablePointer<UInt8>
  ) -> UnsafeMutablePointer<UInt8> {
    alphabet.withUnsafeBufferPointer { alphabet in
      var output = start
      var index = 0
      while index < bytes.count {
        let count = min(3, bytes.count - index)
        let first = Int(bytes[index])
        let second = count > 1 ? Int(bytes[index + 1]) : 0
        let third = count > 2 ? Int(bytes[index + 2]) : 0
        output[0] = alphabet[first >> 2]
        output[1] = alphabet[(first & 3) << 4 | second >> 4]
        output[2] = count > 1 ? alphabet[(second & 15) << 2 | third >> 6] : UInt8(ascii: "=")
        output[3] = count > 2 ? alphabet[third & 63] : UInt8(ascii: "=")
        output += 4
        index += 3
      }
      return output
    }
  }

  static func append(_ bytes: UnsafeBufferPointer<UInt8>, to output: inout ByteBuffer) {
    output.write(atMost: (bytes.count + 2) / 3 * 4) { write(bytes, to: $0) }
  }
}

enum Hexadecimal {
  @inline(__always)
  static func upper(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? UInt8(ascii: "0") &+ nibble : UInt8(ascii: "A") &+ (nibble &- 10)
  }
}
