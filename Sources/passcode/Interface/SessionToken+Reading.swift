internal import CommandVerbs
internal import Documents
internal import Records

extension SessionToken {
  static func read() throws -> SessionToken {
    guard let text = Terminal.readSecret(prompt: "Token: "), !text.isEmpty else {
      throw CommandFault(.badInput, "no token came on standard input")
    }
    return SessionToken(text.filter { $0 != "\r" })
  }

  /// What is said of a token that opens no session.
  static func refuse(_ invocation: Invocation) -> ExitStatus {
    invocation.answer("not valid: never given out, ended, or over") { $0.add("valid", false) }
    return .notFound
  }
}
