internal import LinuxSystem

// A mail that one relay does not take for a reason that another may not share is passed on: at once, within the same
// attempt, to the first relay that serves and has not answered it yet. Each relay has a queue of these beside the common
// one, and each mail visits a relay once, so that it ends.
//
// On failure: where that relay pauses before it took the mail, the mail goes on to the next; where none is left, it is
// deferred, with what was said last.
extension RelayDispatcher {
  /// Passes a mail on.
  ///
  /// - Returns: false where no relay is left.
  func pass(_ mail: Mail, now: Duration) -> Bool {
    let answers = mail.withPassage { $0.answers }
    guard let target = board.next(notIn: { relay in answers.contains { $0.relay == relay } }, now: now) else {
      return false
    }
    passedOn[target].push(mail)
    board.activities[target].passed(1)
    // It may have paused since it was chosen, with its queue looked through already.
    if board.isPaused(target) { reroute(from: target, now: now) } else { board.call() }
    return true
  }

  /// Takes the oldest that was passed on to a relay.
  func takePassedOn(to relay: Int) -> Mail? {
    guard board.activities[relay].passedOnCount > 0, let mail = passedOn[relay].pop(timeout: .zero) else {
      return nil
    }
    board.activities[relay].passed(-1)
    return mail
  }

  /// Passes a mail on, or settles it.
  func passOn(_ mail: Mail, from relay: Int, now: Duration) {
    if pass(mail, now: now) { return }
    let answers = mail.withPassage { $0.answers }
    let last = answers.last
    settle(
      mail,
      DeliveryReport(
        verdict: .deferred, reply: last?.reply, relay: last?.name ?? board.relays[relay].name,
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
