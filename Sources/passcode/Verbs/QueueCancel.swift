internal import CodeRequests
internal import CommandVerbs
internal import Documents
internal import PasscodeService

extension Verbs {
  static let queueCancel = Verb(
    path: ["queue", "cancel"], summary: "withdraw a request that waits", operands: ["ID"],
    discussion: """
      Exit status 66 where no request has this id or it has ended, 75 where it is with a relay right now: the worker
      could not withdraw it within three seconds. \(Service.IDText.help)
      """
  ) { invocation in
    let service = try Service(invocation)
    let id = try Service.IDText(invocation).waiting(service)
    switch try service.cancel(id) {
    case .cancelled: break
    case .unknown: throw CommandFault(.notFound, "no request has this id")
    case .ended(let outcome): throw CommandFault(.notFound, "it has ended: \(outcome)")
    case .sending: throw CommandFault(.tryAgain, "it is with a relay right now and cannot be called back")
    }
    invocation.answer("cancelled") { line in
      line.add("id", id.rawValue)
      line.add("state", "cancelled")
    }
    return .done
  }
}
