package import FoundationEssentials
internal import LinuxSystem

/// The log: one event a line, as JSON for programs or in columns for people.
///
/// On failure: a log never holds up the mail. Events are put into a bounded buffer and written by a thread of
/// the log's own, so that a reader who stops reading (a full pipe) stops that thread alone. What finds the buffer
/// full, and what cannot be written (full disk, closed pipe), is counted; the count is written as `log-lines-lost`
/// when writing works again. `close` waits for a bounded time.
package final class EventLog: Sendable {
  package enum Format: Sendable {
    case json
    case readable
    /// Readable, with a colour for each level, for a terminal that has some.
    case coloured
    case none
  }

  /// At most so many events wait.
  package static let capacity = 8192

  private let now: @Sendable () -> Date
  let buffer = Monitor(EventBuffer())
  private let writer: LinuxThread?

  /// Where its thread cannot be started, all events are lost and the mail goes on.
  package init(
    _ format: Format, descriptor: Int32 = StandardStream.output.rawValue,
    now: @escaping @Sendable () -> Date = { Date() }
  ) {
    self.now = now
    let buffer = buffer
    writer =
      format == .none
      ? nil : try? LinuxThread("log") { EventLogWriter(buffer, format, descriptor, now).run() }
  }

  deinit { buffer.change { $0.isClosed = true } }

  package func post(_ event: WorkerEvent) { LogEvent(event).map { post([$0]) } }

  /// Takes a batch of events; never waits for their writing.
  func post(_ events: [WorkerEvent]) { post(events.compactMap(LogEvent.init)) }

  package func post(_ event: LogEvent) { post([event]) }

  /// Takes a batch of events; never waits for their writing.
  package func post(_ events: [LogEvent]) {
    guard writer != nil, !events.isEmpty else { return }
    let time = now()
    buffer.change { buffer in
      let room = max(0, Self.capacity - buffer.events.count)
      for event in events.prefix(room) { buffer.events.append((event, time)) }
      buffer.lost += max(0, events.count - room)
    }
  }

  /// Shows a line below the last event, in the place of the one before; an empty one takes it away. For a terminal: events
  /// that come are written above it.
  package func show(status: String) {
    guard writer != nil else { return }
    buffer.change { buffer in
      guard buffer.status != status else { return }
      buffer.status = status
      buffer.hasNewStatus = true
    }
  }

  /// Writes what waits, and nothing any more that is posted later.
  ///
  /// - Parameter limit: where nobody reads, what is left is given up after this.
  package func close(within limit: Duration = .seconds(1)) {
    guard let writer else { return }
    buffer.change { $0.isClosed = true }
    let isDone = buffer.wait(timeout: limit) { $0.writing == .ended ? true : nil } ?? false
    if isDone { writer.join() }
  }
}

/// What was posted and is not being written yet.
struct EventBuffer: Sendable {
  var events: [(event: LogEvent, time: Date)] = []
  /// Events that found it full, since the last count was taken.
  var lost = 0
  var isClosed = false
  /// What stands below the events.
  var status = ""
  var hasNewStatus = false
  var writing = Writing.none

  /// What the writer is about: `some` from when it has taken something until it is done with it.
  enum Writing { case none, some, ended }
}
