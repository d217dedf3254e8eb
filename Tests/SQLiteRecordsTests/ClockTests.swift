import CodeRequests
import Foundation
import GuestPolicy
import RecordKeys
import RecordsFixture
import Testing

@testable import PasscodeVerifier
@testable import Records
@testable import SQLiteRecords

/// The wall clock set an hour back or forward: nobody gets a longer life or another guess out of it.
@Suite struct ClockTests {
  private static let boot: Int64 = 7
  private static let other: Int64 = 8

  private func settings(boot: Int64 = boot, after milliseconds: Int64) -> VerificationSettings {
    var settings = VerificationSettings(byAddress: true)
    settings.bootTime = { BootTime.stamp(boot: boot, milliseconds: 1_000_000 + milliseconds) }
    return settings
  }

  private func store(_ installation: borrowing Installation) throws -> RecordStore {
    let store = try installation.store()
    store.bootTime = { BootTime.stamp(boot: Self.boot, milliseconds: 1_000_000) }
    return store
  }

  @Test(arguments: [
    // Milliseconds that passed, what the clock says then, whether the code is still good.
    (1_799_999, 1799.999, true), (1_800_000, 1800, false),
    // Set back while the code was out.
    (1_799_999, -1800.001, true), (1_800_000, -1800, false), (1_800_000, 60, false), (7_200_000, 1799, false),
    // Set forward: dead at once, which costs a new code and nothing else.
    (1000, 3601, false),
  ])
  func `lets a passcode live thirty minutes whatever the clock is set to`(
    _ passed: Int64, _ clock: Double, _ isGood: Bool
  ) throws {
    let installation = try Installation()
    let request = try request()
    let ticket = try store(installation).sent(request)
    let verifier = try installation.verifier(settings: settings(after: passed))
    let answer = try verifier.verify(ticket.code, challenge: request.id.rawValue, now: start + clock)
    #expect(isGood ? answer.session != nil : answer == .expired)
    // By address "expired" is told to who has the code.
    let anna = try EmailAddress("anna@example.org")
    if !isGood {
      let answer = try verifier.verify(ticket.code, recipient: anna, now: start + clock)
      #expect(answer.session == nil)
    }
  }

  @Test func `goes by the wall clock alone after a restart of the machine`() throws {
    let installation = try Installation()
    let request = try request()
    let ticket = try store(installation).sent(request)
    let verifier = try installation.verifier(settings: settings(boot: Self.other, after: 9_000_000))
    #expect(
      try verifier.verify(ticket.code, challenge: request.id.rawValue, now: start + 1799.999).session != nil)
  }

  @Test func `lets a session live twenty-four hours whatever the clock is set to`() throws {
    let installation = try Installation()
    let request = try request()
    let ticket = try store(installation).sent(request)
    let session = try #require(
      try installation.verifier(settings: settings(after: 0)).verify(
        ticket.code, challenge: request.id.rawValue, now: start
      ).session)
    let day: Int64 = 86_400_000
    for (passed, isGood) in [(day - 1, true), (day, false)] {
      let verifier = try installation.verifier(settings: settings(after: passed))
      let check = try verifier.session(session.token, now: start + 86400 - 3600)
      #expect((check != .invalid) == isGood)
      if !isGood { #expect(try verifier.endSession(session.token, now: start) == .invalid) }
    }
  }

  @Test(arguments: [-3600.0, 3600.0])
  func `gives no further guess when the clock moves, in a challenge or across them`(_ seconds: Double) throws
  {
    let installation = try Installation()
    let store = try installation.store()
    let verifier = try installation.verifier()
    let (first, second) = (try request(), try request())
    let (one, two) = (try store.sent(first), try store.sent(second, at: start + 1))
    for _ in 0..<5 { _ = try verifier.verify(one.wrong, challenge: first.id.rawValue, now: start + 2) }
    _ = try verifier.verify(two.wrong, challenge: second.id.rawValue, now: start + 3)
    let now = start + 3 + seconds
    #expect(try verifier.verify(one.code, challenge: first.id.rawValue, now: now) == .locked)
    // The other challenge has four left, whatever became of the first; the clock set forward has made its code dead.
    let answer = try verifier.verify(two.wrong, challenge: second.id.rawValue, now: now)
    if seconds < 0 {
      #expect(answer == .incorrect(attemptsLeft: 3))
      #expect(try verifier.verify(two.code, challenge: second.id.rawValue, now: now).session != nil)
    } else {
      #expect(answer == .expired)
    }
  }

  @Test(arguments: [-3600.0, -600, -60, 65])
  func `a clock set back lets nobody ask more often`(seconds: Double) throws {
    let installation = try Installation()
    let store = try installation.store(limits: LimitSettings())
    // As many as one client may ask for.
    for index in 0..<3 {
      _ = try store.sent(try request(), at: start + Double(index) * 31)
    }
    let now = start + seconds
    let admission = try store.admit(AdmissionRequest(try request(), at: now), now: now)
    #expect(throws: NotSent.self) { try admission.ticket }
  }

  @Test func `a clock that ran ahead and was put right holds back nobody for longer than the window`() throws
  {
    let installation = try Installation()
    let store = try installation.store(limits: LimitSettings())
    let (ahead, waiting) = (try request(to: "a@example.org"), try request(to: "b@example.org"))
    let year = start + 365 * 86400
    _ = try store.sent(ahead, at: year)
    try store.settle(try store.ticket(waiting, at: year), .deferred(until: year + 60), at: year)
    // Put right. What is asked for now is newer, and held back as if the other had come now.
    for (name, second, outcome) in [
      ("a", 1.0, Outcome.limited), ("b", 1, .limited), ("a", 32, nil), ("b", 32, nil),
    ] {
      let now = start + second
      let admission = try store.admit(
        AdmissionRequest(try request(to: "\(name)@example.org"), at: now), now: now)
      #expect(try outcome == nil ? admission.ticket.attempt == 1 : admission.settled.outcome == outcome)
    }
    #expect(try store.status(of: waiting.id)?.outcome == .superseded)
  }

  @Test func `a purge pulls back what a clock that ran ahead has made: its code dies, its row goes`() throws {
    let installation = try Installation()
    let store = try installation.store()
    store.bootTime = { nil }
    let ahead = try request()
    let ticket = try store.sent(ahead, at: start + 365 * 86400)
    #expect(try store.purge(now: start) == 0)
    var settings = VerificationSettings(byAddress: true)
    settings.bootTime = { nil }
    let verifier = try installation.verifier(settings: settings)
    let (id, last) = (ahead.id.rawValue, start + 1799.999)
    #expect(try verifier.verify(ticket.wrong, challenge: id, now: last).name == "incorrect")
    #expect(try verifier.verify(ticket.code, challenge: id, now: start + 1800) == .expired)
    #expect(try store.purge(now: start + 1800 + 86400) == 1)
  }

  @Test func `rows stay as long as the longest window, also where that was lengthened since`() throws {
    let installation = try Installation()
    let week = LimitSettings(
      perSubject: [SendLimit(count: 4, window: .seconds(7 * 86400))], perMailbox: [], perClient: [])
    // Two of four are the most for one client; the first is asked for before the window is that long.
    _ = try installation.store(limits: LimitSettings()).sent(try request())
    let store = try installation.store(limits: week)
    _ = try store.sent(try request(), at: start + 60)
    for hour in 1...167 { try store.purge(now: start + Double(hour) * 3600) }
    let now = start + 7 * 86400 - 1
    let limited = try store.admit(AdmissionRequest(try request(), at: now), now: now).settled
    #expect(limited.outcome == .limited && limited.retryAfter == .seconds(1))
    #expect(try store.admit(AdmissionRequest(try request(), at: now + 1), now: now + 1).ticket.attempt == 1)
  }

  @Test func `a clock set back limits nobody for longer than the window from now`() throws {
    let installation = try Installation()
    let store = try installation.store(limits: LimitSettings())
    _ = try store.sent(try request())
    let now = start - 120
    let limited = try store.admit(AdmissionRequest(try request(), at: now), now: now).settled
    #expect(limited.outcome == .limited && limited.retryAfter == .seconds(30))
  }

  @Test func `a clock set back supersedes nobody that comes after, and what comes after supersedes`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let back = start - 120
    // One that was sent, and one that waits for its next try.
    let (sent, waiting, later, resent) = (try request(), try request(), try request(), try request())
    _ = try store.sent(sent)
    try store.settle(try store.ticket(waiting, at: start + 0.5), .deferred(until: start + 5), at: start + 0.5)
    let ticket = try store.admit(AdmissionRequest(later, at: back), now: back).ticket
    #expect(try store.status(of: waiting.id)?.outcome == .superseded)
    // It is put off itself, until the clock has come to where it was, and nobody is newer for that.
    try store.settle(ticket, .deferred(until: start + 10), at: back)
    let again = try store.admit(AdmissionRequest(later, at: back), now: start + 10)
    #expect(try again.ticket.attempt == 2)
    // One that is really newer takes its place all the same.
    try store.settle(try again.ticket, .deferred(until: start + 20), at: start + 10)
    _ = try store.ticket(resent, at: start + 11)
    #expect(
      try store.admit(AdmissionRequest(later, at: back), now: start + 20).settled.outcome == .superseded)
  }

  @Test func `of two that came in one step of the kernel's clock the later goes out`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let requests = try (0..<3).map { _ in try request() }
    let batch = try store.commit(
      settlements: [], admissions: requests.map { AdmissionRequest($0, at: start) }, now: start)
    #expect(try batch[2].ticket.older.isEmpty)
    for admission in batch[..<2] { #expect(try admission.settled.outcome == .superseded) }
  }

  @Test func `the deadline and the place in the queue are those of the first admission`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let first = try request()
    let ticket = try store.ticket(first)
    #expect(ticket.queuedAt == start && ticket.deadline == start + 600)
    try store.settle(ticket, .deferred(until: start + 60))
    // Tried again by hand: the file was renamed, so that the kernel says it is new.
    let moved = AdmissionRequest(first, at: start + 300)
    let second = try store.admit(moved, now: start + 300).ticket
    #expect(second.queuedAt == start && second.deadline == start + 600)
    try store.settle(second, .deferred(until: start + 590), at: start + 300)
    #expect(try store.admit(moved, now: start + 600).settled.outcome == .expired)
  }

  @Test func `the boot's clock goes on and stands beside the passcode`() throws {
    let first = try #require(BootTime.now())
    let second = try #require(BootTime.now())
    #expect(first > 0)
    #expect(try #require(BootTime.elapsed(from: first, to: second)) >= 0)
    #expect(BootTime.elapsed(from: nil, to: second) == nil)
    #expect(
      BootTime.elapsed(
        from: BootTime.stamp(boot: 1, milliseconds: 5), to: BootTime.stamp(boot: 2, milliseconds: 9)) == nil)
    let installation = try Installation()
    let store = try installation.store()
    _ = try store.sent(try request())
    #expect(try store.connection.number("SELECT bootTime FROM passcode") >= second)
  }

  @Test func `takes records of the version before, and lets their codes live by the wall clock`() throws {
    let installation = try Installation()
    let request = try request()
    let ticket = try installation.store().sent(request)
    let connection = try SQLiteConnection(path: installation.database, busyTimeout: 1000)
    try connection.execute(
      """
      \(Self.asOfFour)
      ALTER TABLE passcode DROP COLUMN bootTime; ALTER TABLE request DROP COLUMN sessionBootTime;
      ALTER TABLE request DROP COLUMN cancelledAt; ALTER TABLE request DROP COLUMN touched; ALTER TABLE guest DROP COLUMN touched;
      CREATE TABLE checkCount (row INTEGER PRIMARY KEY, checks INTEGER NOT NULL) STRICT;
      PRAGMA user_version = 1
      """)
    let verifier = try installation.verifier(settings: settings(after: 9_000_000))
    #expect(try connection.number("PRAGMA user_version") == RecordSchema.version)
    #expect(
      try verifier.verify(ticket.code, challenge: request.id.rawValue, now: start + 1799).session != nil)
  }

  /// Takes the sixth step back.
  private static let asOfFive = """
    ALTER TABLE request DROP COLUMN shortID;
    ALTER TABLE request DROP COLUMN sealedRecipient; ALTER TABLE request DROP COLUMN sessionRecipient;
    """

  /// Takes the fifth step back.
  private static let asOfFour = """
    \(asOfFive)
    DROP INDEX requestByMailbox; DROP INDEX requestByClient;
    ALTER TABLE request ADD COLUMN subjectKey INTEGER;
    ALTER TABLE request DROP COLUMN mailboxKey; ALTER TABLE request DROP COLUMN clientKey;
    ALTER TABLE request DROP COLUMN shareKey; ALTER TABLE request DROP COLUMN device;
    ALTER TABLE request DROP COLUMN isForgiven;
    CREATE INDEX requestBySubject ON request (subjectKey, admittedAt) WHERE admittedAt IS NOT NULL;
    ALTER TABLE tally RENAME COLUMN buckets TO times;
    ALTER TABLE guest ADD COLUMN inARow INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE guest ADD COLUMN lockedUntil INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE guest DROP COLUMN devices;
    """

  @Test func `takes records with locks: nobody is locked, who redeemed stays so, and windows go on`() throws {
    let installation = try Installation()
    let address = try EmailAddress("anna@example.org")
    try installation.store().redeem(address, tenant: nil, by: .passcode, now: start)
    _ = try installation.store(limits: LimitSettings()).sent(try request())
    let connection = try SQLiteConnection(path: installation.database, busyTimeout: 1000)
    try connection.execute(
      """
      \(Self.asOfFour)
      UPDATE guest SET inARow = 100, lockedUntil = \((start + 9999).unixMilliseconds);
      INSERT INTO tally VALUES (x'01', x'0000000000000001', 1);
      PRAGMA user_version = 4
      """)
    let store = try installation.store(limits: LimitSettings())
    #expect(try connection.number("SELECT count(*) FROM tally") == 0)
    #expect(try store.redemption(of: address, tenant: nil) == .passcode)
    let spelled = AdmissionRequest(try request(to: "Anna@example.org"), at: start + 1)
    #expect(try store.admit(spelled, now: start + 1).settled.outcome == .limited)
    let asked = try request()
    let ticket = try store.sent(asked, at: start + 31)
    let verifier = try installation.verifier()
    #expect(try verifier.verify(ticket.code, challenge: asked.id.rawValue, now: start + 32).session != nil)
  }

  @Test func `takes records without addresses: what is open goes on, and a resend brings its address`() throws
  {
    let installation = try Installation()
    let (open, resent) = (try request(), try request(to: "bo@example.org"))
    let tickets = try [open, resent].map { try installation.store().sent($0) }
    let connection = try SQLiteConnection(path: installation.database, busyTimeout: 1000)
    try connection.execute("\(Self.asOfFive) PRAGMA user_version = 5")
    let verifier = try installation.verifier()
    _ = try installation.store().sent(
      try request(to: "bo@example.org", challenge: resent.id), at: start + 40)
    #expect(try connection.number("PRAGMA user_version") == RecordSchema.version)
    let anna = try EmailAddress("anna@example.org")
    let other = Expectations(recipient: try EmailAddress("eva@example.org"))
    #expect(
      try verifier.verify(tickets[0].code, challenge: open.id.rawValue, expecting: other, now: start)
        == .unknown)
    // Whose it is follows from the hash, whose address that was does not.
    let guest = try #require(
      verifier.verify(
        tickets[0].code, challenge: open.id.rawValue, expecting: Expectations(recipient: anna),
        now: start + 50
      ).guest)
    #expect(guest.recipient == nil && guest.session != nil)
    let bo = try #require(
      verifier.verify(tickets[1].code, challenge: resent.id.rawValue, now: start + 50).guest)
    #expect(bo.recipient?.rawValue == "bo@example.org")
  }

  @Test func `takes over who was cancelled, by the sentence that stood for it before`() throws {
    let installation = try Installation()
    let requests = [try request(to: "a@example.org"), try request(to: "b@example.org")]
    for request in requests { _ = try installation.store().ticket(request) }
    let connection = try SQLiteConnection(path: installation.database, busyTimeout: 1000)
    try connection.execute(
      """
      \(Self.asOfFour)
      UPDATE request SET reason = 'cancelled by hand' WHERE row = 1;
      ALTER TABLE request DROP COLUMN cancelledAt;
      PRAGMA user_version = 3
      """)
    let store = try installation.store()
    let outcomes = requests.map {
      try? store.admit(AdmissionRequest($0, at: start), now: start).settled.outcome
    }
    #expect(outcomes == [.cancelled, nil])
  }
}
