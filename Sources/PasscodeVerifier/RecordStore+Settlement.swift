internal import CodeRequests
internal import FoundationEssentials

extension RecordStore {
  /// Writes how an attempt ended. A settlement of a request that this process is not sending changes nothing.
  func settle(_ settlement: Settlement, _ tallies: inout TallyBook) throws(RecordError) {
    let at = settlement.at.unixMilliseconds
    let state: RequestState
    var nextAttempt: Int64?
    switch settlement.result {
    case .sent: state = .sent
    case .failed, .ambiguous(until: nil): state = .failed
    case .deferred(let until), .ambiguous(let until?):
      state = .deferred
      nextAttempt = until.unixMilliseconds
    case .expired: state = .expired
    case .cancelled: state = .cancelled
    case .released: state = .queued
    }
    let statement = try connection.statement(.settle)
    statement.bind(1, settlement.requestKey)
    statement.bind(2, run)
    statement.bind(3, state.rawValue)
    statement.bind(4, settlement.replyCode.map(Int64.init))
    statement.bind(5, settlement.enhancedCode)
    statement.bind(6, settlement.replyText)
    statement.bind(7, settlement.relay)
    statement.bind(8, settlement.locale)
    statement.bind(9, state == .sent ? at : nil)
    statement.bind(10, state.outcome == nil ? nil : at)
    statement.bind(11, nextAttempt)
    // What was not begun is no attempt.
    statement.bind(12, settlement.result == .released ? 1 : 0)
    try statement.run()
    guard connection.changes == 1 else { return }

    let result: String
    switch settlement.result {
    case .sent: result = "sent"
    case .ambiguous:
      result = "ambiguous"
      try connection.run(.keepPasscode, settlement.requestKey)
    case .released:
      try connection.run(.deleteUnsentPasscode, settlement.requestKey)
      return
    default:
      result = state.name
      try connection.run(.deleteUnsentPasscode, settlement.requestKey)
    }
    if state.isGivenBack, settlement.result != .ambiguous(until: nil),
      let places = placesInFlight[settlement.requestKey],
      try !mayHaveArrived(settlement.requestKey)
    {
      try tallies.giveBack(places, at: at, in: self)
    }
    guard let audited = settlement.audited else {
      return try audit(row: settlement.requestKey, at: at, "send", result, settlement.auditDetail)
    }
    try audit(audited, at: at, "send", result, settlement.auditDetail)
  }

  /// Whether the last passcode of the request in `row` may be in the mailbox.
  func mayHaveArrived(_ row: Int64) throws(RecordError) -> Bool {
    let statement = try connection.statement(.mayHaveArrived)
    statement.bind(1, row)
    defer { statement.reset() }
    return try statement.step() && statement.int(0) != 0
  }

  func audit(
    _ request: AuditedRequest, at: Int64, _ event: String, _ result: String, _ detail: String? = nil
  ) throws(RecordError) {
    var line = AuditLine(at: at, event: event, result: result)
    line.describe(request)
    line.detail = detail
    try connection.audit(line)
  }

  /// A line of the audit trail about the request in `row`.
  func audit(
    row: Int64, at: Int64, _ event: String, _ result: String, _ detail: String? = nil
  ) throws(RecordError) {
    let statement = try connection.statement(.auditRequest)
    statement.bind(1, row)
    statement.bind(2, at)
    statement.bind(3, event)
    statement.bind(4, result)
    statement.bind(5, detail)
    try statement.run()
  }
}

extension Settlement {
  fileprivate var auditDetail: String? {
    switch (replyCode, enhancedCode) {
    case (nil, nil): nil
    case (let code?, nil): String(code)
    case (nil, let enhanced?): enhanced
    case (let code?, let enhanced?): "\(code) \(enhanced)"
    }
  }
}
