package import Foundation

/// How long something is good for, counted from a moment: the passcode from when it was made, the session from when
/// the guest signed in. At its last instant it is over.
package struct Lifetime: Hashable, Sendable {
  package var duration: Duration

  package init(_ duration: Duration) { self.duration = duration }

  /// A passcode is valid 30 minutes unless the configuration says otherwise.
  package static let passcode = Lifetime(.seconds(30 * 60))

  /// A session lasts 24 hours unless the configuration says otherwise.
  package static let session = Lifetime(.seconds(24 * 60 * 60))

  /// When what began at `start` is over.
  package func end(from start: Date) -> Date {
    start.addingTimeInterval(duration / .seconds(1))
  }

  /// Whether what began at `start` is over at `now`.
  package func isOver(from start: Date, at now: Date) -> Bool { now >= end(from: start) }
}
