import RecordKeys
import CodeRequests
import Foundation
import MemoryRecords
import Records
import RecordsFixture
import TestSupport
import Testing

/// What every engine does with requests, their passcodes and windows.
@Suite struct RequestContractTests {
  @Test(arguments: EngineKind.allCases)
  func `finds requests by their ids, in the order asked, with their challenge`(kind: EngineKind) throws {
    let rig = try EngineRig(kind)
    try rig.engine.apply {
      $0.inserted = [newRequest(1, id: 10), newRequest(2, id: 11, challenge: 1, passcode: 2)]
      $0.passcodes = [
        NewPasscode(challenge: 1, record: passcode(1, of: 1)),
        NewPasscode(challenge: 1, record: passcode(2, of: 2, arrival: .possible)),
      ]
    }
    let facts = try rig.engine.facts { $0.ids = [hash(12), hash(11), hash(10)] }
    #expect(facts.requests.map { $0?.row } == [nil, 2, 1])
    let second = try #require(facts.requests[1])
    #expect(second.challenge == 1 && second.passcode == 2 && second.run == 5 && second.sends == 1)
    #expect(second.state == .sending && second.crashes == 0 && second.subject == hash(1))
    #expect(second.admittedAt == now && second.queuedAt == now - 5 && second.deadline == now + 600_000)
    #expect(second.cancelledAt == nil && second.reason == nil && second.reply == nil)
    #expect(facts.challenges.keys.sorted() == [1])
    let challenge = try #require(facts.challenges[1])
    #expect(challenge.challenge.id == hash(10) && challenge.challenge.budget == 5)
    #expect(challenge.challenge.recipient == "a•••@example.org" && challenge.challenge.tenant == "t")
    #expect(challenge.passcodes.map(\.number) == [1, 2])
    #expect(challenge.passcodes.map(\.arrival) == [.no, .possible])
    #expect(challenge.passcodes.map(\.request) == [1, 2])
    #expect(challenge.passcodes[0].salt == [1, 2, 3] && challenge.passcodes[0].bootTime == 77)
    #expect(facts.freeRow == 3)
  }

  @Test(arguments: EngineKind.allCases)
  func `finds requests by what their ids begin with, and by address, the newest first`(
    kind: EngineKind
  ) throws {
    let rig = try EngineRig(kind)
    let rows: [(short: String?, id: UInt8)] = [
      ("Ab3dEf12", 10), ("Ab3dXX34", 11), ("zz%_zz12", 12), (nil, 13),
    ]
    try rig.engine.apply {
      $0.inserted = rows.enumerated().map { index, row in
        var request = newRequest(Int64(index + 1), id: row.id)
        request.shortID = row.short
        return request
      }
    }
    func found(_ search: RequestSearch, limit: Int = 9) throws -> [String?] {
      try rig.engine.requests(search, limit: limit).map(\.shortID)
    }
    #expect(try found(.shortID("Ab3d")) == ["Ab3dXX34", "Ab3dEf12"])
    #expect(try found(.shortID("Ab3dEf12")) == ["Ab3dEf12"])
    // Case counts, and nothing in it is a pattern.
    #expect(try found(.shortID("ab3d")).isEmpty && found(.shortID("Ab3_")).isEmpty)
    #expect(try found(.shortID("zz%_")) == ["zz%_zz12"] && found(.shortID("%")).isEmpty)
    #expect(try found(.address(40), limit: 2) == [nil, "zz%_zz12"] && found(.address(41)).isEmpty)
    let request = try #require(try rig.engine.requests(.shortID("Ab3dX"), limit: 1).first)
    #expect(request.id == hash(11) && request.status.state == .sending)
    #expect(request.status.recipient == "a•••@example.org")
  }

  @Test(arguments: EngineKind.allCases)
  func `a transaction that throws leaves nothing behind`(kind: EngineKind) throws {
    let rig = try EngineRig(kind)
    let engine = rig.engine
    let error = #expect(throws: RecordError.self) {
      _ = try engine.transaction { transaction throws(RecordError) in
        var changes = RecordChanges()
        changes.inserted = [newRequest(1, id: 10)]
        try transaction.apply(changes)
        throw RecordError(.full, "x", "is full")
      }
    }
    #expect(error?.code == .full)
    #expect(try engine.facts { $0.ids = [hash(10)] }.requests[0] == nil)
    #expect(try engine.facts { $0.ids = [hash(10)] }.freeRow == 1)
  }

  private func settlement(_ row: Int64, _ result: Settlement.Result, text: String? = nil) -> Settlement {
    Settlement(
      requestKey: row, result: result, replyCode: text.map { _ in 451 },
      enhancedCode: text.map { _ in "4.7.1" },
      replyText: text, relay: "mx", locale: text.map { _ in "sv" }, at: start)
  }

  @Test(arguments: EngineKind.allCases)
  func `settles what the run is sending, and nothing else`(kind: EngineKind) throws {
    let rig = try EngineRig(kind)
    try rig.engine.apply {
      $0.inserted = [newRequest(1, id: 10), newRequest(2, id: 11, run: 6), newRequest(3, id: 12)]
      $0.passcodes = [
        NewPasscode(challenge: 1, record: passcode(1, of: 1, arrival: .possible)),
        NewPasscode(challenge: 1, record: passcode(2, of: 1)),
      ]
    }
    let facts = try rig.engine.facts {
      $0.settlements = [
        SettlementQuestion(row: 1, wantsPasscode: true), SettlementQuestion(row: 9, wantsPasscode: true),
        SettlementQuestion(row: 2, wantsPasscode: false), SettlementQuestion(row: 3, wantsPasscode: true),
      ]
    }
    #expect(facts.settlements.map { $0?.run } == [5, nil, 6, 5])
    #expect(facts.settlements[0]?.arrival == .possible && facts.settlements[0]?.hasOthers == true)
    #expect(facts.settlements[3]?.arrival == .no && facts.settlements[3]?.hasOthers == false)
    #expect(facts.settlements.map { $0?.isOwn } == [true, nil, false, false])
    #expect(facts.settlements[0]?.challenge == 1 && facts.settlements[0]?.passcode == 1)
    try rig.engine.apply {
      $0.settled = [
        SettledAttempt(
          row: 1, run: 5, state: .deferred, settlement: settlement(1, .deferred(until: start), text: "later"),
          nextAttempt: now + 9),
        SettledAttempt(
          row: 2, run: 5, state: .sent, settlement: settlement(2, .sent), sentAt: now, endedAt: now),
        SettledAttempt(
          row: 3, run: 5, state: .queued, settlement: settlement(3, .released), isReleased: true),
      ]
    }
    let after = try rig.engine.facts { $0.ids = [hash(10), hash(11), hash(12)] }.requests
    #expect(after.map { $0?.state } == [.deferred, .sending, .queued])
    #expect(after.map { $0?.sends } == [1, 1, 0])
    #expect(after[0]?.reply == "451 4.7.1 later")
    let status = try #require(try rig.engine.status(of: hash(10)))
    #expect(
      status.state == .deferred && status.nextAttempt == Date(unixMilliseconds: now + 9)
        && status.locale == "sv")
    #expect(status.reply == "451 4.7.1 later" && status.replyCode == 451 && status.relay == "mx")
    // It is not being sent any more.
    try rig.engine.apply {
      $0.settled = [SettledAttempt(row: 1, run: 5, state: .sent, settlement: settlement(1, .sent))]
    }
    #expect(try rig.engine.status(of: hash(10))?.state == .deferred)
  }

  @Test(arguments: EngineKind.allCases)
  func `ends, resumes and reopens`(kind: EngineKind) throws {
    let rig = try EngineRig(kind)
    try rig.engine.apply { $0.inserted = [newRequest(1, id: 10), newRequest(2, id: 11)] }
    try rig.engine.apply {
      $0.ended = [
        EndedRequest(
          row: 1, state: .failed, at: now + 1, reason: "why", method: "google", url: "https://a.example",
          retryAt: now + 2, crashes: 3, sends: 7), EndedRequest(row: 2, state: .superseded, at: now),
      ]
    }
    let status = try #require(try rig.engine.status(of: hash(10)))
    #expect(status.outcome == .failed && status.reason == "why" && status.attempts == 7)
    #expect(status.method == "google" && status.url == "https://a.example")
    #expect(
      status.endedAt == Date(unixMilliseconds: now + 1) && status.retryAt == Date(unixMilliseconds: now + 2)
        && status.sentAt == nil)
    let ended = try rig.engine.facts { $0.ids = [hash(10), hash(11)] }.requests
    #expect(ended.map { $0?.crashes } == [3, 0] && ended.map { $0?.sends } == [7, 1])
    #expect(ended[0]?.reason == "why" && ended[0]?.method == "google" && ended[0]?.url == "https://a.example")
    try rig.engine.apply {
      $0.reopened = [ReopenedRequest(row: 1, deadline: now + 50, queuedAt: now + 40, purgeAfter: now + 60)]
    }
    let reopened = try #require(try rig.engine.fetch { t throws(RecordError) in try t.request(hash(10)) })
    #expect(reopened.state == .queued && reopened.run == 0 && reopened.crashes == 0)
    #expect(reopened.deadline == now + 50 && reopened.queuedAt == now + 40 && reopened.reason == nil)
    try rig.engine.apply {
      $0.resumed = [
        ResumedRequest(
          row: 1, run: 8, sends: 8, passcode: 4, crashes: 1, admittedAt: now, challenge: 2, deadline: now + 45
        )
      ]
    }
    let resumed = try #require(try rig.engine.facts { $0.ids = [hash(10)] }.requests[0])
    #expect(resumed.state == .sending && resumed.run == 8 && resumed.sends == 8 && resumed.passcode == 4)
    #expect(resumed.crashes == 1 && resumed.challenge == 2 && resumed.deadline == now + 45)
    #expect(try rig.engine.status(of: hash(10))?.isResend == true)
  }

  @Test(arguments: EngineKind.allCases)
  func `tells who is to be cancelled while it is sent, also what the same process has asked for`(
    kind: EngineKind
  ) throws {
    let rig = try EngineRig(kind)
    try rig.engine.apply {
      $0.inserted = [newRequest(1, id: 10), newRequest(2, id: 11), newRequest(3, id: 12, state: .deferred)]
    }
    #expect(try rig.engine.cancelled(among: [1, 2, 3]) == [])
    try rig.engine.apply { $0.cancelled = [(2, now), (3, now)] }
    #expect(try rig.engine.cancelled(among: [1, 2, 3]) == [2])
    #expect(try rig.engine.facts { $0.ids = [hash(11)] }.requests[0]?.cancelledAt == now)
  }

  @Test(arguments: EngineKind.allCases)
  func `keeps and removes passcodes, and lengthens challenges only`(kind: EngineKind) throws {
    let rig = try EngineRig(kind)
    try rig.engine.apply {
      $0.inserted = [newRequest(1, id: 10)]
      $0.passcodes = (1...3).map { NewPasscode(challenge: 1, record: passcode($0, of: 1)) }
    }
    // A number that was taken back is used again in the same transaction.
    try rig.engine.apply {
      $0.removedPasscodes = [
        PasscodePlace(challenge: 1, number: 3), PasscodePlace(challenge: 1, number: 1),
        PasscodePlace(challenge: 9, number: 1),
      ]
      $0.passcodes = [NewPasscode(challenge: 1, record: passcode(3, of: 4))]
      $0.keptPasscodes = [PasscodePlace(challenge: 1, number: 2), PasscodePlace(challenge: 1, number: 8)]
      $0.extended = [ExtendedChallenge(row: 1, expiresAt: now, purgeAfter: now)]
    }
    var challenge = try #require(try rig.engine.facts { $0.ids = [hash(10)] }.challenges[1])
    #expect(challenge.passcodes.map(\.number) == [2, 3])
    #expect(challenge.passcodes.map(\.arrival) == [.possible, .no])
    #expect(challenge.passcodes.map(\.request) == [1, 4])
    #expect(challenge.challenge.expiresAt == now + 1_800_000)
    try rig.engine.apply {
      $0.extended = [ExtendedChallenge(row: 1, expiresAt: now + 2_000_000, purgeAfter: now)]
    }
    challenge = try #require(try rig.engine.facts { $0.ids = [hash(10)] }.challenges[1])
    #expect(challenge.challenge.expiresAt == now + 2_000_000)
  }

  @Test(arguments: EngineKind.allCases)
  func `tells a mailbox's last requests, and of older ones those without an outcome`(kind: EngineKind) throws
  {
    let rig = try EngineRig(kind)
    let subject = Subject(hash: hash(1), address: 40)
    try rig.engine.apply {
      $0.inserted = [
        newRequest(1, id: 10, at: now, state: .deferred), newRequest(2, id: 11, at: now + 1, state: .failed),
        newRequest(3, id: 12, at: now + 2, state: .expired), newRequest(4, id: 13, subject: 2, mailbox: 42),
        newRequest(5, id: 14, at: now + 3, state: .sent),
        newRequest(6, id: 15, at: now + 4, admitted: false, state: .limited),
      ]
      $0.passcodes = [NewPasscode(challenge: 2, record: passcode(1, of: 2))]
      $0.guests = [.set(hash(1), Guest(redeemedBy: "passcode"))]
    }
    func recent(_ count: Int) throws -> [RecentRequest] {
      try rig.engine.facts {
        $0.mailboxes = [41, 40]
        $0.recent = count
      }.mailboxes[1].filter { $0.subject == subject.hash }
    }
    #expect(try recent(9).map(\.row) == [5, 3, 2, 1])
    #expect(try recent(2).map(\.row) == [5, 3, 1], "the oldest has no outcome yet")
    #expect(try recent(9).map(\.isUndelivered) == [false, true, false, false])
    #expect(try recent(9).map(\.state) == [.sent, .expired, .failed, .deferred])
    let oldest = try #require(try recent(9).last)
    #expect(oldest.queuedAt == now - 5 && oldest.admittedAt == now && oldest.purpose == "sign-in")
    #expect(oldest.idKey == prefixKey(hash(10)) && !oldest.isOfBatch)
    let facts = try rig.engine.facts { $0.subjects = [subject, Subject(hash: hash(3), address: 40)] }
    #expect(facts.guests.map(\.redeemedBy) == ["passcode", nil])
  }

  @Test(arguments: EngineKind.allCases)
  func `tells who asked, whether it was used, and of a client what it asked for`(kind: EngineKind) throws {
    let rig = try EngineRig(kind)
    let asker = Asker(client: 70, share: 71, device: 72)
    try rig.engine.apply {
      $0.inserted = [
        newRequest(1, id: 10, asker: asker, at: now, state: .sent),
        newRequest(2, id: 11, challenge: 1, asker: Asker(client: 70), at: now + 1, state: .failed),
        newRequest(3, id: 12, subject: 2, asker: Asker(client: 73), at: now + 2, state: .sent),
        newRequest(4, id: 13, asker: Asker(client: 70), at: now + 3, admitted: false, state: .limited),
      ]
      $0.challenges = [.use(1, at: now + 5, session: NewSession(hash: hash(1), end: now + 9, bootTime: nil))]
    }
    let facts = try rig.engine.facts {
      ($0.mailboxes, $0.recent) = ([40], 9)
      ($0.clients, $0.recentOfClient) = ([74, 70], 9)
    }
    #expect(facts.mailboxes[0].map(\.row) == [3, 2, 1])
    #expect(facts.mailboxes[0].map(\.isUsed) == [false, true, true], "a resend by the row of its challenge")
    #expect(facts.mailboxes[0].map(\.asker) == [Asker(client: 73), Asker(client: 70), asker])
    #expect(facts.mailboxes[0].map(\.challenge) == [3, 1, 1])
    #expect(facts.clients.map { $0.map(\.row) } == [[], [2, 1]])
    #expect(facts.clients[1].map(\.hasDevice) == [false, true])
    #expect(facts.clients[1].map(\.isUndelivered) == [true, false] && facts.clients[1].allSatisfy(\.isUsed))
    #expect(try rig.engine.facts { ($0.clients, $0.recentOfClient) = ([70], 1) }.clients[0].map(\.row) == [2])
    // Forgiven is what one subject asked for; its session ends.
    try rig.engine.apply { $0.forgiven = [Subject(hash: hash(1), address: 9, mailbox: 40)] }
    #expect(try rig.engine.recent(of: 40, most: 9).map(\.isForgiven) == [false, true, true])
    #expect(try rig.engine.sessions(idKey: prefixKey(hash(10))).isEmpty)
  }

  @Test(arguments: EngineKind.allCases)
  func `pulls back all times of a request, in a change and in a purge`(kind: EngineKind) throws {
    for isPurge in [false, true] {
      let rig = try EngineRig(kind)
      try rig.engine.apply {
        $0.inserted = [
          newRequest(1, id: 10, at: now + 5000, state: .deferred), newRequest(2, id: 11, at: now),
        ]
        $0.passcodes = (1...2).map { NewPasscode(challenge: $0, record: passcode(1, of: $0)) }
      }
      if isPurge {
        #expect(try rig.engine.purge(at: now, admittedBefore: now, auditBefore: 0, limit: 9) == (0, true))
      } else {
        try rig.engine.apply { $0.pulledBack = [(1, 5000)] }
      }
      let facts = try rig.engine.facts { $0.ids = [hash(10), hash(11)] }
      #expect(facts.requests.map { $0?.admittedAt } == [now, now])
      #expect(facts.requests.map { $0?.queuedAt } == [now - 5, now - 5])
      #expect(facts.requests.map { $0?.deadline } == [now + 600_000, now + 600_000])
      #expect(facts.challenges[1]?.challenge.expiresAt == now + 1_800_000)
      let ends = [1, 2].map { facts.challenges[$0]?.passcodes[0].expiresAt }
      #expect(ends == [now + 1_795_000, now + 1_800_000])
    }
  }

  @Test(arguments: EngineKind.allCases)
  func `counts what was mailed within a time and not used, and lowers what a challenge takes`(
    kind: EngineKind
  ) throws {
    let rig = try EngineRig(kind)
    let nothing = try rig.engine.fetch { t throws(RecordError) in try t.mailed(from: 0, to: now, most: 9) }
    #expect(nothing == (0, 0))
    try rig.engine.apply {
      $0.inserted = (1...8).map {
        newRequest(
          $0, id: UInt8($0), at: now + $0 * 1000, admitted: $0 != 4, state: $0 == 5 ? .failed : .sent)
      }
      $0.challenges = [.use(3, at: now, session: NewSession(hash: hash(1), end: now, bootTime: nil))]
    }
    func mailed(_ from: Int64, _ to: Int64, most: Int = 9) throws -> [Int] {
      let found = try rig.engine.fetch { t throws(RecordError) in
        try t.mailed(from: now + from, to: now + to, most: most)
      }
      return [found.mailed, found.unused]
    }
    // Of 2 to 6 the fourth was limited, and nobody got the fifth.
    #expect(try mailed(2000, 6000) == [3, 2])
    #expect(try mailed(2000, 6000, most: 1) == [1, 1])
    #expect(try mailed(0, 99_000) == [6, 5])
    #expect(try mailed(9000, 99_000) == [0, 0])
    try rig.engine.apply {
      $0.challenges = [.count(1), .count(1)]
    }
    try rig.engine.apply { $0.lowered = [1, 1, 2] }
    let challenges = try rig.engine.facts { $0.ids = [hash(1), hash(2), hash(3)] }.challenges
    #expect([1, 2, 3].map { challenges[$0]?.challenge.budget } == [3, 1, 5])
  }

  @Test(arguments: EngineKind.allCases)
  func `keeps what is still held against somebody, however old it is`(kind: EngineKind) throws {
    let rig = try EngineRig(kind)
    try rig.engine.apply {
      $0.inserted = [
        newRequest(1, id: 10, at: now, purgeAfter: now), newRequest(2, id: 11, at: now - 1, purgeAfter: now),
        newRequest(3, id: 12, at: now, admitted: false, purgeAfter: now),
      ]
    }
    let purged = try rig.engine.purge(at: now, admittedBefore: now - 1, auditBefore: 0, limit: 9)
    #expect(purged == (2, true))
    #expect(try rig.engine.facts { $0.ids = [hash(10), hash(11)] }.requests.map { $0?.row } == [1, nil])
  }

  @Test(arguments: EngineKind.allCases)
  func `keeps tallies and the needs of keys`(kind: EngineKind) throws {
    let rig = try EngineRig(kind)
    let tally = tally(now, now + 1)
    try rig.engine.apply {
      $0.tallies = [(hash(1), Tally(), now), (hash(2), tally, now)]
      $0.keys = [
        KeyNeed(version: 1, fingerprint: rig.keyring.current.fingerprint, until: now + 9),
        KeyNeed(version: 1, fingerprint: rig.keyring.current.fingerprint, until: now),
        KeyNeed(version: 2, fingerprint: [2], until: now),
      ]
    }
    try rig.engine.apply {
      $0.tallies = [(hash(1), tally, now)]
      $0.forgottenKeys = [2]
    }
    let facts = try rig.engine.facts { $0.scopes = [hash(2), hash(3), hash(1)] }
    #expect(facts.tallies == [tally, Tally(), tally])
    let needs = try rig.engine.keyNeeds().filter { $0.version > 0 }
    #expect(
      needs == [KeyNeed(version: 1, fingerprint: rig.keyring.current.fingerprint, until: now + 9)])
  }
}
