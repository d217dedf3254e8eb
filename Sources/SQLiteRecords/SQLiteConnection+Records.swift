internal import LinuxSystem
internal import RecordKeys
internal import Records

extension SQLiteConnection {
  /// Opens the records: journal mode, durability, schema, and whether the keys are the ones they were made with.
  static func records(
    at path: String, keyring: Keyring, busyTimeout: Duration
  ) throws(RecordError) -> SQLiteConnection {
    let wait = busyTimeout.milliseconds
    let connection = try SQLiteConnection(path: path, busyTimeout: Int32(clamping: wait))
    if try connection.number("PRAGMA application_id") != RecordSchema.applicationID {
      try connection.checkIsEmpty()
      // Takes effect in a database without tables only, and must stand before the first. In one that has them it would
      // write a page and sync it at every opening.
      try connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    }
    try connection.executeWaiting("PRAGMA journal_mode = WAL", milliseconds: Int(wait))
    try connection.execute(
      """
      PRAGMA synchronous = NORMAL;
      PRAGMA journal_size_limit = 67108864;
      PRAGMA cache_size = -12288;
      PRAGMA temp_store = MEMORY;
      PRAGMA trusted_schema = OFF;
      """)
    try connection.migrate(keyring)
    try connection.check(keyring)
    return connection
  }

  /// A connection to the file that stands where this one's was opened, where it is another one, or where this one was
  /// found damaged: an operator has put a backup there. Nil where all is as it was. Where no file is there it is waited
  /// for; an empty one is made by a new start alone.
  func successor(
    afterDamage isDamaged: Bool, keyring: Keyring, busyTimeout: Duration
  ) throws(RecordError) -> SQLiteConnection? {
    let isMoved = isMoved
    guard isDamaged || isMoved else { return nil }
    guard FilePath.isThere(path) else {
      throw RecordError(.cannotOpen, path, "was taken away; put it back, or restart what uses it")
    }
    let fresh = try Self.records(at: path, keyring: keyring, busyTimeout: busyTimeout)
    if isMoved { leaveLog() } else { fresh.inheritSync(of: self) }
    return fresh
  }

  /// A database of somebody else's is not touched.
  private func checkIsEmpty() throws(RecordError) {
    guard try number("SELECT count(*) FROM sqlite_schema") == 0 else {
      // Another process may have made the tables since.
      if try number("PRAGMA application_id") == RecordSchema.applicationID { return }
      throw RecordError(
        .notRecords, path, "is a database of another program; point state at a directory of its own")
    }
  }

  private func migrate(_ keyring: Keyring) throws(RecordError) {
    let version = try number("PRAGMA user_version")
    if version == RecordSchema.version { return }
    guard version < RecordSchema.version else { throw newer(version) }
    try transaction { () throws(RecordError) in
      // Read again under the lock: another process may have been first.
      let version = try number("PRAGMA user_version")
      guard version <= RecordSchema.version else { throw newer(version) }
      for step in RecordSchema.steps[Int(version)...] { try execute(step) }
      if version == 0 { try noteFirst(keyring) }
      try execute(
        "PRAGMA application_id = \(RecordSchema.applicationID); PRAGMA user_version = \(RecordSchema.version)"
      )
      FailPoint.schemaUncommitted.pass()
    }
  }

  private func newer(_ version: Int64) -> RecordError {
    RecordError(
      .newerSchema, path,
      "has schema \(version); this program knows up to \(RecordSchema.version). Use the newer program")
  }

  /// New records belong to the keys that are there: where these get lost nobody takes others for them.
  private func noteFirst(_ keyring: Keyring) throws(RecordError) {
    var changes = RecordChanges()
    changes.keys = [
      KeyNeed(version: 0, fingerprint: keyring.address.fingerprint, until: .max),
      KeyNeed(version: keyring.current.version, fingerprint: keyring.current.fingerprint, until: 0),
    ]
    try SQLiteTransaction(connection: self).apply(changes)
  }

  /// A key file swapped for another would make every code "incorrect"; its fingerprint tells.
  private func check(_ keyring: Keyring) throws(RecordError) {
    let known = try keyNeeds().fingerprints
    do throws(KeyFault) { try keyring.check(known) } catch { throw RecordError(error) }
  }

  func keyNeeds() throws(RecordError) -> [KeyNeed] {
    let statement = try prepare("SELECT \(KeyColumn.list) FROM recordKey")
    var needs: [KeyNeed] = []
    while try statement.step() {
      needs.append(
        KeyNeed(
          version: Int(statement.int(KeyColumn.version)), fingerprint: statement.blob(KeyColumn.fingerprint),
          until: statement.int(KeyColumn.neededUntil)))
    }
    return needs
  }
}
