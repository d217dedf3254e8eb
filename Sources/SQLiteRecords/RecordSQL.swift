internal import Records

/// Every statement that runs more than once, prepared at its first use. All values are bound.
enum RecordSQL: Int, CaseIterable {
  case begin, beginReading, commit
  // Admission.
  case request, lastRow, recentRequests, openRequests, clientRequests, challenge, passcodes, tally,
    requestTime,
    leavingRequest, hasResends, mailed, attempt,
    attemptWithPasscode
  case settle, deletePasscode, insertRequest, endRequest, resumeRequest, reopenRequest, cancelRequest,
    insertPasscode, keepPasscode, extendChallenge, lowerChallenge, setTally, noteKey, pullBack,
    pullBackPasscodes, forgive
  // Verification.
  case challengeNear, latestChallenges, challengeNearSubject, conclusion, guest
  case countTry, returnTry, touchChallenge, useChallenge, unuseChallenge, setGuest, touchGuest, deleteGuest
  case sessions, endSession
  case audit, auditRequest

  var text: String {
    switch self {
    case .begin: "BEGIN IMMEDIATE"
    case .beginReading: "BEGIN DEFERRED"
    case .commit: "COMMIT"
    case .audit: "INSERT INTO audit (\(AuditColumn.list)) VALUES (\(AuditColumn.parameters))"
    case .auditRequest:
      """
      INSERT INTO audit (at, event, result, idKey, address, recipient, tenant, detail)
      SELECT ?2, ?3, ?4, idKey, address, recipient, tenant, ?5 FROM request WHERE row = ?1
      """
    default: admission ?? verification ?? ""
    }
  }

  /// A list of states for SQL.
  private static func numbers(_ isWanted: (RequestState) -> Bool) -> String {
    RequestState.allCases.filter(isWanted).map { String($0.number) }.joined(separator: ", ")
  }

  private static let sending = RequestState.sending.number
  private static let queued = RequestState.queued.number
  private static let open = numbers { $0.outcome == nil }

  private var admission: String? {
    switch self {
    case .request: "SELECT \(RequestColumn.list) FROM request WHERE idKey = ?1 AND id = ?2"
    case .lastRow: "SELECT max(row) FROM request"
    case .recentRequests:
      """
      SELECT \(RecentColumn.list), \(Self.isUndelivered), \(Self.isUsed) FROM request
      WHERE mailboxKey = ?1 AND admittedAt IS NOT NULL ORDER BY admittedAt DESC LIMIT ?2
      """
    case .openRequests:
      """
      SELECT \(RecentColumn.list), 0, \(Self.isUsed) FROM request
      WHERE mailboxKey = ?1 AND admittedAt IS NOT NULL AND admittedAt <= ?2 AND state IN (\(Self.open))
      ORDER BY admittedAt DESC
      """
    case .leavingRequest:
      """
      SELECT \(RecentColumn.list), \(Self.isUndelivered), \(Self.isUsed) FROM request
      WHERE row = ?1 AND admittedAt IS NOT NULL
      """
    case .hasResends:
      """
      SELECT 1 FROM request
      WHERE mailboxKey = (SELECT mailboxKey FROM request WHERE row = ?1)
        AND admittedAt IS NOT NULL AND challenge = ?1 AND row <> ?1 LIMIT 1
      """
    case .clientRequests:
      """
      SELECT \(ClientColumn.list), \(Self.isUndelivered), \(Self.isUsed) FROM request
      WHERE clientKey = ?1 AND admittedAt IS NOT NULL ORDER BY admittedAt DESC LIMIT ?2
      """
    case .challenge: "SELECT \(ChallengeColumn.list) FROM request WHERE row = ?1"
    case .passcodes: "SELECT \(PasscodeColumn.list) FROM passcode WHERE challenge = ?1 ORDER BY number"
    case .tally: "SELECT buckets FROM tally WHERE scope = ?1"
    case .requestTime:
      "SELECT row, coalesce(admittedAt, queuedAt) FROM request WHERE row >= ?1 ORDER BY row LIMIT 1"
    case .mailed:
      """
      SELECT admittedAt, \(Self.isUndelivered), \(Self.isUsed), budget FROM request WHERE row < ?1 ORDER BY row DESC LIMIT ?2
      """
    case .attempt: "SELECT \(AttemptColumn.list) FROM request WHERE row = ?1"
    case .attemptWithPasscode:
      """
      SELECT \(AttemptColumn.list(of: "request")), own.mayHaveArrived, own.request IS request.row,
        EXISTS (
          SELECT 1 FROM passcode AS other
          WHERE other.challenge = request.challenge AND other.request = request.row
            AND other.number IS NOT request.passcode)
      FROM request LEFT JOIN passcode AS own
        ON own.challenge = request.challenge AND own.number = request.passcode
      WHERE row = ?1
      """
    case .settle: Self.settleText
    case .deletePasscode: "DELETE FROM passcode WHERE challenge = ?1 AND number = ?2"
    case .insertRequest:
      "INSERT INTO request (\(NewRequestColumn.list)) VALUES (\(NewRequestColumn.parameters))"
    case .endRequest: Self.endText
    case .resumeRequest: Self.resumeText
    case .reopenRequest:
      """
      UPDATE request SET state = \(Self.queued), run = 0, crashes = 0, reason = NULL, endedAt = NULL,
        nextAttempt = NULL, cancelledAt = NULL, deadline = ?2, purgeAfter = max(purgeAfter, ?3), queuedAt = ?4
      WHERE row = ?1
      """
    case .cancelRequest: "UPDATE request SET cancelledAt = ?2 WHERE row = ?1"
    case .insertPasscode:
      "INSERT INTO passcode (\(PasscodeColumn.list)) VALUES (\(PasscodeColumn.parameters))"
    case .keepPasscode: "UPDATE passcode SET mayHaveArrived = 1 WHERE challenge = ?1 AND number = ?2"
    case .extendChallenge:
      """
      UPDATE request SET expiresAt = max(expiresAt, ?2), purgeAfter = max(purgeAfter, ?3),
        sealedRecipient = coalesce(?4, sealedRecipient)
      WHERE row = ?1
      """
    case .pullBack:
      """
      UPDATE request SET admittedAt = admittedAt - ?2, queuedAt = queuedAt - ?2, deadline = deadline - ?2,
        expiresAt = expiresAt - ?2, usedAt = usedAt - ?2, sessionEnd = sessionEnd - ?2,
        purgeAfter = purgeAfter - ?2
      WHERE row = ?1
      """
    case .pullBackPasscodes:
      """
      UPDATE passcode SET madeAt = madeAt - ?2, expiresAt = expiresAt - ?2
      WHERE challenge = (SELECT challenge FROM request WHERE row = ?1) AND request = ?1
      """
    case .forgive:
      """
      UPDATE request SET isForgiven = 1, session = NULL, sessionEnd = NULL, sessionRecipient = NULL
      WHERE mailboxKey = ?1 AND admittedAt IS NOT NULL AND subject = ?2
      """
    case .lowerChallenge: "UPDATE request SET budget = min(budget, tries + 1) WHERE row = ?1"
    case .setTally:
      """
      INSERT INTO tally (\(TallyColumn.list)) VALUES (\(TallyColumn.parameters))
      ON CONFLICT (scope) DO UPDATE SET buckets = excluded.buckets, purgeAfter = excluded.purgeAfter
      """
    case .noteKey:
      """
      INSERT INTO recordKey (\(KeyColumn.list)) VALUES (\(KeyColumn.parameters))
      ON CONFLICT (version) DO UPDATE SET neededUntil = max(neededUntil, excluded.neededUntil)
      """
    default: nil
    }
  }

  /// Whether a request has ended without a mail that may have arrived.
  private static let isUndelivered = """
    CASE WHEN state IN (\(numbers(\.isGivenBack))) THEN NOT EXISTS (
      SELECT 1 FROM passcode WHERE passcode.challenge = request.challenge AND passcode.request = request.row)
    ELSE 0 END
    """

  /// Whether its challenge was answered, which stands in the row that opened it.
  private static let isUsed = """
    CASE WHEN challenge = row THEN usedAt IS NOT NULL
    ELSE EXISTS (SELECT 1 FROM request AS first WHERE first.row = request.challenge AND first.usedAt IS NOT NULL) END
    """

  private static var settleText: String {
    typealias Column = SettlementColumn
    func kept(_ column: Column) -> String { column.assignmentUnlessNull }
    func set(_ column: Column) -> String { column.assignment }
    return """
      UPDATE request SET \(set(.state)), \(kept(.replyCode)), \(kept(.enhancedCode)), \(kept(.replyText)),
        \(kept(.relay)), \(kept(.locale)), \(set(.sentAt)), \(set(.endedAt)), \(set(.nextAttempt)),
        sends = sends - \(Column.sends.parameter), \(set(.reason))
      WHERE \(set(.row)) AND state = \(sending) AND \(set(.run))
      """
  }

  private static var endText: String {
    typealias Column = EndColumn
    func set(_ column: Column) -> String { column.assignment }
    func kept(_ column: Column) -> String { column.assignmentUnlessNull }
    return """
      UPDATE request SET \(set(.state)), \(set(.reason)), \(set(.method)), \(set(.url)), \(set(.retryAt)),
        \(set(.endedAt)), nextAttempt = NULL, \(kept(.crashes)), \(kept(.sends))
      WHERE \(set(.row))
      """
  }

  private static var resumeText: String {
    typealias Column = ResumeColumn
    let values = Column.allCases.dropFirst().map(\.assignment).joined(separator: ", ")
    return """
      UPDATE request SET state = \(sending), nextAttempt = NULL, \(values) WHERE row = \(Column.row.parameter)
      """
  }

  private var verification: String? {
    switch self {
    case .challengeNear:
      """
      SELECT \(ChallengeColumn.list(of: "first")), \(GuestColumn.list(of: "guest")), asked.idKey = ?1, asked.id = ?2
      FROM request AS asked CROSS JOIN request AS first ON first.row = asked.challenge
        LEFT JOIN guest ON guest.subject = first.subject
      WHERE asked.idKey >= ?1 ORDER BY asked.idKey
      """
    case .latestChallenges:
      """
      SELECT challenge FROM request
      WHERE mailboxKey = ?1 AND subject = ?2 AND admittedAt IS NOT NULL AND purpose = ?3 AND budget > 0
      ORDER BY admittedAt DESC LIMIT ?4
      """
    case .challengeNearSubject:
      """
      SELECT challenge FROM request WHERE mailboxKey >= ?1 AND admittedAt IS NOT NULL ORDER BY mailboxKey LIMIT 1
      """
    case .conclusion:
      """
      SELECT usedAt, \(GuestColumn.list(of: "guest")) FROM request
        LEFT JOIN guest ON guest.subject = ?2 WHERE row = ?1
      """
    case .guest: "SELECT \(GuestColumn.list) FROM guest WHERE subject = ?1"
    case .countTry: "UPDATE request SET tries = tries + 1 WHERE row = ?1"
    case .returnTry: "UPDATE request SET tries = tries - 1 WHERE row = ?1"
    case .touchChallenge: "UPDATE request SET touched = 1 - touched WHERE row = ?1"
    case .useChallenge: Self.useText
    case .unuseChallenge:
      """
      UPDATE request SET usedAt = NULL, session = NULL, sessionEnd = NULL, sessionRecipient = NULL WHERE row = ?1
      """
    case .setGuest:
      """
      INSERT INTO guest (\(GuestColumn.list)) VALUES (\(GuestColumn.parameters))
      ON CONFLICT (subject) DO UPDATE SET failures = excluded.failures,
        devices = excluded.devices, redeemedBy = excluded.redeemedBy, redeemedAt = excluded.redeemedAt,
        purgeAfter = excluded.purgeAfter
      """
    case .touchGuest:
      """
      UPDATE guest SET touched = 1 - touched
      WHERE subject = (SELECT near.subject FROM guest AS near WHERE near.subject >= ?1 ORDER BY near.subject LIMIT 1)
      """
    case .deleteGuest: "DELETE FROM guest WHERE subject = ?1"
    case .sessions:
      """
      SELECT \(SessionColumn.list(of: "request")), guest.devices
      FROM request LEFT JOIN guest ON guest.subject = request.subject
      WHERE request.idKey = ?1 AND request.session IS NOT NULL
      """
    case .endSession:
      """
      UPDATE request SET session = NULL, sessionEnd = NULL, sessionRecipient = NULL WHERE row = ?1
      """
    default: nil
    }
  }

  private static var useText: String {
    typealias Column = UseColumn
    let values = Column.allCases.dropFirst().map(\.assignment).joined(separator: ", ")
    return """
      UPDATE request SET \(values), tries = tries - 1,
        purgeAfter = max(purgeAfter, coalesce(\(Column.sessionEnd.parameter), purgeAfter))
      WHERE row = \(Column.row.parameter) AND usedAt IS NULL
      """
  }
}
