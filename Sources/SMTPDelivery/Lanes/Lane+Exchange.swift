internal import FoundationEssentials
internal import LinuxSystem

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

  /// One mail's commands and message, up to whatever ended it.
  func exchange(_ transaction: Transaction<Mail>, on open: RelayConnection) -> AttemptEnd {
    let wasBehind = transaction.isEnvelopeSent
    let isGrouped = wasBehind || mayGroup(open)
    if let end = isGrouped ? pipeline(transaction, open) : step(transaction, open) { return end }
    if open.hasUnaskedInput {
      var end = AttemptEnd(.body, .malformedReply)
      if isGrouped { end.group = wasBehind ? .behindMessage : .alone }
      return end
    }
    if activity.isPipeliningOpen, open.features.hasPipelining { notePipelining(isGrouped: isGrouped) }
    let began = now
    transaction.times.envelope = began - transaction.beganAt
    activity.answered(began)
    if !wasBehind { activity.replied(after: transaction.times.envelope) }
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
        return AttemptEnd(
          .final, open.parser, transaction.redaction.reply(open.parser), isConnectionUsable: false)
      }
      return AttemptEnd(.body, failure)
    }
    let silence = readFinalReply(open)
    transaction.times.message = now - began
    if let silence { return AttemptEnd(.final, silence) }
    FailPoint.messageAnswered.pass()
    if open.parser.code / 100 == 2 { open.mailsTaken += 1 }
    next.mailsBefore = open.mailsTaken
    let isUsable = failure == nil && (next.mail != nil || !open.hasUnaskedInput) && !wasWithdrawn
    return AttemptEnd(
      .final, open.parser, transaction.redaction.reply(open.parser), isConnectionUsable: isUsable)
  }

  /// Whether commands go to this relay in groups.
  private func mayGroup(_ open: RelayConnection) -> Bool {
    open.features.hasPipelining && activity.pipeliningLevel >= .groups
  }

  /// All commands of an envelope were answered, in its order.
  private func notePipelining(isGrouped: Bool) {
    let event = board.judgePipelining(relay) { trust in
      if !isGrouped { return trust.decide(isBetter: true) }
      trust.prove()
      return false
    }
    if let event { dispatcher.event(event) }
  }

  /// How long the reply to a command of a group is waited for. A relay that has lost the command will never answer, and
  /// one that is only slow is asked again, command by command.
  private func groupLimit(_ stage: DeliveryStage, _ group: AttemptEnd.Group) -> Duration {
    // On a fresh connection the first command cannot have been lost behind another.
    if stage == .mail, group == .alone { return envelopeLimit }
    return activity.isSlow ? envelopeLimit : min(envelopeLimit, activity.groupPatience)
  }

  /// Sends the envelope at once (or it is under way) and reads its three replies.
  ///
  /// - Returns: nil where the relay awaits the message.
  private func pipeline(_ transaction: Transaction<Mail>, _ open: RelayConnection) -> AttemptEnd? {
    let group: AttemptEnd.Group = transaction.isEnvelopeSent ? .behindMessage : .alone
    if !transaction.isEnvelopeSent {
      transaction.isEnvelopeSent = true
      let failure = transaction.envelope.bytes.withBytes { open.send($0, timeout: timing.reply) }
      if let failure {
        var end = AttemptEnd(.mail, failure)
        end.group = group
        return end
      }
      FailPoint.envelopeSent.pass()
    }
    var rejection: AttemptEnd?
    for stage in [DeliveryStage.mail, .recipient, .data] {
      if let failure = open.readReply(timeout: groupLimit(stage, group)) {
        if var rejection {
          rejection.isConnectionUsable = false
          rejection.hasRelayLeft = failure == .connectionLost
          return rejection
        }
        var end = AttemptEnd(stage, failure)
        end.group = group
        return end
      }
      let wanted = stage == .data ? 3 : 2
      if open.parser.code / 100 == wanted || rejection != nil { continue }
      var end = AttemptEnd(
        stage, open.parser, transaction.redaction.reply(open.parser), isConnectionUsable: true)
      end.group = group
      if !end.isConnectionUsable { return end }
      rejection = end
    }
    guard var end = rejection else {
      if open.parser.code == 354 { return nil }
      var end = AttemptEnd(.data, .malformedReply)
      end.group = group
      return end
    }
    // RFC 2920 3.1: 354 although no recipient was taken wants a message all the same; an empty one to nobody.
    if end.stage != .data, open.parser.code == 354 {
      if open.send(".\r\n", timeout: timing.reply) != nil
        || open.readReply(timeout: timing.reply) != nil
      {
        end.isConnectionUsable = false
      }
    }
    reset(open, after: &end)
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
      let began = now
      let failure =
        transaction.envelope.bytes.withBytes {
          open.send(UnsafeBufferPointer(rebasing: $0[range]), timeout: timing.reply)
        }
        ?? open.readReply(timeout: envelopeLimit)
      if let failure { return AttemptEnd(stage, failure) }
      if open.features.hasPipelining, now - began > activity.groupPatience,
        let event = board.judgePipelining(relay, { $0.noteSlowness() })
      {
        dispatcher.event(event)
      }
      if open.hasUnaskedInput { return AttemptEnd(stage, .malformedReply) }
      if open.parser.code / 100 == wanted, stage != .data || open.parser.code == 354 { continue }
      var end = AttemptEnd(
        stage, open.parser, transaction.redaction.reply(open.parser), isConnectionUsable: true)
      reset(open, after: &end)
      return end
    }
    return nil
  }

  /// Clears what a rejected transaction left. A relay that does not know RSET costs the connection; that it has left is
  /// something else.
  private func reset(_ open: RelayConnection, after end: inout AttemptEnd) {
    guard end.isConnectionUsable else { return }
    guard !open.hasUnaskedInput else {
      end.isConnectionUsable = false
      return
    }
    let failure = open.send("RSET\r\n", timeout: timing.reply) ?? open.readReply(timeout: timing.reply)
    end.isConnectionUsable = failure == nil && open.parser.code / 100 == 2
    end.hasRelayLeft = failure == .connectionLost || failure == nil && open.parser.code == 421
  }

  /// Where mails wait, puts the envelope of the next one behind this message.
  private func lookAhead(behind transaction: Transaction<Mail>, on open: RelayConnection) {
    wasWithdrawn = false
    let now = now
    guard open.features.hasPipelining, activity.pipeliningLevel == .lookAhead,
      open.mailsBegun < activity.connectionLimit, now - open.connectedAt < timing.maxAge,
      board.mayLookAhead(relay: relay, lane: lane, now: now),
      let mail = dispatcher.mails.pop(timeout: .zero)
    else { return }
    if isOneOfMany, dispatcher.diverts(mail, from: relay, now: now) { return }
    guard load(mail, into: next) else { return }
    if let obstacle = next.address(to: open.features) {
      conclude(next, obstacle)
      return
    }
    next.isReused = true
    open.mailsBegun += 1
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
}
