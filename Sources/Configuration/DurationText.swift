internal import LinuxSystem

// Durations as people write them in configuration and on the command line.

extension Duration {
  /// Reads `250ms`, `2s`, `30m`, `24h` or `30d`: a whole number and a unit, nothing else.
  package init?(settingsText text: String) {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard (1...12).contains(digits.count), let number = Int64(digits) else { return nil }
    switch text.dropFirst(digits.count) {
    case "ms": self = .milliseconds(number)
    case "s": self = .seconds(number)
    case "m": self = .seconds(number * 60)
    case "h": self = .seconds(number * 3600)
    case "d": self = .seconds(number * 86400)
    default: return nil
    }
  }

  /// The same spelling, with the largest unit that divides it.
  package var settingsText: String {
    let milliseconds = milliseconds
    if milliseconds % 1000 != 0 || milliseconds == 0 { return "\(milliseconds)ms" }
    let seconds = milliseconds / 1000
    if seconds % 86400 == 0 { return "\(seconds / 86400)d" }
    if seconds % 3600 == 0 { return "\(seconds / 3600)h" }
    if seconds % 60 == 0 { return "\(seconds / 60)m" }
    return "\(seconds)s"
  }
}
