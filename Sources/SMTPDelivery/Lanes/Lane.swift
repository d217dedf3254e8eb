internal import FoundationEssentials
internal import LinuxSystem

/// One thread's work: keep a connection while it is worth keeping, take mails, deliver them.
///
/// A lane connects before it takes a mail, so that mails wait where every lane can reach them.
final class Lane<Mail: OutgoingMail> {
  let dispatcher: RelayDispatcher<Mail>
  let relay: Int
  let lane: Int
  let settings: RelaySettings
  let timing: RelayTiming
  let activity: RelayActivity
  var connection: RelayConnection? {
    didSet {
      if oldValue == nil, connection != nil { activity.opened() }
      if oldValue != nil, connection == nil { activity.closed() }
    }
  }
  /// The mail being delivered, and the one whose envelope rides behind it.
  var current = Transaction<Mail>()
  var next = Transaction<Mail>()
  /// The mail behind was given back while the reply was awaited, so replies that nobody waits for will come.
  var wasWithdrawn = false
  /// What the files of the relay's secrets looked like when this lane last connected.
  private(set) var secretsMark: SecretsMark?
  /// How long it leaves the mails to other lanes before it connects or takes the next.
  var restsAfterMail = Duration.zero
  /// That ends once there are fewer connections than these.
  var openConnections = 0
  /// As the current mail was begun, another relay took mail as well.
  var isBesideAnother = false

  var board: RelayBoard { dispatcher.board }
  /// There are other relays.
  let isOneOfMany: Bool

  init(_ dispatcher: RelayDispatcher<Mail>, relay: Int, lane: Int) {
    self.dispatcher = dispatcher
    self.relay = relay
    self.lane = lane
    settings = dispatcher.board.relays[relay]
    timing = settings.timing
    activity = dispatcher.board.activities[relay]
    isOneOfMany = dispatcher.board.relays.count > 1
  }

  var now: Duration { dispatcher.clock.uptime() }

  func run() {
    while true {
      if lane == 0 { lookAfterSecrets() }
      if restsAfterMail > .zero {
        // Another lane may rest for this one's connection.
        board.call()
        board.rest(for: restsAfterMail) { activity.connectionCount < openConnections }
        (restsAfterMail, openConnections) = (.zero, 0)
      }
      switch board.order(relay: relay, lane: lane, now: now) {
      case .stop:
        closeConnection()
        return
      case .park(let time):
        // A relay that limits connections wants this one for a lane that works.
        if connection != nil, lane >= board.laneLimit(of: relay) {
          closeConnection()
          board.call()
        }
        retireConnection()
        reportExpired()
        // A kept connection, and deadlines while nothing is served, need a look now and then.
        let isWatching = connection != nil || lane == 0 && board.isHeld(relay) || !board.isAnyRelayServing
        let limit = isWatching ? min(time, .milliseconds(500)) : time
        board.park(relay: relay, lane: lane, for: limit, uptime: dispatcher.clock.uptime)
      case .trial: connect()
      case .reserve: standBy()
      case .work: work()
      case .help: help()
      }
    }
  }

  /// A token is fetched before it is wanted, and a held relay tried again at once where a file that it may wait for has
  /// changed.
  private func lookAfterSecrets() {
    guard activity.isUnsteady, board.isPaused(relay) else {
      settings.renewTokenIfDue()
      return
    }
    guard board.isHeld(relay), let mark = board.heldMark(of: relay), mark != settings.secretsMark() else {
      return
    }
    board.retryNow(relay)
  }

  /// Takes a mail that another relay passed on.
  private func help() {
    retireConnection()
    guard connection != nil else {
      connect()
      return
    }
    let slot = board.reserveSlot(of: relay, now: now)
    if slot > .zero { board.rest(for: slot) }
    if let mail = dispatcher.takePassedOn(to: relay) { deliver(mail) }
  }

  private func work() {
    retireConnection()
    guard let open = connection else {
      if dispatcher.mails.count > 0 || activity.passedOnCount > 0 {
        connect()
      } else if dispatcher.mails.isFinished {
        // Nothing comes any more, but another lane may still give a mail back.
        board.rest(for: .milliseconds(20))
      } else if !dispatcher.mails.waitForElement(timeout: isOneOfMany ? .milliseconds(250) : .seconds(5)) {
        board.shrinkLanes(of: relay, to: lane)
      }
      return
    }
    let slot = board.reserveSlot(of: relay, now: now)
    if slot > .zero { board.rest(for: slot) }
    if isOneOfMany, let mail = dispatcher.takePassedOn(to: relay) {
      deliver(mail)
      return
    }
    // Beside other relays a mail may come by another way.
    let patience: Duration = isOneOfMany ? .milliseconds(250) : .seconds(5)
    guard let mail = dispatcher.mails.pop(timeout: max(.zero, min(timeLeft(open), patience))) else {
      if dispatcher.mails.isFinished { board.rest(for: .milliseconds(20)) }
      return
    }
    // Stopped, paused or overtaken by an earlier relay while it waited.
    guard case .work = board.order(relay: relay, lane: lane, now: now) else {
      dispatcher.mails.putBack(mail)
      return
    }
    deliver(mail)
  }

  /// The first lane not in use: joins in when mail waits and every lane before it is busy.
  private func standBy() {
    retireConnection()
    let mails = dispatcher.mails
    let idleLeft = connection.map { timeLeft($0) } ?? .seconds(5)
    if !mails.waitForElement(timeout: max(.milliseconds(20), min(idleLeft, .seconds(5)))), !mails.isFinished {
      return
    }
    if mails.count > 0, board.joinIfAllBusy(relay: relay, lane: lane, waiting: mails.count) { return }
    // The lane that is idle takes it in a moment, or when its next time slot comes.
    board.rest(
      for: mails.count == 0
        ? .milliseconds(20) : board.isLimited(relay) ? .milliseconds(50) : .milliseconds(2))
  }

  /// Closes a connection that is too old or has idled too long.
  private func retireConnection() {
    guard let open = connection, isSpent(open) else { return }
    closeConnection()
    if now - open.idleSince >= timing.maxIdle { board.shrinkLanes(of: relay, to: lane) }
  }

  /// Too old, idle for too long, or it has carried what one connection may.
  func isSpent(_ open: RelayConnection) -> Bool {
    open.mailsBegun >= activity.connectionLimit || timeLeft(open) <= .zero
  }

  private func timeLeft(_ open: RelayConnection) -> Duration {
    let now = now
    return min(timing.maxAge - (now - open.connectedAt), timing.maxIdle - (now - open.idleSince))
  }

  func closeConnection() {
    connection?.quit(timeout: timing.quit)
    connection = nil
  }

  /// Connects; on failure the relay pauses.
  ///
  /// - Returns: whether there is a connection.
  @discardableResult
  func connect() -> Bool {
    connection = nil
    secretsMark = settings.secretsMark()
    activity.begin(now)
    activity.beginConnecting()
    defer {
      activity.endConnecting()
      activity.end()
    }
    do throws(RelayTrouble) {
      let open = try RelayConnection.connect(
        settings, cancel: dispatcher.cancel, memory: dispatcher.addressMemory,
        uptime: dispatcher.clock.uptime)
      connection = open
      activity.answered(now)
      if let event = board.connected(relay, now: now) { dispatcher.event(event) }
      dispatcher.event(
        .connected(relay: settings.name, isEncrypted: open.isEncrypted, took: open.connectTook))
      if let event = settings.takeTokenNews() { dispatcher.event(event) }
      return true
    } catch {
      if dispatcher.cancel.isSet { return false }
      let row = VerdictTable.row(stage: error.stage, incident: error.incident, isReused: false)
      // Without a token there is no word on how many connections the relay takes.
      let standing = activity.connectionCount
      if row.judgement != .configurationHold, error.incident != .tokenUnavailable,
        let event = board.limitLanes(of: relay, to: standing, for: error.reply, now: now)
      {
        dispatcher.event(event)
        // With no mail in hand, which another lane takes meanwhile.
        restsAfterMail = timing.firstPause
        // Lanes before this one are left, or this one is and another gives its connection up.
        openConnections = standing
      } else {
        pauseRelay(row.judgement, error)
      }
      return false
    }
  }

  /// While no relay is served, deadlines still pass.
  private func reportExpired() {
    guard relay == 0, lane == 0, !board.isAnyRelayServing else { return }
    let date = dispatcher.clock.date()
    for mail in dispatcher.mails.removeAll(where: { $0.deadline <= date }) {
      dispatcher.report(mail, DeliveryReport(verdict: .expired))
    }
  }
}
