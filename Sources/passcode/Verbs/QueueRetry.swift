internal import CodeRequests
internal import CommandVerbs
internal import Documents
internal import PasscodeService

extension Verbs {
  static let queueRetry = Verb(
    path: ["queue", "retry"], summary: "try a deferred or failed request again now", operands: ["ID"],
    discussion: Service.IDText.help
  ) { invocation in
    let service = try Service(invocation)
    let id = try Service.IDText(invocation).waiting(service)
    switch try service.retry(id) {
    case .queued: break
    case .unknown: throw CommandFault(.notFound, "no deferred or failed request has this id")
    case .ended(let outcome): throw CommandFault(.notFound, "it has ended: \(outcome)")
    case .taken: throw CommandFault(.tryAgain, "the worker has just taken it")
    }
    invocation.answer("queued") { line in
      line.add("id", id.rawValue)
      line.add("state", "queued")
    }
    return .done
  }
}
