internal import CodeRequests
internal import RecordKeys
internal import Records

// What rules have decided, written kind by kind: each by one kept statement, row after row.
extension SQLiteTransaction {
  func apply(_ changes: RecordChanges) throws(RecordError) {
    // By place where there may be very many: an element that is handed out is copied, with all that it refers to.
    for (row, ahead) in changes.pulledBack { try pullBack(row, by: ahead) }
    for place in changes.settled.indices { try apply(changes.settled[place]) }
    for place in changes.removedPasscodes { try run(.deletePasscode, place) }
    for place in changes.inserted.indices { try insert(changes.inserted[place]) }
    for ended in changes.ended { try apply(ended) }
    for resumed in changes.resumed { try apply(resumed) }
    for reopened in changes.reopened { try apply(reopened) }
    for (row, at) in changes.cancelled {
      let statement = try connection.statement(.cancelRequest)
      statement.bind(1, row)
      statement.bind(2, at)
      try statement.run()
      connection.hasWish = true
    }
    for place in changes.passcodes.indices { try insert(changes.passcodes[place]) }
    for place in changes.keptPasscodes { try run(.keepPasscode, place) }
    for extended in changes.extended { try apply(extended) }
    for row in changes.lowered { try connection.run(.lowerChallenge, row) }
    for change in changes.challenges { try apply(change) }
    for change in changes.guests { try apply(change) }
    for subject in changes.forgiven {
      let statement = try connection.statement(.forgive)
      statement.bind(1, subject.mailbox)
      statement.bind(2, subject.hash)
      try statement.run()
    }
    for (scope, tally, purgeAfter) in changes.tallies {
      let statement = try connection.statement(.setTally)
      statement.bind(TallyColumn.scope, scope)
      statement.bind(TallyColumn.buckets, tally.bytes)
      statement.bind(TallyColumn.purgeAfter, purgeAfter)
      try statement.run()
    }
    for row in changes.endedSessions { try connection.run(.endSession, row) }
    for need in changes.keys {
      let statement = try connection.statement(.noteKey)
      statement.bind(KeyColumn.version, Int64(need.version))
      statement.bind(KeyColumn.fingerprint, need.fingerprint)
      statement.bind(KeyColumn.neededUntil, need.until)
      try statement.run()
    }
    for version in changes.forgottenKeys {
      let statement = try connection.prepare("DELETE FROM recordKey WHERE version = ?1")
      statement.bind(1, Int64(version))
      try statement.run()
    }
    for place in changes.audit.indices { try audit(changes.audit[place]) }
  }

  func pullBack(_ row: Int64, by ahead: Int64) throws(RecordError) {
    for sql in [RecordSQL.pullBack, .pullBackPasscodes] {
      let statement = try connection.statement(sql)
      statement.bind(1, row)
      statement.bind(2, ahead)
      try statement.run()
    }
  }

  private func run(_ sql: RecordSQL, _ place: PasscodePlace) throws(RecordError) {
    let statement = try connection.statement(sql)
    statement.bind(1, place.challenge)
    statement.bind(2, place.number)
    try statement.run()
  }

  private func apply(_ settled: SettledAttempt) throws(RecordError) {
    typealias Column = SettlementColumn
    let settlement = settled.settlement
    let statement = try connection.statement(.settle)
    statement.bind(Column.row, settled.row)
    statement.bind(Column.run, settled.run)
    statement.bind(Column.state, settled.state.number)
    statement.bind(Column.replyCode, settlement.replyCode.map { Int64($0) })
    statement.bind(Column.enhancedCode, settlement.enhancedCode)
    statement.bind(Column.replyText, settlement.replyText)
    statement.bind(Column.relay, settlement.relay)
    statement.bind(Column.locale, settlement.locale)
    statement.bind(Column.sentAt, settled.sentAt)
    statement.bind(Column.endedAt, settled.endedAt)
    statement.bind(Column.nextAttempt, settled.nextAttempt)
    statement.bind(Column.sends, settled.isReleased ? 1 : 0)
    statement.bind(Column.reason, settled.reason)
    try statement.run()
  }

  private func insert(_ new: NewRequest) throws(RecordError) {
    typealias Column = NewRequestColumn
    let statement = try connection.statement(.insertRequest)
    statement.bind(Column.row, new.row)
    statement.bind(Column.idKey, prefixKey(new.id))
    statement.bind(Column.id, new.id)
    statement.bind(Column.shortID, new.shortID)
    statement.bind(Column.challenge, new.challenge)
    statement.bind(Column.subject, new.subject)
    statement.bind(Column.address, new.address)
    statement.bind(Column.mailboxKey, new.mailbox)
    statement.bind(Column.clientKey, new.asker.client)
    statement.bind(Column.shareKey, new.asker.share)
    statement.bind(Column.device, new.asker.device)
    statement.bind(Column.recipient, new.recipient)
    statement.bind(Column.sealedRecipient, new.sealedRecipient)
    statement.bind(Column.tenant, new.tenant)
    statement.bind(Column.purpose, new.purpose)
    statement.bind(Column.queuedAt, new.queuedAt)
    statement.bind(Column.deadline, new.deadline)
    statement.bind(Column.admittedAt, new.admittedAt)
    statement.bind(Column.state, new.state.number)
    statement.bind(Column.run, new.run)
    statement.bind(Column.sends, new.sends)
    statement.bind(Column.passcode, new.passcode)
    statement.bind(Column.budget, new.budget)
    statement.bind(Column.expiresAt, new.expiresAt)
    statement.bind(Column.reason, new.reason)
    statement.bind(Column.method, new.method)
    statement.bind(Column.url, new.url)
    statement.bind(Column.retryAt, new.retryAt)
    statement.bind(Column.endedAt, new.endedAt)
    statement.bind(Column.purgeAfter, new.purgeAfter)
    try statement.run()
  }

  private func apply(_ ended: EndedRequest) throws(RecordError) {
    typealias Column = EndColumn
    let statement = try connection.statement(.endRequest)
    statement.bind(Column.row, ended.row)
    statement.bind(Column.state, ended.state.number)
    statement.bind(Column.reason, ended.reason)
    statement.bind(Column.method, ended.method)
    statement.bind(Column.url, ended.url)
    statement.bind(Column.retryAt, ended.retryAt)
    statement.bind(Column.endedAt, ended.at)
    statement.bind(Column.crashes, ended.crashes)
    statement.bind(Column.sends, ended.sends)
    try statement.run()
  }

  private func apply(_ resumed: ResumedRequest) throws(RecordError) {
    typealias Column = ResumeColumn
    let statement = try connection.statement(.resumeRequest)
    statement.bind(Column.row, resumed.row)
    statement.bind(Column.run, resumed.run)
    statement.bind(Column.sends, resumed.sends)
    statement.bind(Column.passcode, resumed.passcode)
    statement.bind(Column.crashes, resumed.crashes)
    statement.bind(Column.admittedAt, resumed.admittedAt)
    statement.bind(Column.challenge, resumed.challenge)
    statement.bind(Column.deadline, resumed.deadline)
    try statement.run()
  }

  private func apply(_ reopened: ReopenedRequest) throws(RecordError) {
    let statement = try connection.statement(.reopenRequest)
    statement.bind(1, reopened.row)
    statement.bind(2, reopened.deadline)
    statement.bind(3, reopened.purgeAfter)
    statement.bind(4, reopened.queuedAt)
    try statement.run()
  }

  private func insert(_ new: NewPasscode) throws(RecordError) {
    typealias Column = PasscodeColumn
    let record = new.record
    let statement = try connection.statement(.insertPasscode)
    statement.bind(Column.challenge, new.challenge)
    statement.bind(Column.number, record.number)
    statement.bind(Column.request, record.request)
    statement.bind(Column.madeAt, record.madeAt)
    statement.bind(Column.expiresAt, record.expiresAt)
    statement.bind(Column.keyVersion, Int64(record.keyVersion))
    statement.bind(Column.salt, record.salt)
    statement.bind(Column.mac, record.mac)
    statement.bind(Column.mayHaveArrived, record.arrival.rawValue)
    statement.bind(Column.bootTime, record.bootTime)
    try statement.run()
  }

  private func apply(_ extended: ExtendedChallenge) throws(RecordError) {
    let statement = try connection.statement(.extendChallenge)
    statement.bind(1, extended.row)
    statement.bind(2, extended.expiresAt)
    statement.bind(3, extended.purgeAfter)
    statement.bind(4, extended.sealedRecipient)
    try statement.run()
  }

  private func audit(_ line: AuditLine) throws(RecordError) {
    if let row = line.row {
      let statement = try connection.statement(.auditRequest)
      statement.bind(1, row)
      statement.bind(2, line.at)
      statement.bind(3, line.event)
      statement.bind(4, line.result)
      statement.bind(5, line.detail)
      return try statement.run()
    }
    typealias Column = AuditColumn
    let statement = try connection.statement(.audit)
    statement.bind(Column.at, line.at)
    statement.bind(Column.event, line.event)
    statement.bind(Column.result, line.result)
    statement.bind(Column.idKey, line.idKey)
    statement.bind(Column.address, line.address)
    statement.bind(Column.recipient, line.recipient)
    statement.bind(Column.tenant, line.tenant)
    statement.bind(Column.detail, line.detail)
    try statement.run()
  }
}
