public import FoundationEssentials
internal import LinuxSystem

// Times on the wire, without Foundation's formatters, which cost more than the rest of a mail.

/// A moment in UTC, by calendar and clock.
package struct CivilTime: Hashable, Sendable {
  package var year: Int
  package var month: Int
  package var day: Int
  package var hour: Int
  package var minute: Int
  package var second: Int
  package var millisecond: Int
  /// 0 is Sunday.
  package var weekday: Int

  package init(_ date: Date) {
    let milliseconds = date.unixMilliseconds
    let seconds = milliseconds.dividedDown(by: 1000)
    let days = seconds.dividedDown(by: 86400)
    let civil = CivilDay(since1970: days)
    (year, month, day) = (civil.year, civil.month, civil.day)
    let rest = Int(seconds - days * 86400)
    hour = rest / 3600
    minute = rest % 3600 / 60
    second = rest % 60
    millisecond = Int(milliseconds - seconds * 1000)
    weekday = Int((days + 4).remainder(7))
  }
}

extension Date {
  /// RFC 3339 in UTC with milliseconds: `2026-11-21T05:22:47.120Z`.
  public var rfc3339: String {
    let time = CivilTime(self)
    return
      "\(pad(time.year, 4))-\(pad(time.month))-\(pad(time.day))T\(pad(time.hour)):\(pad(time.minute)):\(pad(time.second)).\(pad(time.millisecond, 3))Z"
  }

  /// Whole milliseconds since 1970-01-01T00:00:00Z, rounded down. A `Date` counts from 2001 in binary fractions,
  /// so that a whole millisecond may come out a little less: what lacks up to 10 microseconds is whole.
  package var unixMilliseconds: Int64 { Int64((timeIntervalSince1970 * 1000 + 0.01).rounded(.down)) }

  package init(unixMilliseconds: Int64) { self.init(timeIntervalSince1970: Double(unixMilliseconds) / 1000) }

  /// Reads RFC 3339 5.6 (`2026-11-21T05:22:47Z`, fractions and offsets allowed); nil for anything else.
  public init?(rfc3339 text: String) {
    let bytes = Array(text.utf8)
    func number(_ start: Int, _ count: Int) -> Int? {
      guard start + count <= bytes.count else { return nil }
      var value = 0
      for byte in bytes[start..<start + count] {
        guard (0x30...0x39).contains(byte) else { return nil }
        value = value * 10 + Int(byte - 0x30)
      }
      return value
    }
    func isByte(_ index: Int, _ characters: String) -> Bool {
      index < bytes.count && characters.utf8.contains(bytes[index])
    }
    guard let year = number(0, 4), isByte(4, "-"), let month = number(5, 2), isByte(7, "-"),
      let day = number(8, 2), isByte(10, "Tt "), let hour = number(11, 2), isByte(13, ":"),
      let minute = number(14, 2), isByte(16, ":"), let second = number(17, 2),
      (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
    else { return nil }
    // A day that the month does not have comes back as another one.
    let civil = CivilDay(year: year, month: month, day: day)
    let days = Int(civil.since1970)
    guard CivilDay(since1970: civil.since1970) == civil else { return nil }
    var index = 19
    var fraction = 0.0
    if isByte(index, ".") {
      var scale = 0.1
      index += 1
      let start = index
      while index < bytes.count, (0x30...0x39).contains(bytes[index]) {
        fraction += Double(bytes[index] - 0x30) * scale
        scale /= 10
        index += 1
      }
      guard index > start else { return nil }
    }
    var offset = 0
    if isByte(index, "Zz"), index + 1 == bytes.count {
      offset = 0
    } else if isByte(index, "+-"), let hours = number(index + 1, 2), isByte(index + 3, ":"),
      let minutes = number(index + 4, 2), index + 6 == bytes.count, hours < 24, minutes < 60
    {
      offset = (hours * 60 + minutes) * (bytes[index] == UInt8(ascii: "-") ? -60 : 60)
    } else {
      return nil
    }
    let seconds = days * 86400 + hour * 3600 + minute * 60 + min(second, 59) - offset
    self.init(timeIntervalSince1970: Double(seconds) + fraction)
  }
}

private func pad(_ number: Int, _ width: Int = 2) -> String {
  let digits = String(number)
  return digits.utf8.count >= width
    ? digits : String(repeating: "0", count: width - digits.utf8.count) + digits
}
