/// How far a work is whose amount is known about: a bar, the share, the rate, and what is left of the time. One line.
///
/// The rate is that of the last few seconds, so that it tells what is, not what was.
package struct ProgressBar: Sendable {
  private static let window = 5.0
  /// What there is to do, as far as it is known: never less than what is done.
  package private(set) var total: Int
  private var done = 0
  /// Seconds since the start, and what was done then.
  private var marks: [(time: Double, done: Int)] = [(0, 0)]

  package init(total: Int) { self.total = total }

  /// - Parameter time: seconds since the start.
  package mutating func note(done: Int, at time: Double) {
    self.done = done
    total = max(total, done)
    guard time > marks[marks.count - 1].time + 0.1 else { return }
    marks.append((time, done))
    while marks.count > 2, marks[1].time <= time - Self.window { marks.removeFirst() }
  }

  /// Each second.
  private var rate: Double {
    let (first, last) = (marks[0], marks[marks.count - 1])
    return last.time > first.time ? Double(last.done - first.done) / (last.time - first.time) : 0
  }

  /// `[#########...........]  45 %  9000 of 20000  812/s  14 s left`, shorter than `columns`.
  ///
  /// - Parameter remark: goes on behind it where there is room.
  package func line(columns: Int, remark: String = "") -> String {
    let share = total > 0 ? Double(done) / Double(total) : 1
    let percent = "\(Int(share * 100))"
    var texts = [
      "\(String(repeating: " ", count: max(0, 3 - percent.count)))\(percent) %", "\(done) of \(total)",
    ]
    if rate > 0 {
      texts.append(rate < 10 ? "\((rate * 10).rounded() / 10)/s" : "\(Int(rate.rounded()))/s")
      if done < total { texts.append("\(Self.time(Double(total - done) / rate)) left") }
    }
    if !remark.isEmpty { texts.append(remark) }
    // From the end, what a narrow terminal has no room for; a line that is full would begin another.
    func length() -> Int { texts.reduce(0) { $0 + $1.count + 2 } }
    while texts.count > 1, length() >= columns { texts.removeLast() }
    let width = min(24, columns - length() - 3)
    guard width >= 4 else { return String(texts.joined(separator: "  ").prefix(max(0, columns - 1))) }
    let filled = Int(share * Double(width))
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
    return "[\(bar)]  " + texts.joined(separator: "  ")
  }

  private static func time(_ seconds: Double) -> String {
    let seconds = Int(min(seconds, 1e9).rounded(.up))
    if seconds < 120 { return "\(seconds) s" }
    return seconds < 7200 ? "\(seconds / 60) min" : "\(seconds / 3600) h"
  }
}
