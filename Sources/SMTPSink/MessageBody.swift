internal import LinuxSystem

/// The octets between 354 and the final dot: takes lines as they come, undoes dot-stuffing, and notes what is
/// wrong with them.
///
/// What is wrong is answered at the final dot and not before, and the only end of a message is CRLF `.` CRLF:
/// whatever a client smuggles behind a bare LF or CR stays inside the message and never becomes a command.
struct MessageBody {
  enum Problem { case tooBig, longLine, bareNewline, nul }

  private(set) var bytes: [UInt8] = []
  /// Octets so far, kept or not.
  private(set) var size = 0
  private(set) var problem: Problem?
  private var isWithinLine = false
  private var endedInCRLF = true
  let isKept: Bool

  /// - Parameter isKept: false counts and checks, and holds nothing.
  init(isKept: Bool) { self.isKept = isKept }

  mutating func begin() {
    bytes.removeAll(keepingCapacity: bytes.capacity <= 65_536)
    size = 0
    problem = nil
    isWithinLine = false
    endedInCRLF = true
  }

  mutating func takeBytes() -> [UInt8] {
    defer { bytes = [] }
    return bytes
  }

  /// Takes lines of `input`.
  ///
  /// - Returns: how much was taken, and whether the final dot was reached. What is not taken is the beginning
  ///   of a line, to be offered again with more behind it.
  mutating func take(
    _ input: UnsafeRawBufferPointer, limits: SinkLimits
  ) -> (taken: Int, isComplete: Bool) {
    guard let base = input.baseAddress else { return (0, false) }
    let end = input.count
    var index = 0
    var run = 0
    while index < end {
      guard let lineFeed = input.firstOffset(of: 0x0A, from: index) else { break }
      let line = index
      let isStart = !isWithinLine
      isWithinLine = false
      let isStrict = lineFeed > line && base.load(fromByteOffset: lineFeed - 1, as: UInt8.self) == 0x0D
      if isStart, endedInCRLF, base.load(fromByteOffset: line, as: UInt8.self) == UInt8(ascii: ".") {
        append(base, run, line, limits)
        run = line + 1
        if isStrict, lineFeed - line == 2 { return (lineFeed + 1, true) }
      }
      endedInCRLF = isStrict
      let text = lineFeed - line - (isStrict ? 1 : 0)
      if !isStrict || (text > 0 && Self.holds(0x0D, base + line, text)) { note(.bareNewline) }
      if lineFeed + 1 - line > limits.lineLength { note(.longLine) }
      index = lineFeed + 1
    }
    append(base, run, index, limits)
    // Too long to wait for its end: taken but for the last octet, which may be the CR of a CRLF.
    if end - index > limits.lineLength {
      note(.longLine)
      isWithinLine = true
      append(base, index, end - 1, limits)
      index = end - 1
    }
    return (index, false)
  }

  private mutating func append(
    _ base: UnsafeRawPointer, _ start: Int, _ end: Int, _ limits: SinkLimits
  ) {
    let count = end - start
    guard count > 0 else { return }
    if Self.holds(0, base + start, count) { note(.nul) }
    size += count
    if size > limits.messageSize { note(.tooBig) }
    guard isKept else { return }
    if problem == nil {
      bytes.append(contentsOf: UnsafeRawBufferPointer(start: base + start, count: count))
    } else {
      bytes = []
    }
  }

  private static func holds(_ byte: UInt8, _ start: UnsafeRawPointer, _ count: Int) -> Bool {
    UnsafeRawBufferPointer(start: start, count: count).firstOffset(of: byte) != nil
  }

  /// The first one is the one that is answered.
  private mutating func note(_ found: Problem) { problem = problem ?? found }
}
