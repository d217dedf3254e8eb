internal import CodeRequests
package import FoundationEssentials
internal import LinuxSystem
package import RecordKeys

extension RecordStore {
  /// Removes a bounded number of rows that have served, in short transactions, so that verification never waits for
  /// more than one of them; called now and then.
  ///
  /// Rows of the audit trail lie in the order of time and all live as long, so the oldest are looked at. The other tables
  /// are walked in circles: some rows of requests outlive thousands that came after them.
  ///
  /// - Parameter limit: how many rows of each table are looked at.
  /// - Returns: how many rows were removed. As long as that is near `limit`, there is more to do.
  @discardableResult
  package func purge(now: Date, limit: Int = 500) throws(RecordError) -> Int {
    var removed = 0
    for done in stride(from: 0, to: limit, by: Self.mostInStep) {
      let (gone, isOver) = try engine.purge(
        at: now.unixMilliseconds,
        admittedBefore: now.unixMilliseconds - rules.limits.longestWindow.milliseconds,
        auditBefore: now.unixMilliseconds - rules.retention.audit.milliseconds,
        limit: min(Self.mostInStep, limit - done)
      ) { (leaving, reader) throws(RecordError) in
        try notes(of: leaving, reader, now: now.unixMilliseconds)
      }
      removed += gone
      // Once around every table, and nothing was there.
      if gone == 0, isOver { break }
    }
    return removed
  }

  /// Keeps of requests that go whose code nobody has used: it makes a subject's next codes longer for 30 days.
  private func notes(
    of leaving: [RecentRequest], _ reader: any RecordReader, now: Int64
  ) throws(RecordError) -> RecordChanges {
    var changes = RecordChanges()
    guard rules.settings.mayDiffer else { return changes }
    let bySubject = Dictionary(grouping: leaving) { UnusedCodes.scope($0.subject) }
    var question = AdmissionQuestion()
    question.scopes = Array(bySubject.keys)
    let tallies = try reader.facts(for: question).tallies
    for (scope, tally) in zip(question.scopes, tallies) {
      var unused = UnusedCodes(tally)
      guard unused.note(bySubject[scope] ?? [], now: now) else { continue }
      changes.tallies.append((scope, unused.tally, now + LongerCodes.window.milliseconds))
    }
    return changes
  }

  /// Rows of each table that one transaction looks at: a few milliseconds with the write lock.
  static let mostInStep = 500

  /// What `keys list` tells about one key.
  package struct KeyUse: Sendable {
    package let key: Keyring.Entry
    /// When the last record made with it will have been purged; nil: none was ever made.
    package let neededUntil: Date?
  }

  package func keyUses() throws(RecordError) -> [KeyUse] {
    var ends: [Int: Int64] = [:]
    for need in try engine.keyNeeds() where need.until > 0 { ends[need.version] = need.until }
    return keyring.entries.map { entry in
      KeyUse(key: entry, neededUntil: ends[entry.version].map { Date(unixMilliseconds: $0) })
    }
  }

  /// Makes a new key for new codes. The records know it from now on, so that it is missed where it gets lost.
  package func rotateKeys(now: Date) throws(RecordError) -> Keyring.Entry {
    let made: Keyring.Entry
    do throws(KeyFault) { made = try keyring.rotate(now: now) } catch { throw RecordError(error) }
    var changes = RecordChanges()
    changes.keys = [KeyNeed(version: made.version, fingerprint: keyring.current.fingerprint, until: 0)]
    try durably { transaction throws(RecordError) in try transaction.apply(changes) }
    return made
  }

  /// Deletes keys that were retired and that no record needs any more.
  ///
  /// A key that never made a record is kept for a day, since a code may have been sealed with it that still waits.
  ///
  /// - Returns: the versions that are gone.
  @discardableResult
  package func deleteUnusedKeys(now: Date) throws(RecordError) -> [Int] {
    do throws(KeyFault) { try keyring.reload() } catch { throw RecordError(error) }
    var deleted: [Int] = []
    let uses = try keyUses()
    for (index, use) in uses.enumerated() where !use.key.isCurrent {
      // The key was in use until the next one was made.
      let retired = uses[index + 1].key.created.addingTimeInterval(86400)
      guard retired <= now, (use.neededUntil ?? retired) <= now else { continue }
      do throws(KeyFault) { try keyring.delete(version: use.key.version) } catch { throw RecordError(error) }
      var changes = RecordChanges()
      changes.forgottenKeys = [use.key.version]
      _ = try engine.transaction { transaction throws(RecordError) in try transaction.apply(changes) }
      deleted.append(use.key.version)
    }
    return deleted
  }
}
