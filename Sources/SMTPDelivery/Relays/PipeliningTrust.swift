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
