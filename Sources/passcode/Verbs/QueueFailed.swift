internal import CommandVerbs
internal import PasscodeService
internal import RequestSpool

extension Verbs {
  static let queueFailed = Verb(
    path: ["queue", "failed"], summary: "list what failed or was rejected, and why",
    options: [QueueItem.limitOption]
  ) { invocation in
    let limit = try QueueItem.limit(invocation)
    QueueItem.print(
      try Service(invocation).setAside(limit: limit), for: invocation, none: "nothing failed")
    return .done
  }
}
