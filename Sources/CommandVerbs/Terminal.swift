internal import LinuxSystem

/// Standard output and error, and what may be assumed of them.
package enum Terminal {
  package static let isOutputTerminal = StandardStream.output.isTerminal
  package static let isInputTerminal = StandardStream.input.isTerminal
  /// Colours only where a person reads, and not where NO_COLOR asks for none.
  package static let hasColour =
    isOutputTerminal && CurrentProcess.variable("NO_COLOR") == nil
    && CurrentProcess.variable("TERM").map { $0 != "dumb" } ?? false

  package static func print(_ line: String) { write(line + "\n", to: .output) }
  package static func error(_ line: String) { write(line + "\n", to: .error) }
  package static func write(_ text: String) { write(text, to: .output) }

  /// A reader that went away (`passcode queue | head`) ends the writing, not the program.
  private static func write(_ text: String, to stream: StandardStream) {
    _ = BorrowedDescriptor(stream).writeAll(Array(text.utf8))
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
    return readLine(from: StandardStream.input.rawValue, limit: limit)
  }

  /// A signal while nothing is shown must not leave the terminal that way, so signals wait in a queue until
  /// the settings are back.
  private static func readHidden(prompt: String, limit: Int) -> String? {
    guard isInputTerminal, let signals = try? SignalQueue([.interrupt, .terminate, .hangUp]) else {
      return nil
    }
    // Hidden before the prompt shows: what is typed on seeing it must not be echoed, nor be flushed away.
    let line = StandardStream.input.hidingTyping { () -> String? in
      write(prompt, to: .error)
      let input = StandardStream.input.rawValue
      let ready = try? waitReadable([input, signals.pollDescriptor], milliseconds: -1)
      return ready?[1] == false ? readLine(from: input, limit: limit) : nil
    }
    guard let line else { return nil }
    write("\n", to: .error)
    if let signal = signals.next() { CurrentProcess.exit(signal.exitStatus) }
    return line
  }

  /// The first line, byte by byte so that nothing after it is consumed.
  package static func readLine(from descriptor: Int32, limit: Int) -> String? {
    let source = BorrowedDescriptor(descriptor)
    var bytes: [UInt8] = []
    while bytes.count < limit, let byte = source.readByte() {
      if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
      bytes.append(byte)
    }
    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
  }
}
