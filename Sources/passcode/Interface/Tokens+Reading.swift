internal import CodeRequests
internal import CommandVerbs
internal import Documents
internal import Records

extension SessionToken {
  static func read() throws -> SessionToken { SessionToken(try readToken("Token")) }

  /// What is said of a token that opens no session.
  static func refuse(_ invocation: Invocation) -> ExitStatus {
    invocation.answer("not valid: never given out, ended, or over") { $0.add("valid", false) }
    return .notFound
  }
}

extension DeviceToken {
  static func read() throws -> DeviceToken { DeviceToken(try readToken("Device")) }
}

/// A token from standard input: an argument would be seen by other users.
private func readToken(_ name: String) throws -> String {
  guard let text = Terminal.readSecret(prompt: "\(name): "), !text.isEmpty else {
    throw CommandFault(.badInput, "no \(name.lowercased()) came on standard input")
  }
  return text.filter { $0 != "\r" }
}
