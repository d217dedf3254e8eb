internal import LinuxSystem

/// What relays say that changes how they are used.
extension RelayBoard {
  /// A mail was refused for good, for a reason that is not the mail's.
  ///
  /// - Parameter isAboutAll: the next mail would be refused as well, whatever it is.
  /// - Returns: the event of a pause where there is reason for one.
  func noteRefusal(
    _ index: Int, _ trouble: RelayTrouble, isAboutAll: Bool, now: Duration
  ) -> RelayEvent? {
    let isDue = monitor.withLock { state in
      activities[index].isUnsettled = true
      return state.relays[index].streak.noteRefusal(now: now, takenAt: activities[index].takenAt)
        || isAboutAll
    }
    return isDue ? pause(index, .configurationHold, trouble, isForMail: true, now: now) : nil
  }

  /// A mail was put off, and another relay has it now.
  ///
  /// - Returns: the event of a pause where it was one of many.
  func noteDeferral(_ index: Int, _ trouble: RelayTrouble, now: Duration) -> RelayEvent? {
    let isDue = monitor.withLock { state in
      activities[index].isUnsettled = true
      return state.relays[index].streak.noteDeferral()
    }
    return isDue ? pause(index, .relayBackOff, trouble, isForMail: true, now: now) : nil
  }

  /// Whether a mail that is put off on a used connection may be so for the connection's sake.
  ///
  /// - Parameter isClear: the relay says so. Otherwise it is tried, unless that has been in vain lately.
  func mayBeSpent(_ index: Int, clearly isClear: Bool, now: Duration) -> Bool {
    isClear || monitor.withLock { $0.relays[index].connectionLimit.isWorthATry(now: now) }
  }

  /// A connection that had carried this many mails was of no more use, and a new one was; nil: nor was the new one.
  func learnConnectionLimit(_ index: Int, _ count: Int?, now: Duration) -> RelayEvent? {
    monitor.withLock { state in
      guard let count else {
        state.relays[index].connectionLimit.noteMiss(now: now)
        return nil
      }
      let isNews = state.relays[index].connectionLimit.learn(count, now: now)
      activities[index].connectionLimit = state.relays[index].connectionLimit.value ?? .max
      return isNews ? .limitLearned(relay: relays[index].name, perConnection: count) : nil
    }
  }

  /// Something came back that speaks for or against groups of commands.
  func judgePipelining(_ index: Int, _ note: (inout PipeliningTrust) -> Bool) -> RelayEvent? {
    monitor.withLock { state in
      guard note(&state.relays[index].trust) else { return nil }
      activities[index].pipeliningLevel = state.relays[index].trust.level
      activities[index].isSlow = state.relays[index].trust.isSlow
      return .pipelining(relay: relays[index].name, state.relays[index].trust.level)
    }
  }

  func throttle(_ index: Int, for reply: Reply?, now: Duration) -> RelayEvent? {
    monitor.withLock { state in
      guard state.relays[index].pace.throttle(now: now) else { return nil }
      activities[index].isUnsettled = true
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
      activities[index].isUnsettled = true
      state.relays[index].wantedLanes = min(state.relays[index].wantedLanes, connections)
      let pace = state.relays[index].pace
      return .throttled(
        relay: self.relays[index].name, lanes: pace.lanes, interval: pace.interval, reply: reply)
    }
  }
}
