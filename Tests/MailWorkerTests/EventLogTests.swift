import CodeRequests
import Foundation
import Glibc
import LinuxSystem
import TestSupport
import Testing

@testable import MailWorker

private let noon = Date(timeIntervalSince1970: 1_795_262_400.5)

/// What a log writes for some events.
private func written(_ format: EventLog.Format, _ events: [LogEvent]) throws -> String {
  let pipe = Pipe()
  let log = EventLog(format, descriptor: pipe.fileHandleForWriting.fileDescriptor, now: { noon })
  log.post(events)
  log.close(within: patience)
  try pipe.fileHandleForWriting.close()
  return String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
}

@Suite(.waits) struct EventLogTests {
  @Test func `writes one JSON object a line with time, level and event first`() throws {
    let event = LogEvent(.sent).with(.id, "AbCd…").with(.attempts, 2)
      .with(.envelopeSeconds, .microseconds(12_340))
    let text = try written(.json, [event, LogEvent(.stopped, .warning)])
    #expect(
      text == """
        {"time":"2026-11-21T12:00:00.500Z","level":"info","event":"sent","id":"AbCd…","attempts":2,"envelopeSeconds":0.01234}
        {"time":"2026-11-21T12:00:00.500Z","level":"warning","event":"stopped"}

        """)
  }

  @Test func `leaves out fields without a value`() throws {
    #expect(try !written(.json, [LogEvent(.sent).with(.relay, String?.none)]).contains("relay"))
  }

  @Test func `escapes what would break a line of JSON`() throws {
    let text = try written(.json, [LogEvent(.failed).with(.reply, "a\"b\\c\r\nd\u{0}\u{7F}")])
    let line = try #require(text.split(separator: "\n").first)
    #expect(text.utf8.count { $0 == UInt8(ascii: "\n") } == 1)
    let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    #expect(object?["reply"] as? String == "a\"b\\c\r\nd\u{0}\u{7F}")
  }

  @Test func `lets no relay's words steer a terminal`() throws {
    let text = try written(.readable, [LogEvent(.failed).with(.reply, "\u{1B}[2Jx\u{9B}y\u{7F}")])
    #expect(!text.unicodeScalars.contains { $0.value == 0x1B || $0.value == 0x9B })
    #expect(text.hasPrefix("12:00:00.500"))
  }

  @Test func `colours an event by its level where it is to, and nowhere else`() throws {
    let events = [
      LogEvent(.sent).with(.attempts, 1), LogEvent(.limitNear, .warning), LogEvent(.failed, .error),
    ]
    let lines = try written(.coloured, events).split(separator: "\n")
    #expect(
      lines == [
        "\u{1B}[2m12:00:00.500   sent\u{1B}[0m            attempts=1",
        "\u{1B}[33m12:00:00.500 ! limit-near\u{1B}[0m      ",
        "\u{1B}[31m12:00:00.500 ✗ failed\u{1B}[0m          ",
      ])
    #expect(try !written(.readable, events).contains("\u{1B}"))
  }

  @Test func `events stand above the status line, which is written anew in one piece with them`() throws {
    let pipe = Pipe()
    let log = EventLog(.readable, descriptor: pipe.fileHandleForWriting.fileDescriptor, now: { noon })
    let reader = pipe.fileHandleForReading
    func next(_ body: () -> Void) -> String {
      body()
      return String(decoding: reader.availableData, as: UTF8.self)
    }
    #expect(next { log.show(status: "[#...]") } == "[#...]")
    let event = "12:00:00.500   sent            attempts=1\n"
    #expect(next { log.post(LogEvent(.sent).with(.attempts, 1)) } == "\r\u{1B}[K\(event)[#...]")
    log.show(status: "[#...]")
    #expect(next { log.show(status: "[##..]") } == "\r\u{1B}[K[##..]")
    #expect(next { log.show(status: "") } == "\r\u{1B}[K")
    #expect(next { log.post(LogEvent(.sent).with(.attempts, 1)) } == event)
    log.close(within: patience)
  }

  @Test func `shows neither a passcode nor a whole address given as values of their types`() throws {
    let address = try EmailAddress("anna.andersson@example.org")
    let passcode = try Passcode("123456")
    let text = try written(
      .json, [LogEvent(.sent).with(.recipient, "\(address)").with(.reply, "\(passcode)")])
    #expect(!text.contains("anna.andersson"))
    #expect(!text.contains("123456"))
  }

  @Test func `counts the lines it could not write, and says so when writing works again`() throws {
    let pipe = Pipe()
    let writing = dup(pipe.fileHandleForWriting.fileDescriptor)
    let full = open("/dev/full", O_WRONLY)
    let log = EventLog(.json, descriptor: writing, now: { noon })
    dup2(full, writing)
    log.post([LogEvent(.sent), LogEvent(.sent)])
    #expect(log.flush(within: patience))
    dup2(pipe.fileHandleForWriting.fileDescriptor, writing)
    log.post(LogEvent(.stopped))
    log.close(within: patience)
    close(writing)
    close(full)
    try pipe.fileHandleForWriting.close()
    let text = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    #expect(text.contains("\"level\":\"warning\",\"event\":\"log-lines-lost\",\"count\":2}"))
    #expect(text.contains("\"stopped\""))
  }

  @Test func `waits for no reader, and says how many lines were lost when one reads again`() throws {
    let pipe = Pipe()
    let log = EventLog(.json, descriptor: pipe.fileHandleForWriting.fileDescriptor, now: { noon })
    let total = 3 * EventLog.capacity
    let event = LogEvent(.sent).with(.reply, String(repeating: "x", count: 100))
    let start = ContinuousClock.now
    for _ in 0..<total { log.post(event) }
    #expect(ContinuousClock.now - start < patience)
    #expect(!log.flush(within: .milliseconds(20)), "nobody reads, so something is left")
    let reader = pipe.fileHandleForReading
    let text = Monitor(Data())
    let thread = try LinuxThread("reader") {
      while case let piece = reader.availableData, !piece.isEmpty { text.withLock { $0 += piece } }
    }
    #expect(log.flush(within: patience))
    log.post(LogEvent(.stopped))
    log.close(within: patience)
    try pipe.fileHandleForWriting.close()
    thread.join()
    let lines = String(decoding: text.withLock { $0 }, as: UTF8.self).split(separator: "\n")
    let written = lines.count { $0.contains("\"event\":\"sent\"") }
    let lost = lines.compactMap { line -> Int? in
      guard line.contains("\"event\":\"log-lines-lost\"") else { return nil }
      return line.split(separator: ":").last.flatMap { Int($0.dropLast()) }
    }
    #expect(lost.reduce(written, +) == total)
    #expect(lost.reduce(0, +) > 0 && written >= EventLog.capacity)
    #expect(lines.last?.contains("stopped") == true)
  }

  @Test(arguments: [
    ("550 <anna.b+c@example.org> unknown", "550 <a•••@example.org> unknown"),
    ("to ünal@müller.example, x@y", "to ü•••@müller.example, x•••@y"),
    ("already a•••@example.org", "already a•••@example.org"), ("a @ b", "a @ b"), ("@", "@"),
    (
      "/spool/new/1795238400000.AbCdEfGhIjKlMnOpQrStUvWx.json: read failed",
      "/spool/new/1795238400000.AbCdEfGh….json: read failed"
    ),
    (
      "1795238460000.2.1795238400000.AbCdEfGhIjKlMnOpQrStUvWx.json",
      "1795238460000.2.1795238400000.AbCdEfGh….json"
    ),
    (
      "by-hand.json at 1795238400000.2 of 17952384000001", "by-hand.json at 1795238400000.2 of 17952384000001"
    ),
  ])
  func `writes neither whole addresses nor whole ids, whoever put them there`(text: String, shown: String)
    throws
  {
    for format in [EventLog.Format.json, .readable] {
      for name in LogEvent.Name.allCases {
        let line = try written(format, [LogEvent(name, .error).with(.error, text)])
        #expect(line.contains(shown), "\(line)")
        if text != shown { #expect(!line.contains(text)) }
      }
    }
  }

  @Test func `closes though nobody reads`() throws {
    let pipe = Pipe()
    let log = EventLog(.json, descriptor: pipe.fileHandleForWriting.fileDescriptor, now: { noon })
    let event = LogEvent(.sent).with(.reply, String(repeating: "x", count: 100))
    for _ in 0..<EventLog.capacity { log.post(event) }
    log.close(within: .milliseconds(20))
    #expect(!log.flush(within: .zero), "more than a pipe holds is left")
    let reader = pipe.fileHandleForReading
    let thread = try LinuxThread("reader") { while !reader.availableData.isEmpty {} }
    #expect(log.flush(within: patience))
    try pipe.fileHandleForWriting.close()
    thread.join()
  }
}

extension EventLog {
  /// Whether what was posted so far came to be written or lost in time.
  fileprivate func flush(within limit: Duration) -> Bool {
    buffer.wait(timeout: limit) { $0.events.isEmpty && $0.lost == 0 && $0.writing != .some ? true : nil }
      ?? false
  }
}
