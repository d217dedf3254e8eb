internal import CodeRequests
internal import Documents
internal import FoundationEssentials
internal import LinuxSystem

/// Writes events as lines, on the log's own thread. A line that could not be written whole is lost and counted; the
/// next one begins on a line of its own.
///
/// On failure: the events of a write that failed are counted and told with the next one that succeeds; none is tried
/// twice, none is waited for by anybody but this thread.
struct EventLogWriter {
  private let buffer: Monitor<EventBuffer>
  private let format: EventLog.Format
  private let descriptor: BorrowedDescriptor
  private let now: @Sendable () -> Date
  /// The last write ended in the middle of a line.
  private var isTorn = false
  /// The events of a turn have one time.
  private var stamp = (time: Date.distantPast, text: "")
  /// Filled anew for each event: its room is kept.
  private var line = JSONLine(capacity: 512)
  /// What stands below the last event.
  private var status = ""

  init(
    _ buffer: Monitor<EventBuffer>, _ format: EventLog.Format, _ descriptor: Int32,
    _ now: @escaping @Sendable () -> Date
  ) {
    self.buffer = buffer
    self.format = format
    self.descriptor = BorrowedDescriptor(descriptor)
    self.now = now
  }

  /// Runs until the buffer is closed and empty.
  consuming func run() {
    var lost = 0
    var bytes: [UInt8] = []
    while true {
      let taken = buffer.wait {
        buffer -> (events: [(event: LogEvent, time: Date)], lost: Int, status: String)? in
        guard !buffer.events.isEmpty || buffer.lost > 0 || buffer.isClosed || buffer.hasNewStatus else {
          return nil
        }
        defer { (buffer.events, buffer.lost, buffer.writing, buffer.hasNewStatus) = ([], 0, .some, false) }
        return (buffer.events, buffer.lost, buffer.status)
      }
      guard let taken else { continue }
      if taken.events.isEmpty, taken.lost == 0, taken.status != status {
        _ = write([], status: taken.status)
      }
      var rest = taken.events[...]
      // A piece at a time: where nobody reads, no more than a piece is lost with the process.
      while !rest.isEmpty {
        let piece = rest.prefix(256)
        rest = rest.dropFirst(256)
        bytes.removeAll(keepingCapacity: true)
        if lost > 0 { append(.logLinesLost(lost), at: now(), to: &bytes) }
        for (event, time) in piece { append(event, at: time, to: &bytes) }
        if write(bytes, status: taken.status) { lost = 0 } else { lost += piece.count }
      }
      lost += taken.lost
      if taken.lost > 0 {
        bytes.removeAll(keepingCapacity: true)
        append(.logLinesLost(lost), at: now(), to: &bytes)
        if write(bytes, status: taken.status) { lost = 0 }
      }
      let isOver = buffer.change { buffer in
        let isOver =
          buffer.isClosed && buffer.events.isEmpty && buffer.lost == 0 && !buffer.hasNewStatus
        buffer.writing = isOver ? .ended : .none
        return isOver
      }
      if isOver { return }
    }
  }

  /// Writes lines above the status, which is taken away before them: in one piece, so that nothing is torn.
  private mutating func write(_ lines: [UInt8], status newStatus: String) -> Bool {
    var bytes = lines
    if isTorn { bytes.insert(UInt8(ascii: "\n"), at: 0) }
    if !status.isEmpty { bytes.insert(contentsOf: "\r\u{1B}[K".utf8, at: 0) }
    bytes += Array(newStatus.utf8)
    status = newStatus
    let written = descriptor.writeAll(bytes)
    if written == bytes.count { isTorn = false } else if written > 0 { isTorn = true }
    return written == bytes.count
  }

  private mutating func append(_ event: WorkerEvent, at time: Date, to bytes: inout [UInt8]) {
    if let line = LogEvent(event) { append(line, at: time, to: &bytes) }
  }

  private mutating func append(_ event: LogEvent, at time: Date, to bytes: inout [UInt8]) {
    if format == .json {
      if stamp.time != time { stamp = (time, time.rfc3339) }
      line.restart()
      write(event, at: stamp.text)
      line.append(to: &bytes)
    } else {
      bytes.append(contentsOf: Self.readable(event, at: time, isColoured: format == .coloured).utf8)
      bytes.append(UInt8(ascii: "\n"))
    }
  }

  private mutating func write(_ event: LogEvent, at time: String) {
    line.add("time", time)
    line.add("level", event.level.rawValue)
    line.add("event", event.name.rawValue)
    for (key, value) in event.fields {
      switch value {
      case .text(let text): line.add(key.rawValue, LogText.guarded(text))
      case .guarded(let text): line.add(key.rawValue, text)
      case .number(let number): line.add(key.rawValue, number)
      case .seconds(let seconds): line.add(key.rawValue, decimal: seconds)
      }
    }
  }

  /// `05:22:47.120  sent             id=…  recipient=…`.
  private static func readable(_ event: LogEvent, at time: Date, isColoured: Bool) -> String {
    let clock = time.rfc3339.dropFirst(11).dropLast()
    let mark = event.level == .info ? " " : event.level == .warning ? "!" : "✗"
    let name = event.name.rawValue
    let padding = String(repeating: " ", count: max(1, 16 - name.count))
    let fields = event.fields.map { key, value in
      switch value {
      case .text(let text): "\(key.rawValue)=\(quoted(PlainText.escaped(LogText.guarded(text))))"
      case .guarded(let text): "\(key.rawValue)=\(quoted(PlainText.escaped(text)))"
      case .number(let number): "\(key.rawValue)=\(number)"
      case .seconds(let seconds):
        // The name of a field tells its unit; here it stands behind the number.
        "\(key.rawValue.replacing("Seconds", with: ""))=\((seconds * 10_000).rounded() / 10) ms"
      }
    }
    // Dim, yellow and red (ECMA-48, 8.3.117).
    let (colour, end) = isColoured ? ("\u{1B}[\(event.level.colour)m", "\u{1B}[0m") : ("", "")
    return "\(colour)\(clock) \(mark) \(name)\(end)\(padding)\(fields.joined(separator: "  "))"
  }

  private static func quoted(_ text: String) -> String { text.contains(" ") ? "\"\(text)\"" : text }
}

extension LogEvent.Level {
  fileprivate var colour: Int {
    switch self {
    case .info: 2
    case .warning: 33
    case .error: 31
    }
  }
}
