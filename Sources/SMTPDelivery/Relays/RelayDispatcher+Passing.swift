internal import LinuxSystem

// A mail that one relay does not take for a reason that another may not share is passed on: at once, within the same
// attempt, to the first relay that serves and has not answered it yet. Each relay has a queue of these beside the common
// one, and each mail visits a relay once, so that it ends.
//
// A mail that one relay may have taken already is put to another first. Only where all of those refuse it, or none serves,
// does its one repetition go where the doubt is.
//
// On failure: where that relay pauses before it took the mail, the mail goes on to the next; where none is left, it is
// deferred, with what was said last.
extension RelayDispatcher {
  /// Passes a mail on.
  ///
  /// - Returns: false where no relay is left.
  func pass(_ mail: Mail, now: Duration) -> Bool {
    let (answers, doubtfulAt) = mail.withPassage { ($0.answers, $0.doubtfulAt) }
    func hasAnswered(_ relay: Int) -> Bool { answers.contains { $0.relay == relay } }
    var target = board.next(notIn: { hasAnswered($0) || $0 == doubtfulAt }, now: now)
    if target == nil, doubtfulAt != nil, !answers.isEmpty, answers.allSatisfy(\.isRefusal) {
      target = board.next(notIn: hasAnswered, now: now)
    }
    guard let target else { return false }
    passedOn[target].push(mail)
    board.activities[target].passed(1)
    // It may have paused since it was chosen, with its queue looked through already.
    if board.isPaused(target) { reroute(from: target, now: now) } else { board.call() }
    return true
  }

  /// A relay is not to have this mail: it has answered it already, in which case it came back by one that could not take
  /// it either, or it may have taken it, and there is another one.
  ///
  /// - Returns: true where the mail is elsewhere now, or reported.
  func diverts(_ mail: Mail, from relay: Int, now: Duration) -> Bool {
    let (hasAnswered, isDoubtful) = mail.withPassage {
      ($0.hasAnswered(relay), $0.doubtfulAt == relay && $0.answers.isEmpty)
    }
    if hasAnswered {
      passOn(mail, from: relay, now: now)
      return true
    }
    return isDoubtful && pass(mail, now: now)
  }

  /// Takes the oldest that was passed on to a relay.
  func takePassedOn(to relay: Int) -> Mail? {
    guard board.activities[relay].passedOnCount > 0, let mail = passedOn[relay].pop(timeout: .zero) else {
      return nil
    }
    board.activities[relay].passed(-1)
    return mail
  }

  /// Passes a mail on, or reports it.
  func passOn(_ mail: Mail, from relay: Int, now: Duration) {
    if pass(mail, now: now) { return }
    let answers = mail.withPassage { $0.answers }
    guard let last = answers.last else {
      // No relay was asked in this attempt: whichever serves next has it.
      mails.putBack(mail)
      return
    }
    report(
      mail,
      DeliveryReport(
        verdict: .deferred, reply: last.reply, relay: last.name,
        earlier: answers.dropLast()))
  }

  /// A lane had a mail in hand and did not begin it.
  func giveBack(_ mail: Mail, from relay: Int, now: Duration) {
    guard board.relays.count > 1, mail.withPassage({ !$0.answers.isEmpty }) else {
      mails.putBack(mail)
      return
    }
    passedOn[relay].putBack(mail)
    board.activities[relay].passed(1)
    if board.isPaused(relay) { reroute(from: relay, now: now) } else { board.call() }
  }

  /// What was passed on to a relay that pauses goes elsewhere.
  func reroute(from relay: Int, now: Duration) {
    while let mail = takePassedOn(to: relay) { passOn(mail, from: relay, now: now) }
  }
}
