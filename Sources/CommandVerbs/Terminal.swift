internal import Documents
internal import LinuxSystem

/// Standard output and error, and what may be assumed of them.
///
/// All that the command says goes through here, and no character that a terminal acts on gets through but our own line
/// ends and styles: what stands in mails, requests, files and replies is shown, never obeyed (`PlainText`).
package enum Terminal {
  package static let isOutputTerminal = StandardStream.output.isTerminal
  package static let isInputTerminal = StandardStream.input.isTerminal
  /// Whether a line can be written anew in its place.
  package static let canRewrite =
    isOutputTerminal && CurrentProcess.variable("TERM").map { $0 != "dumb" } ?? false
  /// Colours only where a person reads, and not where NO_COLOR asks for none (no-color.org: in any value but an empty one).
  package static let hasColour = canRewrite && CurrentProcess.variable("NO_COLOR")?.isEmpty ?? true
  /// How wide the terminal is now; 80 where it does not say.
  package static var columns: Int { StandardStream.output.columns ?? 80 }

  #if DEBUG
    /// What stands in the place of the standard streams for a test that runs a verb in its own process.
    package struct Streams: Sendable {
      package let input: String?
      /// Gets what is written, and whether to standard error.
      package let write: @Sendable (String, Bool) -> Void

      package init(input: String? = nil, write: @escaping @Sendable (String, Bool) -> Void) {
        self.input = input
        self.write = write
      }
    }
    @TaskLocal package static var streams: Streams?
  #endif

  /// Prints lines; for texts whose line ends are our own.
  package static func print(_ lines: String) { write(shown(lines, keeping: .lineFeeds) + "\n", to: .output) }
  /// Prints one line, whatever the text holds.
  package static func print(line: String) { write(shown(line) + "\n", to: .output) }
  package static func error(_ lines: String) { write(shown(lines, keeping: .lineFeeds) + "\n", to: .error) }

  /// What is written of a text: its styles as a terminal knows them, all else that it would act on escaped.
  static func shown(_ text: String, keeping kept: PlainText.Kept = .nothing) -> String {
    var pieces = text.split(separator: styleMark, omittingEmptySubsequences: false)[...]
    var shown = PlainText.escaped(String(pieces.popFirst() ?? ""), keeping: kept)
    for piece in pieces {
      guard let end = piece.firstIndex(of: "m") else { continue }
      shown += "\u{1B}[\(piece[..<end])m"
      shown += PlainText.escaped(String(piece[piece.index(after: end)...]), keeping: kept)
    }
    return shown
  }

  /// Stands where a style begins or ends, with its number and an m after it. Nobody who writes a mail knows it.
  private static let styleMark = String(
    String.UnicodeScalarView((0..<4).map { _ in Unicode.Scalar(UInt32.random(in: 0x10_0000...0x10_FFFD))! }))

  /// A reader that went away (`passcode queue | head`) ends the writing, not the program.
  private static func write(_ text: String, to stream: StandardStream) {
    #if DEBUG
      if let streams { return streams.write(text, stream == .error) }
    #endif
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
    hasColour ? marked(text, styles) : text
  }

  static func marked(_ text: String, _ styles: [Style]) -> String {
    "\(styleMark)\(styles.map(\.rawValue).joined(separator: ";"))m\(text)\(styleMark)0m"
  }

  /// Reads a secret: from a terminal with a prompt and without showing what is typed, else the first line of
  /// standard input. Never from an argument or the environment, which other users can see.
  ///
  /// - Parameter limit: at most so many bytes are read; what is longer is cut there.
  package static func readSecret(prompt: String, limit: Int = 4096) -> String? {
    #if DEBUG
      if let streams { return streams.input }
    #endif
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

  /// Asks a person; anything but yes is no.
  package static func confirm(_ question: String) -> Bool {
    write(shown(question), to: .error)
    let answer = readLine(from: StandardStream.input.rawValue, limit: 64)?.lowercased()
    return answer == "y" || answer == "yes"
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
