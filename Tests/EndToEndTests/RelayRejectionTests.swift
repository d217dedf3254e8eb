import Foundation
import TestSupport
import Testing

@Suite(.waits) struct RelayRejectionTests {
  @Test func `many refusals for policy are one line in the log that asks for somebody`() throws {
    let scratch = try makeRig()
    try scratch.makeSpool()
    for number in 0..<12 {
      try scratch.drop(
        "{\"version\":1,\"id\":\"policy\(10 + number)AAAAAAAAAAAAAAAA\",\"recipient\":\"rcpt-550-5.7.1+\(number)@example.org\"}",
        as: "\(number).json")
    }
    let result = try scratch.run("worker", "--drain")
    #expect(result.status == 0, "\(result)")
    let events = try result.lines.compactMap {
      try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
    }
    #expect(events.count { $0["event"] as? String == "failed" } == 12)
    let alarms = events.filter { $0["event"] as? String == "relay-rejects" }
    try #require(alarms.count == 1, "\(result)")
    #expect(alarms[0]["level"] as? String == "error")
    #expect(alarms[0]["count"] as? Int == 10)
  }
}
