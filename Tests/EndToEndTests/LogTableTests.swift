import Foundation
import MailWorker
import TestSupport
import Testing

/// The table of events in MailWorker.docc, against the code and against what a worker writes.
@Suite(.waits) struct LogTableTests {
  private struct Row {
    var level = ""
    var fields: Set<String> = []
  }

  private func table() throws -> [String: Row] {
    let text = try String(
      contentsOfFile: "\(Scratch.repository)/Sources/MailWorker/MailWorker.docc/MailWorker.md",
      encoding: .utf8)
    var rows: [String: Row] = [:]
    for line in text.split(separator: "\n") where line.hasPrefix("| `") {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      let names = cells[2].split(separator: "`").enumerated().filter { $0.offset % 2 == 0 }
      var row = Row(level: cells[1], fields: [])
      if cells[2].hasPrefix("as ") {
        let other = cells[2].split(separator: "`").last.map(String.init) ?? ""
        row.fields = try #require(rows[other], "\(cells[2])").fields
      } else {
        row.fields = Set(names.map { String($0.element) }.filter { $0 != " " && !$0.isEmpty })
      }
      rows[cells[0].replacing("`", with: "")] = row
    }
    return rows
  }

  @Test func `names every event of the code, and no other`() throws {
    #expect(Set(try table().keys) == Set(LogEvent.Name.allCases.map(\.rawValue)))
  }

  @Test func `names every field that the code writes, and no other`() throws {
    var written: Set<String> = []
    let sources = "\(Scratch.repository)/Sources"
    let files =
      try FileManager.default.contentsOfDirectory(atPath: "\(sources)/MailWorker").filter {
        $0.hasSuffix(".swift")
      }.map { "\(sources)/MailWorker/\($0)" } + ["\(sources)/passcode/Verbs/Worker.swift"]
    for file in files {
      let text = try String(contentsOfFile: file, encoding: .utf8)
      for part in text.components(separatedBy: "with(").dropFirst() {
        let start = (part.hasPrefix("guarded:") ? part.dropFirst(8) : part[...]).drop { $0.isWhitespace }
        guard start.first == "\"" else { continue }
        written.insert(String(start.dropFirst().prefix { $0 != "\"" }))
      }
    }
    let told = try table().values.reduce(into: Set<String>()) { $0.formUnion($1.fields) }
    #expect(written == told)
  }

  @Test func `each line that a worker writes stands in the table, with its level and its fields`() throws {
    let scratch = try makeRig(
      extra: """
        delivery: { retryDelays: ["50ms"] },
        limits: { perSubject: [ { count: 2, window: "30s" } ], perClient: [] },
        """)
    let worker = try scratch.startWorker()
    let addresses = [
      "anna@example.org", "greylist-1+bo@example.org", "rcpt-550-5.1.1+cy@example.org",
      "drop-dot+dan@example.org",
    ]
    for address in addresses { _ = try scratch.request(to: address) }
    #expect(worker.wait(for: "\"event\":\"sent\"", count: 2))
    #expect(worker.wait(for: "\"event\":\"failed\"", count: 2))
    _ = try scratch.request(to: "anna@example.org")
    #expect(worker.wait(for: "\"event\":\"sent\"", count: 3))
    _ = try scratch.request(to: "anna@example.org", "--locale", "xx")
    try scratch.drop(
      "{\"version\":1,\"id\":\"x\",\"recipient\":\"full.address@example.org\"}", as: "bad.json")
    try scratch.drop("{}", as: "full.address@example.org")
    _ = try scratch.request(to: "eve@example.org", "--locale", "xx")
    for event in ["limited", "rejected", "locale-fallback"] {
      #expect(worker.wait(for: "\"event\":\"\(event)\""), "\(event) \(worker.text())")
    }
    worker.signal(SIGHUP)
    #expect(worker.wait(for: "\"event\":\"reloaded\""))
    worker.signal(SIGTERM)
    let result = try worker.wait()
    let rows = try table()
    var seen: Set<String> = []
    for line in result.lines {
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
      let event = try #require(object["event"] as? String)
      let row = try #require(rows[event], "\(event)")
      #expect(object["level"] as? String == row.level, "\(line)")
      let atAdmission = rows["refused"]?.fields ?? []
      for field in object.keys where !["time", "level", "event"].contains(field) {
        #expect(
          row.fields.contains(field)
            || (["expired", "cancelled", "failed"].contains(event) && atAdmission.contains(field)),
          "\(field) in \(line)")
      }
      seen.insert(event)
    }
    #expect(
      seen.isSuperset(of: [
        "started", "sent", "deferred", "ambiguous", "failed", "limited", "rejected", "locale-fallback",
        "reloaded",
        "stopping", "stopped",
      ]), "\(seen)")
    for secret in ["full.address@", "anna@", "bo@", "cy@", "dan@"] {
      #expect(!result.text.contains(secret), "\(secret)")
    }
    let sent = try #require(result.lines.first { $0.contains("\"event\":\"sent\"") })
    for stage in ["queuedMilliseconds", "connect", "envelope", "message", "totalMilliseconds"] {
      #expect(sent.contains("\"\(stage)\":"), "\(sent)")
    }
  }
}
