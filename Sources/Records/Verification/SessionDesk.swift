internal import CodeRequests
package import FoundationEssentials
internal import RecordKeys

/// Sessions, checked and ended by their token.
package struct SessionDesk {
  let engine: any RecordEngine
  let bootTime: Int64?

  package init(engine: any RecordEngine, bootTime: Int64?) {
    self.engine = engine
    self.bootTime = bootTime
  }

  package func check(_ token: SessionToken, now: Date) throws(RecordError) -> SessionCheck {
    guard let token = ReadToken(token) else { return .invalid }
    let found = token.find(among: try engine.sessions(idKey: token.idKey), now: now, bootTime: bootTime)
    return found.map { .valid($0.info) } ?? .invalid
  }

  /// Committed, not durable.
  package func end(
    _ token: SessionToken, now: Date
  ) throws(RecordError) -> (check: SessionCheck, mark: CommitMark?) {
    guard let token = ReadToken(token) else { return (.invalid, nil) }
    let (check, mark) = try engine.transaction { transaction throws(RecordError) in
      let sessions = try transaction.sessions(idKey: token.idKey)
      guard let found = token.find(among: sessions, now: now, bootTime: bootTime) else {
        return SessionCheck.invalid
      }
      var changes = RecordChanges()
      changes.endedSessions = [found.row]
      changes.audit = [
        AuditLine(
          at: now.unixMilliseconds, event: "session", result: "ended", recipient: found.recipient,
          tenant: found.tenant)
      ]
      try transaction.apply(changes)
      return .valid(found.info)
    }
    return (check, mark)
  }
}

/// A token as it was sent, taken apart.
private struct ReadToken {
  /// Leads to the challenge that it came from.
  let idKey: Int64
  private let hash: [UInt8]

  /// Nil for what was never given out.
  init?(_ token: SessionToken) {
    guard token.reveal().utf8.count == 54, let bytes = Base64URL.decode(token.reveal()) else { return nil }
    idKey = prefixKey(bytes)
    hash = Digest.sha256(bytes)
  }

  /// The session that it stands for, good by both clocks.
  func find(among sessions: [SessionFacts], now: Date, bootTime: Int64?) -> SessionFacts? {
    sessions.first { session in
      guard constantTimeEqual(session.hash, hash), session.end > now.unixMilliseconds else { return false }
      guard let age = BootTime.elapsed(from: session.bootTime, to: bootTime) else { return true }
      return age < session.end - session.startedAt
    }
  }
}

extension SessionFacts {
  fileprivate var info: SessionInfo {
    SessionInfo(
      expiresAt: Date(unixMilliseconds: end), startedAt: Date(unixMilliseconds: startedAt), tenant: tenant,
      purpose: purpose, recipient: recipient)
  }
}
