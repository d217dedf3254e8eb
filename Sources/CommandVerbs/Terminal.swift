internal import Glibc
internal import LinuxSystem

/// Standard output and error, and what may be assumed of them.
package enum Terminal {
  package static let isOutputTerminal = isatty(STDOUT_FILENO) == 1
  package static let isInputTerminal = isatty(STDIN_FILENO) == 1
  /// Colours only where a person reads, and not where NO_COLOR asks for none.
  package static let hasColour =
    isOutputTerminal && getenv("NO_COLOR") == nil && getenv("TERM").map { strcmp($0, "dumb") != 0 } ?? false

  package static func print(_ line: String) { write(line + "\n", to: STDOUT_FILENO) }
  package static func error(_ line: String) { write(line + "\n", to: STDERR_FILENO) }
  package static func write(_ text: String) { write(text, to: STDOUT_FILENO) }

  /// A reader that went away (`passcode queue | head`) ends the writing, not the program.
  private static func write(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 { bytes = bytes.dropFirst(count) } else if errno != EINTR { return }
    }
  }

  package enum Style: String {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case cyan = "36"
  }

  package static func styled(_ text: String, _ styles: Style...) -> String {
    guard hasColour else { return text }
    return "\u{1B}[\(styles.map(\.rawValue).joined(separator: ";"))m\(text)\u{1B}[0m"
  }

  /// Reads a secret: from a terminal with a prompt and without showing what is typed, else the first line of
  /// standard input. Never from an argument or the environment, which other users can see.
  ///
  /// - Parameter limit: bytes read at the most; what is longer is cut there.
  package static func readSecret(prompt: String, limit: Int = 4096) -> String? {
    if isInputTerminal { return readHidden(prompt: prompt, limit: limit) }
    return readLine(from: STDIN_FILENO, limit: limit)
  }

  /// A signal while nothing is shown must not leave the terminal that way, so signals wait in a queue until
  /// the settings are back.
  private static func readHidden(prompt: String, limit: Int) -> String? {
    var before = termios()
    guard tcgetattr(STDIN_FILENO, &before) == 0, let signals = try? SignalQueue([SIGINT, SIGTERM, SIGHUP])
    else { return nil }
    var hidden = before
    hidden.c_lflag &= ~tcflag_t(ECHO)
    // Hidden before the prompt shows: what is typed on seeing it must not be echoed, nor be flushed away.
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
    write(prompt, to: STDERR_FILENO)
    let ready = try? waitReadable([STDIN_FILENO, signals.pollDescriptor], milliseconds: -1)
    let line = ready?[1] == false ? readLine(from: STDIN_FILENO, limit: limit) : nil
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
    write("\n", to: STDERR_FILENO)
    if let signal = signals.next() { exit(128 + signal) }
    return line
  }

  /// The first line, byte by byte so that nothing after it is consumed.
  package static func readLine(from descriptor: Int32, limit: Int) -> String? {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while bytes.count < limit {
      let count = read(descriptor, &byte, 1)
      if count < 0, errno == EINTR { continue }
      if count <= 0 { break }
      if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
      bytes.append(byte)
    }
    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
  }
}
