import Foundation
import TestSupport
import Testing

/// The built worker drains its spool while the relay is cut off and comes back, again and again.
///
/// `PASSCODE_TEST_DRAIN=20000 swift test --filter InterruptedRelayTests` does it with 20,000 requests; the same at the
/// level of the lanes, always with 20,000, is `InterruptedDrainTests`.
@Suite(.waitsLong) struct InterruptedRelayTests {
  private static let count =
    ProcessInfo.processInfo.environment["PASSCODE_TEST_DRAIN"].flatMap(Int.init) ?? 1200
  private static let stops = 5

  @Test func `a drain loses nothing to a relay that leaves and returns, and doubles ambiguous mails alone`()
    throws
  {
    let relay = try CountingRelay()
    let scratch = try Scratch(
      relay: "127.0.0.1:\(relay.port)",
      extra:
        "limits: { perSubject: [], perMailbox: [], perClient: [] }, delivery: { retryDelays: [\"200ms\"] },",
      relayKeys: "security: \"plaintext\", lanes: 8")
    for number in 0..<Self.count {
      // The log shows the first eight characters.
      let id = String(format: "%08dAAAAAAAAAAAAAAAA", number)
      try scratch.drop(
        "{\"version\":1,\"id\":\"\(id)\",\"recipient\":\"guest\(number)@example.org\"}", as: "\(id).json")
    }
    let worker = try ChildProcess(scratch.command, ["worker", "--drain", "--config", scratch.config])
    for stop in 1...Self.stops {
      try #require(
        relay.wait(forTaken: Self.count * stop / (Self.stops + 1)), "\(worker.text())"
      )
      let down = "\"event\":\"relay-down\""
      let downs = worker.text().components(separatedBy: down).count - 1
      relay.cut()
      // Each second time it is away until the worker has seen that.
      if stop % 2 == 0 { #expect(worker.wait(for: down, count: downs + 1)) }
      try relay.start()
    }
    let result = try worker.wait(timeout: .seconds(240))
    #expect(result.status == 0, "\(result.errorText)")
    relay.cut()

    var events: [String: [String]] = [:]
    for line in result.lines {
      guard let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
        let event = object["event"] as? String, let id = object["id"] as? String
      else { continue }
      events[event, default: []].append(String(id.prefix(8)))
    }
    let ambiguous = Dictionary(grouping: events["ambiguous"] ?? [], by: { $0 }).mapValues(\.count)
    let failed = Set(events["failed"] ?? [])
    let taken = relay.taken
    for number in 0..<Self.count {
      let id = String(format: "%08d", number)
      let doubts = ambiguous[id] ?? 0
      let copies = taken["guest\(number)@example.org"] ?? 0
      // Two silences: it has failed, and neither mail need have arrived.
      let least = failed.contains(id) ? 0 : 1
      if copies < least || copies > 1 + doubts {
        Issue.record(
          "request \(number) was taken \(copies) times, was ambiguous \(doubts) times and \(least == 0 ? "failed" : "was sent")"
        )
      }
    }
    // A second silence ends a request as failed, since its mail may have arrived twice; it is never tried a third time.
    let ended = (events["sent"] ?? []) + (events["failed"] ?? [])
    #expect(ended.count == Self.count && Set(ended).count == Self.count)
    #expect((events["failed"] ?? []).allSatisfy { ambiguous[$0] != nil })
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(scratch.spool)/new").isEmpty)
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(scratch.spool)/deferred").isEmpty)
  }
}
