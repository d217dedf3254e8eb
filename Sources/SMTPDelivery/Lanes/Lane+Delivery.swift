internal import FoundationEssentials
internal import LinuxSystem

// One mail after the other, each until it is reported: on a connection that stands, or on a fresh one.
extension Lane {
  /// Delivers a mail, and those that ride behind it.
  func deliver(_ mail: Mail) {
    if isOneOfMany, dispatcher.diverts(mail, from: relay, now: now) { return }
    activity.begin(now)
    defer { activity.end() }
    guard load(mail, into: current) else { return }
    while attemptUntilReported() {}
  }

  /// Builds the message; reports the mail where it must not or cannot be sent.
  func load(_ mail: Mail, into transaction: Transaction<Mail>) -> Bool {
    if mail.deadline <= dispatcher.clock.date() {
      dispatcher.report(mail, DeliveryReport(verdict: .expired))
      return false
    }
    if let reply = dispatcher.refusedAddresses.reply(for: mail.recipient, now: now) {
      dispatcher.report(
        mail,
        DeliveryReport(verdict: .failed, reply: reply, meaning: .addressRejected, relay: settings.name))
      return false
    }
    guard let reason = transaction.load(mail) else { return true }
    _ = transaction.clear()
    dispatcher.report(mail, DeliveryReport(verdict: .unsendable(reason: reason), relay: settings.name))
    return false
  }

  /// This relay cannot take the mail as it is; another one perhaps.
  func conclude(_ transaction: Transaction<Mail>, _ obstacle: Transaction<Mail>.Obstacle) {
    guard let mail = transaction.clear() else { return }
    note(mail, obstacle.reply, isRefusal: true)
    if isOneOfMany, dispatcher.pass(mail, now: now) { return }
    let verdict: Verdict =
      switch obstacle {
      case .unfit(let reason): .unsendable(reason: reason)
      case .noSMTPUTF8: .failed
      }
    dispatcher.report(
      mail,
      DeliveryReport(
        verdict: verdict, reply: obstacle.reply, relay: settings.name, earlier: earlierAnswers(of: mail)))
  }

  /// Attempts the current mail, on a further connection where the relay had left or was out of step.
  ///
  /// - Returns: true where another mail is under way and is now the current one.
  private func attemptUntilReported() -> Bool {
    let transaction = current
    while true {
      guard let open = openConnection(for: transaction) else {
        giveBack(transaction)
        return false
      }
      if !transaction.isEnvelopeSent {
        // To connect may have taken longer than the mail had left.
        if let mail = transaction.mail, mail.deadline <= dispatcher.clock.date() {
          _ = transaction.clear()
          dispatcher.report(mail, DeliveryReport(verdict: .expired))
          return false
        }
        if let obstacle = transaction.address(to: open.features) {
          conclude(transaction, obstacle)
          return false
        }
        transaction.isReused = open.isReused
        transaction.mailsBefore = open.mailsTaken
        transaction.beganAt = now
        open.mailsBegun += 1
      }
      open.isReused = true
      isBesideAnother = board.isAnotherServing(beside: relay)
      let end = exchange(transaction, on: open)
      if end.wasLate {
        connection = nil
        if let mail = transaction.clear() { dispatcher.report(mail, DeliveryReport(verdict: .expired)) }
        return false
      }
      switch judge(end, transaction, on: open) {
      case .over(let row, let judgement):
        // Before the report: whoever hears of it may look at the connection's age.
        open.idleSince = now
        // What answers the final dot with neither yes nor no is not asked again.
        if !end.isConnectionUsable || judgement == .ambiguous { connection = nil }
        conclude(transaction, judgement, row, end)
        return advance()
      case .relayPaused(let judgement):
        if end.reply == nil { connection = nil } else { closeConnection() }
        pauseRelay(judgement, trouble(end))
        giveBack(transaction)
        if next.mail != nil { giveBack(next) }
        return false
      case .onAnotherConnection(let isPolite, let isHere):
        if next.mail != nil { giveBack(next) }
        if isPolite, end.isConnectionUsable { closeConnection() } else { connection = nil }
        transaction.isEnvelopeSent = false
        if end.stage == .final { transaction.unload() }
        if !isHere {
          giveBack(transaction)
          return false
        }
      }
    }
  }

  /// What is to happen after an attempt.
  private enum Course {
    case over(VerdictRow, Judgement)
    case relayPaused(Judgement)
    /// No attempt is counted. `isPolite`: QUIT is said. `isHere`: by this lane and at once; otherwise by whoever is free.
    case onAnotherConnection(isPolite: Bool, isHere: Bool)
  }

  private func judge(
    _ end: AttemptEnd, _ transaction: Transaction<Mail>, on open: RelayConnection
  ) -> Course {
    let row = VerdictTable.row(
      stage: end.stage, incident: end.incident, isReused: transaction.isReused,
      isAfterMail: transaction.mailsBefore > 0, isBesideAnother: isBesideAnother)
    if end.wasCancelled {
      return .over(row, row.judgement == .ambiguous ? .ambiguous : .deferred)
    }
    noteConnectionLimit(transaction, row)
    if noteAddress(end, on: open), grantsReconnect(transaction) {
      return .onAnotherConnection(isPolite: false, isHere: true)
    }
    if doubtsPipelining(end, transaction) { return .onAnotherConnection(isPolite: false, isHere: true) }
    switch isGarbled(end) ? .outOfStep : row.judgement {
    case .sent, .failed, .ambiguous, .refused, .unclear: return .over(row, row.judgement)
    case .relayDown, .configurationHold, .relayBackOff: return .relayPaused(row.judgement)
    case .outOfStep:
      transaction.outOfStepCount += 1
      return transaction.outOfStepCount > 2
        ? .over(row, .deferred) : .onAnotherConnection(isPolite: false, isHere: true)
    case .spent:
      let mayBeSpent =
        !end.saysGreylisted && board.mayBeSpent(relay, clearly: end.namesConnection, now: now)
      // A farewell that crossed our MAIL is none of the mail's.
      guard mayBeSpent || end.stage == .mail && end.hasRelayLeft, grantsReconnect(transaction) else {
        return deferred(end, transaction, on: open)
      }
      suspectLimit(end, transaction, on: open)
      return .onAnotherConnection(isPolite: true, isHere: mayBeSpent || !isBesideAnother)
    case .reconnect:
      guard grantsReconnect(transaction) else { return deferred(end, transaction, on: open) }
      if transaction.mailsBefore > 0 { suspectLimit(end, transaction, on: open) }
      return .onAnotherConnection(isPolite: false, isHere: !isBesideAnother)
    case .deferred: return deferred(end, transaction, on: open)
    }
  }

  /// An address that took the connection and ended it at its first MAIL is tried last for a while, where the name has
  /// others.
  ///
  /// - Returns: true where it is so, and the mail may go to one of those.
  private func noteAddress(_ end: AttemptEnd, on open: RelayConnection) -> Bool {
    guard end.stage == .mail, open.mailsBegun == 1, open.hasOtherAddresses, let address = open.address,
      end.incident == .connectionLost || end.reply?.code == 421
    else { return false }
    dispatcher.addressMemory.noteBad(address, now: now)
    return true
  }

  private func grantsReconnect(_ transaction: Transaction<Mail>) -> Bool {
    transaction.mail?.withPassage { $0.grantReconnect() } ?? false
  }

  /// Put off, but for a connection that ended under it while others of this relay's stand: where no other relay can have
  /// it, one of these does.
  private func deferred(
    _ end: AttemptEnd, _ transaction: Transaction<Mail>, on open: RelayConnection
  ) -> Course {
    let row = VerdictTable.row(stage: end.stage, incident: end.incident, isReused: false)
    let hasClosed = end.stage != .final && end.stage != .body && end.hasRelayLeft
    if hasClosed, activity.connectionCount > 1 {
      // The others keep theirs: this lane is the one too many, for a while or until there is reason to grow again.
      restsAfterMail = timing.firstPause
      let others = activity.connectionCount - 1
      openConnections = others
      if lane >= others, let event = board.limitLanes(of: relay, to: others, for: end.reply, now: now) {
        dispatcher.event(event)
      }
      // Another relay is the better way: the connections here may all be about to end, and their lanes to rest.
      if !isBesideAnother, transaction.mail?.withPassage({ $0.grantHandOver() }) ?? false {
        return .onAnotherConnection(isPolite: false, isHere: false)
      }
    }
    if hasClosed {
      if transaction.mailsBefore == 0 { board.refuteConnectionLimit(relay, now: now) }
      // It takes mails, and ended this connection for whatever reason.
      let takesMail = activity.takenAt.map { now - $0 < .seconds(10) } ?? false
      if takesMail, !isBesideAnother, grantsReconnect(transaction) {
        return .onAnotherConnection(isPolite: false, isHere: true)
      }
    }
    return .over(row, row.judgement)
  }

  private func suspectLimit(_ end: AttemptEnd, _ transaction: Transaction<Mail>, on open: RelayConnection) {
    // The mail itself, and the one whose envelope rode behind it.
    let hasRider = end.stage == .final && (next.mail != nil || wasWithdrawn)
    transaction.suspectedLimit = (max(1, open.mailsBegun - (hasRider ? 2 : 1)), end.namesConnection)
  }

  /// A mail that a used connection had put off comes through on a new one: that was the limit. Or it does not: then the
  /// relay had meant the mail.
  private func noteConnectionLimit(_ transaction: Transaction<Mail>, _ row: VerdictRow) {
    guard let suspected = transaction.suspectedLimit, transaction.mailsBefore == 0 else { return }
    transaction.suspectedLimit = nil
    let isConfirmed = [.sent, .failed, .ambiguous].contains(row.judgement)
    if let event = board.learnConnectionLimit(
      relay, isConfirmed ? suspected.count : nil, isClear: suspected.isClear, now: now)
    {
      dispatcher.event(event)
    }
  }

  /// A command of a group was not understood, or came too early: bytes were lost or mixed up on the way, or the relay
  /// does not want groups.
  private func isGarbled(_ end: AttemptEnd) -> Bool {
    guard end.group != nil, case .reply(let code, _, let subject) = end.incident else { return false }
    return code == 500 || code == 502 || subject == .sequence && end.stage != .final
  }

  /// Silence or a reply out of step behind a group of commands: the relay may have lost what lay behind the first one.
  /// Or it ends the connection, and has never answered a group.
  ///
  /// - Returns: true where it is spoken to in another way from now on, which the mail is to see.
  private func doubtsPipelining(_ end: AttemptEnd, _ transaction: Transaction<Mail>) -> Bool {
    guard let group = end.group else {
      if activity.isPipeliningOpen, end.stage == .mail, end.hasRelayLeft || end.incident == .timedOut {
        _ = board.judgePipelining(relay) { $0.decide(isBetter: false) }
      }
      return false
    }
    let level = activity.pipeliningLevel
    // On a fresh connection the first command cannot have been lost behind another.
    let isFirst = end.stage == .mail && group == .alone
    let event: RelayEvent? =
      switch end.incident {
      case .timedOut where isFirst, .malformedReply where isFirst: nil
      case .timedOut:
        board.judgePipelining(relay) { $0.noteSilence(wasBehindMessage: group == .behindMessage) }
      case .malformedReply, .reply(503, _, _), .reply(500, _, _), .reply(502, _, _), .reply(_, _, .sequence):
        board.judgePipelining(relay) { $0.noteOutOfStep(wasBehindMessage: group == .behindMessage) }
      default: nil
      }
    if let event { dispatcher.event(event) }
    if activity.isPipeliningOpen, end.incident == .connectionLost || end.reply?.code == 421 {
      _ = board.judgePipelining(relay) {
        _ = $0.suspect()
        return false
      }
      return activity.pipeliningLevel == .steps
    }
    // Another lane may have found out meanwhile.
    return event != nil
      || end.incident == .timedOut && !isFirst && level < (group == .behindMessage ? .lookAhead : .groups)
  }

  /// A connection that still stands, asked where it had idled; nil where the relay cannot be reached, or where another
  /// relay could have the mail sooner: then it waits for the next connection in the queue and not in this lane's hand.
  private func openConnection(for transaction: Transaction<Mail>) -> RelayConnection? {
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
    if let mail = transaction.clear() { dispatcher.giveBack(mail, from: relay, now: now) }
  }

  func trouble(_ end: AttemptEnd) -> RelayTrouble {
    guard let said = end.reply else {
      if end.stage == .final {
        return RelayTrouble(
          stage: end.stage, incident: end.incident, reply: nil,
          message:
            "\(settings.name): the relay took one message after the other to its end and did not say whether it keeps it; mail goes to another relay or waits; ask those who run it"
        )
      }
      return RelayTrouble(
        stage: end.stage, incident: end.incident, reply: nil,
        message:
          "\(settings.name): the relay took the connection and then answered nothing; its mail goes to another relay"
      )
    }
    var about = RefusalSubject.unclear
    if case .reply(_, _, let subject) = end.incident { about = subject }
    let advice = about.advice ?? "read its words and ask those who run it"
    return RelayTrouble(
      stage: end.stage, incident: end.incident, reply: said,
      message:
        "\(settings.name): the relay does not take mail of ours: \(said). \(advice.prefix(1).uppercased() + advice.dropFirst())"
    )
  }
}
