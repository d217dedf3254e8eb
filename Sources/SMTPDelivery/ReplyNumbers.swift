/// Tells numbers of a server's (times, sizes, ports, dates, error numbers) from digits that could be a passcode, by
/// the words beside them. What is not clearly the one counts as the other.
enum ReplyNumbers {
  private static let units: Set<String> = [
    "ms", "msec", "msecs", "millisecond", "milliseconds", "s", "sec", "secs", "second", "seconds", "min",
    "mins",
    "minute", "minutes", "h", "hour", "hours", "day", "days", "byte", "bytes", "octet", "octets", "b", "kb",
    "mb", "gb",
    "kib", "mib", "gib", "kbytes", "mbytes", "message", "messages", "mails", "emails", "recipient",
    "recipients",
    "connection", "connections", "request", "requests", "character", "characters", "chars", "line", "lines",
    "times",
    "attempts", "tries", "percent", "sekunden", "minuten", "stunden", "secondes", "segundos", "minutos",
    "sekund",
    "minut", "sekunder", "minuter", "octetos", "octeti", "bajtow",
  ]
  private static let names: Set<String> = [
    "port", "size", "limit", "limits", "exceeds", "exceed", "exceeded", "exceeding", "maximum", "max",
    "minimum", "than",
    "after", "within", "rfc", "error", "errno", "errors", "as", "queued", "id", "pid", "ticket", "session",
    "ref",
    "reference", "linkid", "articleid", "length", "quota", "got", "rule", "line", "timeout",
    "average", "unix", "timestamp", "epoch", "usage",
  ]
  private static let fillers: Set<String> = [
    "of", "is", "was", "to", "number", "no", "bytes", "limit", "the", "time", "used",
  ]
  private static let months: Set<String> = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  ]

  /// - Parameter range: of digits, all there are in a row.
  static func isMeasure(_ range: Range<Int>, of bytes: [UInt8]) -> Bool {
    isNumbered(range, of: bytes) || hasUnit(range, of: bytes) || isNamed(range, of: bytes)
      || isYear(range, of: bytes) || isOfDate(range, of: bytes) || isFraction(range, of: bytes)
      || isTotal(range, of: bytes) || isPort(range, of: bytes)
  }

  /// What stands behind the point of `12.345678`. Halves that are as long as one another could be a code's.
  private static func isFraction(_ range: Range<Int>, of bytes: [UInt8]) -> Bool {
    let start = range.lowerBound
    guard start >= 2, bytes[start - 1] == UInt8(ascii: ".") else { return false }
    let whole = bytes[..<(start - 1)].suffix(while: isDigit)
    let before = whole.startIndex > 0 ? bytes[whole.startIndex - 1] : 0x20
    return (1...3).contains(whole.count) && whole.count != range.count && !isLetter(before)
      && before != UInt8(ascii: ".")
  }

  /// The second number of `3 of 100000` and `3/100000`.
  private static func isTotal(_ range: Range<Int>, of bytes: [UInt8]) -> Bool {
    var rest = bytes[..<range.lowerBound]
    if rest.last == UInt8(ascii: "/") {
      rest = rest.dropLast()
    } else if rest.suffix(4).elementsEqual(" of ".utf8) {
      rest = rest.dropLast(4)
    } else {
      return false
    }
    return rest.last.map(isDigit) ?? false
  }

  /// What stands behind a host, an address or `localhost`: `127.0.0.1:2525`, `[::1]:2525`.
  private static func isPort(_ range: Range<Int>, of bytes: [UInt8]) -> Bool {
    guard range.count <= 5, range.lowerBound > 1, bytes[range.lowerBound - 1] == UInt8(ascii: ":") else {
      return false
    }
    let rest = bytes[..<(range.lowerBound - 1)]
    if rest.last == UInt8(ascii: "]") { return true }
    let host = rest.suffix {
      isDigit($0) || isLetter($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
    }
    return host.dropFirst().dropLast().contains(UInt8(ascii: ".")) || word(host) == "localhost"
  }

  /// An offset from UTC behind a time, and a negative number in brackets or between colons.
  private static func isNumbered(_ range: Range<Int>, of bytes: [UInt8]) -> Bool {
    let start = range.lowerBound
    guard start >= 2 else { return false }
    let (sign, before) = (bytes[start - 1], bytes[start - 2])
    guard sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") else { return false }
    if "([:".utf8.contains(before) { return true }
    return range.count == 4 && before == 0x20 && start >= 3 && isDigit(bytes[start - 3])
  }

  private static func hasUnit(_ range: Range<Int>, of bytes: [UInt8]) -> Bool {
    var end = range.upperBound
    // Groups of thousands: the unit stands behind the last.
    while end + 3 < bytes.count, bytes[end] == 0x20 || bytes[end] == UInt8(ascii: ","),
      bytes[(end + 1)...(end + 3)].allSatisfy(isDigit),
      end + 4 == bytes.count || !isDigit(bytes[end + 4])
    { end += 4 }
    if end < bytes.count, bytes[end] == UInt8(ascii: "%") { return true }
    while end < bytes.count, bytes[end] == 0x20 || bytes[end] == UInt8(ascii: "-") { end += 1 }
    return units.contains(word(bytes[end...].prefix(while: isLetter)))
  }

  private static func isNamed(_ range: Range<Int>, of bytes: [UInt8]) -> Bool {
    var rest = bytes[..<range.lowerBound]
    for _ in 0..<3 {
      while let last = rest.last, !isLetter(last), !isDigit(last), last < 0x80, !isEnd(last) {
        rest = rest.dropLast()
      }
      let letters = rest.suffix(while: isLetter)
      let name = word(letters)
      if names.contains(name) { return true }
      guard fillers.contains(name) else { return false }
      rest = rest.dropLast(letters.count)
    }
    return false
  }

  private static func isYear(_ range: Range<Int>, of bytes: [UInt8]) -> Bool {
    guard range.count == 4, let year = Int(word(bytes[range])), (1990...2099).contains(year) else {
      return false
    }
    var rest = bytes[..<range.lowerBound]
    while let last = rest.last, " ,-/.".utf8.contains(last) { rest = rest.dropLast() }
    if rest.count < range.lowerBound {
      if months.contains(String(word(rest.suffix(while: isLetter)).prefix(3))) { return true }
      if (1...2).contains(rest.suffix(while: isDigit).count) { return true }
    }
    let after = bytes[range.upperBound...]
    guard let gap = after.first, "-/.".utf8.contains(gap) else { return false }
    let month = after.dropFirst().prefix(while: isDigit)
    return (1...2).contains(month.count) && after.dropFirst(1 + month.count).first == gap
  }

  /// Two digits of `2026-11-29` or `15:35`, or a day behind its month.
  private static func isOfDate(_ range: Range<Int>, of bytes: [UInt8]) -> Bool {
    guard range.count == 2 else { return false }
    func isOfRun(_ byte: UInt8) -> Bool {
      isDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ":")
    }
    let before = bytes[..<range.lowerBound].suffix(while: isOfRun)
    let run = before + bytes[range.lowerBound...].prefix(while: isOfRun)
    if run.contains(UInt8(ascii: ":")) { return true }
    if before.isEmpty {
      return months.contains(word(bytes[..<range.lowerBound].dropLast().suffix(while: isLetter)))
    }
    let parts = run.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    return parts.count == 3 && parts[0].count == 4 && parts[1].count == 2 && parts[2].count == 2
  }

  private static func isEnd(_ byte: UInt8) -> Bool { ".;!?".utf8.contains(byte) }
  static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
  static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
  static func word(_ bytes: some Collection<UInt8>) -> String {
    String(decoding: bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
  }
}

extension ArraySlice<UInt8> {
  /// The longest end of which everything fits.
  func suffix(while fits: (UInt8) -> Bool) -> ArraySlice<UInt8> {
    var start = endIndex
    while start > startIndex, fits(self[start - 1]) { start -= 1 }
    return self[start...]
  }
}
