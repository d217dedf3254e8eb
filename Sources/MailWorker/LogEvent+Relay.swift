internal import SMTPDelivery

// An event that is no news has no line.

extension LogEvent {
  /// The line about a change in how a relay is used; nil for what happens all the time.
  init?(_ event: RelayEvent) {
    switch event {
    case .down(let relay, let trouble, let pause):
      self = LogEvent(.relayDown, .error).with(.relay, relay).about(trouble).with(.pauseSeconds, pause)
    case .held(let relay, let trouble, let pause):
      self = LogEvent(.relayNeedsAttention, .error).with(.relay, relay)
        .with(.error, trouble.wordsOfHold).with(.reply, trouble.reply.map { "\($0)" }).with(
          .pauseSeconds, pause)
    case .backingOff(let relay, let trouble, let pause):
      self = LogEvent(.relayThrottled, .warning).with(.relay, relay).about(trouble).with(.pauseSeconds, pause)
    case .throttled(let relay, let lanes, let interval, let reply):
      self = LogEvent(.relayThrottled, .warning).with(.relay, relay).with(.reply, reply.map { "\($0)" })
        .with(.connections, lanes).with(.intervalSeconds, interval)
    case .rejecting(let relay, let count, let window):
      self = LogEvent(.relayRejects, .error).with(.relay, relay).with(.count, count).with(
        .windowSeconds, window
      )
      .with(
        .error,
        "the relay refuses mail for policy or reputation; read its replies and its postmaster's pages")
    case .limitLearned(let relay, let perConnection):
      self = LogEvent(.relayLimit).with(.relay, relay).with(.perConnection, perConnection)
    case .pipelining(let relay, let level):
      self = LogEvent(.relayPipelining, level == .lookAhead ? .info : .warning).with(.relay, relay)
        .with(
          .error, level == .lookAhead ? nil : "commands sent in a group were lost or answered out of step"
        )
        .with(.spoken, level.words)
    case .tokenNotRenewed(let relay, let fault, let left):
      self = LogEvent(.tokenNotRenewed, .warning).with(.relay, relay).with(.error, fault.message).with(
        .leftSeconds, left)
    case .recovered(let relay): self = LogEvent(.relayUp).with(.relay, relay)
    case .connected: return nil
    }
  }

  private func about(_ trouble: RelayTrouble) -> LogEvent {
    with(.error, trouble.message).with(.reply, trouble.reply.map { "\($0)" })
  }
}

extension RelayTrouble {
  /// What is wrong with a relay that waits for somebody, and what ends the wait before its time: a changed file is seen
  /// within half a second.
  var wordsOfHold: String {
    "\(message). Once it is mended: a file that the relay's settings name is seen to change, and the relay tried at once; for all else send the worker SIGHUP (systemctl reload passcode-worker)"
  }
}
