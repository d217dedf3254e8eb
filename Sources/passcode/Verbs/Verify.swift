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
      .value("to", "ADDR", "who must have been sent the code; without an ID: by address alone"),
      .value("tenant", "T", "the tenant that it must be for"),
      .value("purpose", "P", "what it must be for; by address alone the default is sign-in"),
      .value("code-fd", "N", "read the code from this open file descriptor, 3 or higher"),
    ],
    discussion: """
      The code is read from a hidden prompt, from standard input where that is no terminal, or from the file descriptor
      of --code-fd; never from an argument or the environment, which other users could see. Spaces and hyphens in it do
      not matter, and digits of any script are taken.

      What is given beside the ID must fit the challenge, else it is unknown and no attempt is counted. Where the browser
      keeps the ID, give what you expect, or compare it with the answer: else somebody hands in a challenge of his own.
      A right code is answered with recipient, tenant and purpose: that is who signed in, and nobody else.

      By address alone takes verification: { byAddress: true } in the configuration. The code is compared with each of
      the address's newest open challenges. An address that never had a code gets the same answers as one that has.

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
    let tenant = invocation.string("tenant")
    let purpose = try invocation.string("purpose").map { try Purpose($0) }
    if let id = invocation.operands.first {
      let expected = Expectations(recipient: address, tenant: tenant, purpose: purpose)
      return .challenge(ChallengeID(id), expecting: expected)
    }
    guard let address else { throw CommandFault.usage("passcode verify takes an ID or --to ADDR") }
    return .subject(address, tenant: tenant, purpose: purpose ?? .signIn)
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
    case .verified(let guest):
      line.add("recipient", guest.recipient?.rawValue)
      line.add("tenant", guest.tenant)
      line.add("purpose", guest.purpose)
      guard let session = guest.session else { break }
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
    case .verified(let guest): sentence(of: guest)
    case .incorrect(let left): "incorrect; \(left) \(left == 1 ? "attempt" : "attempts") left"
    case .expired: "expired; ask for a new code"
    case .used: "used already; ask for a new code"
    case .locked: "locked after too many wrong codes; ask for a new code"
    case .unknown: "unknown; no challenge has this id and is what was expected"
    case .refused: "not allowed; passcodes are switched off for this tenant"
    }
  }

  private static func sentence(of guest: VerifiedGuest) -> String {
    let who = [
      guest.recipient?.spoken, guest.tenant.map { "tenant \($0)" }, "purpose \(guest.purpose)",
    ].compactMap { $0 }.joined(separator: ", ")
    guard let session = guest.session else { return "verified: \(who); this purpose begins no session" }
    return "verified: \(who); session until \(session.expiresAt.rfc3339)\n\(session.token.reveal())"
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
