package import LinuxSystem

/// A message that no relay can be sent: where and why.
package struct MessageFault: Error, Hashable, Sendable, CustomStringConvertible {
  package let message: String
  package var description: String { message }
}

/// Makes a message what goes out after 354: a dot doubled at the start of each line, CRLF at the end, and the line with
/// the final dot (RFC 5321 4.5.2).
///
/// A bare CR or LF is refused: servers disagree about whether it ends a line, which is how a second message is
/// smuggled into a first.
///
/// - Returns: whether the message holds bytes above 127.
/// - Throws: a fault; `content` is empty then.
@discardableResult
package func stuffDots(of content: inout ByteBuffer) throws(MessageFault) -> Bool {
  let (isReady, isEightBit) = content.withBytes(look)
  if !isReady {
    let message = [UInt8](content)
    content.removeAll()
    if let fault = message.withUnsafeBytes({ appendByLine($0, to: &content) }) {
      content.removeAll()
      throw fault
    }
  }
  content.append(literal: ".\r\n")
  return isEightBit
}

/// Whether a message can go out as it is, which one that we composed can: no line begins with a dot, each CR stands before
/// an LF and each LF behind a CR, and it ends with both. And whether it holds bytes above 127.
private func look(_ bytes: UnsafeBufferPointer<UInt8>) -> (isReady: Bool, isEightBit: Bool) {
  let feed: UInt8 = 0x0A
  let dot = UInt8(ascii: ".")
  guard let start = bytes.baseAddress, !bytes.isEmpty else { return (true, false) }
  // Each byte beside the one before it. Without a branch, so that the compiler takes sixteen at a time.
  var isBad: UInt8 = 0
  var all = start[0]
  for index in 0..<(bytes.count - 1) {
    let before = start[index]
    let byte = start[index + 1]
    isBad |= ((before == 0x0D) != (byte == feed)) || (before == feed && byte == dot) ? 1 : 0
    all |= byte
  }
  let isFramed = start[0] != dot && start[0] != feed && start[bytes.count - 1] == feed
  return (isFramed && isBad == 0, all >= 0x80)
}

/// Line by line, where there is something to double, to complete or to refuse.
private func appendByLine(_ bytes: UnsafeRawBufferPointer, to output: inout ByteBuffer) -> MessageFault? {
  var line = 0
  func append(_ start: Int, to end: Int) {
    output.append(
      UnsafeBufferPointer(
        start: (bytes.baseAddress! + start).assumingMemoryBound(to: UInt8.self), count: end - start))
  }
  while line < bytes.count {
    if bytes[line] == UInt8(ascii: ".") { output.append(UInt8(ascii: ".")) }
    let feed = bytes.firstOffset(of: 0x0A, from: line)
    let lineEnd = feed ?? bytes.count
    let text = UnsafeRawBufferPointer(rebasing: bytes[line..<lineEnd])
    if let carriage = text.firstOffset(of: 0x0D).map({ line + $0 }) {
      if carriage + 1 != feed {
        return MessageFault(
          message: "the message has a carriage return without a line feed at byte \(carriage)")
      }
      append(line, to: lineEnd + 1)
      line = lineEnd + 1
    } else if feed != nil {
      return MessageFault(
        message: "the message has a line feed without a carriage return at byte \(lineEnd)")
    } else {
      append(line, to: bytes.count)
      output.append(literal: "\r\n")
      line = bytes.count
    }
  }
  return nil
}
