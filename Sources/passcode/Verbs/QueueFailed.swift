internal import CommandVerbs
internal import PasscodeService
internal import RequestSpool

extension Verbs {
  static let queueFailed = Verb(
    path: ["queue", "failed"], summary: "list what failed or was rejected, and why",
    options: [Service.QueueEntry.limitOption]
  ) { invocation in
    let limit = try Service.QueueEntry.limit(invocation)
    Service.QueueEntry.print(
      try Service(invocation).setAside(limit: limit), for: invocation, none: "nothing failed")
    return .done
  }
}
