internal import LinuxSystem
internal import Synchronization

/// What goes on at one relay. Beyond the board's lock, since each reply touches it.
final class RelayActivity: Sendable {
  private let busyLanes = Atomic(0)
  private let connectingLanes = Atomic(0)
  private let connections = Atomic(0)
  private let lastAnswer = Atomic<Int64>(0)
  private let lastTaken = Atomic<Int64>(.min)
  private let passedOn = Atomic(0)
  private let mailsPerConnection = Atomic(Int.max)
  private let pipelining = Atomic(PipeliningTrust.Level.lookAhead.rawValue)
  private let wasOnlySlow = Atomic(false)
  private let groupsAreUnproven = Atomic(true)
  private let slowestReply = Atomic<Int64>(0)
  private let takenChangesSomething = Atomic(false)

  /// The relay is slowed down or has paused, so that a mail that is taken changes something. Set with the board
  /// locked, and asked without.
  var isUnsteady: Bool {
    get { takenChangesSomething.load(ordering: .relaxed) }
    set { takenChangesSomething.store(newValue, ordering: .relaxed) }
  }

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

  /// No group was answered yet, or it is on probation.
  var isPipeliningOpen: Bool {
    get { groupsAreUnproven.load(ordering: .relaxed) }
    set { groupsAreUnproven.store(newValue, ordering: .relaxed) }
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
    let milliseconds = time.milliseconds
    if milliseconds > slowestReply.load(ordering: .relaxed) {
      slowestReply.store(milliseconds, ordering: .relaxed)
    }
  }

  /// It answered, and took a mail.
  func taken(_ now: Duration) {
    let moment = Int64(now.wholeMilliseconds)
    lastAnswer.store(moment, ordering: .relaxed)
    lastTaken.store(moment, ordering: .relaxed)
  }
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
