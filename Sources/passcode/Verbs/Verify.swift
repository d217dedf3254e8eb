internal import CodeRequests
internal import Foundation
internal import MailWorker
internal import PasscodeVerifier

extension Verbs {
  static let verify = Verb(
    path: ["verify"], summary: "check the code that somebody typed", operands: ["[ID]"],
    options: [
      .value("to", "ADDR", "by subject in place of an id, for frontends that kept none"),
      .value("tenant", "T", "the subject's tenant"),
      .value("purpose", "P", "what the code is for; default sign-in"),
    ],
    discussion: """
      The code is read from a hidden prompt, or from standard input where that is no terminal; never from an
      argument, which other users could see. Spaces and hyphens in it do not matter.

      Exit status: 0 verified, 10 incorrect, 11 expired, 12 already used, 13 locked, 14 unknown, 15 not allowed.
      """
  ) { invocation in
    let installation = try Installation(invocation)
    let address = try invocation.string("to").map { try EmailAddress($0) }
    guard (invocation.operands.first == nil) != (address == nil) else {
      throw CommandFault.usage("passcode verify takes an ID or --to ADDR, one of them")
    }
    let verifier = try installation.verifier()
    guard let typed = Terminal.readSecret(prompt: "Code: ", limit: 1 << 20), !typed.isEmpty else {
      throw CommandFault(.badInput, "no code came on standard input")
    }
    let result: Verification
    if let address {
      let purpose = try invocation.string("purpose").map { try Purpose($0) } ?? .signIn
      result = try verifier.verify(
        typed, recipient: address, tenant: try installation.tenant(invocation.string("tenant")).id,
        purpose: purpose)
    } else {
      result = try verifier.verify(typed, challenge: invocation.operands[0])
    }
    Terminal.print(invocation.isJSON ? json(of: result).text : sentence(of: result))
    return status(of: result)
  }

  private static func json(of result: Verification) -> JSONLine {
    var line = JSONLine()
    line.add("result", result.name)
    switch result {
    case .incorrect(let attemptsLeft): line.add("attemptsLeft", attemptsLeft)
    case .verified(let session):
      var nested = JSONLine()
      nested.add("token", session.token.reveal())
      nested.add("expiresAt", session.expiresAt.rfc3339)
      line.add("session", nested)
    default: break
    }
    return line
  }

  private static func sentence(of result: Verification) -> String {
    switch result {
    case .verified(let session):
      "verified; session until \(session.expiresAt.rfc3339)\n\(session.token.reveal())"
    case .incorrect(let left): "incorrect; \(left) \(left == 1 ? "attempt" : "attempts") left"
    case .expired: "expired; ask for a new code"
    case .used: "used already; ask for a new code"
    case .locked: "locked after too many wrong codes; ask for a new code later"
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
