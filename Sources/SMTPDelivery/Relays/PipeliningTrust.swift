/// How a relay that offers PIPELINING (RFC 2920) is spoken to. It goes down a level where input behind a final dot, or
/// behind the first command of a group, was lost or answered out of step, and stays there for as long as the process
/// lives. A value: time comes from outside.
package struct PipeliningTrust: Sendable {
  package enum Level: Int, Sendable, Comparable {
    /// One command at a time.
    case steps
    /// MAIL, RCPT and DATA in one write.
    case groups
    /// And the next mail's group in the same write as the message before it.
    case lookAhead

    package static func < (one: Level, other: Level) -> Bool { one.rawValue < other.rawValue }

    package var words: String {
      switch self {
      case .lookAhead: "with look-ahead"
      case .groups: "without look-ahead"
      case .steps: "one command at a time"
      }
    }
  }

  package private(set) var level: Level
  private let highest: Level
  private var outOfStepCount = 0
  /// A group was answered as it should be: whatever ends a connection after that has another reason.
  package private(set) var isProven = false
  /// It is spoken to in steps on suspicion, which the next mail decides.
  private(set) var isOnProbation = false
  private var suspicions = 0
  /// As many raise it. More after each time that steps were no better.
  private var enough = 2
  /// It was only slow: silence says nothing about it any more.
  package private(set) var isSlow = false

  /// - Parameter isAllowed: `pipelining: "auto"` in the configuration.
  package init(isAllowed: Bool) {
    highest = isAllowed ? .lookAhead : .steps
    level = highest
  }

  /// Silence behind a group.
  ///
  /// - Parameter wasBehindMessage: the group rode behind another mail's message.
  /// - Returns: true where the level changes.
  package mutating func noteSilence(wasBehindMessage: Bool) -> Bool {
    lower(to: wasBehindMessage ? .groups : .steps)
  }

  /// A reply that cannot belong to its command. Once may be chance.
  package mutating func noteOutOfStep(wasBehindMessage: Bool) -> Bool {
    outOfStepCount += 1
    guard outOfStepCount >= 2 else { return false }
    outOfStepCount = 0
    return lower(to: wasBehindMessage ? .groups : .steps)
  }

  /// The connection ended at a group, and none was answered so far. Once may be chance.
  ///
  /// - Returns: true where the relay is to be spoken to in steps, to see whether that is better.
  package mutating func suspect() -> Bool {
    guard !isProven, level > .steps else { return false }
    suspicions += 1
    guard suspicions >= enough else { return false }
    (suspicions, level, isOnProbation) = (0, .steps, true)
    return true
  }

  /// All of a group was answered in its order.
  package mutating func prove() {
    isProven = true
    if isOnProbation { (isOnProbation, level) = (false, highest) }
  }

  /// What one command at a time came to on probation.
  ///
  /// - Returns: true where that stays.
  package mutating func decide(isBetter: Bool) -> Bool {
    guard isOnProbation else { return false }
    isOnProbation = false
    if !isBetter { (level, enough) = (highest, min(enough * 2, 64)) }
    return isBetter
  }

  /// One command alone took as long as the silence that had been taken for a loss.
  ///
  /// - Returns: true where the level changes.
  package mutating func noteSlowness() -> Bool {
    guard level < highest, !isSlow else { return false }
    isSlow = true
    level = highest
    return true
  }

  private mutating func lower(to wanted: Level) -> Bool {
    guard wanted < level else { return false }
    level = wanted
    return true
  }
}
