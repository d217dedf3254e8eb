internal import Records

/// The tables, and the steps from one version of them to the next. `user_version` says which steps a file has seen.
///
/// Times are milliseconds since 1970-01-01 UTC. Ids are SHA-256, addresses and subjects HMAC-SHA-256 under the
/// address key, passcodes HMAC-SHA-256 under the key of `keyVersion`, but for those that are only mailed; `recipient` is redacted.
package enum RecordSchema {
  /// "PcdM": says that a database is one of this program's.
  package static let applicationID: Int64 = 0x5063_644D
  package static let version = Int64(steps.count)

  /// Step n leads from version n to n + 1. A step that has been released is never edited.
  package static let steps = [first, second, third, fourth, fifth, sixth, seventh]

  // request: one row a request, in the order of admission. A request that is no resend is also a challenge, and every
  // request of a challenge names the row of the first in `challenge`; tries, budget, usedAt, expiresAt and session
  // count in that row alone. A second table would cost a write a mail and say nothing more.
  // admittedAt is NULL until a request passed the limits: limited ones neither count nor fill the index.
  // run names the process that is sending it.
  // tally: the times of the last requests of a client or tenant, 8 bytes each, the newest last.
  // guest: wrong codes and locks of a subject; failures holds times of 8 bytes, the newest last.
  private static let first = """
    CREATE TABLE request (
      row INTEGER PRIMARY KEY,
      idKey INTEGER NOT NULL,
      id BLOB NOT NULL,
      challenge INTEGER NOT NULL,
      subjectKey INTEGER,
      subject BLOB,
      address INTEGER,
      recipient TEXT,
      tenant TEXT,
      purpose TEXT NOT NULL,
      queuedAt INTEGER NOT NULL,
      deadline INTEGER NOT NULL,
      admittedAt INTEGER,
      state INTEGER NOT NULL,
      run INTEGER NOT NULL DEFAULT 0,
      sends INTEGER NOT NULL DEFAULT 0,
      crashes INTEGER NOT NULL DEFAULT 0,
      passcode INTEGER,
      tries INTEGER NOT NULL DEFAULT 0,
      budget INTEGER NOT NULL,
      usedAt INTEGER,
      session BLOB,
      sessionEnd INTEGER,
      expiresAt INTEGER NOT NULL,
      reason TEXT,
      method TEXT,
      url TEXT,
      retryAt INTEGER,
      replyCode INTEGER,
      enhancedCode TEXT,
      replyText TEXT,
      relay TEXT,
      locale TEXT,
      sentAt INTEGER,
      endedAt INTEGER,
      nextAttempt INTEGER,
      purgeAfter INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX requestByID ON request (idKey);
    CREATE INDEX requestBySubject ON request (subjectKey, admittedAt) WHERE admittedAt IS NOT NULL;

    CREATE TABLE passcode (
      challenge INTEGER NOT NULL,
      number INTEGER NOT NULL,
      request INTEGER NOT NULL,
      madeAt INTEGER NOT NULL,
      expiresAt INTEGER NOT NULL,
      keyVersion INTEGER NOT NULL,
      salt BLOB NOT NULL,
      mac BLOB NOT NULL,
      mayHaveArrived INTEGER NOT NULL DEFAULT 0,
      PRIMARY KEY (challenge, number)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE recordKey (
      version INTEGER PRIMARY KEY,
      fingerprint BLOB NOT NULL,
      neededUntil INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE tally (
      scope BLOB PRIMARY KEY,
      times BLOB NOT NULL,
      purgeAfter INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE guest (
      subject BLOB PRIMARY KEY,
      failures BLOB NOT NULL,
      inARow INTEGER NOT NULL DEFAULT 0,
      lockedUntil INTEGER NOT NULL DEFAULT 0,
      redeemedBy TEXT,
      redeemedAt INTEGER,
      purgeAfter INTEGER
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE audit (
      row INTEGER PRIMARY KEY,
      at INTEGER NOT NULL,
      event TEXT NOT NULL,
      result TEXT NOT NULL,
      idKey INTEGER,
      address INTEGER,
      recipient TEXT,
      tenant TEXT,
      detail TEXT
    ) STRICT;

    -- One row, written when a check finds nothing to count at, so that both cost one page.
    CREATE TABLE checkCount (row INTEGER PRIMARY KEY, checks INTEGER NOT NULL) STRICT;
    INSERT INTO checkCount VALUES (1, 0);
    """

  // bootTime: when it was made on the clock that nobody sets, so that setting the other one back lets nothing live
  // longer. NULL in rows made before: those go by the wall clock alone.
  private static let second = """
    ALTER TABLE passcode ADD COLUMN bootTime INTEGER;
    ALTER TABLE request ADD COLUMN sessionBootTime INTEGER;
    """

  // touched: turned over in some row when a check has nothing to count, so that it writes pages like those of a check
  // that has. One row that stood for all of them is not needed any more.
  private static let third = """
    ALTER TABLE request ADD COLUMN touched INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE guest ADD COLUMN touched INTEGER NOT NULL DEFAULT 0;
    DROP TABLE checkCount;
    """

  // cancelledAt: when somebody asked for its end while it was being sent. The mark was a sentence in `reason` before.
  private static let fourth = """
    ALTER TABLE request ADD COLUMN cancelledAt INTEGER;
    UPDATE request SET cancelledAt = queuedAt WHERE state = 2 AND reason = 'cancelled by hand';
    """

  // mailboxKey, clientKey, shareKey: who is counted by a request; HMACs under the address key. device: the first bytes of
  // the hash of the device that it came with. isForgiven: an operator has opened the windows since.
  // The mailbox of an address without additions is that address. What was counted of clients and tenants begins anew.
  // guest: nobody is locked any more; devices holds hashes of tokens and times, 40 bytes each.
  private static let fifth = """
    ALTER TABLE request ADD COLUMN mailboxKey INTEGER;
    ALTER TABLE request ADD COLUMN clientKey INTEGER;
    ALTER TABLE request ADD COLUMN shareKey INTEGER;
    ALTER TABLE request ADD COLUMN device INTEGER;
    ALTER TABLE request ADD COLUMN isForgiven INTEGER NOT NULL DEFAULT 0;
    UPDATE request SET mailboxKey = address;
    DROP INDEX requestBySubject;
    ALTER TABLE request DROP COLUMN subjectKey;
    CREATE INDEX requestByMailbox ON request (mailboxKey, admittedAt) WHERE admittedAt IS NOT NULL;
    CREATE INDEX requestByClient ON request (clientKey, admittedAt)
      WHERE clientKey IS NOT NULL AND admittedAt IS NOT NULL;
    DELETE FROM tally;
    ALTER TABLE tally RENAME COLUMN times TO buckets;
    ALTER TABLE guest DROP COLUMN inARow;
    ALTER TABLE guest DROP COLUMN lockedUntil;
    ALTER TABLE guest ADD COLUMN devices BLOB NOT NULL DEFAULT x'';
    """

  // sealedRecipient: who a challenge is for, closed for its row under a versioned key; sessionRecipient: the same for a
  // session, closed under its token. NULL in rows made before. budget 0: the code is not verified here.
  private static let sixth = """
    ALTER TABLE request ADD COLUMN sealedRecipient BLOB;
    ALTER TABLE request ADD COLUMN sessionRecipient BLOB;
    """

  // shortID: the first 8 characters of the id, which the log names it by: 48 of its 128 random bits or more. NULL in rows
  // made before. Without an index: operators search by it, and no mail waits for that.
  private static let seventh = """
    ALTER TABLE request ADD COLUMN shortID TEXT;
    """
}
