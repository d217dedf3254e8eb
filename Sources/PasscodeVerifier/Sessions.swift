internal import CodeRequests
internal import Foundation
internal import RecordKeys

// A token has 256 random bits, so its plain SHA-256 tells nothing, and no key can be lost that it would need.

extension SQLiteConnection {
  /// Begins a session inside the caller's transaction.
  func beginSession(for challenge: Challenge, now: Int64, lifetime: Duration) throws(RecordError) -> Session {
    let token = SessionToken(Base64URL.encode(RandomBytes.draw(32)))
    let end = now + lifetime.milliseconds
    let statement = try statement(.insertSession)
    statement.bind(1, Digest.sha256(token.reveal()))
    statement.bind(2, challenge.subject)
    statement.bind(3, challenge.recipient)
    statement.bind(4, challenge.tenant)
    statement.bind(5, challenge.purpose)
    statement.bind(6, now)
    statement.bind(7, end)
    try statement.run()
    return Session(token: token, expiresAt: Date(unixMilliseconds: end))
  }

  func session(_ token: SessionToken, now: Date) throws(RecordError) -> SessionCheck {
    let statement = try prepare(
      "SELECT expiresAt, startedAt, tenant, purpose, recipient FROM session WHERE token = ?1")
    statement.bind(1, Digest.sha256(token.reveal()))
    // One that begins in the future was given out before the clock was moved back; it still ends when it says.
    guard try statement.step(), statement.int(0) > now.unixMilliseconds else { return .invalid }
    return .valid(
      SessionInfo(
        expiresAt: Date(unixMilliseconds: statement.int(0)),
        startedAt: Date(unixMilliseconds: statement.int(1)),
        tenant: statement.text(2), purpose: statement.text(3) ?? "", recipient: statement.text(4)))
  }

  func endSession(_ token: SessionToken, now: Date) throws(RecordError) -> SessionCheck {
    try transaction { () throws(RecordError) in
      let found = try session(token, now: now)
      let statement = try prepare("DELETE FROM session WHERE token = ?1")
      statement.bind(1, Digest.sha256(token.reveal()))
      try statement.run()
      if case .valid(let info) = found {
        try audit(
          AuditLine(
            at: now.unixMilliseconds, event: "session", result: "ended", recipient: info.recipient,
            tenant: info.tenant))
      }
      return found
    }
  }
}

/// A line of the audit trail that is not about a request in the records.
struct AuditLine {
  let at: Int64
  let event: String
  let result: String
  var idKey: Int64?
  var address: Int64?
  var recipient: String?
  var tenant: String?
  var detail: String?
}

extension SQLiteConnection {
  func audit(_ line: AuditLine) throws(RecordError) {
    let statement = try statement(.audit)
    statement.bind(1, line.at)
    statement.bind(2, line.event)
    statement.bind(3, line.result)
    statement.bind(4, line.idKey)
    statement.bind(5, line.address)
    statement.bind(6, line.recipient)
    statement.bind(7, line.tenant)
    statement.bind(8, line.detail)
    try statement.run()
  }
}
