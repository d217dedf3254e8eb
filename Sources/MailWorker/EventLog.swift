internal import CodeRequests
package import Foundation
internal import Glibc
internal import LinuxSystem

/// The log: one event a line, as JSON for programs or in columns for people.
///
/// A log that cannot be written (full disk, closed pipe) never stops the mail: what could not be written is
/// counted, and the count is written when writing works again.
package final class EventLog: Sendable {
  package enum Format: Sendable { case json, readable, none }

  private let format: Format
  private let descriptor: Int32
  private let now: @Sendable () -> Date
  private let lost = Monitor(0)
  /// Also told of each event, for progress bars and tests.
  private let observer: (@Sendable (LogEvent) -> Void)?

  package init(
    _ format: Format, descriptor: Int32 = STDOUT_FILENO, now: @escaping @Sendable () -> Date = { Date() },
    observer: (@Sendable (LogEvent) -> Void)? = nil
  ) {
    self.format = format
    self.descriptor = descriptor
    self.now = now
    self.observer = observer
  }

  package func post(_ event: LogEvent) { post([event]) }

  /// Writes a batch of events at once.
  package func post(_ events: [LogEvent]) {
    if let observer { for event in events { observer(event) } }
    guard format != .none, !events.isEmpty else { return }
    let time = now()
    var bytes: [UInt8] = []
    bytes.reserveCapacity(events.count * 256)
    for event in events {
      if format == .json {
        Self.json(event, at: time).append(to: &bytes)
      } else {
        bytes.append(contentsOf: Self.readable(event, at: time).utf8)
        bytes.append(UInt8(ascii: "\n"))
      }
    }
    lost.withLock { lost in
      if lost > 0 {
        let line = "{\"event\":\"log-lines-lost\",\"level\":\"warning\",\"count\":\(lost)}\n"
        if write(Array(line.utf8)) { lost = 0 }
      }
      if !write(bytes) { lost += events.count }
    }
  }

  private func write(_ bytes: [UInt8]) -> Bool {
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress! + offset, bytes.count - offset)
      }
      if count < 0 {
        if errno == EINTR { continue }
        return false
      }
      offset += count
    }
    return true
  }

  private static func json(_ event: LogEvent, at time: Date) -> JSONLine {
    var line = JSONLine()
    line.add("time", time.rfc3339)
    line.add("level", event.level.rawValue)
    line.add("event", event.name.rawValue)
    for (key, value) in event.fields {
      switch value {
      case .text(let text): line.add(key, text)
      case .number(let number): line.add(key, number)
      case .milliseconds(let milliseconds): line.add(key, decimal: milliseconds)
      }
    }
    return line
  }

  /// `05:22:47.120  sent             id=…  recipient=…`.
  private static func readable(_ event: LogEvent, at time: Date) -> String {
    let clock = time.rfc3339.dropFirst(11).dropLast()
    let mark = event.level == .info ? " " : event.level == .warning ? "!" : "✗"
    let name = event.name.rawValue
    let padding = String(repeating: " ", count: max(1, 16 - name.count))
    let fields = event.fields.map { key, value in
      switch value {
      case .text(let text): "\(key)=\(text.contains(" ") ? "\"\(printable(text))\"" : printable(text))"
      case .number(let number): "\(key)=\(number)"
      case .milliseconds(let value): "\(key)=\((value * 10).rounded() / 10) ms"
      }
    }
    return "\(clock) \(mark) \(name)\(padding)\(fields.joined(separator: "  "))"
  }

  /// A terminal must not obey what a relay wrote in a reply.
  private static func printable(_ text: String) -> String {
    firstControlCharacter(in: text) == nil
      ? text
      : String(
        String.UnicodeScalarView(
          text.unicodeScalars.map { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) ? "?" : $0 }))
  }
}
