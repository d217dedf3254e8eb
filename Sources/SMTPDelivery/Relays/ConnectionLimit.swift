/// How many mails a connection to one relay may carry: what is configured, and what the relay has shown by taking a mail
/// on a new connection that it had just put off on a used one. A value: time comes from outside.
///
/// What was learned is forgotten slowly: it doubles every ten minutes, so that a limit which is gone costs little, and
/// one that is still there costs a connection now and then.
package struct ConnectionLimit: Sendable {
  static let forgetsAfter = Duration.seconds(600)
  /// After so many new connections in vain, none is made on suspicion for a minute.
  static let misses = 3
  static let pause = Duration.seconds(60)
  /// As good as none.
  static let most = 10_000

  private let configured: Int?
  private var learned: Int?
  /// What one connection has shown of which the relay did not say why it ended.
  private var seen: Int?
  /// The relay itself said what was learned.
  private var isClear = false
  private var refutedAt: Duration?
  private var changedAt = Duration.zero
  private var missCount = 0
  private var missedAt = Duration.zero

  package init(configured: Int?) { self.configured = configured }

  /// Nil for no limit.
  package var value: Int? {
    switch (configured, learned) {
    case (.some(let first), .some(let second)): min(first, second)
    default: configured ?? learned
    }
  }

  /// A new connection was no better than the used one.
  package mutating func noteMiss(now: Duration) {
    missCount += 1
    missedAt = now
  }

  /// Whether a further mail that is put off may be worth a new connection.
  package func isWorthATry(now: Duration) -> Bool {
    missCount < Self.misses || now - missedAt >= Self.pause
  }

  /// - Parameter isClear: the relay said that this was why. Otherwise it takes two connections in a row that carried
  ///   nearly the same number: one may have ended for anything.
  /// - Returns: true where this is news.
  package mutating func learn(_ count: Int, isClear: Bool = true, now: Duration) -> Bool {
    var count = max(1, count)
    missCount = 0
    if !isClear {
      if let refutedAt, now - refutedAt < Self.pause { return false }
      let other = seen
      seen = count
      guard let other, abs(other - count) <= count / 8 else { return false }
      count = min(count, other)
    }
    changedAt = now
    self.isClear = isClear
    guard learned != count else { return false }
    defer { learned = count }
    return true
  }

  /// A connection ended at its first mail: the relay ends them for another reason than their number of mails. What it
  /// said itself stands.
  package mutating func refute(now: Duration) {
    guard learned != nil, !isClear else { return }
    (learned, seen, refutedAt) = (nil, nil, now)
  }

  /// Time has passed.
  package mutating func forget(now: Duration) {
    guard let count = learned, now - changedAt >= Self.forgetsAfter else { return }
    changedAt = now
    learned = count * 2 > Self.most ? nil : count * 2
  }
}
