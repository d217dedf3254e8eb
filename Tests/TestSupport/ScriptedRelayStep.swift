/// One thing that a scripted relay does.
package enum ScriptedRelayStep: Sendable {
  /// Sends the text and CRLF.
  case say(String)
  /// Sends exactly these bytes.
  case sayBytes([UInt8])
  /// Sends the text and CRLF in single bytes, each a packet (or TLS record) of its own.
  case sayInSingleBytes(String)
  /// Reads one line, which must begin with this and end with CRLF.
  case expect(String)
  /// Reads a message to its final dot.
  case expectMessage
  /// Reads this many bytes and nothing more.
  case readBytes(Int)
  /// Speaks TLS from here on.
  case startTLS
  /// Ends the connection with FIN.
  case close
  /// Ends it with RST.
  case reset
  /// Sends and reads nothing until the other side ends the connection.
  case beSilent
  /// Sends one byte each 100 ms until the other side ends the connection.
  case drip(String)
  /// Gives the other side time to read what was said so far: a few milliseconds, which nothing depends on.
  case pause
  /// Goes on when the test says `open(gate)`.
  case waitFor(String)
  /// Takes every mail with 2xx from here on, until QUIT or the end, except to local parts that begin with
  /// `refused`: 550 5.1.1.
  case serve
  /// Takes mails by a plan until QUIT or the end.
  case serveBy(ScriptedRelayPlan)
  /// Serves, but every recipient is refused with this reply.
  case refuseAll(String)

  /// Serves, but drops what has come behind a final dot, or behind any command, when it reads that.
  case serveDropping(behindDotAlone: Bool)
  /// Serves so many mails; the MAIL after them gets this reply, and what follows on the connection 503.
  case serveUpTo(Int, then: String, closes: Bool)
  /// Serves, but answers recipients whose local part begins with the first text with the second.
  case refuseFrom(String, String)
  /// Serves, but answers each `mail`, `recipient`, `data` or `final` dot with this reply. 421 closes.
  case refuseAt(String, String)
  /// Serves one connection at a time; a further one gets this reply to its first MAIL and is closed.
  case serveOne(elseSay: String)
  /// Nothing more may have come: what is read is read one command at a time.
  case readNothing

  /// Greeting and EHLO with these keyword lines.
  package static func greet(_ keywords: [String] = ["PIPELINING", "8BITMIME", "SMTPUTF8"])
    -> [ScriptedRelayStep]
  {
    [.say("220 scripted.example ESMTP")] + answerEHLO(keywords)
  }

  package static func answerEHLO(_ keywords: [String]) -> [ScriptedRelayStep] {
    let lines = ["scripted.example"] + keywords
    let reply = lines.enumerated().map { "250\($0.offset == lines.count - 1 ? " " : "-")\($0.element)" }
    return [.expect("EHLO "), .say(reply.joined(separator: "\r\n"))]
  }

  /// MAIL, RCPT and DATA as they come in one write, answered with these three replies.
  package static func envelope(
    mail: String = "250 2.1.0 Ok", recipient: String = "250 2.1.5 Ok", data: String = "354 go ahead"
  ) -> [ScriptedRelayStep] {
    [
      .expect("MAIL FROM:<"), .expect("RCPT TO:<"), .expect("DATA"),
      .say([mail, recipient, data].joined(separator: "\r\n")),
    ]
  }
}
