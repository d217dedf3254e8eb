internal import CommandVerbs
internal import PasscodeService
internal import RequestSpool

extension Verbs {
  static let queueList = Verb(
    path: ["queue", "list"], summary: "list what waits, for whom and why, the oldest first",
    options: [Service.QueueEntry.limitOption],
    discussion: "Addresses are shortened. Where no worker runs, or no relay takes mail, a last line says so."
  ) { invocation in
    let limit = try Service.QueueEntry.limit(invocation)
    let service = try Service(invocation)
    let entries = try service.waiting(limit: limit)
    Service.QueueEntry.print(entries, for: invocation, none: "nothing waits")
    // A line of its own: it is true of all of them.
    if !entries.isEmpty, let waiting = service.waiting() { invocation.warn(waiting.sentence) }
    return .done
  }
}
