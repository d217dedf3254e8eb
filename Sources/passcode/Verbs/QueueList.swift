internal import CommandVerbs
internal import PasscodeService
internal import RequestSpool

extension Verbs {
  static let queueList = Verb(
    path: ["queue", "list"], summary: "list what waits, the oldest first", options: [QueueItem.limitOption]
  ) { invocation in
    let limit = try QueueItem.limit(invocation)
    QueueItem.print(
      try Service(invocation).waiting(limit: limit), for: invocation, none: "nothing waits")
    return .done
  }
}
