internal import CodeRequests
internal import CommandVerbs
internal import Documents
internal import PasscodeService

extension Verbs {
  static let status = Verb(
    path: ["status"], summary: "tell where a request stands, or all that an address has asked for",
    operands: ["[ID]"],
    options: [
      .value("to", "ADDR", "in place of an ID: the requests for this address, the newest first"),
      .value("tenant", "T", "with --to: only of this tenant"),
      .value("limit", "N", "with --to: at most N; default 10"),
    ],
    discussion: """
      States: queued, deferred, sending, then the outcome: sent, refused, limited, expired, failed, superseded,
      cancelled or rejected. A request is `sending` from when a connection may take it until the relay has answered;
      while no relay takes mail it is `queued` or `deferred`, and what it waits for is told.

      \(Service.IDText.help) Exit status 66 where there is no such request.
      """
  ) { invocation in
    let service = try Service(invocation)
    if let address = try invocation.string("to").map({ try EmailAddress($0) }) {
      guard invocation.operands.isEmpty else {
        throw CommandFault.usage("passcode status takes an ID or --to ADDR, and not both")
      }
      let limit = try invocation.integer("limit", in: 1...100_000) ?? 10
      let found = try service.requests(for: address, tenant: invocation.string("tenant"), limit: limit)
      guard !found.isEmpty else {
        throw CommandFault(
          .notFound,
          "nothing was asked for to this address; records are kept for a day after they have served")
      }
      for progress in found {
        invocation.answer("\(progress.id)  \(progress.sentence)", json: progress.fill)
      }
      return .done
    }
    guard !invocation.operands.isEmpty else {
      throw CommandFault.usage("passcode status takes an ID or --to ADDR; see passcode help status")
    }
    let id = try Service.IDText(invocation)
    switch try service.status(of: id) {
    case .one(let progress): invocation.answer(progress.sentence, json: progress.fill)
    case .none: throw Service.IDText.unknown
    case .several(let count): throw id.ambiguous(count)
    }
    return .done
  }
}
