/// Puts a body into lines of at most 76 ASCII characters, whatever it holds.
///
/// Line ends of the input are LF and become CRLF; a CR of the input is data and is encoded.
enum BodyEncoding: Sendable {
  case quotedPrintable, base64

  /// The one that comes out shorter: text in Latin letters stays readable, other scripts do not treble.
  static func shorter(for bytes: [UInt8]) -> BodyEncoding {
    bytes.withUnsafeBufferPointer { bytes in
      var escaped = 0
      var lineEnds = 0
      for byte in bytes {
        escaped &+= isSafe[Int(byte)] ? 0 : 1
        lineEnds &+= byte == 10 ? 1 : 0
      }
      // A line end counts as escaped in the table but becomes two bytes in both encodings.
      let length = bytes.count + 2 * (escaped - lineEnds) + lineEnds
      let quoted = length + length / 75 * 3
      let base64 = (bytes.count + lineEnds + 2) / 3 * 4
      return quoted <= base64 + base64 / 76 * 2 ? .quotedPrintable : .base64
    }
  }

  var name: String {
    switch self {
    case .quotedPrintable: "quoted-printable"
    case .base64: "base64"
    }
  }

  func append(_ bytes: [UInt8], to output: inout [UInt8]) {
    switch self {
    case .quotedPrintable: Self.appendQuotedPrintable(bytes, to: &output)
    case .base64: Self.appendBase64(bytes, to: &output)
    }
  }

  /// What stands for itself in quoted-printable (RFC 2045 6.7): printable ASCII but `=`, and blanks inside a line.
  private static let isSafe: [Bool] = (0..<256).map {
    ($0 >= 0x20 && $0 <= 0x7E && $0 != 0x3D) || $0 == 0x09
  }

  private static func appendQuotedPrintable(_ bytes: [UInt8], to output: inout [UInt8]) {
    bytes.withUnsafeBufferPointer { bytes in
      isSafe.withUnsafeBufferPointer { isSafe in
        var start = 0
        while start < bytes.count {
          var end = start
          while end < bytes.count, bytes[end] != 10 { end += 1 }
          appendLine(UnsafeBufferPointer(rebasing: bytes[start..<end]), isSafe, to: &output)
          if end < bytes.count {
            output.append(13)
            output.append(10)
          }
          start = end + 1
        }
      }
    }
  }

  /// One line without its end. Soft line breaks keep it under 76; a blank at the end of a line, a dot at its start
  /// and `From ` are encoded, since relays are known to touch them.
  private static func appendLine(
    _ line: UnsafeBufferPointer<UInt8>, _ isSafe: UnsafeBufferPointer<Bool>, to output: inout [UInt8]
  ) {
    var column = 0
    var index = 0
    while index < line.count {
      // A run that stands for itself is copied at once, as far as the line has room.
      let byte = line[index]
      let isLast = index == line.count - 1
      let mustEscape =
        !isSafe[Int(byte)]
        || (isLast && (byte == 0x20 || byte == 0x09))
        || (column == 0 && (byte == UInt8(ascii: ".") || isFrom(line, index)))
      let width = mustEscape ? 3 : 1
      // 75 and the soft line break, or 76 where the line ends here.
      if column + width > (isLast ? 76 : 75) {
        output.append(UInt8(ascii: "="))
        output.append(13)
        output.append(10)
        column = 0
        continue
      }
      if mustEscape {
        output.append(UInt8(ascii: "="))
        output.append(Hexadecimal.upper(byte >> 4))
        output.append(Hexadecimal.upper(byte & 15))
        column += 3
        index += 1
        continue
      }
      var end = index + 1
      let limit = min(line.count - 1, index + 75 - column)
      while end < limit, isSafe[Int(line[end])] { end += 1 }
      output.append(contentsOf: UnsafeBufferPointer(rebasing: line[index..<end]))
      column += end - index
      index = end
    }
  }

  private static func isFrom(_ line: UnsafeBufferPointer<UInt8>, _ index: Int) -> Bool {
    guard line[index] == UInt8(ascii: "F"), index + 5 <= line.count else { return false }
    return line[index..<index + 5].elementsEqual("From ".utf8)
  }

  private static func appendBase64(_ bytes: [UInt8], to output: inout [UInt8]) {
    var canonical: [UInt8] = []
    canonical.reserveCapacity(bytes.count + bytes.count / 16)
    for byte in bytes {
      if byte == 10 { canonical.append(13) }
      canonical.append(byte)
    }
    canonical.withUnsafeBufferPointer { canonical in
      // 57 bytes make 76 characters.
      var start = 0
      while start < canonical.count {
        let end = min(start + 57, canonical.count)
        Base64.append(UnsafeBufferPointer(rebasing: canonical[start..<end]), to: &output)
        if end < canonical.count {
          output.append(13)
          output.append(10)
        }
        start = end
      }
    }
  }
}

enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func append(_ bytes: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
    alphabet.withUnsafeBufferPointer { alphabet in
      var index = 0
      while index < bytes.count {
        let count = min(3, bytes.count - index)
        let first = Int(bytes[index])
        let second = count > 1 ? Int(bytes[index + 1]) : 0
        let third = count > 2 ? Int(bytes[index + 2]) : 0
        output.append(alphabet[first >> 2])
        output.append(alphabet[(first & 3) << 4 | second >> 4])
        output.append(count > 1 ? alphabet[(second & 15) << 2 | third >> 6] : UInt8(ascii: "="))
        output.append(count > 2 ? alphabet[third & 63] : UInt8(ascii: "="))
        index += 3
      }
    }
  }
}
