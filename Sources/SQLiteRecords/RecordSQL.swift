internal import Records

/// Every statement that runs more than once, prepared at its first use. All values are bound.
package enum RecordSQL: Int, CaseIterable {
  case begin, commit
  case findRequest, lastRow, insertRequest, endRequest, reopenRequest, resendRequest, takeBackAttempt,
    recentRequests, supersede, extendChallenge
  case challenge, challengeNear, passcodes, insertPasscode, deletePasscode, keepPasscode,
    deleteUnsentPasscode, mayHaveArrived
  case settle, noteKey, tally, setTally
  case guest, guestNear, setGuest, touchGuest
  case countTry, returnTry, touchChallenge, useChallenge, unuseChallenge, latestChallenge,
    challengeNearSubject
  case audit, auditRequest

  package var text: String {
    switch self {
    case .begin: "BEGIN IMMEDIATE"
    case .commit: "COMMIT"
    case .findRequest:
      """
      SELECT row, state, run, crashes, sends, challenge, passcode, subject, admittedAt, queuedAt, deadline, cancelledAt
      FROM request WHERE idKey = ?1 AND id = ?2
      """
    case .lastRow: "SELECT max(row) FROM request"
    case .insertRequest:
      """
      INSERT INTO request (row, idKey, id, challenge, subjectKey, subject, address, recipient, tenant, purpose,
        queuedAt, deadline, admittedAt, state, run, sends, passcode, budget, expiresAt, reason, method, url, retryAt,
        endedAt, purgeAfter)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,
        ?23, ?24, ?25)
      """
    case .endRequest:
      """
      UPDATE request SET state = ?2, reason = ?3, method = ?4, url = ?5, retryAt = ?6, endedAt = ?7,
        nextAttempt = NULL, crashes = ?8 WHERE row = ?1
      """
    case .reopenRequest:
      """
      UPDATE request SET state = 0, run = 0, crashes = 0, reason = NULL, endedAt = NULL, nextAttempt = NULL,
        cancelledAt = NULL, deadline = ?2, purgeAfter = max(purgeAfter, ?3), queuedAt = ?4
      WHERE row = ?1
      """
    case .takeBackAttempt: "UPDATE request SET sends = sends - 1 WHERE row = ?1"
    case .resendRequest:
      """
      UPDATE request SET state = 2, run = ?2, sends = sends + 1, passcode = ?3, crashes = ?4,
        admittedAt = coalesce(admittedAt, ?5), challenge = ?6, nextAttempt = NULL, deadline = ?7
      WHERE row = ?1
      """
    case .recentRequests:
      """
      SELECT row, admittedAt, queuedAt, purpose, state,
        CASE WHEN state IN (13, 14, 16) THEN NOT EXISTS (
          SELECT 1 FROM passcode WHERE passcode.challenge = request.challenge AND passcode.request = request.row)
        ELSE 0 END
      FROM request
      WHERE subjectKey = ?1 AND subject = ?2 AND admittedAt IS NOT NULL ORDER BY admittedAt DESC LIMIT ?3
      """
    case .supersede:
      """
      UPDATE request SET state = 15, endedAt = ?4, nextAttempt = NULL, reason = 'a newer request took its place'
      WHERE subjectKey = ?1 AND subject = ?2 AND admittedAt IS NOT NULL AND purpose = ?3 AND state IN (0, 1)
        AND (queuedAt <= ?5 OR admittedAt > ?4) AND row <> ?6
      RETURNING row
      """
    case .extendChallenge:
      """
      UPDATE request SET expiresAt = max(expiresAt, ?2), purgeAfter = max(purgeAfter, ?3) WHERE row = ?1
      """
    case .challenge:
      """
      SELECT row, idKey, id, subject, address, recipient, tenant, purpose, tries, budget, usedAt, expiresAt
      FROM request WHERE row = ?1
      """
    case .challengeNear:
      """
      SELECT first.row, first.idKey, first.id, first.subject, first.address, first.recipient, first.tenant,
        first.purpose, first.tries, first.budget, first.usedAt, first.expiresAt,
        guest.failures, guest.inARow, guest.lockedUntil, guest.redeemedBy, guest.redeemedAt, guest.purgeAfter,
        asked.idKey = ?1, asked.id = ?2
      FROM request AS asked CROSS JOIN request AS first ON first.row = asked.challenge
        LEFT JOIN guest ON guest.subject = first.subject
      WHERE asked.idKey >= ?1 ORDER BY asked.idKey
      """
    case .passcodes:
      """
      SELECT number, request, madeAt, expiresAt, keyVersion, salt, mac, mayHaveArrived, bootTime FROM passcode
      WHERE challenge = ?1 ORDER BY number
      """
    case .insertPasscode:
      """
      INSERT INTO passcode (challenge, number, request, madeAt, expiresAt, keyVersion, salt, mac, bootTime)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
      """
    case .deletePasscode: "DELETE FROM passcode WHERE challenge = ?1 AND number = ?2"
    case .keepPasscode:
      """
      UPDATE passcode SET mayHaveArrived = 1
      WHERE (challenge, number) = (SELECT challenge, passcode FROM request WHERE row = ?1)
      """
    case .mayHaveArrived:
      """
      SELECT mayHaveArrived FROM passcode
      WHERE (challenge, number) = (SELECT challenge, passcode FROM request WHERE row = ?1)
      """
    case .deleteUnsentPasscode:
      """
      DELETE FROM passcode WHERE mayHaveArrived = 0
        AND (challenge, number) = (SELECT challenge, passcode FROM request WHERE row = ?1)
      """
    case .settle:
      """
      UPDATE request SET state = ?3, replyCode = coalesce(?4, replyCode), enhancedCode = coalesce(?5, enhancedCode),
        replyText = coalesce(?6, replyText), relay = coalesce(?7, relay), locale = coalesce(?8, locale), sentAt = ?9,
        endedAt = ?10, nextAttempt = ?11, sends = sends - ?12,
        reason = CASE ?3 WHEN 16 THEN 'cancelled by hand' END
      WHERE row = ?1 AND state = 2 AND run = ?2
      """
    case .noteKey:
      """
      INSERT INTO recordKey (version, fingerprint, neededUntil) VALUES (?1, ?2, ?3)
      ON CONFLICT (version) DO UPDATE SET neededUntil = max(neededUntil, excluded.neededUntil)
      """
    case .tally: "SELECT times FROM tally WHERE scope = ?1"
    case .setTally:
      """
      INSERT INTO tally (scope, times, purgeAfter) VALUES (?1, ?2, ?3)
      ON CONFLICT (scope) DO UPDATE SET times = excluded.times, purgeAfter = excluded.purgeAfter
      """
    case .guest:
      "SELECT failures, inARow, lockedUntil, redeemedBy, redeemedAt, purgeAfter FROM guest WHERE subject = ?1"
    case .setGuest:
      """
      INSERT INTO guest (subject, failures, inARow, lockedUntil, redeemedBy, redeemedAt, purgeAfter)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
      ON CONFLICT (subject) DO UPDATE SET failures = excluded.failures, inARow = excluded.inARow,
        lockedUntil = excluded.lockedUntil, redeemedBy = excluded.redeemedBy, redeemedAt = excluded.redeemedAt,
        purgeAfter = excluded.purgeAfter
      """
    case .guestNear: "SELECT subject FROM guest WHERE subject >= ?1 ORDER BY subject LIMIT 1"
    case .touchGuest: "UPDATE guest SET touched = 1 - touched WHERE subject = ?1"
    case .touchChallenge: "UPDATE request SET touched = 1 - touched WHERE row = ?1"
    case .countTry: "UPDATE request SET tries = tries + 1 WHERE row = ?1"
    case .returnTry: "UPDATE request SET tries = tries - 1 WHERE row = ?1"
    case .useChallenge:
      """
      UPDATE request SET usedAt = ?2, tries = tries - 1, session = ?3, sessionEnd = ?4, sessionBootTime = ?5,
        purgeAfter = max(purgeAfter, ?4)
      WHERE row = ?1 AND usedAt IS NULL
      """
    case .unuseChallenge: "UPDATE request SET usedAt = NULL, session = NULL, sessionEnd = NULL WHERE row = ?1"
    case .latestChallenge:
      """
      SELECT challenge FROM request
      WHERE subjectKey = ?1 AND subject = ?2 AND admittedAt IS NOT NULL AND purpose = ?3
      ORDER BY admittedAt DESC LIMIT ?4
      """
    case .challengeNearSubject:
      """
      SELECT challenge FROM request WHERE subjectKey >= ?1 AND admittedAt IS NOT NULL ORDER BY subjectKey LIMIT 1
      """
    case .audit:
      """
      INSERT INTO audit (at, event, result, idKey, address, recipient, tenant, detail)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
      """
    case .auditRequest:
      """
      INSERT INTO audit (at, event, result, idKey, address, recipient, tenant, detail)
      SELECT ?2, ?3, ?4, idKey, address, recipient, tenant, ?5 FROM request WHERE row = ?1
      """
    }
  }
}
