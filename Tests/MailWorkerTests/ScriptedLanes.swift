import LinuxSystem
import SMTPDelivery

@testable import MailWorker

/// Lanes without threads and sockets: a test takes the mails and says what became of each.
final class ScriptedLanes: MailLanes {
  private let ends: MailLaneEnds
  private let serving = Monitor(true)
  /// What `start` throws.
  private let fault: (any Error)?

  init(_ ends: MailLaneEnds, fault: (any Error)? = nil) {
    self.ends = ends
    self.fault = fault
  }

  var isServing: Bool { serving.withLock { $0 } }

  /// Whether relays take mail.
  func serve(_ isServing: Bool) { serving.withLock { $0 = isServing } }

  func start() throws { if let fault { throw fault } }

  func finish(grace: Duration) {
    ends.mails.close()
    while let mail = next() { report(mail, .untouched) }
  }

  /// How many mails wait.
  var waiting: Int { ends.mails.count }

  /// The next mail, as a lane takes it.
  func next(timeout: Duration = .zero) -> PasscodeMail? { ends.mails.pop(timeout: timeout) }

  func report(_ mail: PasscodeMail, _ verdict: Verdict, _ reply: Reply? = nil, meaning: ReplyMeaning? = nil) {
    ends.report(
      mail, DeliveryReport(verdict: verdict, reply: reply, meaning: meaning, relay: "relay.example:25"))
  }

  func tell(_ event: RelayEvent) { ends.event(event) }
}
