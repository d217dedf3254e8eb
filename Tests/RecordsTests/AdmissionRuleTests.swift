import CodeRequests
import Foundation
import GuestPolicy
import RecordKeys
import RecordsFixture
import TestSupport
import Testing

@testable import Records

/// The rules of admission, over facts that are written down: no engine is there to be asked.
@Suite struct AdmissionRuleTests {
  private let keys: KeyFolder
  private var keyring: Keyring { keys.keyring }

  init() throws { keys = try KeyFolder() }

  private func request(
    to address: String = "anna@example.org", challenge: RequestID? = nil, ip: String? = nil,
    device: DeviceToken? = nil
  ) throws -> CodeRequest {
    CodeRequest(
      id: .random(), recipient: try EmailAddress(address), challenge: challenge, code: try Passcode("123456"),
      client: ip.map { CodeRequest.Client(ip: $0) }, device: device)
  }

  private func admission(
    _ request: CodeRequest, queuedAt: Date = start, deadline: Date = start + 600, isAlone: Bool = false,
    decide: @escaping @Sendable (Redemption) -> AdmissionRequest.Decision = { _ in .allowed }
  ) -> AdmissionRequest {
    AdmissionRequest(
      request: request, queuedAt: queuedAt, deadline: deadline, isAlone: isAlone, decide: decide)
  }

  /// Decides a batch of which nothing is known but what `body` says.
  private func decide(
    _ admissions: [AdmissionRequest] = [], settlements: [Settlement] = [],
    rules: RecordRules = RecordRules(broughtCodes: .verify),
    unsynced: Set<Int64> = [],
    _ body: (AdmissionQuestion, inout AdmissionFacts) -> Void = { _, _ in }
  ) throws -> AdmissionDesk.Decision {
    let batch = AdmissionBatch(
      settlements: settlements, admissions: admissions, rules: rules, keyring: keyring, run: 5)
    var facts = AdmissionFacts()
    facts.requests = batch.question.ids.map { _ in nil }
    facts.guests = batch.question.subjects.map { _ in Guest() }
    facts.mailboxes = batch.question.mailboxes.map { _ in [] }
    facts.clients = batch.question.clients.map { _ in [] }
    facts.tallies = batch.question.scopes.map { _ in Tally() }
    facts.settlements = batch.question.settlements.map { _ in nil }
    facts.freeRow = 100
    body(batch.question, &facts)
    var random = RandomBytes()
    return AdmissionDesk.decide(
      batch, facts: facts,
      AdmissionDesk.Circumstances(
        rules: rules, keyring: keyring, key: keyring.current, now: now, bootTime: nil, run: 5,
        unsynced: unsynced), random: &random)
  }

  private func known(
    _ subject: Subject, row: Int64 = 1, state: RequestState, run: Int64 = 5, crashes: Int64 = 0,
    challenge: Int64 = 1, cancelledAt: Int64? = nil, admittedAt: Int64? = now - 1000
  ) -> RequestFacts {
    RequestFacts(
      row: row, state: state, run: run, crashes: crashes, sends: 1, challenge: challenge, passcode: 1,
      subject: subject.hash, admittedAt: admittedAt, queuedAt: now - 2000, deadline: now + 9000,
      cancelledAt: cancelledAt, reason: "why")
  }

  private func recent(
    _ row: Int64, of subject: Subject, at time: Int64, state: RequestState = .sent, queuedAt: Int64? = nil,
    asker: Asker = .unknown, isUndelivered: Bool = false, isUsed: Bool = false, isForgiven: Bool = false
  ) -> RecentRequest {
    RecentRequest(
      row: row, idKey: row, subject: subject.hash, challenge: row, admittedAt: time,
      queuedAt: queuedAt ?? time, purpose: "sign-in", state: state, asker: asker,
      isUndelivered: isUndelivered, isUsed: isUsed, isForgiven: isForgiven)
  }

  private func challenge(
    _ subject: Subject, tries: Int64 = 0, usedAt: Int64? = nil, expiresAt: Int64 = now + 60_000,
    purpose: String = "sign-in", passcodes: [PasscodeRecord] = [passcode(1, of: 1)]
  ) -> ChallengeFacts {
    ChallengeFacts(
      challenge: Challenge(
        row: 1, idKey: 1, id: hash(9), subject: subject.hash, address: 1, recipient: "a", tenant: nil,
        purpose: purpose, tries: tries, budget: 5, usedAt: usedAt, expiresAt: expiresAt),
      passcodes: passcodes)
  }

  private func words(_ admission: Admission) -> String {
    switch admission {
    case .send(let ticket): "send \(ticket.attempt)"
    case .settled(let settled):
      "\(settled.outcome.map { "\($0)" } ?? "nothing")\(settled.isDuplicate ? " again" : "")"
    case .suspect: "suspect"
    case .postponed: "postponed"
    }
  }

  @Test func `sends what nothing is known of: a request, its passcode, a line, and the keys they need`()
    throws
  {
    let decision = try decide([admission(try request())])
    #expect(words(decision.admissions[0]) == "send 1")
    let changes = decision.changes
    #expect(changes.inserted.map(\.row) == [100] && changes.inserted[0].state == .sending)
    #expect(changes.inserted[0].run == 5 && changes.inserted[0].challenge == 100)
    #expect(changes.passcodes.map(\.challenge) == [100] && changes.passcodes[0].record.number == 1)
    #expect(changes.audit.map(\.result) == ["send"])
    #expect(changes.keys.map(\.version) == [1, 0])
    #expect(changes.resumed.isEmpty && changes.ended.isEmpty && changes.keptPasscodes.isEmpty)
  }

  /// A request that is known, and what comes of it.
  struct Case: Sendable, CustomTestStringConvertible {
    let state: RequestState
    var run: Int64 = 5
    var live: Set<Int64> = []
    var crashes: Int64 = 0
    var cancelledAt: Int64?
    var isAlone = false
    var isUnsynced = false
    let answer: String
    var keeps = false
    var testDescription: String { "\(state) run \(run) crashes \(crashes) → \(answer)" }
  }

  @Test(arguments: [
    Case(state: .sent, answer: "sent again"), Case(state: .failed, run: 6, answer: "failed again"),
    Case(state: .sending, answer: "nothing again"),
    Case(state: .sending, isUnsynced: true, answer: "send 1"),
    Case(state: .sending, run: 6, answer: "send 2", keeps: true),
    Case(state: .sending, run: 6, live: [6], answer: "postponed"),
    Case(state: .sending, run: 6, live: [7], answer: "send 2", keeps: true),
    Case(state: .deferred, run: 6, live: [6], answer: "postponed"),
    Case(state: .deferred, run: 6, answer: "send 2"), Case(state: .queued, answer: "send 2"),
    Case(state: .sending, run: 6, crashes: 1, answer: "suspect", keeps: true),
    Case(state: .sending, run: 6, crashes: 1, isAlone: true, answer: "send 2", keeps: true),
    Case(state: .sending, run: 6, crashes: 2, isAlone: true, answer: "failed", keeps: true),
    Case(state: .sending, run: 6, cancelledAt: now, answer: "cancelled", keeps: true),
    Case(state: .sending, run: 6, crashes: 2, cancelledAt: now, answer: "cancelled", keeps: true),
    Case(state: .deferred, cancelledAt: now, answer: "cancelled"),
    Case(state: .sending, cancelledAt: now, answer: "nothing again"),
  ])
  func `a known request goes on from where it stands`(item: Case) throws {
    let decision = try decide(
      [admission(try request(), isAlone: item.isAlone)], unsynced: item.isUnsynced ? [1] : []
    ) { question, facts in
      let subject = question.subjects[0]
      facts.requests[0] = known(
        subject, state: item.state, run: item.run, crashes: item.crashes, cancelledAt: item.cancelledAt)
      facts.challenges[1] = challenge(subject)
      facts.liveRuns = item.live
    }
    #expect(words(decision.admissions[0]) == item.answer)
    #expect(decision.changes.keptPasscodes.contains(PasscodePlace(challenge: 1, number: 1)) == item.keeps)
    #expect(decision.changes.removedPasscodes.count == (item.isUnsynced ? 1 : 0))
    #expect(decision.changes.inserted.isEmpty)
  }

  @Test func `a resend of somebody else's id is rejected`() throws {
    let decision = try decide([admission(try request())]) { question, facts in
      facts.requests[0] = known(Subject(hash: hash(3), address: 1), state: .deferred)
    }
    #expect(words(decision.admissions[0]) == "rejected")
    #expect(decision.changes.audit.isEmpty)
  }

  @Test(arguments: [
    ("deadline", "expired"), ("policy", "refused"), ("newer", "superseded"), ("window", "limited"),
  ])
  func `each rule ends a request in its turn, and leaves a row that says so`(rule: String, outcome: String)
    throws
  {
    let admission = admission(
      try request(), queuedAt: start - 60, deadline: rule == "deadline" ? start : start + 600
    ) { _ in rule == "policy" ? .refused(method: "google", url: nil, rule: "federated") : .allowed }
    let decision = try decide([admission]) { question, facts in
      let subject = question.subjects[0]
      if rule == "newer" {
        facts.mailboxes[0] = [recent(1, of: subject, at: now - 40_000, queuedAt: now - 50_000)]
      }
      if rule == "window" {
        facts.mailboxes[0] = [recent(1, of: subject, at: now - 29_000, queuedAt: now - 90_000)]
      }
    }
    #expect(words(decision.admissions[0]) == outcome)
    #expect(decision.changes.inserted.map { "\($0.state)" } == [outcome])
    #expect(decision.changes.inserted[0].admittedAt == nil && decision.changes.inserted[0].endedAt == now)
    #expect(decision.changes.audit.map(\.result) == [outcome])
    #expect(decision.changes.passcodes.isEmpty && decision.changes.keys.isEmpty)
  }

  @Test(arguments: [(29_999, false), (30_000, true), (31_000, true)])
  func `a window lets the next through exactly when it has passed`(age: Int64, isLet: Bool) throws {
    let decision = try decide([admission(try request())]) { question, facts in
      facts.mailboxes[0] = [recent(1, of: question.subjects[0], at: now - age)]
    }
    #expect(words(decision.admissions[0]) == (isLet ? "send 1" : "limited"))
    guard case .settled(let settled) = decision.admissions[0] else { return }
    #expect(settled.retryAfter == .seconds(1))
  }

  @Test func `mails that nobody got fill no place, until there are three`() throws {
    for count in 1...3 {
      let decision = try decide([admission(try request())]) { question, facts in
        facts.mailboxes[0] = (0..<count).map {
          recent(
            Int64(9 - $0), of: question.subjects[0], at: now - 1000 - Int64($0), state: .failed,
            isUndelivered: true)
        }
      }
      #expect(words(decision.admissions[0]) == (count < 3 ? "send 1" : "limited"))
    }
  }

  @Test func `the newest of a subject in one batch is sent, and its older ones are superseded`() throws {
    let requests = try (0..<3).map { _ in try request() }
    let decision = try decide(
      requests.enumerated().map { admission($1, queuedAt: start - 10 + Double($0)) })
    #expect(decision.admissions.map(words) == ["superseded", "superseded", "send 1"])
    #expect(decision.changes.inserted.map { "\($0.state)" } == ["sending", "superseded", "superseded"])
    #expect(decision.changes.passcodes.count == 1)
  }

  @Test func `takes the place of what waits, and names what is being sent`() throws {
    let rules = RecordRules(limits: .none, broughtCodes: .verify)
    let decision = try decide([admission(try request())], rules: rules) { question, facts in
      facts.mailboxes[0] = [RequestState.sending, .deferred, .queued, .sent].enumerated().map {
        recent(Int64(7 - $0), of: question.subjects[0], at: now - 1 - Int64($0), state: $1)
      }
    }
    guard case .send(let ticket) = decision.admissions[0] else { Issue.record("not sent"); return }
    #expect(ticket.older == [7])
    #expect(decision.changes.ended.map(\.row) == [6, 5])
    #expect(decision.changes.ended.allSatisfy { $0.state == .superseded })
    #expect(decision.changes.audit.map(\.idKey).prefix(2) == [6, 5])
  }

  @Test(arguments: [
    ("open", "send 1"), ("used", "refused"), ("locked", "refused"), ("expired", "refused"),
    ("other subject", "rejected"), ("other purpose", "rejected"), ("unknown", "send 1"),
  ])
  func `a resend joins a challenge that is open`(kind: String, answer: String) throws {
    let first = RequestID.random()
    let decision = try decide(
      [admission(try request(challenge: first))], rules: RecordRules(limits: .none, broughtCodes: .verify)
    ) { question, facts in
      guard kind != "unknown" else { return }
      let subject = question.subjects[0]
      facts.requests[1] = known(
        kind == "other subject" ? Subject(hash: hash(3), address: 1) : subject, state: .sent)
      facts.challenges[1] = challenge(
        subject, tries: kind == "locked" ? 5 : 0, usedAt: kind == "used" ? now : nil,
        expiresAt: kind == "expired" ? now : now + 60_000,
        purpose: kind == "other purpose" ? "reset" : "sign-in")
    }
    #expect(words(decision.admissions[0]) == answer)
    if kind == "open" {
      #expect(decision.changes.inserted.map(\.challenge) == [1])
      #expect(decision.changes.passcodes.map(\.record.number) == [2])
      #expect(decision.changes.extended.map(\.row) == [1])
    } else if kind == "unknown" {
      // The challenge's own request is still to come, and finds its row there.
      #expect(decision.changes.inserted.map(\.id).first == Digest.sha256(first.rawValue))
      #expect(decision.changes.inserted.map(\.challenge) == [100, 100])
    } else if answer == "rejected" {
      // Its id leads nowhere: no status and no code of that challenge is had by it.
      #expect(decision.changes.inserted.map(\.challenge) == [100])
      #expect(decision.changes.inserted.map(\.row) == [100])
    }
  }

  /// Passcodes 4 to 6 are there, of these requests; request 100 makes number 7.
  @Test(arguments: [
    ([1, 2, 3], [4]), ([1, 1, 2], []), ([1, 2, 2], []), ([1, 1, 1], []), ([1, 2, 1], []),
  ])
  func `a fourth request drops the passcodes of the oldest`(owners: [Int64], dropped: [Int64]) throws {
    let decision = try decide(
      [admission(try request(challenge: .random()))], rules: RecordRules(limits: .none, broughtCodes: .verify)
    ) { question, facts in
      facts.requests[1] = known(question.subjects[0], state: .sent)
      facts.challenges[1] = challenge(
        question.subjects[0], passcodes: zip(4..., owners).map { passcode($0, of: $1) })
    }
    #expect(decision.changes.removedPasscodes == dropped.map { PasscodePlace(challenge: 1, number: $0) })
    #expect(decision.changes.passcodes.map(\.record.number) == [7])
  }

  @Test(arguments: [
    (Settlement.Result.sent, "sent", false, false, true), (.failed, "failed", true, false, true),
    (.expired, "expired", true, false, true), (.cancelled, "cancelled", true, false, true),
    (.deferred(until: start), "deferred", true, false, true),
    (.ambiguous(until: start), "deferred", false, true, true),
    (.ambiguous(until: nil), "failed", false, true, true),
    (.released, "queued", true, false, false),
  ])
  func `an attempt that ended settles its request and its passcode`(
    result: Settlement.Result, state: String, isRemoved: Bool, isKept: Bool, isTold: Bool
  ) throws {
    let decision = try decide(settlements: [Settlement(requestKey: 1, result: result, at: start)]) {
      _, facts in
      facts.settlements[0] = SettlementFacts(
        state: .sending, run: 5, challenge: 1, passcode: 1, arrival: .no, isOwn: true,
        hasOthers: false)
    }
    #expect(decision.changes.settled.map { "\($0.state)" } == [state])
    #expect(decision.changes.removedPasscodes.count == (isRemoved ? 1 : 0))
    #expect(decision.changes.keptPasscodes.count == (isKept ? 1 : 0))
    #expect(decision.changes.audit.count == (isTold ? 1 : 0))
  }

  @Test func `what this run is not sending is not settled`() throws {
    for (state, run) in [(RequestState.sending, 6), (.deferred, 5)] as [(RequestState, Int64)] {
      let decision = try decide(settlements: [Settlement(requestKey: 1, result: .sent, at: start)]) {
        _, facts in
        facts.settlements[0] = SettlementFacts(
          state: state, run: run, challenge: 1, passcode: 1, arrival: .no, isOwn: true,
          hasOthers: false)
      }
      #expect(decision.changes.settled.isEmpty && decision.changes.audit.isEmpty)
    }
    let unknown = try decide(settlements: [Settlement(requestKey: 1, result: .sent, at: start)])
    #expect(unknown.changes.settled.isEmpty)
  }
}
