internal import CodeRequests
internal import CommandVerbs
internal import Documents
internal import PasscodeService
internal import PasscodeVerifier
internal import Records

extension Verbs {
  static let verify = Verb(
    path: ["verify"], summary: "check the code that somebody typed", operands: ["[ID]"],
    options: [
      .value("to", "ADDR", "by subject in place of an id, for frontends that kept none"),
      .value("tenant", "T", "the subject's tenant"),
      .value("purpose", "P", "what the code is for; default sign-in"),
      .value("code-fd", "N", "read the code from this open file descriptor, 3 or higher"),
    ],
    discussion: """
      The code is read from a hidden prompt, from standard input where that is no terminal, or from the file descriptor
      of --code-fd; never from an argument or the environment, which other users could see. Spaces and hyphens in it do
      not matter, and digits of any script are taken.

      By address, an address that never had a code gets the same answers as one that has.

      Exit status: 0 verified, 10 incorrect, 11 expired, 12 already used, 13 locked, 14 unknown, 15 not allowed.
      """
  ) { invocation in
    let service = try Service(invocation)
    let answered = try answered(invocation)
    let descriptor = try invocation.integer("code-fd", in: 3...65535)
    try service.prepareToVerify(answered)
    let result = try service.verify(try readCode(from: descriptor), answered)
    invocation.answer(lines: sentence(of: result).split(separator: "\n").map(String.init)) {
      fill(&$0, with: result)
    }
    return status(of: result)
  }

  private static func answered(_ invocation: Invocation) throws -> Service.Answered {
    let address = try invocation.string("to").map { try EmailAddress($0) }
    switch (invocation.operands.first, address) {
    case (let id?, nil): return .challenge(ChallengeID(id))
    case (nil, let address?):
      return .subject(
        address, tenant: invocation.string("tenant"),
        purpose: try invocation.string("purpose").map { try Purpose($0) } ?? .signIn)
    default: throw CommandFault.usage("passcode verify takes an ID or --to ADDR, one of them")
    }
  }

  private static func readCode(from descriptor: Int?) throws -> TypedCode {
    let text: String?
    if let descriptor {
      text = Terminal.readLine(from: Int32(descriptor), limit: codeLimit)
    } else {
      text = Terminal.readSecret(prompt: "Code: ", limit: codeLimit)
    }
    guard let text, !text.isEmpty else {
      throw CommandFault(
        .badInput, "no code came on \(descriptor.map { "file descriptor \($0)" } ?? "standard input")")
    }
    return TypedCode(text)
  }

  /// More than any code: what is longer is a wrong code, and is not read to its end.
  private static let codeLimit = 4096

  private static func fill(_ line: inout JSONLine, with result: Verification) {
    line.add("result", result.name)
    switch result {
    case .incorrect(let attemptsLeft): line.add("attemptsLeft", attemptsLeft)
    case .verified(let session):
      var nested = JSONLine()
      nested.add("token", session.token.reveal())
      nested.add("expiresAt", session.expiresAt.rfc3339)
      line.add("session", nested)
      line.add("device", session.device.reveal())
    case .expired, .used, .locked, .unknown, .refused: break
    }
  }

  private static func sentence(of result: Verification) -> String {
    switch result {
    case .verified(let session):
      "verified; session until \(session.expiresAt.rfc3339)\n\(session.token.reveal())"
    case .incorrect(let left): "incorrect; \(left) \(left == 1 ? "attempt" : "attempts") left"
    case .expired: "expired; ask for a new code"
    case .used: "used already; ask for a new code"
    case .locked: "locked after too many wrong codes; ask for a new code"
    case .unknown: "unknown; no challenge has this id"
    case .refused: "not allowed; passcodes are switched off for this tenant"
    }
  }

  private static func status(of result: Verification) -> ExitStatus {
    switch result {
    case .verified: .done
    case .incorrect: .incorrect
    case .expired: .expired
    case .used: .used
    case .locked: .locked
    case .unknown: .unknownChallenge
    case .refused: .notAllowed
    }
  }
}
