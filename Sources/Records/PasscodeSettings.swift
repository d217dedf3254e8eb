/// How passcodes are made and how long they are good for.
public struct PasscodeSettings: Hashable, Sendable {
  /// Digits, 4 to 12. NIST SP 800-63B-4 asks for at least 6.
  public var length: Int
  /// Codes never get longer, for forms that have so many boxes: where longer ones are due a challenge takes one attempt.
  public var isLengthFixed = false
  /// From the moment a passcode is made to the moment it is dead.
  public var validity: Duration
  /// Wrong codes that a challenge takes, its resends included.
  public var attempts: Int
  /// Requests of one challenge, resends among them, whose codes are good at the same time: mails overtake each other.
  public var perChallenge: Int

  /// Where many codes are mailed and not used.
  package var longerLength: Int { isLengthFixed ? length : max(length, LongerCodes.digits) }
  /// Whether anything comes of it when longer codes are due.
  var mayDiffer: Bool { isLengthFixed || length < LongerCodes.digits }

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
