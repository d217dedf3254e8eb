internal import LinuxSystem

/// What the lanes of a dispatcher know about all relays: which one is in use, which pause, and who may work.
///
/// Relays are used in order. A lane of a later relay works only while all earlier ones are paused or stalled, that
/// is, had work and answered nothing for `RelayTiming.stall`. A paused relay is tried again by its first lane
/// alone, with a connection and no mail in hand, so that a dead relay never holds up what another can take. A mail that
/// one relay does not take for a reason that another may not share is passed on: for those a later relay works beside an
/// earlier one that serves.
final class RelayBoard: Sendable {
  /// What a lane is to do next.
  enum Order {
    case work
    /// Only with mails that another relay passed on.
    case help
    case trial, reserve, park(Duration), stop
  }

  enum Pause { case none, down, held, backOff }

  struct Relay {
    var pause = Pause.none
    var pausedUntil = Duration.zero
    var pauseLength = Duration.zero
    /// It pauses for what it said to a mail.
    var pausesForMail = false
    /// The trial connection is being made.
    var isOnTrial = false
    /// Lanes in use; grows with need, shrinks as they idle.
    var wantedLanes = 1
    var pace: RelayPace
    var alarm = RejectionAlarm()
    var streak = RefusalStreak()
    /// What the files of its secrets looked like when the connection was made for which it is held.
    var heldMark: SecretsMark?
    var connectionLimit: ConnectionLimit
    var trust: PipeliningTrust
  }

  struct State {
    var relays: [Relay]
    var isStopping = false
  }

  let relays: [RelaySettings]
  let activities: [RelayActivity]
  let monitor: Monitor<State>

  init(_ relays: [RelaySettings]) {
    self.relays = relays
    activities = relays.map { relay in
      let activity = RelayActivity()
      activity.connectionLimit = relay.maxPerConnection ?? .max
      activity.pipeliningLevel = PipeliningTrust(isAllowed: relay.pipelines).level
      return activity
    }
    monitor = Monitor(
      State(
        relays: relays.map {
          Relay(
            pace: RelayPace(lanes: $0.lanes, maxPerSecond: $0.maxPerSecond),
            connectionLimit: ConnectionLimit(configured: $0.maxPerConnection),
            trust: PipeliningTrust(isAllowed: $0.pipelines))
        }))
  }

  func order(relay index: Int, lane: Int, now: Duration) -> Order {
    monitor.withLock { order(&$0, index, lane, now) }
  }

  private func order(_ state: inout State, _ index: Int, _ lane: Int, _ now: Duration) -> Order {
    if state.isStopping { return .stop }
    let relay = state.relays[index]
    if relay.pause != .none {
      if now < relay.pausedUntil { return .park(relay.pausedUntil - now) }
      if lane != 0 || relay.isOnTrial { return .park(.seconds(60)) }
      state.relays[index].isOnTrial = true
      return .trial
    }
    let passedOn = activities[index].passedOnCount
    let lanes = min(max(relay.wantedLanes, passedOn), relay.pace.lanes)
    if lane > lanes || lane >= relay.pace.lanes { return .park(.seconds(60)) }
    if (0..<index).contains(where: { isServing(state, $0, now) }) {
      return lane < passedOn ? .help : .park(.milliseconds(250))
    }
    return lane < lanes ? .work : .reserve
  }

  private func isServing(_ state: State, _ index: Int, _ now: Duration) -> Bool {
    state.relays[index].pause == .none
      && !activities[index].isStalled(now, after: relays[index].timing.stall)
  }

  /// The first relay that serves and is not among those that have answered already.
  func next(notIn answered: (Int) -> Bool, now: Duration) -> Int? {
    monitor.withLock { state in
      relays.indices.first { !answered($0) && isServing(state, $0, now) }
    }
  }

  /// A relay has got mails that were passed on to it: its lanes look again.
  func call() { monitor.change { _ in } }

  func isPaused(_ index: Int) -> Bool { monitor.withLock { $0.relays[index].pause != .none } }

  /// Waits until `order` may be another than to park, or the time is over.
  func park(relay index: Int, lane: Int, for time: Duration, uptime: @Sendable () -> Duration) {
    _ = monitor.wait(timeout: time) { state -> Void? in
      if case .park = self.order(&state, index, lane, uptime()) { return nil }
      // `order` marked the trial as taken; the lane asks again.
      state.relays[index].isOnTrial = false
      return ()
    }
  }

  /// True where no relay takes mail.
  var isAnyRelayServing: Bool {
    monitor.withLock { state in state.relays.contains { $0.pause == .none } }
  }

  /// True where a mail that this relay leaves unanswered has somewhere else to go.
  func isAnotherServing(beside index: Int) -> Bool {
    guard relays.count > 1 else { return false }
    return monitor.withLock { state in
      state.relays.indices.contains { $0 != index && state.relays[$0].pause == .none }
    }
  }

  func stop() { monitor.change { $0.isStopping = true } }

  /// Counts one lane more as in use where all those before it are busy, and more mails wait than those that will
  /// take one as soon as they are connected.
  func joinIfAllBusy(relay index: Int, lane: Int, waiting: Int) -> Bool {
    guard activities[index].busyCount >= lane, waiting > activities[index].connectingCount else {
      return false
    }
    return monitor.change { state in
      guard state.relays[index].wantedLanes == lane, lane < state.relays[index].pace.lanes else {
        return false
      }
      state.relays[index].wantedLanes = lane + 1
      return true
    }
  }

  /// Waits, unless the dispatcher stops.
  ///
  /// - Parameter isOver: is asked, with the board locked, after each change.
  func rest(for time: Duration, until isOver: () -> Bool = { false }) {
    _ = monitor.wait(timeout: time) { $0.isStopping || isOver() ? () : nil }
  }

  /// A lane had nothing to do for as long as a connection may idle. The first lane stays.
  func shrinkLanes(of index: Int, to lane: Int) {
    guard lane > 0 else { return }
    monitor.withLock { $0.relays[index].wantedLanes = min($0.relays[index].wantedLanes, lane) }
  }

  func reserveSlot(of index: Int, now: Duration) -> Duration {
    monitor.withLock { $0.relays[index].pace.reserve(now: now) }
  }

  /// How many lanes the relay's complaints have left it.
  func laneLimit(of index: Int) -> Int { monitor.withLock { $0.relays[index].pace.lanes } }

  /// Whether a lane may begin a mail behind the one it delivers: it has to work on, and no time slots to keep.
  func mayLookAhead(relay index: Int, lane: Int, now: Duration) -> Bool {
    monitor.withLock { state in
      guard !state.relays[index].pace.isLimited else { return false }
      if case .work = order(&state, index, lane, now) { return true }
      return false
    }
  }

  func isLimited(_ index: Int) -> Bool { monitor.withLock { $0.relays[index].pace.isLimited } }

  func succeed(_ index: Int, now: Duration) {
    guard activities[index].isUnsteady else { return }
    monitor.withLock { state in
      state.relays[index].pauseLength = .zero
      state.relays[index].streak.end()
      if state.relays[index].pace.isLimited { state.relays[index].pace.succeed(now: now) }
      activities[index].isUnsteady = state.relays[index].pace.isLimited
    }
  }

  /// A mail was answered, though not taken, for a reason of the mail's.
  func noteAnswer(_ index: Int) { monitor.withLock { $0.relays[index].pauseLength = .zero } }

  /// A connection stands. Only a mail that is answered makes the next pause a short one again: a relay may take
  /// connections and nothing else. So one that was under way already when the relay was paused for what it said to a mail
  /// ends no pause; the trial does.
  ///
  /// - Returns: an event where the relay had been paused.
  func connected(_ index: Int, now: Duration) -> RelayEvent? {
    monitor.change { state in
      state.relays[index].connectionLimit.forget(now: now)
      activities[index].connectionLimit = state.relays[index].connectionLimit.value ?? .max
      let relay = state.relays[index]
      guard relay.pause != .none, relay.isOnTrial || !relay.pausesForMail else { return nil }
      state.relays[index].pause = .none
      state.relays[index].isOnTrial = false
      return .recovered(relay: self.relays[index].name)
    }
  }

  /// Pauses a relay.
  ///
  /// - Parameter isForMail: it pauses for what it said to a mail. Only a further mail tells whether that has changed, so
  ///   it is tried again as one that is down.
  /// - Returns: nil where another lane has just reported the same.
  func pause(
    _ index: Int, _ judgement: Judgement, _ trouble: RelayTrouble, isForMail: Bool = false, now: Duration
  ) -> RelayEvent? {
    monitor.change { state in
      let settings = self.relays[index]
      let wasOnTrial = state.relays[index].isOnTrial
      if state.relays[index].pause != .none, !wasOnTrial { return nil }
      let timing = settings.timing
      let length: Duration
      if judgement == .configurationHold, !isForMail {
        length = timing.holdPause
      } else {
        length = min(
          max(state.relays[index].pauseLength * 2, timing.firstPause), timing.longestPause)
        state.relays[index].pauseLength = length
      }
      state.relays[index].pausedUntil = now + length
      activities[index].isUnsteady = true
      state.relays[index].isOnTrial = false
      state.relays[index].pausesForMail = isForMail
      state.relays[index].wantedLanes = 1
      switch judgement {
      case .configurationHold:
        state.relays[index].pause = .held
        return .held(relay: settings.name, trouble, pause: length)
      case .relayBackOff:
        state.relays[index].pause = .backOff
        _ = state.relays[index].pace.throttle(now: now)
        return .backingOff(relay: settings.name, trouble, pause: length)
      default:
        state.relays[index].pause = .down
        return .down(relay: settings.name, trouble, pause: length)
      }
    }
  }

  /// Held for something that a person changes.
  func isHeld(_ index: Int) -> Bool { monitor.withLock { $0.relays[index].pause == .held } }

  func noteHeld(_ index: Int, _ mark: SecretsMark?) {
    monitor.withLock { $0.relays[index].heldMark = mark }
  }
  func heldMark(of index: Int) -> SecretsMark? { monitor.withLock { $0.relays[index].heldMark } }

  /// What a relay needs has changed: it is tried at once.
  func retryNow(_ index: Int) {
    monitor.change { state in
      state.relays[index].pausedUntil = .zero
      state.relays[index].heldMark = nil
    }
  }
}
