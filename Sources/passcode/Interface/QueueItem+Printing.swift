internal import CodeRequests
internal import CommandVerbs
internal import Documents
internal import FoundationEssentials
internal import RequestSpool

extension QueueItem {
  /// How `queue list` and `queue failed` print what they found.
  static func print(_ items: [QueueItem], for invocation: Invocation, none: String) {
    if items.isEmpty, !invocation.isJSON { Terminal.print(none) }
    let now = Date()
    for item in items { invocation.answer(item.sentence(now), json: item.fill) }
  }

  /// At most so many are printed.
  static func limit(_ invocation: Invocation) throws -> Int {
    try invocation.integer("limit", in: 1...1_000_000) ?? 1000
  }

  static let limitOption = Verb.Option.value(
    "limit", "N", "at most N, the oldest first; default 1000")

  private func fill(_ line: inout JSONLine) {
    line.add("id", id?.rawValue)
    line.add("file", fileName)
    line.add("state", state.rawValue)
    line.add("queuedAt", queuedAt.rfc3339)
    line.add("nextAttempt", dueAt?.rfc3339)
    line.add("attempts", attempts)
    line.add("reason", reason)
  }

  private func sentence(_ now: Date) -> String {
    var text = Help.padded(state.rawValue, 10) + (id?.rawValue ?? fileName)
    text += "  queued \(Self.age(now.timeIntervalSince(queuedAt))) ago"
    if let dueAt { text += ", next try in \(Self.age(dueAt.timeIntervalSince(now)))" }
    if attempts > 0 { text += attempts == 1 ? ", tried once" : ", tried \(attempts) times" }
    if let reason { text += ": \(reason)" }
    return text
  }

  private static func age(_ seconds: TimeInterval) -> String {
    let seconds = max(0, Int(seconds))
    if seconds < 120 { return "\(seconds) s" }
    return seconds < 7200 ? "\(seconds / 60) min" : "\(seconds / 3600) h"
  }
}
