import CodeRequests
import Foundation
@testable import MailWorker
import MessageTemplates
import PasscodeVerifier
import Records
@testable import SMTPDelivery
import TestSupport
import Testing

/// The table of events in MailWorker.docc, against the code and against what a worker writes.
@Suite(.waits) struct LogTableTests {
  private struct Row {
    var level = ""
    var order: [String] = []
    var fields: Set<String> { Set(order) }
  }

  private func table() throws -> [String: Row] {
    let text = try String(
      contentsOfFile: "\(Scratch.repository)/Sources/MailWorker/MailWorker.docc/MailWorker.md",
      encoding: .utf8)
    var rows: [String: Row] = [:]
    let section = text.components(separatedBy: "\n## The log\n").last?.components(separatedBy: "\n## ")[0]
    for line in try #require(section).split(separator: "\n") where line.hasPrefix("| `") {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      let names = cells[2].split(separator: "`").enumerated().filter { $0.offset % 2 == 0 }
      var row = Row(level: cells[1])
      if cells[2].hasPrefix("as ") {
        let other = cells[2].split(separator: "`").last.map(String.init) ?? ""
        row.order = try #require(rows[other], "\(cells[2])").order
      } else {
        row.order = names.map { String($0.element) }.filter { $0 != " " && !$0.isEmpty }
      }
      rows[cells[0].replacing("`", with: "")] = row
    }
    return rows
  }

  @Test func `names every event of the code, and no other`() throws {
    #expect(Set(try table().keys) == Set(LogEvent.Name.allCases.map(\.rawValue)))
  }

  @Test func `names every field of the code, and no other`() throws {
    let told = try table().values.reduce(into: Set<String>()) { $0.formUnion($1.fields) }
    #expect(Set(LogEvent.Field.allCases.map(\.rawValue)) == told)
  }

  /// One of each event that is about no request; those of requests are written by the worker below.
  private static let events: [WorkerEvent] = [
    .started(version: "1", process: 2, spool: "s", relays: ["a", "b"]), .standingBy(spool: "s"), .stopping,
    .stopped(WorkerTally()), .reloaded(.configuration("c")), .reloaded(.templates("t")),
    .reloaded(.tenants("t")), .reloaded(.records("r")), .reloadRefused(reason: "r"),
    .templatePassedOver(TemplateFault(.unreadable, file: "f", "m")),
    .storageError(records: .busy, file: "f", error: "e"), .storageRecovered(file: "f"), .logLinesLost(3),
    .limitNear(LimitNotice(limit: SendLimit(count: 10, window: .seconds(60)), taken: 8)),
    .setAside(file: "f", reason: "r"), .rejected(file: "f", RequestFault(field: "id", "m")),
    .relay(.down(relay: "r", trouble, pause: .seconds(1))),
    .relay(.held(relay: "r", trouble, pause: .seconds(1))),
    .relay(.backingOff(relay: "r", trouble, pause: .seconds(1))),
    .relay(.rejecting(relay: "r", count: 1, window: .seconds(1))), .relay(.recovered(relay: "r")),
    .relay(.limitLearned(relay: "r", perConnection: 1)), .relay(.pipelining(relay: "r", .steps)),
  ]
  private static let trouble = RelayTrouble(
    stage: .connect, incident: .refused, reply: Reply(code: 421, text: "no"), message: "m")

  @Test func `every field of an event stands in its row, and in the row's order`() throws {
    let rows = try table()
    var seen: [String: Set<String>] = [:]
    for event in Self.events {
      let line = try #require(LogEvent(event), "\(event)")
      let row = try #require(rows[line.name.rawValue], "\(line.name)")
      let fields = line.fields.map(\.key.rawValue)
      #expect(row.level == line.level.rawValue, "\(line.name)")
      #expect(row.order.filter(fields.contains) == fields, "\(line.name)")
      seen[line.name.rawValue, default: []].formUnion(fields)
    }
    // Rejections at admission have fields more.
    for (name, fields) in seen where name != "rejected" && name != "relay-throttled" {
      #expect(fields == rows[name]?.fields, "\(name)")
    }
  }

  @Test func `each line that a worker writes stands in the table, with its level and its fields`() throws {
    let scratch = try makeRig(
      extra: """
        delivery: { retryDelays: ["50ms"] },
        limits: { perSubject: [ { count: 4, window: "1h" } ], perClient: [] },
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
    for stage in [
      "queuedSeconds", "connectSeconds", "envelopeSeconds", "messageSeconds", "totalSeconds",
    ] {
      #expect(sent.contains("\"\(stage)\":"), "\(sent)")
    }
  }
}
