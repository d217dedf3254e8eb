internal import CodeRequests
internal import CommandVerbs
internal import PasscodeService
internal import Records

extension Service.IDText {
  /// The verb's ID.
  init(_ invocation: Invocation) throws { self = try Self(invocation.operands[0]) }

  static let help = """
    The ID may be shortened to what is unique, at least 4 characters; what the log shows of it will do.
    """

  func ambiguous(_ count: Int) -> CommandFault {
    CommandFault(.badInput, "\(count) requests have ids that begin with \(text); give more of it")
  }

  static let unknown = CommandFault(
    .notFound, "no request has this id; records are kept for a day after they have served")

  /// The request of the spool that is meant.
  func waiting(_ service: Service) throws -> RequestID {
    switch try service.waiting(self) {
    case .one(.success(let id)): return id
    case .one(.failure(let ended)): throw CommandFault(.notFound, "it has ended: \(ended.outcome)")
    case .none: throw Self.unknown
    case .several(let count): throw ambiguous(count)
    }
  }
}
