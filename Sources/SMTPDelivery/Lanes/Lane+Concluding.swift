internal import FoundationEssentials
internal import LinuxSystem

// What an attempt comes to: the relay is judged by it, the mail goes to the next relay where that may help, or is reported.
extension Lane {
  func conclude(
    _ transaction: Transaction<Mail>, _ judgement: Judgement, _ row: VerdictRow, _ end: AttemptEnd
  ) {
    guard let mail = transaction.clear() else { return }
    let time = now
    if judgement == .sent { activity.taken(time) } else if end.reply != nil { activity.answered(time) }
    let mayWait = noteRelay(judgement, row, end, recipientOf: mail, time)
    let (verdict, isPassedOn) = verdict(judgement, mail, end, time)
    if isPassedOn { return }
    if verdict == .deferred, mayWait, !isOneOfMany {
      // Whatever the mail, it would have been refused: it is untouched, and waits for the relay.
      dispatcher.mails.putBack(mail)
      return
    }
    dispatcher.report(
      mail,
      DeliveryReport(
        verdict: verdict, reply: end.reply, meaning: row.meaning, relay: settings.name,
        times: transaction.times, earlier: earlierAnswers(of: mail)))
  }

  /// - Returns: what the mail is reported with, or that another relay has it now.
  private func verdict(
    _ judgement: Judgement, _ mail: Mail, _ end: AttemptEnd, _ time: Duration
  ) -> (Verdict, isPassedOn: Bool) {
    switch judgement {
    case .sent: return (.sent, false)
    case .failed: return (.failed, false)
    case .ambiguous: return (.ambiguous, false)
    case .refused, .unclear:
      note(mail, end.reply, isRefusal: true)
      guard isOneOfMany else { return (judgement == .unclear ? .failed : .deferred, false) }
      if dispatcher.pass(mail, now: time) { return (.deferred, true) }
      let hasFailed = mail.withPassage { passage in
        passage.answers.allSatisfy(\.isRefusal)
          && (judgement == .unclear || passage.answers.count == board.relays.count)
      }
      return (hasFailed ? .failed : .deferred, false)
    default:
      if end.wasCancelled { return (.untouched, false) }
      note(mail, end.reply, isRefusal: false)
      return (.deferred, isOneOfMany && dispatcher.pass(mail, now: time))
    }
  }

  /// What the attempt tells of the relay.
  ///
  /// - Returns: true where any mail would have been refused.
  private func noteRelay(
    _ judgement: Judgement, _ row: VerdictRow, _ end: AttemptEnd, recipientOf mail: Mail, _ time: Duration
  ) -> Bool {
    func tell(_ event: RelayEvent?) {
      if let event { dispatcher.event(event) }
    }
    switch judgement {
    case .sent: board.succeed(relay, now: time)
    case .failed, .unclear:
      board.noteAnswer(relay)
      if row.meaning == .addressRejected, let reply = end.reply {
        dispatcher.refusedAddresses.note(mail.recipient, reply, now: time)
      }
    case .refused where end.incident.subject == .sequence: board.noteAnswer(relay)
    case .refused:
      if row.meaning == .throttled {
        tell(board.throttle(relay, for: end.reply, isWeak: end.stage == .recipient, now: time))
      } else {
        tell(board.noteRejection(relay, now: time))
      }
      let (event, mayWait) = board.noteRefusal(
        relay, trouble(end), isAboutAll: row.meaning == .accountRefused, now: time)
      pause(event)
      return mayWait
    case .ambiguous where !end.wasCancelled:
      mail.withPassage { $0.noteDoubt(at: relay) }
      pause(board.noteDoubt(relay, trouble(end), now: time))
    case .deferred where !end.wasCancelled:
      if row.meaning == .throttled, !end.isAboutConnection {
        tell(board.throttle(relay, for: end.reply, isWeak: end.stage == .recipient, now: time))
      }
      if row.meaning == .greylisted || end.incident.subject == .recipient {
        board.noteAnswer(relay)
      } else if isOneOfMany, isBesideAnother {
        pause(board.noteDeferral(relay, trouble(end), now: time))
      } else if end.reply != nil {
        board.noteAnswer(relay)
      }
    default: break
    }
    return false
  }

  func note(_ mail: Mail, _ reply: Reply?, isRefusal: Bool) {
    guard isOneOfMany else { return }
    mail.withPassage {
      $0.note(.init(relay: relay, name: settings.name, reply: reply, isRefusal: isRefusal))
    }
  }

  /// What relays before this one said of a mail that is reported here.
  func earlierAnswers(of mail: Mail) -> [MailPassage.Answer] {
    guard isOneOfMany else { return [] }
    return mail.withPassage { $0.answers.filter { $0.relay != relay } }
  }

  func pauseRelay(_ judgement: Judgement, _ trouble: RelayTrouble) {
    pause(board.pause(relay, judgement, trouble, now: now))
  }

  /// The relay pauses from now on: what had been passed on to it goes elsewhere.
  private func pause(_ event: RelayEvent?) {
    guard let event else { return }
    board.noteHeld(relay, secretsMark)
    dispatcher.event(event)
    if connection != nil, next.mail == nil { closeConnection() }
    dispatcher.reroute(from: relay, now: now)
  }
}
