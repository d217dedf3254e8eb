package import FoundationEssentials

/// Where records are kept: fetches the facts that rules decide by and applies the changes that they decided, both for a
/// whole batch, inside one transaction.
///
/// An engine knows no rule but these three: a transaction's facts stay true until its changes are in; a change of a
/// request that another run is sending changes nothing; right, wrong and unknown codes cost it the same work.
///
/// On failure a transaction leaves nothing behind, and its error says whether the same may be tried again.
package protocol RecordEngine: Sendable {
  /// Runs one transaction. Its changes are seen by all from its return on, and durable when `makeDurable` has returned.
  func transaction<Result>(
    _ body: (any RecordTransaction) throws(RecordError) -> Result
  ) throws(RecordError) -> (result: Result, mark: CommitMark)

  /// Hands over what belongs to one moment. Nothing is changed, and no writer is waited for or held up.
  func look<Result>(
    _ body: (any RecordReader) throws(RecordError) -> Result
  ) throws(RecordError) -> Result

  /// Waits until a commit is durable, together with all who wait: until then nothing of it may be told or acted on.
  func makeDurable(_ mark: CommitMark) throws(RecordError)

  /// What one thread waits for while another goes on with transactions. Nil where `makeDurable` must do it.
  var log: (any RecordLog)? { get }

  /// Another file, or none, stands where the records were opened.
  var isReplaced: Bool { get }

  /// Opens the records anew where others stand in their place, or where they were found damaged.
  ///
  /// - Returns: whether they were opened anew.
  func renew(afterDamage isDamaged: Bool) throws(RecordError) -> Bool

  // MARK: Reading

  /// What is known about the request with this hash of its id.
  func status(of id: [UInt8]) throws(RecordError) -> RequestStatus?

  /// Requests that a search finds, the newest first. May look at every request: operators ask, no mail waits for it.
  func requests(_ search: RequestSearch, limit: Int) throws(RecordError) -> [FoundRequest]

  func guest(_ subject: [UInt8]) throws(RecordError) -> Guest?

  /// Admitted requests of a mailbox, as `AdmissionFacts.mailboxes`.
  func recent(of mailbox: Int64, most: Int) throws(RecordError) -> [RecentRequest]

  /// The sessions whose challenges have ids that begin with these eight bytes.
  func sessions(idKey: Int64) throws(RecordError) -> [SessionFacts]

  /// Which of these, all being sent, somebody wants to end. What it has told once it need not tell again: it costs next to
  /// nothing where nothing has changed since the last call.
  func cancelled(among rows: [Int64]) throws(RecordError) -> Set<Int64>

  /// The keys that records were made with, and until when each is needed; in no order.
  func keyNeeds() throws(RecordError) -> [KeyNeed]

  /// Hands the audit trail to `body`, the oldest line first, until it returns false.
  func forEachAuditRecord(
    since: Date?, address: Int64?, idKey: Int64?, _ body: (AuditRecord) -> Bool
  ) throws(RecordError)

  /// Removes rows that have served in one short transaction.
  ///
  /// Requests that a clock which ran ahead admitted are pulled back to now on the way. A challenge stays as long as one of
  /// its resends.
  ///
  /// - Parameters:
  ///   - admittedBefore: requests that were admitted later are still held against somebody, and stay.
  ///   - auditBefore: lines of the audit trail from before then are removed.
  ///   - limit: how many rows of each table are looked at.
  ///   - noting: is handed the admitted requests that go, while they are there; what it wants changed is changed with them.
  /// - Returns: how many are gone, and whether every table has been walked to its end.
  func purge(
    at now: Int64, admittedBefore: Int64, auditBefore: Int64, limit: Int,
    noting: ([RecentRequest], any RecordReader) throws(RecordError) -> RecordChanges
  ) throws(RecordError) -> (removed: Int, isOver: Bool)

  /// Removes the oldest stray checks (`AuditLine.isStrayCheck`) from the audit trail in one short transaction, down to
  /// `most`.
  ///
  /// - Parameter limit: how many lines are looked at, once for counting them and once for removing.
  /// - Returns: how many are gone, and whether there is nothing more to do.
  func purgeStrayChecks(most: Int, limit: Int) throws(RecordError) -> (removed: Int, isOver: Bool)
}

/// What an engine has, as of one moment.
package protocol RecordReader {
  func facts(for question: AdmissionQuestion) throws(RecordError) -> AdmissionFacts
  /// Before attempts are counted.
  func facts(for questions: [AttemptQuestion]) throws(RecordError) -> [AttemptFacts]
  /// Before attempts are concluded.
  func facts(for questions: [ConclusionQuestion]) throws(RecordError) -> [ConclusionFacts]
  func request(_ id: [UInt8]) throws(RecordError) -> RequestFacts?
  /// The first of as many numbers as are wanted that no request has. Of two requests of one subject the later has the
  /// higher number.
  func freeRow() throws(RecordError) -> Int64
  func guest(_ subject: [UInt8]) throws(RecordError) -> Guest?
  /// Admitted requests of a mailbox, the newest first, and behind the `most` newest those that have no outcome yet.
  func recent(of mailbox: Int64, most: Int) throws(RecordError) -> [RecentRequest]
  func sessions(idKey: Int64) throws(RecordError) -> [SessionFacts]
  /// Of the last `most` requests that mailed a code within a time, how many there are, and whose code nobody has used.
  ///
  /// - Parameters:
  ///   - start: when they were admitted at the earliest.
  ///   - end: and at the latest.
  func mailed(
    from start: Int64, to end: Int64, most: Int
  ) throws(RecordError) -> (mailed: Int, unused: Int)
}

/// One transaction of an engine.
package protocol RecordTransaction: RecordReader {
  func apply(_ changes: RecordChanges) throws(RecordError)
}

/// A commit, in the order they were made.
package struct CommitMark: Sendable {
  package let number: Int
  /// What stood for durability when it was made; an engine's own.
  package let log: (any Sendable)?

  package init(number: Int, log: (any Sendable)? = nil) {
    self.number = number
    self.log = log
  }
}

/// What a thread waits for on behalf of another that goes on with the records.
package protocol RecordLog: Sendable {
  /// False where it failed: nothing that was committed since the last success may be taken for durable.
  func sync() -> Bool
}
