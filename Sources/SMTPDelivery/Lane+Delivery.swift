internal import Foundation
internal import LinuxSystem

// One mail after the other, each until it is settled: on a connection that stands, or on a fresh one.
extension Lane {
  /// Delivers a mail, and those that ride behind it.
  func deliver(_ mail: Mail) {
    activity.begin(now)
    defer { activity.end() }
    guard load(mail, into: current) else { return }
    while attemptUntilSettled() {}
  }

  /// Builds the message; settles the mail where it must not or cannot be sent.
  func load(_ mail: Mail, into transaction: Transaction<Mail>) -> Bool {
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

  func settle(_ transaction: Transaction<Mail>, _ obstacle: Transaction<Mail>.Obstacle) {
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
  func giveBack(_ transaction: Transaction<Mail>) {
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
