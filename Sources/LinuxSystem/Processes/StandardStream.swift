internal import CLinux
internal import Glibc

/// What a process is started with, by its descriptors. They are somebody else's, who may share them.
package enum StandardStream: Int32, Sendable {
  case input = 0
  case output = 1
  case error = 2

  /// Whether a person may sit at the other end. The corresponding C function is `isatty`.
  package var isTerminal: Bool { isatty(rawValue) == 1 }

  /// How many characters a line of the terminal holds; nil where it is none, or does not know. The corresponding C function
  /// is `ioctl` with `TIOCGWINSZ`.
  package var columns: Int? {
    var size = winsize()
    // asm-generic/ioctls.h; the macro is one that Swift cannot read.
    let getSize: UInt = 0x5413
    guard ioctl(rawValue, getSize, &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// Runs `body` while the terminal does not show what is typed. Hidden from before `body` begins, and what was typed
  /// until then is thrown away. The corresponding C function is `tcsetattr`.
  ///
  /// - Returns: nil where it is no terminal; `body` did not run.
  package func hidingTyping<Result>(_ body: () -> Result) -> Result? {
    var before = termios()
    guard tcgetattr(rawValue, &before) == 0 else { return nil }
    var hidden = before
    hidden.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(rawValue, TCSAFLUSH, &hidden)
    defer { tcsetattr(rawValue, TCSAFLUSH, &before) }
    return body()
  }
}

/// A descriptor that is somebody else's to close, such as a standard stream: written to and read from without the faults
/// that tests put into the calls on files.
package struct BorrowedDescriptor: Sendable {
  private let rawValue: Int32

  package init(_ rawValue: Int32) { self.rawValue = rawValue }
  package init(_ stream: StandardStream) { self.init(stream.rawValue) }

  /// Writes all bytes, waiting where the descriptor does not: whoever gave it to us may have made it non-blocking.
  ///
  /// - Returns: how many were written; less than all where it failed.
  package func writeAll(_ bytes: [UInt8]) -> Int {
    var written = 0
    bytes.withUnsafeBytes { buffer in
      try? wholeWrite(buffer) { start, count throws(SystemCallError) in
        let part = try write(start, count)
        written += part
        return part
      }
    }
    return written
  }

  private func write(_ start: UnsafeRawPointer, _ count: Int) throws(SystemCallError) -> Int {
    let part = Glibc.write(rawValue, start, count)
    if part >= 0 { return part }
    switch ErrorNumber.last {
    case .interrupted: return 0
    case .wouldBlock:
      var polled = PollSet()
      polled.add(rawValue, .output)
      polled.wait(milliseconds: 1000)
      return 0
    case let number: throw SystemCallError("write", "", number)
    }
  }

  /// Reads one byte, so that nothing after it is consumed; nil at the end.
  package func readByte() -> UInt8? {
    var byte: UInt8 = 0
    while true {
      let count = Glibc.read(rawValue, &byte, 1)
      if count == 1 { return byte }
      guard count < 0, ErrorNumber.last == .interrupted else { return nil }
    }
  }
}
