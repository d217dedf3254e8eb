import Foundation
import MemoryRecords
import Records
import RecordsFixture
import TestSupport
import Testing

/// What every engine does for checks of codes, for sessions, the audit trail and what is old.
@Suite struct CheckContractTests {
  private func attempt(_ rig: borrowing EngineRig, _ question: AttemptQuestion) throws -> AttemptFacts {
    try rig.engine.fetch { t throws(RecordError) in try t.facts(for: [question]) }[0]
  }

  private func conclusion(
    _ rig: borrowing EngineRig, _ row: Int64, _ subject: UInt8
  ) throws -> ConclusionFacts {
    let question = ConclusionQuestion(row: row, subject: hash(subject))
    return try rig.engine.fetch { t throws(RecordError) in try t.facts(for: [question]) }[0]
  }

  @Test(arguments: EngineKind.allCases)
  func `finds a challenge by the id of any of its requests, and another for an id that nobody has`(
    kind: EngineKind
  ) throws {
    let rig = try EngineRig(kind)
    let nothing = try attempt(rig, .id(hash(10)))
    #expect(nothing.challenges.isEmpty && !nothing.isFound && nothing.standIn == 0)
    try rig.engine.apply {
      $0.inserted = [newRequest(1, id: 10), newRequest(2, id: 11, challenge: 1)]
      $0.passcodes = [NewPasscode(challenge: 1, record: passcode(1, of: 1))]
      $0.guests = [.set(hash(1), Guest(redeemedBy: "google"))]
    }
    for id in [10, 11] as [UInt8] {
      let found = try attempt(rig, .id(hash(id)))
      #expect(found.isFound && found.challenges.map(\.challenge.row) == [1])
      #expect(found.guest.redeemedBy == "google" && found.challenges[0].passcodes.count == 1)
    }
    for id in [0, 12, 255] as [UInt8] {
      let unknown = try attempt(rig, .id(hash(id)))
      #expect(!unknown.isFound && unknown.challenges.map(\.challenge.row) == [1] && unknown.standIn == 1)
    }
  }

  @Test(arguments: EngineKind.allCases)
  func `finds the newest challenges of an address, each once`(kind: EngineKind) throws {
    let rig = try EngineRig(kind)
    try rig.engine.apply {
      $0.inserted = [
        newRequest(1, id: 10, at: now), newRequest(2, id: 11, at: now + 1),
        newRequest(3, id: 12, challenge: 2, at: now + 2), newRequest(4, id: 13, at: now + 3),
        newRequest(5, id: 14, purpose: "reset", at: now + 4), newRequest(6, id: 15, subject: 2, at: now + 5),
        newRequest(7, id: 16, at: now + 6, admitted: false, state: .limited),
      ]
    }
    func question(_ subject: UInt8) -> AttemptQuestion {
      .subject(Subject(hash: hash(subject), address: 40), tenant: nil, purpose: "sign-in", recipient: "")
    }
    #expect(try attempt(rig, question(1)).challenges.map(\.challenge.row) == [4, 2, 1])
    #expect(try attempt(rig, question(2)).challenges.map(\.challenge.row) == [6])
    let nobody = try attempt(rig, question(3))
    #expect(nobody.challenges.isEmpty && nobody.standIn != 0 && nobody.guest == Guest())
  }

  @Test(arguments: EngineKind.allCases)
  func `counts, uses once, gives back and takes back`(kind: EngineKind) throws {
    let rig = try EngineRig(kind)
    try rig.engine.apply { $0.inserted = [newRequest(1, id: 10), newRequest(2, id: 11)] }
    func challenge() throws -> Challenge { try attempt(rig, .id(hash(10))).challenges[0].challenge }
    try rig.engine.apply { $0.challenges = [.count(1), .count(1), .touch(2), .count(1), .giveBack(1)] }
    #expect(try challenge().tries == 2)
    try rig.engine.apply {
      $0.challenges = [
        .use(
          1, at: now + 3,
          session: NewSession(hash: hash(50), end: now + 90_000_000, bootTime: 6, recipient: [9, 9])),
        .use(1, at: now + 4, session: NewSession(hash: hash(51), end: now, bootTime: 6)),
      ]
    }
    #expect(try challenge().tries == 1 && challenge().usedAt == now + 3)
    #expect(try conclusion(rig, 1, 1).usedAt == now + 3)
    #expect(try conclusion(rig, 2, 1).usedAt == nil)
    #expect(try rig.engine.status(of: hash(10))?.isUsed == true)
    let sessions = try rig.engine.sessions(idKey: prefixKey(hash(10)))
    #expect(sessions.map(\.hash) == [hash(50)])
    #expect(sessions[0].end == now + 90_000_000 && sessions[0].startedAt == now + 3)
    #expect(sessions[0].bootTime == 6 && sessions[0].tenant == "t" && sessions[0].purpose == "sign-in")
    #expect(
      sessions[0].sealedRecipient == [9, 9] && sessions[0].id == hash(10) && sessions[0].devices.isEmpty)
    // A session outlives what the request was kept for.
    #expect(
      try rig.engine.purge(at: now + 86_400_001, admittedBefore: now, auditBefore: 0, limit: 9).removed == 1)
    try rig.engine.apply { $0.endedSessions = [1] }
    #expect(try rig.engine.sessions(idKey: prefixKey(hash(10))).isEmpty)
    #expect(try conclusion(rig, 1, 1).usedAt == now + 3)
    try rig.engine.apply { $0.challenges = [.takeBack(1)] }
    #expect(try conclusion(rig, 1, 1).usedAt == nil)
    // What is no sign-in uses a challenge and begins nothing.
    try rig.engine.apply {
      ($0.inserted, $0.challenges) = ([newRequest(3, id: 12)], [.use(3, at: now + 3, session: nil)])
    }
    #expect(try conclusion(rig, 3, 1).usedAt == now + 3)
    #expect(try rig.engine.sessions(idKey: prefixKey(hash(12))).isEmpty)
  }

  @Test(arguments: EngineKind.allCases)
  func `keeps a challenge's sealed recipient until it is closed anew, and a session's devices with its guest`(
    kind: EngineKind
  ) throws {
    let rig = try EngineRig(kind)
    var opening = newRequest(1, id: 10)
    opening.sealedRecipient = [1, 2, 3]
    let opened = opening
    try rig.engine.apply { $0.inserted = [opened, newRequest(2, id: 11)] }
    func sealed(_ id: UInt8) throws -> [UInt8]? {
      try attempt(rig, .id(hash(id))).challenges[0].challenge.sealedRecipient
    }
    #expect(try sealed(10) == [1, 2, 3])
    #expect(try sealed(11) == nil)
    try rig.engine.apply {
      $0.extended = [
        ExtendedChallenge(row: 1, expiresAt: now, purgeAfter: now),
        ExtendedChallenge(row: 2, expiresAt: now, purgeAfter: now, sealedRecipient: [4]),
      ]
    }
    #expect(try sealed(10) == [1, 2, 3])
    #expect(try sealed(11) == [4])
    let device = Guest.Device(hash: hash(5), expiresAt: now + 9)
    try rig.engine.apply {
      $0.challenges = [.use(1, at: now, session: NewSession(hash: hash(50), end: now + 9, bootTime: nil))]
      $0.guests = [.set(hash(1), Guest(devices: [device]))]
    }
    #expect(try rig.engine.sessions(idKey: prefixKey(hash(10)))[0].devices == [device])
  }

  @Test(arguments: EngineKind.allCases)
  func `by address, does not see challenges whose codes are only mailed`(kind: EngineKind) throws {
    let rig = try EngineRig(kind)
    var mailed = newRequest(2, id: 11, at: now + 1)
    mailed.budget = 0
    let mailOnly = mailed
    try rig.engine.apply { $0.inserted = [newRequest(1, id: 10), mailOnly] }
    let question = AttemptQuestion.subject(
      Subject(hash: hash(1), address: 40), tenant: nil, purpose: "sign-in", recipient: "")
    #expect(try attempt(rig, question).challenges.map(\.challenge.row) == [1])
    #expect(try rig.engine.recent(of: 40, most: 9).map(\.isMailOnly) == [true, false])
    let found = try rig.engine.fetch { t throws(RecordError) in
      try t.mailed(from: now - 9, to: now + 9, most: 9)
    }
    #expect(found == (1, 1))
  }

  @Test(arguments: EngineKind.allCases)
  func `keeps guests, and a touch changes none`(kind: EngineKind) throws {
    let rig = try EngineRig(kind)
    try rig.engine.apply { $0.guests = [.touch(near: hash(1))] }
    #expect(try rig.engine.guest(hash(1)) == nil)
    let guest = Guest(
      failures: SlidingWindow(times: [now]),
      devices: [
        Guest.Device(hash: hash(5), expiresAt: now + 9), Guest.Device(hash: hash(6), expiresAt: now + 8),
      ], redeemedBy: "passcode", redeemedAt: now, purgeAfter: nil)
    try rig.engine.apply { $0.guests = [.set(hash(1), guest), .touch(near: hash(0)), .touch(near: hash(9))] }
    #expect(try rig.engine.guest(hash(1)) == guest)
    #expect(try conclusion(rig, 0, 1).guest == guest)
    #expect(try rig.engine.guest(hash(0)) == nil)
    try rig.engine.apply { $0.guests = [.set(hash(1), Guest(redeemedBy: "google", purgeAfter: now))] }
    let changed = try rig.engine.fetch { t throws(RecordError) in try t.guest(hash(1)) }
    #expect(changed == Guest(redeemedBy: "google", purgeAfter: now))
    try rig.engine.apply { $0.guests = [.forget(hash(1)), .forget(hash(2))] }
    #expect(try rig.engine.guest(hash(1)) == nil)
  }

  @Test(arguments: EngineKind.allCases)
  func `hands out the audit trail from a time on, about an address, until it is told to stop`(
    kind: EngineKind
  ) throws {
    let rig = try EngineRig(kind)
    try rig.engine.apply {
      var request = newRequest(1, id: 10)
      request.shortID = "Ab3dEf12"
      $0.inserted = [request]
      $0.audit =
        (0..<6).map {
          AuditLine(at: now + $0 * 1000, event: "check", result: "\($0)", address: 40 + $0 % 2, detail: "d")
        } + [AuditLine(at: now + 9000, event: "send", result: "sent", row: 1)]
    }
    func results(
      since: Date? = nil, address: Int64? = nil, idKey: Int64? = nil, most: Int = 9
    ) throws -> [String] {
      var results: [String] = []
      try rig.engine.forEachAuditRecord(since: since, address: address, idKey: idKey) {
        results.append($0.result)
        return results.count < most
      }
      return results
    }
    #expect(try results() == ["0", "1", "2", "3", "4", "5", "sent"])
    #expect(try results(since: start + 4) == ["4", "5", "sent"])
    #expect(try results(address: 41) == ["1", "3", "5"])
    #expect(try results(address: 40).last == "sent", "whose request it is stands in the request")
    #expect(try results(idKey: prefixKey(hash(10))) == ["sent"] && results(idKey: 3).isEmpty)
    #expect(try results(most: 2) == ["0", "1"])
    var last: AuditRecord?
    try rig.engine.forEachAuditRecord(since: nil, address: nil, idKey: nil) {
      last = $0
      return true
    }
    #expect(last?.recipient == "a•••@example.org" && last?.tenant == "t" && last?.event == "send")
    #expect(last?.shortID == "Ab3dEf12")
  }

  @Test(arguments: EngineKind.allCases)
  func `removes what has served, a bounded number at a time, and says when it is once around`(
    kind: EngineKind
  ) throws {
    let rig = try EngineRig(kind)
    try rig.engine.apply {
      $0.inserted = (1...6).map {
        newRequest($0, id: UInt8($0), purgeAfter: $0 == 2 ? now + 9 : now)
      }
      $0.passcodes = (1...6).map { NewPasscode(challenge: $0, record: passcode(1, of: $0)) }
      $0.tallies = [(hash(1), tally(1), now), (hash(2), tally(1), now + 9)]
      $0.guests = [.set(hash(1), Guest(purgeAfter: now)), .set(hash(2), Guest(redeemedBy: "passcode"))]
      $0.audit = [
        AuditLine(at: now - 1, event: "check", result: "old"),
        AuditLine(at: now, event: "check", result: "new"),
      ]
    }
    #expect(
      try rig.engine.purge(at: now - 1, admittedBefore: now, auditBefore: now - 1, limit: 20) == (0, true))
    // Four of requests but for the second, one window, one guest, one line.
    let first = try rig.engine.purge(at: now, admittedBefore: now, auditBefore: now, limit: 4)
    #expect(first == (3 + 1 + 1 + 1, false))
    #expect(try rig.engine.purge(at: now, admittedBefore: now, auditBefore: now, limit: 4) == (2, true))
    #expect(try rig.engine.purge(at: now, admittedBefore: now, auditBefore: now, limit: 4) == (0, true))
    #expect(try rig.engine.facts { $0.ids = [hash(2), hash(3)] }.requests.map { $0?.row } == [2, nil])
    #expect(try rig.engine.facts { $0.ids = [hash(2)] }.challenges[2]?.passcodes.count == 1)
    #expect(try rig.engine.guest(hash(1)) == nil)
    #expect(try rig.engine.guest(hash(2)) != nil)
    #expect(try rig.engine.facts { $0.scopes = [hash(1), hash(2)] }.tallies == [Tally(), tally(1)])
  }

  /// Anybody can have as many checked as he likes that nobody gave out; what was decided is not lost for them.
  @Test(arguments: EngineKind.allCases)
  func `stray checks in the audit trail are bounded, the oldest go first, and no other line for them`(
    kind: EngineKind
  ) throws {
    let rig = try EngineRig(kind)
    func line(_ event: String, _ result: String, _ name: Int, isKnown: Bool) -> AuditLine {
      AuditLine(
        at: now + Int64(name), event: event, result: result, idKey: isKnown ? 7 : nil, recipient: "\(name)")
    }
    func add(_ names: Range<Int>) throws {
      try rig.engine.apply {
        $0.audit = names.map { name in
          switch name % 8 {
          case 0: line("decision", "send", name, isKnown: true)
          case 1: line("check", "incorrect", name, isKnown: true)
          case 2: line("check", "verified", name, isKnown: true)
          case 3: line("check", "locked", name, isKnown: true)
          case 4: line("check", "used", name, isKnown: true)
          case 5: line("check", "unknown", name, isKnown: false)
          case 6: line("reset", "done", name, isKnown: false)
          default: line("check", "incorrect", name, isKnown: false)
          }
        }
      }
    }
    func left() throws -> (strays: [Int], others: [Int]) {
      var names: [Int] = []
      try rig.engine.forEachAuditRecord(since: nil, address: nil, idKey: nil) {
        names.append(Int($0.recipient!)!)
        return true
      }
      return (
        names.filter { [3, 4, 5, 7].contains($0 % 8) }, names.filter { ![3, 4, 5, 7].contains($0 % 8) }
      )
    }
    func purge(_ most: Int) throws -> Int {
      var removed = 0
      for _ in 0..<1000 {
        let (gone, isOver) = try rig.engine.purgeStrayChecks(most: most, limit: 5)
        #expect(gone <= 5)
        removed += gone
        if isOver { return removed }
      }
      return -1
    }
    try add(0..<80)
    #expect(try purge(40) == 0)
    #expect(try purge(12) == 28)
    #expect(try left().strays == Array(0..<80).filter { [3, 4, 5, 7].contains($0 % 8) }.suffix(12))
    try add(80..<120)
    #expect(try purge(12) == 20)
    #expect(try left().strays == Array(0..<120).filter { [3, 4, 5, 7].contains($0 % 8) }.suffix(12))
    #expect(try left().others.count == 60)
    // Those that go by their age are not counted any more.
    while try rig.engine.purge(at: now, admittedBefore: now, auditBefore: now + 110, limit: 9).removed > 0 {}
    try add(120..<136)
    #expect(try purge(12) == 1)
    #expect(try left().strays == Array(110..<136).filter { [3, 4, 5, 7].contains($0 % 8) }.suffix(12))
  }

  @Test(arguments: EngineKind.allCases)
  func `is durable when it says so, for all that was committed before`(kind: EngineKind) throws {
    let rig = try EngineRig(kind)
    var marks: [CommitMark] = []
    for row in 1...3 {
      var changes = RecordChanges()
      changes.inserted = [newRequest(Int64(row), id: UInt8(row))]
      let all = changes
      marks.append(try rig.engine.transaction { t throws(RecordError) in try t.apply(all) }.mark)
    }
    #expect(marks.map(\.number) == marks.map(\.number).sorted())
    for mark in marks.reversed() { try rig.engine.makeDurable(mark) }
    #expect(try #require(rig.engine.log).sync())
    #expect(!rig.engine.isReplaced)
    #expect(try !rig.engine.renew(afterDamage: false))
  }
}
