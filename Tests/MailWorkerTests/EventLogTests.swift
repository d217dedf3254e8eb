import CodeRequests
import Foundation
import Glibc
import MailWorker
import Testing

private let noon = Date(timeIntervalSince1970: 1_795_262_400.5)

/// What a log writes for some events.
private func written(_ format: EventLog.Format, _ events: [LogEvent]) throws -> String {
  let pipe = Pipe()
  let log = EventLog(format, descriptor: pipe.fileHandleForWriting.fileDescriptor, now: { noon })
  log.post(events)
  try pipe.fileHandleForWriting.close()
  return String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
}

@Suite struct EventLogTests {
  @Test func `writes one JSON object a line with time, level and event first`() throws {
    let event = LogEvent(.sent).with("id", "AbCd…").with("attempt", 2).with("took", .microseconds(12_345))
    let text = try written(.json, [event, LogEvent(.stopped, .warning)])
    #expect(
      text == """
        {"time":"2026-11-21T12:00:00.500Z","level":"info","event":"sent","id":"AbCd…","attempt":2,"took":12.345}
        {"time":"2026-11-21T12:00:00.500Z","level":"warning","event":"stopped"}

        """)
  }

  @Test func `leaves out fields without a value`() throws {
    #expect(try !written(.json, [LogEvent(.sent).with("relay", String?.none)]).contains("relay"))
  }

  @Test func `escapes what would break a line of JSON`() throws {
    let text = try written(.json, [LogEvent(.failed).with("reply", "a\"b\\c\r\nd\u{0}\u{7F}")])
    let line = try #require(text.split(separator: "\n").first)
    #expect(text.utf8.count { $0 == UInt8(ascii: "\n") } == 1)
    let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    #expect(object?["reply"] as? String == "a\"b\\c\r\nd\u{0}\u{7F}")
  }

  @Test func `lets no relay's words steer a terminal`() throws {
    let text = try written(.readable, [LogEvent(.failed).with("reply", "\u{1B}[2Jx\u{9B}y\u{7F}")])
    #expect(!text.unicodeScalars.contains { $0.value == 0x1B || $0.value == 0x9B })
    #expect(text.hasPrefix("12:00:00.500"))
  }

  @Test func `shows neither a passcode nor a whole address given as values of their types`() throws {
    let address = try EmailAddress("anna.andersson@example.org")
    let passcode = try Passcode("123456")
    let text = try written(
      .json, [LogEvent(.sent).with("recipient", "\(address)").with("code", "\(passcode)")])
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
    dup2(pipe.fileHandleForWriting.fileDescriptor, writing)
    log.post(LogEvent(.stopped))
    close(writing)
    close(full)
    try pipe.fileHandleForWriting.close()
    let text = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    #expect(text.contains("\"log-lines-lost\",\"level\":\"warning\",\"count\":2"))
    #expect(text.contains("\"stopped\""))
  }

  @Test(arguments: [(0.0, "0"), (1.5, "1.5"), (0.001, "0.001"), (-0.25, "-0.25"), (12.3456, "12.346")])
  func `writes decimals with at most three places`(value: Double, text: String) {
    var line = JSONLine()
    line.add("x", decimal: value)
    #expect(Double(line.text.dropFirst(5).dropLast()) == Double(text))
  }
}
