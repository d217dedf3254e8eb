import CInterposed
import LinuxSystem
import TestSupport
import Testing

@testable import SMTPDelivery

/// How much memory replies cost.
@Suite(.waits) struct ReplyAllocationTests {
  @Test func `a reply of many lines allocates no more than a reply of one`() throws {
    let lines =
      String(repeating: "250-2.0.0 a line of a reply that goes on\r\n", count: 200) + "250 2.0.0 end"
    let relay = try ScriptedRelay([
      ScriptedRelayStep.greet() + [.expect("NOOP"), .say(lines), .expect("NOOP"), .say("250 2.0.0 Ok")]
        + [.expect("NOOP"), .say(lines), .serve]
    ])
    defer { relay.stop() }
    let open = try RelayConnection.connect(plaintext(relay), cancel: CancelFlag(), uptime: monotonicTime)
    var counts: [UInt] = []
    for _ in 0..<3 {
      #expect(open.send("NOOP\r\n", timeout: .seconds(5)) == nil)
      let before = cinterposed_allocations()
      let failure = open.readReply(timeout: .seconds(5))
      counts.append(cinterposed_allocations() - before)
      #expect(failure == nil && open.parser.code == 250)
    }
    #expect(counts[2] <= counts[1], "\(counts)")
    // The counter counts: a reply that is kept is memory.
    let before = cinterposed_allocations()
    let reply = ReplyRedaction().reply(open.parser)
    #expect(reply.code == 250 && cinterposed_allocations() > before)
    open.quit(timeout: .seconds(5))
  }

  @Test func `the parser allocates nothing`() {
    let bytes = Array(String(repeating: "250-2.0.0 a line\r\n250 2.0.0 end\r\n", count: 100).utf8)
    var parser = ReplyParser()
    var allocations: [UInt] = []
    var replies = 0
    // The first round pays for what the Swift runtime makes once for the process.
    for _ in 0..<2 {
      var offset = 0
      let before = cinterposed_allocations()
      bytes.withUnsafeBytes { buffer in
        while offset < buffer.count, parser.consume(buffer, from: &offset) == .reply { replies += 1 }
      }
      let after = cinterposed_allocations()
      allocations.append(after - before)
    }
    #expect(allocations[1] == 0)
    #expect(replies == 200)
  }
}
