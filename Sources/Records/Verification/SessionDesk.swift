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
    guard let token = SessionSecret(token) else { return .invalid }
    let found = token.find(among: try engine.sessions(idKey: token.idKey), now: now, bootTime: bootTime)
    return found.map { .valid(token.info($0, now: now)) } ?? .invalid
  }

  /// Committed, not durable.
  package func end(
    _ token: SessionToken, now: Date
  ) throws(RecordError) -> (check: SessionCheck, mark: CommitMark?) {
    guard let token = SessionSecret(token) else { return (.invalid, nil) }
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
      return .valid(token.info(found, now: now))
    }
    return (check, mark)
  }
}

extension SessionSecret {
  /// The session that it stands for, good by both clocks.
  fileprivate func find(among sessions: [SessionFacts], now: Date, bootTime: Int64?) -> SessionFacts? {
    sessions.first { session in
      guard constantTimeEqual(session.hash, hash), session.end > now.unixMilliseconds else { return false }
      guard let age = BootTime.elapsed(from: session.bootTime, to: bootTime) else { return true }
      return age < session.end - session.startedAt
    }
  }

  /// What the bearer may know of it.
  fileprivate func info(_ session: SessionFacts, now: Date) -> SessionInfo {
    let seal = RowSeal(row: session.id, tenant: session.tenant, purpose: session.purpose)
    let recipient = session.sealedRecipient.flatMap { seal.open($0, once: recipientKey) }
    let device = device
    return SessionInfo(
      expiresAt: Date(unixMilliseconds: session.end), startedAt: Date(unixMilliseconds: session.startedAt),
      tenant: session.tenant, purpose: session.purpose,
      recipient: recipient.flatMap { try? EmailAddress($0) },
      device: Guest(devices: session.devices).device(device, at: now.unixMilliseconds) == nil ? nil : device)
  }
}
