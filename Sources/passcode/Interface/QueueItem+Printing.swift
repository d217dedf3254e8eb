internal import CodeRequests
internal import CommandVerbs
internal import Documents
internal import FoundationEssentials
internal import PasscodeService
internal import Records
internal import RequestSpool

extension Service.QueueEntry {
  /// How `queue list` and `queue failed` print what they found.
  static func print(_ entries: [Self], for invocation: Invocation, none: String) {
    if entries.isEmpty, !invocation.isJSON { Terminal.print(none) }
    let now = Date()
    for entry in entries { invocation.answer(entry.sentence(now), json: entry.fill) }
  }

  /// At most so many are printed.
  static func limit(_ invocation: Invocation) throws -> Int {
    try invocation.integer("limit", in: 1...1_000_000) ?? 1000
  }

  static let limitOption = Verb.Option.value("limit", "N", "at most N, the oldest first; default 1000")

  private func fill(_ line: inout JSONLine) {
    line.add("id", item.id?.rawValue)
    line.add("file", item.fileName)
    line.add("state", item.state.rawValue)
    line.add("recipient", recipient)
    line.add("tenant", tenant)
    line.add("purpose", purpose)
    line.add("attempts", attempts)
    line.add("reply", reply)
    line.add("reason", reason)
    line.add("queuedAt", item.queuedAt.rfc3339)
    line.add("nextAttemptAt", item.dueAt?.rfc3339)
  }

  private func sentence(_ now: Date) -> String {
    var text = Help.padded(item.state.rawValue, 10) + (item.id?.rawValue ?? item.fileName)
    if let recipient { text += "  \(SpokenDomain.inAddress(recipient))" }
    text += "  queued \(Self.age(now.timeIntervalSince(item.queuedAt))) ago"
    if let dueAt = item.dueAt { text += ", next try in \(Self.age(dueAt.timeIntervalSince(now)))" }
    if attempts > 0 { text += attempts == 1 ? ", tried once" : ", tried \(attempts) times" }
    if let why = reason ?? reply { text += ": \(why)" }
    return text
  }

  private static func age(_ seconds: TimeInterval) -> String {
    let seconds = max(0, Int(seconds))
    if seconds < 120 { return "\(seconds) s" }
    return seconds < 7200 ? "\(seconds / 60) min" : "\(seconds / 3600) h"
  }
}
