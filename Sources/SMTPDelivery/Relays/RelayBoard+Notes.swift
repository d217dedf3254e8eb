internal import LinuxSystem

/// What relays say that changes how they are used.
extension RelayBoard {
  /// A mail was refused for good, for a reason that is not the mail's.
  ///
  /// - Parameter isAboutAll: the next mail would be refused as well, whatever it is.
  /// - Returns: the event of a pause where there is reason for one, and whether the mail can stay as it is and wait for
  ///   the relay. The one that has ended a trial cannot: it would be every trial's.
  func noteRefusal(
    _ index: Int, _ trouble: RelayTrouble, isAboutAll: Bool, now: Duration
  ) -> (event: RelayEvent?, mayWait: Bool) {
    let (isDue, isFirst) = monitor.withLock { state in
      activities[index].isUnsteady = true
      let isDue = state.relays[index].streak.noteRefusal(
        now: now, takenAt: activities[index].takenAt, isAboutAll: isAboutAll)
      return (isDue, state.relays[index].streak.count == 1)
    }
    guard isDue else { return (nil, false) }
    let event = pause(index, .configurationHold, trouble, isForMail: true, now: now)
    return (event, isAboutAll && (isFirst || event == nil))
  }

  /// A mail was put off, and another relay has it now.
  ///
  /// - Returns: the event of a pause where it was one of many.
  func noteDeferral(_ index: Int, _ trouble: RelayTrouble, now: Duration) -> RelayEvent? {
    let isDue = monitor.withLock { state in
      activities[index].isUnsteady = true
      return state.relays[index].streak.noteDeferral()
    }
    return isDue ? pause(index, .relayBackOff, trouble, isForMail: true, now: now) : nil
  }

  /// A mail may have been taken or not.
  ///
  /// - Returns: the event of a pause where it was one of many.
  func noteDoubt(_ index: Int, _ trouble: RelayTrouble, now: Duration) -> RelayEvent? {
    let isDue = monitor.withLock { state in
      activities[index].isUnsteady = true
      return state.relays[index].streak.noteDoubt()
    }
    return isDue ? pause(index, .relayDown, trouble, isForMail: true, now: now) : nil
  }

  /// Whether a mail that is put off on a used connection may be so for the connection's sake.
  ///
  /// - Parameter isClear: the relay says so. Otherwise it is tried, unless that has been in vain lately.
  func mayBeSpent(_ index: Int, clearly isClear: Bool, now: Duration) -> Bool {
    isClear || monitor.withLock { $0.relays[index].connectionLimit.isWorthATry(now: now) }
  }

  /// A connection that had carried this many mails was of no more use, and a new one was; nil: nor was the new one.
  func learnConnectionLimit(_ index: Int, _ count: Int?, isClear: Bool, now: Duration) -> RelayEvent? {
    monitor.withLock { state in
      guard let count else {
        state.relays[index].connectionLimit.noteMiss(now: now)
        return nil
      }
      let isNews = state.relays[index].connectionLimit.learn(count, isClear: isClear, now: now)
      activities[index].connectionLimit = state.relays[index].connectionLimit.value ?? .max
      return isNews ? .limitLearned(relay: relays[index].name, perConnection: count) : nil
    }
  }

  /// A connection ended at its very first mail.
  func refuteConnectionLimit(_ index: Int, now: Duration) {
    monitor.withLock { state in
      state.relays[index].connectionLimit.refute(now: now)
      activities[index].connectionLimit = state.relays[index].connectionLimit.value ?? .max
    }
  }

  /// Something came back that speaks for or against groups of commands.
  func judgePipelining(_ index: Int, _ note: (inout PipeliningTrust) -> Bool) -> RelayEvent? {
    monitor.withLock { state in
      let isNews = note(&state.relays[index].trust)
      let trust = state.relays[index].trust
      activities[index].pipeliningLevel = trust.level
      activities[index].isSlow = trust.isSlow
      activities[index].isPipeliningOpen =
        trust.isOnProbation || !trust.isProven && trust.level > .steps
      guard isNews else { return nil }
      return .pipelining(relay: relays[index].name, state.relays[index].trust.level)
    }
  }

  /// - Parameter isWeak: it was said of a recipient.
  func throttle(_ index: Int, for reply: Reply?, isWeak: Bool, now: Duration) -> RelayEvent? {
    monitor.withLock { state in
      guard state.relays[index].pace.throttle(now: now, isWeak: isWeak) else { return nil }
      activities[index].isUnsteady = true
      let pace = state.relays[index].pace
      return .throttled(
        relay: self.relays[index].name, lanes: pace.lanes, interval: pace.interval, reply: reply)
    }
  }

  /// A mail was refused for policy (5.7.x).
  ///
  /// - Returns: an event where there have been too many.
  func noteRejection(_ index: Int, now: Duration) -> RelayEvent? {
    monitor.withLock { state in
      guard let count = state.relays[index].alarm.note(now) else { return nil }
      return .rejecting(relay: self.relays[index].name, count: count, window: RejectionAlarm.window)
    }
  }

  /// A further connection was refused, or ended at its first command, while others stand: the relay limits their number.
  ///
  /// - Parameters:
  ///   - connections: those that stand.
  ///   - reply: in which words it refused.
  /// - Returns: nil where no other connection stands, or where the relay is paused: its trial has failed then, which
  ///   only `pause` ends.
  func limitLanes(of index: Int, to connections: Int, for reply: Reply?, now: Duration) -> RelayEvent? {
    guard connections > 0 else { return nil }
    return monitor.change { state in
      guard state.relays[index].pause == .none else { return nil }
      state.relays[index].pace.limit(to: connections, now: now)
      activities[index].isUnsteady = true
      state.relays[index].wantedLanes = min(state.relays[index].wantedLanes, connections)
      let pace = state.relays[index].pace
      return .throttled(
        relay: self.relays[index].name, lanes: pace.lanes, interval: pace.interval, reply: reply)
    }
  }
}
