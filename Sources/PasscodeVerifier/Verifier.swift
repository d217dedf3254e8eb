public import CodeRequests
public import FoundationEssentials
internal import LinuxSystem
package import RecordKeys
package import Records
internal import SQLiteRecords

/// Checks the code that somebody typed. This is the part that an auth frontend in Swift imports alone.
///
/// ```swift
/// let verifier = try Verifier(state: "/var/lib/passcode")
/// let expected = Expectations(recipient: address, purpose: .signIn)
/// switch try verifier.verify(TypedCode(typed), challenge: ChallengeID(id), expecting: expected) {
/// case .verified(let guest): signIn(guest.recipient, guest.session?.token.reveal())
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
  package let engine: any RecordEngine
  /// How the last call found the records.
  private let health = Monitor(Health())
  private let onEvent: (@Sendable (VerifierEvent) -> Void)?
  private let checks = CheckQueue()
  let keyring: Keyring
  let settings: VerificationSettings

  private struct Health {
    /// Others may be put in their place.
    var isDamaged = false
    var isInTrouble = false
  }

  /// Whose codes are taken.
  package var policy: SignInPolicy { settings.policy }

  /// Opens the records and keys below a state directory: `records.sqlite` and `keys/`, made where they are missing.
  ///
  /// - Parameters:
  ///   - path: the state directory of the worker's configuration.
  ///   - settings: the same in every process that verifies.
  ///   - busyTimeout: how long a call waits for other processes before it throws `busy`.
  ///   - onEvent: is told what happens, for metrics and logs; called on the caller's thread, by any number at once.
  /// - Throws: `RecordError`; code `key` where a key file is missing, damaged, open to others or not the one that the
  ///   records were made with.
  public convenience init(
    state path: String, settings: VerificationSettings = VerificationSettings(),
    busyTimeout: Duration = .seconds(5), onEvent: (@Sendable (VerifierEvent) -> Void)? = nil
  ) throws(RecordError) {
    let records = "\(path)/records.sqlite"
    let keyring: Keyring
    do throws(KeyFault) { keyring = try Keyring(directory: "\(path)/keys", ofRecordsAt: records) } catch {
      throw RecordError(error)
    }
    let engine = try SQLiteEngine(path: records, keyring: keyring, busyTimeout: busyTimeout)
    self.init(engine: engine, keyring: keyring, settings: settings, onEvent: onEvent)
  }

  /// For a process that has the records open already, or keeps them elsewhere.
  package init(
    engine: any RecordEngine, keyring: Keyring, settings: VerificationSettings = VerificationSettings(),
    onEvent: (@Sendable (VerifierEvent) -> Void)? = nil
  ) {
    self.engine = engine
    self.keyring = keyring
    self.settings = settings
    self.onEvent = onEvent
  }

  /// Checks `code` against the challenge with this id, or that a resend with this id belongs to.
  ///
  /// - Parameters:
  ///   - code: as it was typed; spaces, hyphens and zero-width characters are dropped, other decimal digits folded.
  ///   - id: the id of the request, or of a resend of it; anything that is no id is `.unknown`.
  ///   - expected: what the challenge must be. Without it, only the answer tells whose code it was: a frontend that let the
  ///     browser keep the id must compare it.
  ///   - now: the present, injectable for tests.
  /// - Returns: what the code turned out to be, durable when this returns.
  public func verify(
    _ code: TypedCode, challenge id: ChallengeID, expecting expected: Expectations = Expectations(),
    now: Date = Date()
  ) throws(RecordError) -> Verification {
    try check(code, .id(id.hash, expecting: expected.resolved(by: settings.policy)), now: now)
  }

  /// Checks `code` against the newest open challenges of an address, all of them, for frontends that kept no id. An attempt
  /// is counted at each that it is compared with.
  ///
  /// An address without a challenge gets the same answers as one with: `.incorrect` with attempts that run out, then
  /// `.locked`. `.expired` and `.used` are told only to who types the code that was in the mail.
  ///
  /// - Parameters:
  ///   - recipient: any spelling of the address.
  ///   - tenant: id, name, verified domain or sign-in link, as in the request; nil where none was named. One that the
  ///     policy does not know is `.refused`.
  ///   - purpose: what the code is for.
  /// - Throws: code `byAddressOff` unless `VerificationSettings.byAddress` is on: anybody who knows an address could use up
  ///   its attempts.
  public func verify(
    _ code: TypedCode, recipient: EmailAddress, tenant: String? = nil, purpose: Purpose = .signIn,
    now: Date = Date()
  ) throws(RecordError) -> Verification {
    try checkByAddress()
    let tenant = settings.policy.tenantID(tenant)
    let subject = Subject(recipient, tenant: tenant, key: keyring.address)
    return try check(
      code, .subject(subject, tenant: tenant, purpose: purpose.rawValue, recipient: recipient.redacted),
      now: now)
  }

  /// Whether codes are taken by address alone.
  package func checkByAddress() throws(RecordError) {
    guard !settings.byAddress else { return }
    throw RecordError(
      .byAddressOff, "",
      "verification by address alone is off, since anybody who knows an address could use up its attempts; give the challenge's id, or set verification: { byAddress: true } in the configuration"
    )
  }

  private func check(
    _ code: TypedCode, _ question: AttemptQuestion, now: Date
  ) throws(RecordError) -> Verification {
    let began = onEvent == nil ? nil : ContinuousClock.now
    let attempt = VerificationDesk.Attempt(code: code, question: question, now: now.unixMilliseconds)
    let verification = try checks.verify(attempt, answer: answer, makeDurable: makeDurable)
    if let began { onEvent?(.checked(verification.answer, took: .now - began)) }
    return verification
  }

  /// Answers, not durable yet.
  package func answer(_ attempts: [VerificationDesk.Attempt]) throws(RecordError) -> VerificationDesk.Answers
  {
    let latest = attempts.map(\.now).max() ?? 0
    let desk = desk(at: Date(unixMilliseconds: latest))
    return try withEngine { _ throws(RecordError) in try desk.answer(attempts) }
  }

  /// Waits for the disk while others go on with the records.
  package func makeDurable(
    _ answers: VerificationDesk.Answers
  ) throws(RecordError) -> [Result<Verification, RecordError>] {
    FailPoint.attemptAnswered.pass()
    do throws(RecordError) { try makeDurable(answers.mark) } catch {
      desk(at: Date()).takeBack(answers)
      throw error
    }
    FailPoint.attemptDurable.pass()
    return answers.results
  }

  private func desk(at now: Date) -> VerificationDesk {
    VerificationDesk(engine: engine, rules: settings.rules(keyring, now: now))
  }

  /// A call of the records: of those that stand there now, where an operator has put others.
  private func withEngine<Result>(
    _ body: (any RecordEngine) throws(RecordError) -> Result
  ) throws(RecordError) -> Result {
    do throws(RecordError) {
      if try engine.renew(afterDamage: health.withLock { $0.isDamaged }) { onEvent?(.recordsRenewed) }
      let result = try body(engine)
      noteMended()
      return result
    } catch {
      note(error)
      throw error
    }
  }

  private func makeDurable(_ mark: CommitMark) throws(RecordError) {
    do throws(RecordError) { try engine.makeDurable(mark) } catch {
      note(error)
      throw error
    }
  }

  private func note(_ error: RecordError) {
    let isNew = health.withLock { health in
      health.isDamaged = error.isDamage
      defer { health.isInTrouble = true }
      return !health.isInTrouble
    }
    if isNew { onEvent?(.storageError(error.code)) }
  }

  private func noteMended() {
    let wasInTrouble = health.withLock { health in
      defer { health = Health() }
      return health.isInTrouble
    }
    if wasInTrouble { onEvent?(.storageRecovered) }
  }

  /// Whether a session token is good now.
  public func session(_ token: SessionToken, now: Date = Date()) throws(RecordError) -> SessionCheck {
    let bootTime = settings.bootTime()
    let check = try withEngine { engine throws(RecordError) in
      try SessionDesk(engine: engine, bootTime: bootTime).check(token, now: now)
    }
    onEvent?(.sessionChecked(isValid: check != .invalid))
    return check
  }

  /// Ends a session at once, in all processes.
  ///
  /// - Returns: what the session was; `.invalid` where there was nothing to end.
  @discardableResult
  public func endSession(_ token: SessionToken, now: Date = Date()) throws(RecordError) -> SessionCheck {
    let bootTime = settings.bootTime()
    let (check, mark) = try withEngine { engine throws(RecordError) in
      try SessionDesk(engine: engine, bootTime: bootTime).end(token, now: now)
    }
    guard let mark else { return check }
    FailPoint.attemptAnswered.pass()
    try makeDurable(mark)
    if check != .invalid { onEvent?(.sessionEnded) }
    return check
  }
}
