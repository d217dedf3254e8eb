import Foundation
import TestSupport
import Testing

@Suite(.waits) struct RelayRejectionTests {
  private func events(_ result: ChildResult) throws -> [[String: Any]] {
    try result.lines.compactMap { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
  }

  @Test
  func `what the only relay refuses for policy is tried until its deadline, and the log says what it was`()
    throws
  {
    let scratch = try makeRig(
      extra: "limits: { perMailbox: [] }, delivery: { deadline: \"3s\", retryDelays: [\"200ms\"] },")
    try scratch.makeSpool()
    for number in 0..<12 {
      try scratch.drop(
        "{\"version\":1,\"id\":\"policy\(10 + number)AAAAAAAAAAAAAAAA\",\"recipient\":\"rcpt-550-5.7.1+\(number)@example.org\"}",
        as: "\(number).json")
    }
    let result = try scratch.run("worker", "--drain")
    #expect(result.status == 0, "\(result)")
    let events = try events(result)
    #expect(events.count { $0["event"] as? String == "expired" } == 12)
    #expect(!events.contains { $0["event"] as? String == "failed" })
    let hold = try #require(events.first { $0["event"] as? String == "relay-needs-attention" }, "\(result)")
    #expect(hold["level"] as? String == "error")
    #expect((hold["error"] as? String)?.contains("550 5.7.1") == true, "\(hold)")
  }

  @Test func `what one relay refuses for policy is sent by the next, and the log tells of both`() throws {
    let refusing = try ScriptedRelay(
      [], afterwards: ScriptedRelayStep.greet() + [.refuseAll("554 5.7.1 relay access denied")])
    let taking = try ScriptedRelay([])
    defer {
      refusing.stop()
      taking.stop()
    }
    let scratch = try Scratch(
      relay: "127.0.0.1:\(refusing.port)",
      relayKeys: "security: \"plaintext\" }, { url: \"\(taking.url)\", security: \"plaintext\"")
    try scratch.makeSpool()
    for number in 0..<12 {
      try scratch.drop(
        "{\"version\":1,\"id\":\"passed\(10 + number)AAAAAAAAAAAAAAAA\",\"recipient\":\"guest\(number)@example.org\"}",
        as: "\(number).json")
    }
    let result = try scratch.run("worker", "--drain")
    #expect(result.status == 0, "\(result)")
    let sent = try events(result).filter { $0["event"] as? String == "sent" }
    #expect(sent.count == 12)
    #expect(sent.allSatisfy { $0["relay"] as? String == "127.0.0.1:\(taking.port)" })
    #expect(
      sent.contains {
        ($0["earlier"] as? String)?.contains("127.0.0.1:\(refusing.port): 554 5.7.1 relay access denied")
          == true
      }, "\(result)")
  }
}
