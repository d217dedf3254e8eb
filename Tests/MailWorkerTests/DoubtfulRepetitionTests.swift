import CodeRequests
import Configuration
import Foundation
import LinuxSystem
import PasscodeVerifier
import RequestSpool
import TestSupport
import Testing

@testable import MailWorker

/// A worker with two relays, of which one closes at each final dot.
@Suite(.waits) struct DoubtfulRepetitionTests {
  @Test func `what one relay may have taken is sent again by the next, with the same code`() throws {
    let directory = try TemporaryDirectory()
    let first = try ScriptedRelay(
      [],
      afterwards: ScriptedRelayStep.greet() + [.serveBy(ScriptedRelayPlan { $0.refusals = [".": ""] })])
    let second = try ScriptedRelay([])
    defer {
      first.stop()
      second.stop()
    }
    let settings = try Settings(
      json5: Data(
        """
        {
          state: "state", templates: "\(Scratch.templates)", sender: { address: "no-reply@fabrikam.example" },
          relays: [
            { url: "\(first.url)", security: "plaintext" }, { url: "\(second.url)", security: "plaintext" },
          ],
          delivery: { retryDelays: ["1s"] },
        }
        """.utf8), file: "\(directory.path)/passcode.json5")
    let worker = try Worker(settings: settings, log: EventLog(.none), clock: .system)
    try worker.start()
    try Spool(at: settings.spoolPath).enqueue(CodeRequest(recipient: try EmailAddress("anna@example.org")))
    let isSent = worker.tallyMonitor.wait(timeout: patience) { $0[.sent] == 1 ? true : nil }
    #expect(isSent == true)
    #expect(worker.tally.deferrals == 1 && worker.tally[.failed] == 0)
    #expect(worker.stop())
    #expect(second.taken == ["anna@example.org": 1])
    // Whole at both, with one code and one Message-ID.
    func message(_ relay: ScriptedRelay) -> [String] {
      relay.sessions.map(\.receivedText).joined().components(separatedBy: "\r\n")
    }
    func line(_ relay: ScriptedRelay, _ start: String) -> [String] {
      message(relay).filter { $0.hasPrefix(start) }
    }
    #expect(line(first, "Message-ID:").count == 1)
    #expect(line(first, "Message-ID:") == line(second, "Message-ID:"))
    #expect(line(first, "Subject:") == line(second, "Subject:"))
  }
}
