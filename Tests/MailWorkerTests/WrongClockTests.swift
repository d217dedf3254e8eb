import CodeRequests
import Configuration
import Foundation
import LinuxSystem
import PasscodeVerifier
import Records
import SQLiteRecords
import RequestSpool
import SMTPSink
import TestSupport
import Testing

@testable import MailWorker

/// A worker whose clock is set while it runs, against the sink.
@Suite(.waits) struct WrongClockTests {
  @Test(arguments: [-600.0, -120])
  func `a clock that is set back delays no deferred mail and supersedes nobody`(step: Double) throws {
    let directory = try TemporaryDirectory()
    let sink = try SinkServer(settings: SinkSettings())
    try sink.start()
    let settings = try Settings(
      json5: Data(
        """
        {
          state: "state", templates: "\(Scratch.templates)", sender: { address: "no-reply@fabrikam.example" },
          relays: [{ url: "smtp://\(sink.address)", security: "plaintext" }],
          delivery: { deadline: "1h", retryDelays: ["1s"] },
          limits: { perSubject: [], perClient: [], perTenant: [] },
        }
        """.utf8), file: "\(directory.path)/passcode.json5")
    let offset = Monitor(0.0)
    let worker = try Worker(
      settings: settings, log: EventLog(.none),
      clock: WorkerClock(date: { Date().addingTimeInterval(offset.withLock { $0 }) }))
    try worker.start()
    let spool = try Spool(at: settings.spoolPath)
    func ask(_ recipient: String) throws {
      try spool.enqueue(CodeRequest(recipient: try EmailAddress(recipient)))
    }
    try ask("anna@example.org")
    try ask("greylist-1+bo@example.org")
    #expect(worker.wait(timeout: patience) { $0[.sent] == 1 && $0.deferrals == 1 })
    offset.withLock { $0 = step }
    // Whom the clock would call older than what was sent before.
    try ask("anna@example.org")
    #expect(worker.wait(timeout: patience) { $0[.sent] == 3 })
    #expect(worker.tally[.superseded] == 0 && worker.tally[.expired] == 0)
    #expect(worker.stop())
  }
}

extension Worker {
  /// Whether what it counted came to satisfy `condition` in time.
  fileprivate func wait(timeout: Duration, until condition: (WorkerTally) -> Bool) -> Bool {
    tallyMonitor.wait(timeout: timeout) { condition($0) ? true : nil } ?? false
  }
}
