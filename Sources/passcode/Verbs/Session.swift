internal import CodeRequests
internal import CommandVerbs
internal import FoundationEssentials
internal import MailWorker
internal import PasscodeService
internal import PasscodeVerifier
internal import Records

extension Verbs {
  static let sessionCheck = Verb(
    path: ["session", "check"], summary: "tell whether a session token is good",
    discussion:
      "The token is read from a hidden prompt or standard input. Exit status 66 where it is not good."
  ) { invocation in
    switch try Installation(invocation).verifier().session(try readToken()) {
    case .valid(let session):
      if invocation.isJSON {
        var line = JSONLine()
        line.add("valid", true)
        line.add("expiresAt", session.expiresAt.rfc3339)
        line.add("startedAt", session.startedAt.rfc3339)
        line.add("recipient", session.recipient)
        line.add("tenant", session.tenant)
        line.add("purpose", session.purpose)
        Terminal.print(line.text)
      } else {
        Terminal.print(
          "valid until \(session.expiresAt.rfc3339)" + (session.recipient.map { ", \($0)" } ?? ""))
      }
      return .done
    case .invalid: return invalid(invocation)
    }
  }

  static let sessionEnd = Verb(
    path: ["session", "end"], summary: "end a session now",
    discussion:
      "The token is read from a hidden prompt or standard input. Exit status 66 where there was none."
  ) { invocation in
    switch try Installation(invocation).verifier().endSession(try readToken()) {
    case .valid:
      if invocation.isJSON {
        var line = JSONLine()
        line.add("valid", false)
        line.add("ended", true)
        Terminal.print(line.text)
      } else {
        Terminal.print("ended")
      }
      return .done
    case .invalid: return invalid(invocation)
    }
  }

  private static func readToken() throws -> SessionToken {
    guard let text = Terminal.readSecret(prompt: "Token: "), !text.isEmpty else {
      throw CommandFault(.badInput, "no token came on standard input")
    }
    return SessionToken(text.filter { $0 != "\r" })
  }

  private static func invalid(_ invocation: Invocation) -> ExitStatus {
    if invocation.isJSON {
      var line = JSONLine()
      line.add("valid", false)
      Terminal.print(line.text)
    } else {
      Terminal.print("not valid: never given out, ended, or over")
    }
    return .notFound
  }
}
