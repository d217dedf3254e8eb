import TestSupport

/// A worker whose one mail the relay has taken whole and does not answer before it is told to: what happens meanwhile
/// happens while a mail is in flight, however busy the machine is.
struct MailInFlight {
  let scratch: Scratch
  let worker: ChildProcess
  let id: String
  private let relay: ScriptedRelay

  /// - Parameters:
  ///   - grace: of `delivery`.
  ///   - extra: further keys of the configuration.
  init(grace: String = "1h", extra: String = "", relayKeys: String = "") throws {
    relay = try ScriptedRelay([
      ScriptedRelayStep.greet() + ScriptedRelayStep.envelope() + [
        .expectMessage, .waitFor("answer"), .say("250 2.0.0 taken"), .serve,
      ]
    ])
    scratch = try Scratch(
      relay: "127.0.0.1:\(relay.port)", extra: "delivery: { grace: \"\(grace)\" }, \(extra)",
      relayKeys: "security: \"plaintext\", \(relayKeys)")
    worker = try scratch.startWorker()
    id = try scratch.request(to: "anna@example.org")
    guard relay.wait(until: { $0.first?.receivedText.hasSuffix("\r\n.\r\n") == true }),
      try scratch.status(id)["state"] as? String == "sending"
    else { throw Unexpected("no mail is in flight", worker.text()) }
  }

  /// Lets the relay answer; it takes further mails at once.
  func answer() { relay.open("answer") }

  /// What the relay was told, over all connections.
  var received: String { relay.sessions.map(\.receivedText).joined() }
}
