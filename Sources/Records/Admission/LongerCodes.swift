internal import LinuxSystem
internal import RecordKeys

/// When codes get longer, in place of locks: by codes that were mailed and that nobody has used.
///
/// What NIST SP 800-63B-4 wants of a limit of failures in a row is a bound on the chance of a hit: `GuessingChance` computes it.
package enum LongerCodes {
  /// Digits of a longer code.
  package static let digits = 8
  /// So many unused codes of one subject …
  package static let most = 30
  /// … within this time make its next ones longer.
  package static let window = Duration.seconds(30 * 86400)

  /// Of everybody's codes: those of the hour that ended this long ago, so that they had time to be used.
  package static let patience = Duration.seconds(600)
  package static let hour = Duration.seconds(3600)
  /// At least so many of them unused …
  package static let leastOfAll = 20
  /// … and one in so many.
  package static let share = 5
  /// How many of the hour's last codes are looked at.
  package static let sample = 4096

  /// Whether everybody's codes are longer: somebody is asking for very many, wherever they go.
  package static func isFlooded(mailed: Int, unused: Int) -> Bool {
    unused > max(leastOfAll, mailed / share)
  }
}

/// The unused codes of one subject within 30 days, as far as they decide.
///
/// Nothing is written for a code that is used within the day: which of a subject's codes were not used is noted at its
/// next request, and when their requests are purged.
struct UnusedCodes {
  /// Requests that mailed them, the oldest first.
  private(set) var entries: [(time: Int64, row: Int64)]

  init(_ tally: Tally) { entries = tally.buckets.map { ($0.time, $0.count) } }

  var tally: Tally { Tally(buckets: entries.map { Tally.Bucket(time: $0.time, count: $0.row) }) }

  var isLongerDue: Bool { entries.count >= LongerCodes.most }

  /// Where it stands.
  static func scope(_ subject: Subject) -> [UInt8] { scope(subject.hash) }

  /// - Parameter subject: its hash.
  static func scope(_ subject: [UInt8]) -> [UInt8] { [UInt8(ascii: "u")] + subject }

  /// Takes in a subject's last requests.
  ///
  /// - Returns: whether there is something to keep that was not there before.
  mutating func note(_ requests: [RecentRequest], now: Int64) -> Bool {
    let before = entries
    entries.removeAll { min($0.time, now) + LongerCodes.window.milliseconds <= now }
    for request in requests {
      let isKnown = entries.contains { Self.isSame($0, request) }
      if request.isUsed || request.isForgiven || !request.mayHaveMailed {
        if isKnown { entries.removeAll { Self.isSame($0, request) } }
      } else if !isKnown, request.admittedAt + LongerCodes.window.milliseconds > now {
        entries.append((request.admittedAt, request.row))
      }
    }
    entries.sort { ($0.time, $0.row) < ($1.time, $1.row) }
    entries.removeFirst(max(0, entries.count - LongerCodes.most))
    return !entries.elementsEqual(before) { $0 == $1 }
  }

  /// Numbers of rows come again, when all behind them have been purged; a row that a clock which ran ahead has left behind
  /// is pulled back, never forth.
  private static func isSame(_ entry: (time: Int64, row: Int64), _ request: RecentRequest) -> Bool {
    entry.row == request.row && entry.time >= request.admittedAt
  }
}

extension RecentRequest {
  /// A code of it may be in the mailbox, and whoever guesses it has signed in.
  fileprivate var mayHaveMailed: Bool {
    !isMailOnly && !isUndelivered && state != .queued && state != .superseded
  }
}
