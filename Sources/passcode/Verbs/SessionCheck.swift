internal import CodeRequests
internal import CommandVerbs
internal import Documents
internal import PasscodeService
internal import Records

extension Verbs {
  static let sessionCheck = Verb(
    path: ["session", "check"], summary: "tell whether a session token is good",
    discussion:
      "The token is read from a hidden prompt or standard input. Exit status 66 where it is not good."
  ) { invocation in
    let service = try Service(invocation)
    guard case .valid(let session) = try service.session(try SessionToken.read()) else {
      return SessionToken.refuse(invocation)
    }
    invocation.answer(
      "valid until \(session.expiresAt.rfc3339)" + (session.recipient.map { ", \($0.spoken)" } ?? "")
    ) { line in
      line.add("valid", true)
      line.add("expiresAt", session.expiresAt.rfc3339)
      line.add("startedAt", session.startedAt.rfc3339)
      line.add("recipient", session.recipient?.rawValue)
      line.add("tenant", session.tenant)
      line.add("purpose", session.purpose)
      line.add("device", session.device?.reveal())
    }
    return .done
  }
}
