internal import Glibc

/// A message that no relay can be sent: where and why.
package struct MessageFault: Error, Hashable, Sendable, CustomStringConvertible {
  package let message: String
  package var description: String { message }
}

/// Appends `message` to `output` as it goes out after 354: a dot doubled at the start of each line, CRLF at the
/// end, and the line with the final dot (RFC 5321 4.5.2).
///
/// A bare CR or LF is refused: servers disagree about whether it ends a line, which is how a second message is
/// smuggled into a first.
///
/// - Returns: whether the message holds bytes above 127.
/// - Throws: a fault; `output` is as it was.
@discardableResult
package func appendDotStuffed(
  _ message: [UInt8], to output: inout [UInt8]
) throws(MessageFault) -> Bool {
  let start = output.count
  let (isReady, isEightBit) = message.withUnsafeBytes(look)
  if isReady {
    output.append(contentsOf: message)
  } else if let fault = message.withUnsafeBytes({ appendByLine($0, to: &output) }) {
    output.removeLast(output.count - start)
    throw fault
  }
  output.append(UInt8(ascii: "."))
  output.append(0x0D)
  output.append(0x0A)
  return isEightBit
}

/// Whether a message can go out as it is, which one that we composed can: no line begins with a dot, each CR stands before
/// an LF and each LF behind a CR, and it ends with both. And whether it holds bytes above 127.
private func look(_ bytes: UnsafeRawBufferPointer) -> (isReady: Bool, isEightBit: Bool) {
  let feed: UInt8 = 0x0A
  let dot = UInt8(ascii: ".")
  // An empty array may have an address all the same.
  guard !bytes.isEmpty, let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
    return (true, false)
  }
  // Each byte beside the one before it. Without a branch, so that the compiler takes sixteen at a time.
  var isBad: UInt8 = 0
  var all = start[0]
  for index in 0..<(bytes.count - 1) {
    let before = start[index]
    let byte = start[index + 1]
    isBad |=
      ((before == 0x0D ? 1 : 0) ^ (byte == feed ? 1 : 0)) | ((before == feed ? 1 : 0) & (byte == dot ? 1 : 0))
    all |= byte
  }
  let isFramed = start[0] != dot && start[0] != feed && start[bytes.count - 1] == feed
  return (isFramed && isBad == 0, all >= 0x80)
}

/// Line by line, where there is something to double, to complete or to refuse.
private func appendByLine(_ bytes: UnsafeRawBufferPointer, to output: inout [UInt8]) -> MessageFault? {
  guard var line = bytes.baseAddress else { return nil }
  let end = line + bytes.count
  func offset(_ place: UnsafeRawPointer) -> Int { place - bytes.baseAddress! }
  while line < end {
    if line.load(as: UInt8.self) == UInt8(ascii: ".") { output.append(UInt8(ascii: ".")) }
    let rest = end - line
    let feed = memchr(line, 0x0A, rest).map { UnsafeRawPointer($0) }
    let lineEnd = feed ?? end
    if let carriage = memchr(line, 0x0D, lineEnd - line).map({ UnsafeRawPointer($0) }) {
      if carriage + 1 != feed {
        return MessageFault(
          message: "the message has a carriage return without a line feed at byte \(offset(carriage))")
      }
      output.append(contentsOf: UnsafeRawBufferPointer(start: line, count: lineEnd + 1 - line))
      line = lineEnd + 1
    } else if feed != nil {
      return MessageFault(
        message: "the message has a line feed without a carriage return at byte \(offset(lineEnd))")
    } else {
      output.append(contentsOf: UnsafeRawBufferPointer(start: line, count: rest))
      output.append(0x0D)
      output.append(0x0A)
      line = end
    }
  }
  return nil
}
