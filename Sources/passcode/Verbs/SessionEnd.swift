internal import CommandVerbs
internal import Documents
internal import PasscodeService
internal import Records

extension Verbs {
  static let sessionEnd = Verb(
    path: ["session", "end"], summary: "end a session now",
    discussion:
      "The token is read from a hidden prompt or standard input. Exit status 66 where there was none."
  ) { invocation in
    let service = try Service(invocation)
    guard case .valid = try service.endSession(try SessionToken.read()) else {
      return SessionToken.refuse(invocation)
    }
    invocation.answer("ended") { line in
      line.add("valid", false)
      line.add("ended", true)
    }
    return .done
  }
}
