/// How many mails in a row a relay has not taken for reasons of its own. One such answer may be about the mail; a row of
/// them, or the first one of a relay that has taken nothing for a while, is about the relay. A value: time comes from
/// outside.
package struct RefusalStreak: Sendable {
  /// As many in a row are about the relay.
  static let limit = 3
  /// A mail taken within this time speaks for the relay.
  static let credit = Duration.seconds(60)

  private(set) var count = 0
  /// The account was refused, and no mail was taken since.
  private var isAccountInDoubt = false

  package init() {}

  /// A mail was taken.
  package mutating func end() { (count, isAccountInDoubt) = (0, false) }

  /// A mail was refused for good, for a reason of the relay's.
  ///
  /// - Parameters:
  ///   - takenAt: when it last took a mail.
  ///   - isAboutAll: the relay refuses the account, and so whatever comes; unless it has taken a mail since it last said so.
  /// - Returns: true where the relay is to pause.
  package mutating func noteRefusal(
    now: Duration, takenAt: Duration?, isAboutAll: Bool = false
  ) -> Bool {
    count += 1
    var isCredited = takenAt.map { now - $0 < Self.credit } ?? false
    if isAboutAll {
      isCredited = isCredited && !isAccountInDoubt
      isAccountInDoubt = true
    }
    return count >= Self.limit || !isCredited
  }

  /// It is not known whether a mail was taken.
  ///
  /// - Returns: true where the relay is to pause: each of these mails has one try left.
  package mutating func noteDoubt() -> Bool {
    count += 1
    return count >= Self.limit
  }

  /// A mail was put off.
  ///
  /// - Returns: true where the relay is to pause, if another one is there.
  package mutating func noteDeferral() -> Bool {
    count += 1
    return count >= Self.limit
  }
}
