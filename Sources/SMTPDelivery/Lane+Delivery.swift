internal import Foundation
internal import LinuxSystem

/// How the attempt of one mail ended, before it is judged.
struct AttemptEnd {
  var stage: DeliveryStage
  var incident: Incident
  var reply: Reply?
  /// Another mail may follow on this connection.
  var isConnectionUsable: Bool
  var wasCancelled = false
  /// The deadline passed while the envelope was under way: no byte of the message went out.
  var wasLate = false

  init(_ stage: DeliveryStage, _ failure: RelayConnection.Failure) {
    self.stage = stage
    wasCancelled = failure == .cancelled
    isConnectionUsable = false
    incident =
      switch failure {
      case .connectionLost, .cancelled: .connectionLost
      case .timedOut: .timedOut
      case .malformedReply: .malformedReply
      }
  }

  /// - Parameter reply: what the relay answered at that stage.
  init(_ stage: DeliveryStage, _ reply: Reply, isConnectionUsable: Bool) {
    self.stage = stage
    self.reply = reply
    incident = .reply(code: reply.code, enhanced: reply.enhanced)
    self.isConnectionUsable = isConnectionUsable && reply.code != 421
  }

  /// The relay waits for a message that must not be sent any more. Only the end of the connection takes the envelope
  /// back; whatever else is said now is part of a message.
  static var late: AttemptEnd {
    var end = AttemptEnd(.body, .cancelled)
    (end.wasCancelled, end.wasLate) = (false, true)
    return end
  }
}

// Each mail goes out in two writes: MAIL, RCPT and DATA together, then the message. While a queue waits, the
// envelope of the next mail rides in the same write as the message before it (RFC 2920 3.1), so that a mail costs
// one round trip. That stays safe mail by mail: without its own 354 and message, the next mail is certainly unsent.
extension Lane {
  /// How long the next mail waits for the reply to the one before, until another lane may have it.
  private var lookaheadPatience: Duration { .milliseconds(500) }
  /// For each answer to MAIL, RCPT and DATA.
  private var envelopeLimit: Duration {
    isBesideAnother ? min(timing.reply, timing.patience) : timing.reply
  }

  /// Delivers a mail, and those that ride behind it.
  func deliver(_ mail: Mail) {
    activity.begin(now)
    defer { activity.end() }
    guard load(mail, into: current) else { return }
    while attemptUntilSettled() {}
  }

  /// Builds the message; settles the mail where it must not or cannot be sent.
  private func load(_ mail: Mail, into transaction: Transaction<Mail>) -> Bool {
    if mail.deadline <= dispatcher.clock.date() {
      dispatcher.settle(mail, DeliveryReport(verdict: .expired))
      return false
    }
    if let reply = dispatcher.refusedAddresses.reply(for: mail.recipient, now: now) {
      dispatcher.settle(
        mail,
        DeliveryReport(verdict: .failed, reply: reply, meaning: .addressRejected, relay: settings.name))
      return false
    }
    guard let obstacle = transaction.load(mail) else { return true }
    settle(transaction, obstacle)
    return false
  }

  private func settle(_ transaction: Transaction<Mail>, _ obstacle: Transaction<Mail>.Obstacle) {
    guard let mail = transaction.clear() else { return }
    switch obstacle {
    case .unsendable(let reason):
      dispatcher.settle(
        mail, DeliveryReport(verdict: .unsendable(reason: reason), relay: settings.name))
    case .noSMTPUTF8:
      let reply = Reply(
        code: 553, enhanced: EnhancedStatus(5, 6, 7),
        text: "not asked: the address needs SMTPUTF8, which this relay does not offer")
      dispatcher.settle(mail, DeliveryReport(verdict: .failed, reply: reply, relay: settings.name))
    }
  }

  /// Attempts the current mail, on a further connection where the relay had left or was out of step.
  ///
  /// - Returns: true where another mail is under way and is now the current one.
  private func attemptUntilSettled() -> Bool {
    let transaction = current
    while true {
      guard let open = standingConnection(for: transaction) else {
        giveBack(transaction)
        return false
      }
      if !transaction.isEnvelopeSent {
        // To connect may have taken longer than the mail had left.
        if let mail = transaction.mail, mail.deadline <= dispatcher.clock.date() {
          _ = transaction.clear()
          dispatcher.settle(mail, DeliveryReport(verdict: .expired))
          return false
        }
        if let obstacle = transaction.address(to: open.features) {
          settle(transaction, obstacle)
          return false
        }
        transaction.isReused = open.isReused
        transaction.beganAt = now
      }
      open.isReused = true
      isBesideAnother = board.isAnotherServing(beside: relay)
      let end = exchange(transaction, on: open)
      if end.wasLate {
        connection = nil
        if let mail = transaction.clear() { dispatcher.settle(mail, DeliveryReport(verdict: .expired)) }
        return false
      }
      let row = VerdictTable.row(
        stage: end.stage, incident: end.incident, isReused: transaction.isReused,
        isBesideAnother: isBesideAnother)
      var judgement = row.judgement
      if end.wasCancelled, judgement == .reconnect { judgement = .deferred }
      if judgement == .outOfStep {
        transaction.outOfStepCount += 1
        if transaction.outOfStepCount > 2 { judgement = .deferred }
      }
      switch judgement {
      case .sent, .deferred, .failed, .ambiguous:
        // Before the report: whoever hears of it may look at the connection's age.
        open.idleSince = now
        // What answers the final dot with neither yes nor no is not asked again.
        if !end.isConnectionUsable || judgement == .ambiguous { connection = nil }
        settle(transaction, judgement, row, end)
        return advance()
      case .relayDown, .configurationHold, .relayBackOff:
        pauseRelay(judgement, trouble(end))
        if end.reply == nil { connection = nil } else { closeConnection() }
        giveBack(transaction)
        if next.mail != nil { giveBack(next) }
        return false
      case .reconnect, .outOfStep:
        connection = nil
        transaction.isEnvelopeSent = false
        if judgement == .reconnect, isBesideAnother {
          giveBack(transaction)
          return false
        }
      }
    }
  }

  /// A connection that still stands, asked where it had idled; nil where the relay cannot be reached, or where another
  /// relay could have the mail sooner: then it waits for the next connection in the queue and not in this lane's hand.
  private func standingConnection(for transaction: Transaction<Mail>) -> RelayConnection? {
    guard let open = connection else { return freshConnection(for: transaction) }
    if transaction.isEnvelopeSent { return open }
    let idle = now - open.idleSince
    guard idle >= .milliseconds(50) else { return open }
    let isBesideAnother = board.isAnotherServing(beside: relay)
    if isSpent(open) {
      closeConnection()
      return isBesideAnother ? nil : freshConnection(for: transaction)
    }
    var stands = open.isQuiet()
    if stands, idle >= timing.probeAfter {
      open.isReused = true
      let limit = min(timing.reply, isBesideAnother ? timing.stall : .seconds(5))
      stands =
        open.send("NOOP\r\n", timeout: limit) == nil
        && open.readReply(timeout: limit) == nil && open.parser.code / 100 == 2
    }
    if stands {
      open.isReused = true
      return open
    }
    connection = nil
    return isBesideAnother ? nil : freshConnection(for: transaction)
  }

  private func freshConnection(for transaction: Transaction<Mail>) -> RelayConnection? {
    guard connect(), let fresh = connection else { return nil }
    transaction.times.connect = fresh.connectTook
    return fresh
  }

  /// One mail's commands and message, up to whatever ended it.
  private func exchange(_ transaction: Transaction<Mail>, on open: RelayConnection) -> AttemptEnd {
    if let end = open.features.hasPipelining ? pipeline(transaction, open) : step(transaction, open) {
      return end
    }
    if open.hasUnaskedInput { return AttemptEnd(.body, .malformedReply) }
    let began = now
    transaction.times.envelope = began - transaction.beganAt
    activity.answered(began)
    FailPoint.messageAwaited.pass()
    // An envelope that rode behind another mail may have waited for that one's reply, and any for a slow relay's.
    if let mail = transaction.mail, mail.deadline <= dispatcher.clock.date() { return .late }
    lookAhead(behind: transaction, on: open)
    #if DEBUG
      if FailPoint.messageHalfSent.isNext {
        transaction.content.withBytes {
          _ = open.send(
            UnsafeBufferPointer(rebasing: $0[..<(transaction.contentEnd / 2)]), timeout: timing.reply)
        }
      }
      FailPoint.messageHalfSent.pass()
    #endif
    var handed = 0
    let failure = transaction.content.withBytes {
      open.send($0, timeout: timing.reply, handed: &handed)
    }
    FailPoint.messageSent.pass()
    if let failure, handed < transaction.contentEnd {
      // A relay that has enough may say why before it closes.
      if failure == .connectionLost, open.readReply(timeout: .milliseconds(100)) == nil,
        open.parser.code >= 400
      {
        return AttemptEnd(.final, transaction.redaction.reply(open.parser), isConnectionUsable: false)
      }
      return AttemptEnd(.body, failure)
    }
    let silence = readFinalReply(open)
    transaction.times.message = now - began
    if let silence { return AttemptEnd(.final, silence) }
    FailPoint.messageAnswered.pass()
    let isUsable = failure == nil && (next.mail != nil || !open.hasUnaskedInput) && !wasWithdrawn
    return AttemptEnd(.final, transaction.redaction.reply(open.parser), isConnectionUsable: isUsable)
  }

  /// Sends the envelope at once (or it is under way) and reads its three replies.
  ///
  /// - Returns: nil where the relay awaits the message.
  private func pipeline(_ transaction: Transaction<Mail>, _ open: RelayConnection) -> AttemptEnd? {
    if !transaction.isEnvelopeSent {
      transaction.isEnvelopeSent = true
      let failure = transaction.envelope.bytes.withBytes { open.send($0, timeout: timing.reply) }
      if let failure {
        return AttemptEnd(.mail, failure)
      }
      FailPoint.envelopeSent.pass()
    }
    var rejection: AttemptEnd?
    for stage in [DeliveryStage.mail, .recipient, .data] {
      if let failure = open.readReply(timeout: envelopeLimit) {
        rejection?.isConnectionUsable = false
        return rejection ?? AttemptEnd(stage, failure)
      }
      let wanted = stage == .data ? 3 : 2
      if open.parser.code / 100 == wanted || rejection != nil { continue }
      let end = AttemptEnd(stage, transaction.redaction.reply(open.parser), isConnectionUsable: true)
      if !end.isConnectionUsable { return end }
      rejection = end
    }
    guard var end = rejection else {
      return open.parser.code == 354 ? nil : AttemptEnd(.data, .malformedReply)
    }
    // RFC 2920 3.1: 354 although no recipient was taken wants a message all the same; an empty one to nobody.
    if end.stage != .data, open.parser.code == 354 {
      if open.send(".\r\n", timeout: timing.reply) != nil
        || open.readReply(timeout: timing.reply) != nil
      {
        end.isConnectionUsable = false
      }
    }
    end.isConnectionUsable = end.isConnectionUsable && reset(open)
    return end
  }

  /// One command at a time, for a relay without PIPELINING.
  private func step(_ transaction: Transaction<Mail>, _ open: RelayConnection) -> AttemptEnd? {
    let recipientStart = transaction.envelope.recipientStart
    let dataStart = transaction.envelope.dataStart
    let commands: [(DeliveryStage, Range<Int>, Int)] = [
      (.mail, 0..<recipientStart, 2),
      (.recipient, recipientStart..<dataStart, 2),
      (.data, dataStart..<transaction.envelope.bytes.count, 3),
    ]
    for (stage, range, wanted) in commands {
      let failure =
        transaction.envelope.bytes.withBytes {
          open.send(UnsafeBufferPointer(rebasing: $0[range]), timeout: timing.reply)
        }
        ?? open.readReply(timeout: envelopeLimit)
      if let failure { return AttemptEnd(stage, failure) }
      if open.hasUnaskedInput { return AttemptEnd(stage, .malformedReply) }
      if open.parser.code / 100 == wanted, stage != .data || open.parser.code == 354 { continue }
      var end = AttemptEnd(stage, transaction.redaction.reply(open.parser), isConnectionUsable: true)
      end.isConnectionUsable = end.isConnectionUsable && reset(open)
      return end
    }
    return nil
  }

  /// Clears what a rejected transaction left; false where the connection is no good any more.
  private func reset(_ open: RelayConnection) -> Bool {
    guard !open.hasUnaskedInput else { return false }
    return open.send("RSET\r\n", timeout: timing.reply) == nil
      && open.readReply(timeout: timing.reply) == nil && open.parser.code / 100 == 2
  }

  /// Where mails wait, puts the envelope of the next one behind this message.
  private func lookAhead(behind transaction: Transaction<Mail>, on open: RelayConnection) {
    wasWithdrawn = false
    let now = now
    guard open.features.hasPipelining, now - open.connectedAt < timing.maxAge,
      board.mayLookAhead(relay: relay, lane: lane, now: now),
      let mail = dispatcher.mails.pop(timeout: .zero), load(mail, into: next)
    else { return }
    if let obstacle = next.address(to: open.features) {
      settle(next, obstacle)
      return
    }
    next.isReused = true
    next.isEnvelopeSent = true
    next.beganAt = self.now
    next.envelope.bytes.withBytes { transaction.content.append($0) }
  }

  /// Waits for the reply to the message. A slow relay does not hold up the mail behind: it goes back, and the
  /// connection, on which its envelope is already under way, ends after this reply.
  private func readFinalReply(_ open: RelayConnection) -> RelayConnection.Failure? {
    guard next.mail != nil, timing.reply > lookaheadPatience else {
      return open.readReply(timeout: timing.reply)
    }
    let failure = open.readReply(timeout: lookaheadPatience)
    guard failure == .timedOut else { return failure }
    giveBack(next)
    wasWithdrawn = true
    return open.readReply(timeout: timing.reply - lookaheadPatience)
  }

  private func settle(
    _ transaction: Transaction<Mail>, _ judgement: Judgement, _ row: VerdictRow, _ end: AttemptEnd
  ) {
    guard let mail = transaction.clear() else { return }
    let verdict: Verdict =
      switch judgement {
      case .sent: .sent
      case .failed: .failed
      case .ambiguous: .ambiguous
      default: end.wasCancelled ? .untouched : .deferred
      }
    let time = now
    if end.reply != nil {
      activity.answered(time)
      if verdict != .sent { board.noteAnswer(relay) }
    }
    if row.meaning == .throttled {
      if let event = board.throttle(relay, now: time) { dispatcher.event(event) }
    } else if row.meaning == .addressRejected {
      // 5.1.7 and 5.1.8 are about the sender, as is whatever is said to MAIL.
      if let reply = end.reply, end.stage != .mail, ![7, 8].contains(reply.enhanced?.detail) {
        dispatcher.refusedAddresses.note(mail.recipient, reply, now: time)
      }
    } else if row.meaning == .policyRejected {
      if let event = board.noteRejection(relay, now: time) { dispatcher.event(event) }
    } else if verdict == .sent {
      board.succeed(relay, now: time)
    }
    dispatcher.settle(
      mail,
      DeliveryReport(
        verdict: verdict, reply: end.reply, meaning: row.meaning, relay: settings.name,
        times: transaction.times))
  }

  /// Goes on with the mail whose envelope is under way.
  private func advance() -> Bool {
    guard next.mail != nil else { return false }
    if connection == nil {
      giveBack(next)
      return false
    }
    (current, next) = (next, current)
    return true
  }

  /// Untouched: the next lane that has time takes it.
  private func giveBack(_ transaction: Transaction<Mail>) {
    if let mail = transaction.clear() { dispatcher.mails.putBack(mail) }
  }

  private func trouble(_ end: AttemptEnd) -> RelayTrouble {
    guard let said = end.reply else {
      return RelayTrouble(
        stage: end.stage, incident: end.incident, reply: nil,
        message:
          "\(settings.name): the relay took the connection and then answered nothing; its mail goes to another relay"
      )
    }
    return RelayTrouble(
      stage: end.stage, incident: end.incident, reply: end.reply,
      message:
        "\(settings.name): the relay wants AUTH or TLS that is not set, or the account's quota is used up: \(said)"
    )
  }
}
