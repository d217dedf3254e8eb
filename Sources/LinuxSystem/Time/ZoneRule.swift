/// What holds beyond the last transition of a time zone's file, year after year: `CET-1CEST,M3.5.0,M10.5.0/3`, the form
/// of TZ in POSIX with the extensions of RFC 8536, 3.3.1.
struct ZoneRule: Hashable, Sendable {
  /// A day of each year and a time of it, in seconds from midnight, which may be days away.
  private struct Change: Hashable {
    enum Day: Hashable {
      /// 1 to 365; the 29th of February is not counted.
      case julian(Int)
      /// 0 to 365, with it.
      case ordinal(Int)
      /// The last one, or the first to the fourth, of a day of the week (0 is Sunday) in a month.
      case weekday(month: Int, week: Int, day: Int)
    }

    let day: Day
    let time: Int
  }

  /// Seconds east of UTC.
  private let standard: Int
  private let summer: Summer?

  private struct Summer: Hashable {
    let offset: Int
    let begin, end: Change
  }

  func isAlways(_ offset: Int) -> Bool { standard == offset && summer == nil }

  /// Seconds east of UTC at a moment, in seconds since 1970.
  func offset(at moment: Int64) -> Int {
    guard let summer else { return standard }
    let year = CivilDay(since1970: (moment + Int64(standard)).dividedDown(by: 86_400)).year
    // Each change is told by the clock that it ends.
    let begin = Self.moment(of: summer.begin, in: year) - Int64(standard)
    let end = Self.moment(of: summer.end, in: year) - Int64(summer.offset)
    let isSummer = begin < end ? begin <= moment && moment < end : moment < end || begin <= moment
    return isSummer ? summer.offset : standard
  }

  private static func moment(of change: Change, in year: Int) -> Int64 {
    let newYear = CivilDay(year: year, month: 1, day: 1).since1970
    let day: Int64
    switch change.day {
    case .julian(let number):
      day = newYear + Int64(number - 1 + (CivilDay.isLeap(year) && number >= 60 ? 1 : 0))
    case .ordinal(let number): day = newYear + Int64(number)
    case .weekday(let month, let week, let weekday):
      let first = CivilDay(year: year, month: month, day: 1).since1970
      // 1970 began on a Thursday.
      let ahead = (Int64(weekday) - (first + 4)).remainder(7)
      let length = CivilDay.length(ofMonth: month, in: year)
      var number = Int(ahead) + 7 * (week - 1)
      while number >= length { number -= 7 }
      day = first + Int64(number)
    }
    return day * 86_400 + Int64(change.time)
  }

  // MARK: Reading

  init?(_ text: ArraySlice<UInt8>) {
    var text = text
    guard Self.skipName(&text), let west = Self.time(&text, most: 24) else { return nil }
    standard = -west
    guard !text.isEmpty else {
      summer = nil
      return
    }
    guard Self.skipName(&text) else { return nil }
    var offset = standard + 3600
    if let next = text.first, next != UInt8(ascii: ",") {
      guard let west = Self.time(&text, most: 24) else { return nil }
      offset = -west
    }
    guard let begin = Self.change(&text), let end = Self.change(&text), text.isEmpty else { return nil }
    summer = Summer(offset: offset, begin: begin, end: end)
  }

  /// Letters, or anything in angle brackets.
  private static func skipName(_ text: inout ArraySlice<UInt8>) -> Bool {
    if text.first == UInt8(ascii: "<") {
      guard let close = text.firstIndex(of: UInt8(ascii: ">")) else { return false }
      text = text[(close + 1)...]
      return true
    }
    let rest = text.drop { (0x61...0x7A).contains($0 | 0x20) }
    defer { text = rest }
    return text.count - rest.count >= 3
  }

  /// `[+-]hh[:mm[:ss]]` in seconds.
  private static func time(_ text: inout ArraySlice<UInt8>, most hours: Int) -> Int? {
    var sign = 1
    if let first = text.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
      if first == UInt8(ascii: "-") { sign = -1 }
      text.removeFirst()
    }
    guard var seconds = number(&text, 0...hours).map({ $0 * 3600 }) else { return nil }
    for unit in [60, 1] where text.first == UInt8(ascii: ":") {
      text.removeFirst()
      guard let number = number(&text, 0...59) else { return nil }
      seconds += number * unit
    }
    return sign * seconds
  }

  private static func number(_ text: inout ArraySlice<UInt8>, _ range: ClosedRange<Int>) -> Int? {
    let digits = text.prefix { $0.isASCIIDigit }
    guard (1...3).contains(digits.count) else { return nil }
    text = text[digits.endIndex...]
    let value = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    return range.contains(value) ? value : nil
  }

  /// `,M3.5.0/2`, `,J60`, `,300/-1`.
  private static func change(_ text: inout ArraySlice<UInt8>) -> Change? {
    guard text.popFirst() == UInt8(ascii: ",") else { return nil }
    let day: Change.Day
    switch text.first {
    case UInt8(ascii: "M"):
      text.removeFirst()
      guard let month = number(&text, 1...12), text.popFirst() == UInt8(ascii: "."),
        let week = number(&text, 1...5), text.popFirst() == UInt8(ascii: "."),
        let weekday = number(&text, 0...6)
      else { return nil }
      day = .weekday(month: month, week: week, day: weekday)
    case UInt8(ascii: "J"):
      text.removeFirst()
      guard let number = number(&text, 1...365) else { return nil }
      day = .julian(number)
    default:
      guard let number = number(&text, 0...365) else { return nil }
      day = .ordinal(number)
    }
    guard text.first == UInt8(ascii: "/") else { return Change(day: day, time: 7200) }
    text.removeFirst()
    return time(&text, most: 167).map { Change(day: day, time: $0) }
  }
}
