/// How passcodes are made and how long they are good for.
public struct PasscodeSettings: Hashable, Sendable {
  /// Digits, 4 to 12. NIST SP 800-63B-4 asks for at least 6.
  public var length: Int
  /// From the moment a passcode is made to the moment it is dead.
  public var validity: Duration
  /// Wrong codes that a challenge takes, its resends included.
  public var attempts: Int
  /// Requests of one challenge, resends among them, whose codes are good at the same time: mails overtake each other.
  public var perChallenge: Int

  /// Settings; the defaults are 6 digits, 30 minutes, 5 attempts, 3 requests.
  public init(
    length: Int = 6, validity: Duration = .seconds(30 * 60), attempts: Int = 5, perChallenge: Int = 3
  ) {
    self.length = length
    self.validity = validity
    self.attempts = attempts
    self.perChallenge = perChallenge
  }
}

/// When wrong codes lock a subject.
public struct FailedAttempts: Hashable, Sendable {
  /// So many wrong codes …
  public var count: Int
  /// … within this time …
  public var window: Duration
  /// … lock the subject for this long.
  public var lockFor: Duration
  /// So many in a row, however long they took, lock the subject until an operator resets it. NIST SP 800-63B-4
  /// allows 100.
  public static let mostInARow = 100

  /// A rule; the default is 20 in an hour, locked for 15 minutes.
  public init(
    count: Int = 20, window: Duration = .seconds(3600), lockFor: Duration = .seconds(15 * 60)
  ) {
    self.count = count
    self.window = window
    self.lockFor = lockFor
  }
}

/// How many requests are let through in a sliding window of time.
package struct SendLimit: Hashable, Sendable {
  package var count: Int
  package var window: Duration

  package init(count: Int, window: Duration) {
    self.count = count
    self.window = window
  }
}

/// The limits that an admission is held against. A request must pass all of them.
package struct LimitSettings: Hashable, Sendable {
  package var perSubject: [SendLimit]
  package var perClient: [SendLimit]
  package var perTenant: [SendLimit]

  package init(
    perSubject: [SendLimit] = [
      SendLimit(count: 1, window: .seconds(30)), SendLimit(count: 5, window: .seconds(15 * 60)),
      SendLimit(count: 20, window: .seconds(24 * 3600)),
    ],
    perClient: [SendLimit] = [SendLimit(count: 30, window: .seconds(15 * 60))], perTenant: [SendLimit] = []
  ) {
    self.perSubject = perSubject
    self.perClient = perClient
    self.perTenant = perTenant
  }
}
