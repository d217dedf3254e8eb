internal import LinuxSystem

/// How likely it is that somebody guesses a code of one subject within 30 days, whatever he does: he asks for as many codes
/// as the limits let through, and types as many guesses as their challenges take.
///
/// A guess hits one of the codes that are good at the time with `codes / 10^digits`. As many requests as share a challenge
/// share its guesses, so that each mail brings as much as one alone with all of them. The chance of any hit is at most the
/// sum of all (Boole's inequality).
package enum GuessingChance {
  /// What the defaults hold to: 1.7 in 10,000.
  package static let bound = 0.000_17

  package static func within30Days(_ settings: PasscodeSettings, _ limits: LimitSettings) -> Double {
    let mails = Double(most(limits, within: LongerCodes.window.milliseconds))
    guard mails.isFinite else { return 1 }
    let attempts = Double(settings.attempts)
    // Codes that are longer already stay as they are.
    let short = settings.length >= LongerCodes.digits ? mails : min(mails, Double(LongerCodes.most))
    let later =
      settings.isLengthFixed ? 1 / power(settings.length) : attempts / power(settings.longerLength)
    return min(1, short * attempts / power(settings.length) + (mails - short) * later)
  }

  /// The most codes that one subject is sent by strangers; infinite where no window bounds it.
  static func most(_ limits: LimitSettings, within time: Int64) -> Double {
    (limits.perSubject + limits.perMailbox).map { limit in
      // A window that slides holds its count in each of its lengths, and once more where a length begins.
      let lengths = (Double(time) / Double(limit.window.milliseconds)).rounded(.up)
      return lengths * Double(limit.count)
    }.min() ?? .infinity
  }

  private static func power(_ digits: Int) -> Double { (0..<digits).reduce(1) { value, _ in value * 10 } }
}
