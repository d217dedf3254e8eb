/// How fast and how broadly one relay may be used: the configured limit, and what it asked for itself.
///
/// A relay that throttles (421, 4.7.x, 454) gets half the lanes and twice the time between mails, at most once a
/// second, since parallel lanes hear the same complaint. Where most mails go through all the same, the complaints are
/// about the few that do not, and it gets no less than the first time. After a time without complaint it goes up again step by
/// step. A value: time comes from outside.
package struct RelayPace: Sendable {
  static let firstInterval = Duration.milliseconds(20)
  static let longestInterval = Duration.seconds(5)
  /// Without a complaint for this long, one step up.
  static let calm = Duration.seconds(5)

  /// As many mails for each complaint, and complaints are no reason to slow down further.
  static let few = 10
  /// The same for complaints at a recipient.
  static let fewRecipients = 3

  let maxLanes: Int
  let configuredInterval: Duration
  package private(set) var lanes: Int
  private var throttleInterval = Duration.zero
  private var changedAt: Duration?
  private var complainedAt: Duration?
  /// Complaints, and mails that went through, since the last complaint that was heard.
  private var complaints = 0
  private var taken = 0
  private var nextSlot = Duration.zero

  package init(lanes: Int, maxPerSecond: Double?) {
    maxLanes = lanes
    self.lanes = lanes
    configuredInterval = maxPerSecond.map { .seconds(1 / $0) } ?? .zero
  }

  /// The least time between the starts of two mails.
  package var interval: Duration { max(configuredInterval, throttleInterval) }
  /// False where neither settings nor the relay slow us down.
  package var isLimited: Bool { interval > .zero || changedAt != nil }

  /// - Parameter isWeak: the complaint may be about a recipient.
  /// - Returns: true where this changed something.
  package mutating func throttle(now: Duration, isWeak: Bool = false) -> Bool {
    complaints += 1
    if let complainedAt, now - complainedAt < .seconds(1) { return false }
    let arePassing = taken >= (isWeak ? Self.fewRecipients : Self.few) * complaints
    complainedAt = now
    (complaints, taken) = (0, 0)
    if arePassing {
      defer { throttleInterval = Self.firstInterval }
      return throttleInterval != Self.firstInterval
    }
    changedAt = now
    lanes = max(1, lanes / 2)
    throttleInterval = min(max(interval * 2, Self.firstInterval), Self.longestInterval)
    return true
  }

  /// The relay takes no more connections than these.
  package mutating func limit(to connections: Int, now: Duration) {
    lanes = max(1, min(lanes, connections))
    changedAt = now
  }

  /// A mail went through.
  package mutating func succeed(now: Duration) {
    taken += 1
    guard let changed = changedAt, now - changed >= Self.calm else { return }
    changedAt = now
    lanes = min(lanes + 1, maxLanes)
    throttleInterval = throttleInterval <= Self.firstInterval ? .zero : throttleInterval / 2
    if lanes == maxLanes, throttleInterval == .zero { changedAt = nil }
  }

  /// Takes the next time slot.
  ///
  /// - Returns: how long to wait for it.
  package mutating func reserve(now: Duration) -> Duration {
    guard interval > .zero else { return .zero }
    let slot = max(now, nextSlot)
    nextSlot = slot + interval
    return slot - now
  }
}
