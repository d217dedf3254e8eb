public import CodeRequests
public import FoundationEssentials
internal import LinuxSystem
internal import RecordKeys

/// Checks the code that somebody typed. This is the part that an auth frontend in Swift imports alone.
///
/// ```swift
/// let verifier = try Verifier(state: "/var/lib/passcode")
/// switch try verifier.verify(TypedCode(typed), challenge: ChallengeID(id)) {
/// case .verified(let session): signIn(session.token.reveal(), until: session.expiresAt)
/// case .incorrect(let left): ask(again: left)
/// case let other: show(other.name)
/// }
/// ```
///
/// Safe in any number of threads and processes at once; threads that share one verifier share its waits for the disk. A
/// code verifies once. An attempt is counted, in a committed
/// transaction, before anything is compared, and the answer is given only when all of it is on disk: neither
/// parallel calls nor a kill between the two give an attempt back.
///
/// Where an operator puts another database in the place of the open one, the next call uses it.
///
/// On failure every call throws a `RecordError` that says what to do; nobody is signed in by an error.
public final class Verifier: Sendable {
  private struct Store: @unchecked Sendable {
    // Sendable: the connection is only touched with the monitor's lock held, but for its log.
    var connection: SQLiteConnection
    /// The records were found damaged: another file may be put in their place.
    var isDamaged = false
  }

  private let store: Monitor<Store>
  private let busyTimeout: Duration
  private let checks = CheckQueue()
  private let log = LogSync()
  let keyring: Keyring
  let settings: VerificationSettings

  /// Whose codes are taken.
  package var policy: SignInPolicy { settings.policy }

  /// Opens the records and keys below a state directory: `records.sqlite` and `keys/`, made where they are missing.
  ///
  /// - Parameters:
  ///   - path: the state directory of the worker's configuration.
  ///   - settings: the same in every process that verifies.
  ///   - busyTimeout: how long a call waits for other processes before it throws `busy`.
  /// - Throws: `RecordError`; code `key` where a key file is missing, damaged or open to others.
  public convenience init(
    state path: String, settings: VerificationSettings = VerificationSettings(),
    busyTimeout: Duration = .seconds(5)
  ) throws(RecordError) {
    let keyring: Keyring
    do throws(KeyFault) { keyring = try Keyring(directory: "\(path)/keys") } catch {
      throw RecordError(error)
    }
    try self.init(
      records: "\(path)/records.sqlite", keyring: keyring, settings: settings, busyTimeout: busyTimeout)
  }

  init(
    records path: String, keyring: Keyring, settings: VerificationSettings = VerificationSettings(),
    busyTimeout: Duration = .seconds(5)
  ) throws(RecordError) {
    self.keyring = keyring
    self.settings = settings
    self.busyTimeout = busyTimeout
    store = Monitor(
      Store(connection: try SQLiteConnection.records(at: path, keyring: keyring, busyTimeout: busyTimeout)))
  }

  /// Checks `code` against the challenge with this id, or that a resend with this id belongs to.
  ///
  /// - Parameters:
  ///   - code: as it was typed; spaces, hyphens and zero-width characters are dropped, other decimal digits folded.
  ///   - id: the id of the request, or of a resend of it; anything that is no id is `.unknown`.
  ///   - now: the present, injectable for tests.
  /// - Returns: what the code turned out to be, durable when this returns.
  public func verify(
    _ code: TypedCode, challenge id: ChallengeID, now: Date = Date()
  ) throws(RecordError) -> Verification {
    try check(code, .id(id.hash), now: now)
  }

  /// Checks `code` against the newest challenge of an address, for frontends that kept no id.
  ///
  /// An address without a challenge gets the same answers as one with: `.incorrect` with attempts that run out, then
  /// `.locked`. `.expired` and `.used` are told only to who types the code that was in the mail.
  ///
  /// - Parameters:
  ///   - recipient: any spelling of the address.
  ///   - tenant: id, name, verified domain or sign-in link, as in the request; nil where none was named. One that the
  ///     policy does not know is `.refused`.
  ///   - purpose: what the code is for.
  public func verify(
    _ code: TypedCode, recipient: EmailAddress, tenant: String? = nil, purpose: Purpose = .signIn,
    now: Date = Date()
  ) throws(RecordError) -> Verification {
    let tenant = settings.policy.tenantID(tenant)
    let subject = Subject(recipient, tenant: tenant, key: keyring.address)
    return try check(
      code, .subject(subject, tenant: tenant, purpose: purpose.rawValue, recipient: recipient.redacted),
      now: now)
  }

  private func check(
    _ code: TypedCode, _ question: VerificationDesk.Question, now: Date
  ) throws(RecordError) -> Verification {
    let attempt = VerificationDesk.Attempt(code: code, question: question, now: now.unixMilliseconds)
    return try checks.verify(attempt, answer: answer, settle: settle)
  }

  /// Answers, not durable yet, and what to wait for.
  typealias Answered = (answers: VerificationDesk.Answers, mark: LogSync.Mark)

  func answer(_ attempts: [VerificationDesk.Attempt]) throws(RecordError) -> Answered {
    try withConnection { connection throws(RecordError) in
      let answers = try desk(connection).answer(attempts)
      return (answers, log.mark(connection))
    }
  }

  /// Waits for the disk while others go on with the connection.
  func settle(_ answered: Answered) throws(RecordError) -> [Result<Verification, RecordError>] {
    FailPoint.attemptAnswered.pass()
    do throws(RecordError) { try sync(answered.mark) } catch {
      store.withLock { desk($0.connection).takeBack(answered.answers) }
      throw error
    }
    FailPoint.attemptDurable.pass()
    return answered.answers.results
  }

  private func desk(_ connection: SQLiteConnection) -> VerificationDesk {
    VerificationDesk(connection: connection, keyring: keyring, settings: settings)
  }

  private func sync(_ mark: LogSync.Mark) throws(RecordError) {
    try log.wait(for: mark) { hasFailed throws(RecordError) in
      try store.withLock { store throws(RecordError) in
        if hasFailed { store.connection.noteUnsynced() }
        try store.connection.sync()
      }
    }
  }

  /// A call with the connection: to the file that stands there now, where an operator has put another one.
  func withConnection<Result>(
    _ body: (SQLiteConnection) throws(RecordError) -> Result
  ) throws(RecordError) -> Result {
    try store.withLock { store throws(RecordError) in
      if let fresh = try store.connection.successor(
        afterDamage: store.isDamaged, keyring: keyring, busyTimeout: busyTimeout)
      {
        store = Store(connection: fresh)
      }
      do throws(RecordError) { return try body(store.connection) } catch {
        store.isDamaged = error.isDamage
        throw error
      }
    }
  }

  /// Whether a session token is good now.
  public func session(_ token: SessionToken, now: Date = Date()) throws(RecordError) -> SessionCheck {
    try withConnection { connection throws(RecordError) in
      try connection.session(token, now: now, bootTime: settings.bootTime())
    }
  }

  /// Ends a session at once, in all processes.
  ///
  /// - Returns: what the session was; `.invalid` where there was nothing to end.
  @discardableResult
  public func endSession(_ token: SessionToken, now: Date = Date()) throws(RecordError) -> SessionCheck {
    let (check, mark) = try withConnection { connection throws(RecordError) in
      let check = try connection.endSession(token, now: now, bootTime: settings.bootTime())
      return (check, log.mark(connection))
    }
    FailPoint.attemptAnswered.pass()
    try sync(mark)
    return check
  }
}
