internal import CodeRequests
internal import CommandVerbs
internal import Documents
internal import PasscodeService

extension Verbs {
  static let status = Verb(
    path: ["status"], summary: "tell where a request stands", operands: ["ID"],
    discussion: """
      States: queued, deferred, sending, then the outcome: sent, refused, limited, expired, failed, superseded,
      cancelled or rejected. A request is `sending` from when a connection may take it until the relay has answered; while no
      relay takes mail it is `queued` or `deferred`, and what it waits for is told. Exit status 66 where no request has this id.
      """
  ) { invocation in
    let service = try Service(invocation)
    guard let progress = try service.status(of: try RequestID(invocation.operands[0])) else {
      throw CommandFault(
        .notFound, "no request has this id; records are kept for a day after they have served")
    }
    invocation.answer(progress.sentence, json: progress.fill)
    return .done
  }
}
