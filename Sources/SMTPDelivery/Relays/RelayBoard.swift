internal import LinuxSystem
internal import Synchronization

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

  private enum Pause { case none, down, held, backOff }

  private struct Relay {
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

  private struct State {
    var relays: [Relay]
    var isStopping = false
  }

  /// Beyond the lock, since each reply touches it.
  final class Activity: Sendable {
    private let busyLanes = Atomic(0)
    private let connectingLanes = Atomic(0)
    private let connections = Atomic(0)
    private let lastAnswer = Atomic<Int64>(0)
    private let lastTaken = Atomic<Int64>(.min)
    private let passedOn = Atomic(0)
    private let mailsPerConnection = Atomic(Int.max)
    private let pipelining = Atomic(PipeliningTrust.Level.lookAhead.rawValue)
    private let wasOnlySlow = Atomic(false)
    private let slowestReply = Atomic<Int64>(0)
    /// The relay is slowed down or has paused, so that a mail that is taken changes something. Set with the board
    /// locked, and asked without.
    let isUnsettled = Atomic(false)

    /// Mails that other relays have passed on to this one and that wait.
    var passedOnCount: Int { passedOn.load(ordering: .relaxed) }
    func passed(_ count: Int) { passedOn.wrappingAdd(count, ordering: .relaxed) }

    /// How many mails a connection may carry.
    var connectionLimit: Int {
      get { mailsPerConnection.load(ordering: .relaxed) }
      set { mailsPerConnection.store(newValue, ordering: .relaxed) }
    }

    var pipeliningLevel: PipeliningTrust.Level {
      get { PipeliningTrust.Level(rawValue: pipelining.load(ordering: .relaxed)) ?? .steps }
      set { pipelining.store(newValue.rawValue, ordering: .relaxed) }
    }

    /// Silence behind a group says nothing about it.
    var isSlow: Bool {
      get { wasOnlySlow.load(ordering: .relaxed) }
      set { wasOnlySlow.store(newValue, ordering: .relaxed) }
    }

    /// How long silence behind a group is borne: by the slowest reply that the relay has given, between one second and
    /// three.
    var groupPatience: Duration {
      .milliseconds(min(max(1000, 20 * slowestReply.load(ordering: .relaxed)), 3000))
    }

    func replied(after time: Duration) {
      let (seconds, attoseconds) = time.components
      let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
      if milliseconds > slowestReply.load(ordering: .relaxed) {
        slowestReply.store(milliseconds, ordering: .relaxed)
      }
    }

    func taken(_ now: Duration) { lastTaken.store(Int64(now.wholeMilliseconds), ordering: .relaxed) }
    /// When it last took a mail.
    var takenAt: Duration? {
      let moment = lastTaken.load(ordering: .relaxed)
      return moment == .min ? nil : .milliseconds(moment)
    }

    func begin(_ now: Duration) {
      if busyLanes.wrappingAdd(1, ordering: .relaxed).oldValue == 0 { answered(now) }
    }
    var busyCount: Int { busyLanes.load(ordering: .relaxed) }
    var connectingCount: Int { connectingLanes.load(ordering: .relaxed) }
    var connectionCount: Int { connections.load(ordering: .relaxed) }
    func opened() { connections.wrappingAdd(1, ordering: .relaxed) }
    func closed() { connections.wrappingSubtract(1, ordering: .relaxed) }
    func beginConnecting() { connectingLanes.wrappingAdd(1, ordering: .relaxed) }
    func endConnecting() { connectingLanes.wrappingSubtract(1, ordering: .relaxed) }
    func end() { busyLanes.wrappingSubtract(1, ordering: .relaxed) }
    func answered(_ now: Duration) { lastAnswer.store(Int64(now.wholeMilliseconds), ordering: .relaxed) }
    func isStalled(_ now: Duration, after limit: Duration) -> Bool {
      busyLanes.load(ordering: .relaxed) > 0
        && now.wholeMilliseconds - Int(lastAnswer.load(ordering: .relaxed)) > limit.wholeMilliseconds
    }
  }

  let relays: [RelaySettings]
  let activities: [Activity]
  private let monitor: Monitor<State>

  init(_ relays: [RelaySettings]) {
    self.relays = relays
    activities = relays.map { relay in
      let activity = Activity()
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
    guard activities[index].isUnsettled.load(ordering: .relaxed) else { return }
    monitor.withLock { state in
      state.relays[index].pauseLength = .zero
      state.relays[index].streak.end()
      if state.relays[index].pace.isLimited { state.relays[index].pace.succeed(now: now) }
      activities[index].isUnsettled.store(state.relays[index].pace.isLimited, ordering: .relaxed)
    }
  }

  /// A mail was answered, though not taken, for a reason of the mail's.
  func noteAnswer(_ index: Int) { monitor.withLock { $0.relays[index].pauseLength = .zero } }

  /// A mail was refused for good, for a reason that is not the mail's.
  ///
  /// - Parameter isAboutAll: the next mail would be refused as well, whatever it is.
  /// - Returns: the event of a pause where there is reason for one.
  func noteRefusal(
    _ index: Int, _ trouble: RelayTrouble, isAboutAll: Bool, now: Duration
  ) -> RelayEvent? {
    let isDue = monitor.withLock { state in
      activities[index].isUnsettled.store(true, ordering: .relaxed)
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
      activities[index].isUnsettled.store(true, ordering: .relaxed)
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

  func throttle(_ index: Int, now: Duration) -> RelayEvent? {
    monitor.withLock { state in
      guard state.relays[index].pace.throttle(now: now) else { return nil }
      activities[index].isUnsettled.store(true, ordering: .relaxed)
      let pace = state.relays[index].pace
      return .throttled(relay: self.relays[index].name, lanes: pace.lanes, interval: pace.interval)
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
  /// - Parameter connections: those that stand.
  /// - Returns: nil where no other connection stands, or where the relay is paused: its trial has failed then, which
  ///   only `pause` ends.
  func limitLanes(of index: Int, to connections: Int, now: Duration) -> RelayEvent? {
    guard connections > 0 else { return nil }
    return monitor.change { state in
      guard state.relays[index].pause == .none else { return nil }
      state.relays[index].pace.limit(to: connections, now: now)
      activities[index].isUnsettled.store(true, ordering: .relaxed)
      state.relays[index].wantedLanes = min(state.relays[index].wantedLanes, connections)
      let pace = state.relays[index].pace
      return .throttled(relay: self.relays[index].name, lanes: pace.lanes, interval: pace.interval)
    }
  }

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
      activities[index].isUnsettled.store(true, ordering: .relaxed)
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
