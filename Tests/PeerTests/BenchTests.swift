import Foundation
import TestSupport
import Testing

/// The benches against a server that somebody else wrote; here only that they run and what they print.
@Suite(.waits, .enabled(if: PostfixSink.isAvailable, "Postfix's smtp-sink is missing"))
struct BenchTests {
  private func figures(_ arguments: [String], keys: [String]) throws {
    let sink = try PostfixSink()
    let result = try ChildProcess.run(
      try ExternalTool.built("passcode-bench"),
      arguments + ["--relay", "smtp://127.0.0.1:\(sink.port)", "--runs", "1", "--json"],
      environment: TemporaryDirectory.environment, directory: Scratch.repository)
    #expect(result.status == 0, "\(result)")
    #expect(result.lines.count == 1)
    let object = try result.object()
    for key in keys {
      let value = try #require(object[key] as? Double, "\(key) in \(object)")
      #expect(value > 0 && value.isFinite, "\(key)")
    }
    let title = try #require(object["bench"] as? String)
    #expect(title.contains("500"))
  }

  @Test func `measures bare SMTP against smtp-sink`() throws {
    try figures(
      ["smtp", "--count", "500", "--connections", "2"],
      keys: [
        "messagesPerSecond", "connectOnlyPerSecond", "uploadPerSecond", "ratio", "uploadRatio", "peakMiB",
        "smtpSourcePerSecond", "smtpSourceRatio",
      ])
  }

  @Test func `measures SMTP over TLS, with connections kept and one for each mail`() throws {
    let result = try ChildProcess.run(
      try ExternalTool.built("passcode-bench"),
      ["smtp", "--tls", "--count", "300", "--connections", "2", "--runs", "1", "--json"],
      environment: TemporaryDirectory.environment, directory: Scratch.repository)
    #expect(result.status == 0, "\(result)")
    let object = try result.object()
    for key in [
      "messagesPerSecond", "connectOnlyPerSecond", "reconnectingPerSecond", "ratio", "reconnectingRatio",
    ] {
      let value = try #require(object[key] as? Double, "\(key) in \(object)")
      #expect(value > 0 && value.isFinite, "\(key)")
    }
    #expect((object["bench"] as? String)?.contains("over TLS") == true)
  }

  @Test func `measures the worker against smtp-sink`() throws {
    try figures(
      ["drain", "--count", "500", "--connections", "2"],
      keys: ["messagesPerSecond", "uploadPerSecond", "ratio", "peakMiB"])
  }

  @Test func `refuses a relay that is no SMTP URL`() throws {
    let result = try ChildProcess.run(
      try ExternalTool.built("passcode-bench"),
      ["smtp", "--relay", "http://127.0.0.1:9", "--count", "1"],
      environment: TemporaryDirectory.environment, directory: Scratch.repository)
    #expect(result.status == 64)
    #expect(result.errorText.contains("smtp://"))
  }
}
