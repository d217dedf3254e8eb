import SQLiteRecords

#if DEBUG
  import CodeRequests
  import Foundation
  import RecordKeys
  import RecordsFixture
  import TestSupport
  import Testing

  @testable import PasscodeVerifier
  @testable import Records
  @testable import SQLiteRecords

  /// Commits that stand while the disk has not taken them: nothing of them may be told, and none of it may be lost.
  @Suite(.waits) struct UnsyncedTests {
    /// Fails a commit at its sync and at the second try of that.
    private func failToSync(_ store: RecordStore, _ admission: AdmissionRequest, at date: Date = start) {
      store.connection.failingSyncs = 2
      let error = #expect(throws: RecordError.self) { try store.admit(admission, now: date) }
      #expect(error?.code == .io)
      store.connection.failingSyncs = 0
    }

    private func failing(_ verifier: Verifier, _ count: Int) throws {
      verifier.connection.failingSyncs = count
    }

    private func passcodes(_ store: RecordStore) throws -> Int64 {
      try store.connection.number("SELECT count(*) FROM passcode")
    }

    @Test func `one failed sync costs nothing`() throws {
      let installation = try Installation()
      let store = try installation.store()
      let request = try request()
      store.connection.failingSyncs = 1
      let ticket = try store.ticket(request)
      #expect(ticket.attempt == 1)
      let verifier = try installation.verifier()
      try failing(verifier, 1)
      let attempt = VerificationDesk.Attempt(
        code: TypedCode(ticket.code), question: .id(Digest.sha256(request.id.rawValue)),
        now: start.unixMilliseconds)
      let answer = try verifier.answers(to: [attempt])[0].get()
      let session = try #require(answer.session, "a right code is not used up without its session's token")
      #expect(try installation.verifier().session(session.token, now: start) != .invalid)
    }

    @Test func `a failed sync is not forgotten where the log is folded as a commit goes by`() throws {
      let installation = try Installation()
      let store = try installation.store()
      _ = try store.ticket(try request(to: "first@example.org"))
      let requests = [try request(), try request(to: "bert@example.org")]
      let admissions = requests.map { AdmissionRequest($0, at: start) }
      let one = try store.write(settlements: [], admissions: [admissions[0]], now: start)
      let log = try #require(store.log)
      store.connection.pagesToFold = 1
      store.connection.failingSyncs = 1
      let two = try store.write(settlements: [], admissions: [admissions[1]], now: start)
      #expect(store.connection.failingSyncs == 0, "the log was synced before it was to be folded")
      #expect(!log.sync(), "for the commit before it neither")
      #expect(store.log == nil)
      #expect(try logSize(installation) > 0)
      let tickets = [
        try store.conclude(one, isSynced: false)[0].ticket, try store.sync(two)[0].ticket,
      ]
      #expect(try logSize(installation) == 0, "all of it was written and synced anew")
      for (request, ticket) in zip(requests, tickets) {
        try store.settle(ticket, .sent)
        #expect(try store.status(of: request.id)?.outcome == .sent)
      }
    }

    @Test func `folds the log as commits go by`() throws {
      let installation = try Installation()
      let store = try installation.store()
      store.connection.pagesToFold = 64
      for index in 0..<40 { _ = try store.ticket(try request(to: "guest\(index)@example.org")) }
      let size = try logSize(installation)
      #expect(size > 0 && size < 150 * 4120, "\(size) bytes")
    }

    private func logSize(_ installation: borrowing Installation) throws -> Int {
      let attributes = try FileManager.default.attributesOfItem(atPath: installation.database + "-wal")
      return try #require(attributes[.size] as? Int)
    }

    @Test func `a right code whose answer the disk never took can be typed again`() throws {
      let installation = try Installation()
      let store = try installation.store()
      let request = try request()
      let ticket = try store.sent(request)
      let verifier = try installation.verifier()
      let attempt = VerificationDesk.Attempt(
        code: TypedCode(ticket.code), question: .id(Digest.sha256(request.id.rawValue)),
        now: start.unixMilliseconds)
      for _ in 0..<7 {
        try failing(verifier, 2)
        let error = #expect(throws: RecordError.self) { try verifier.answers(to: [attempt]) }
        #expect(error?.code == .io)
      }
      try failing(verifier, 0)
      #expect(try store.status(of: request.id)?.isUsed == false)
      #expect(try verifier.verify(ticket.code, challenge: request.id.rawValue, now: start).session != nil)
      #expect(try verifier.verify(ticket.code, challenge: request.id.rawValue, now: start).name == "used")
    }

    @Test func `a wrong code is counted, whatever the disk does`() throws {
      let installation = try Installation()
      let store = try installation.store()
      let request = try request()
      let ticket = try store.sent(request)
      let verifier = try installation.verifier()
      let attempt = VerificationDesk.Attempt(
        code: TypedCode(ticket.wrong), question: .id(Digest.sha256(request.id.rawValue)),
        now: start.unixMilliseconds)
      for _ in 0..<5 {
        try failing(verifier, 2)
        #expect(throws: RecordError.self) { try verifier.answers(to: [attempt]) }
      }
      try failing(verifier, 0)
      #expect(try verifier.verify(ticket.code, challenge: request.id.rawValue, now: start).name == "locked")
    }

    @Test func `sends what was not synced, also where the next try rolls back`() throws {
      let installation = try Installation()
      let store = try installation.store()
      let request = try request()
      let admission = AdmissionRequest(request, at: start)
      failToSync(store, admission)
      try store.connection.execute(
        """
        CREATE TEMP TRIGGER full BEFORE INSERT ON main.audit BEGIN SELECT RAISE(ABORT, 'no'); END
        """)
      #expect(throws: RecordError.self) { try store.admit(admission, now: start) }
      try store.connection.execute("DROP TRIGGER full")
      let ticket = try store.admit(admission, now: start).ticket
      #expect(ticket.attempt == 1)
      #expect(try passcodes(store) == 1)
      #expect(try store.admit(admission, now: start).settled.isDuplicate, "it is being sent now")
      try store.settle(ticket, .sent)
      #expect(try store.status(of: request.id)?.attempts == 1)
      #expect(
        try installation.verifier().verify(ticket.code, challenge: request.id.rawValue, now: start).session
          != nil)
    }

    @Test func `sends an id once in the batch that follows a failed sync`() throws {
      let installation = try Installation()
      let store = try installation.store()
      let request = try request()
      let files = [0, 1].map { _ in AdmissionRequest(request, at: start) }
      store.connection.failingSyncs = 2
      #expect(throws: RecordError.self) {
        try store.commit(settlements: [], admissions: files, now: start)
      }
      let batch = try store.commit(settlements: [], admissions: files, now: start)
      #expect(batch.count { (try? $0.ticket) != nil } == 1)
      #expect(batch.count { (try? $0.settled)?.isDuplicate == true } == 1)
      #expect(try passcodes(store) == 1)
    }

    @Test(arguments: [1, 2])
    func `a commit that another thread failed to sync stands, or is written again with the one behind it`(
      failures: Int
    ) throws {
      let installation = try Installation()
      let store = try installation.store()
      #expect(store.log == nil, "the first sync takes in the directory too")
      _ = try store.ticket(try request(to: "first@example.org"))
      let requests = [try request(), try request(to: "bert@example.org")]
      let admissions = requests.map { AdmissionRequest($0, at: start) }
      let one = try store.write(settlements: [], admissions: [admissions[0]], now: start)
      let log = try #require(store.log)
      let two = try store.write(settlements: [], admissions: [admissions[1]], now: start)
      #expect(one.tickets == 1 && two.tickets == 1)
      store.connection.failingSyncs = failures
      #expect(!log.sync())
      #expect(store.connection.failingSyncs == failures - 1)
      var tickets: [Ticket] = []
      if failures == 1 {
        tickets.append(try store.conclude(one, isSynced: false)[0].ticket)
        tickets.append(try store.sync(two)[0].ticket)
      } else {
        let error = #expect(throws: RecordError.self) { try store.conclude(one, isSynced: false) }
        #expect(error?.code == .io)
        store.leaveUnsynced(two)
        for admission in admissions { tickets.append(try store.admit(admission, now: start).ticket) }
      }
      #expect(try passcodes(store) == 3)
      for (ticket, request) in zip(tickets, requests) {
        #expect(ticket.attempt == 1)
        try store.settle(ticket, .sent)
        let answer = try installation.verifier().verify(
          ticket.code, challenge: request.id.rawValue, now: start)
        #expect(answer.session != nil)
      }
    }

    @Test func `admission and verification that share an engine share their waits for the disk`() throws {
      let installation = try Installation()
      let engine = try SQLiteEngine(path: installation.database, keyring: installation.keyring)
      let store = RecordStore(
        engine: engine, keyring: installation.keyring, rules: RecordRules(limits: .none))
      let verifier = Verifier(engine: engine, keyring: installation.keyring)
      let request = try request()
      let ticket = try store.sent(request)
      let other = AdmissionRequest(try RecordsFixture.request(to: "bert@example.org"), at: start)
      let commit = try store.write(settlements: [], admissions: [other], now: start)
      let attempt = VerificationDesk.Attempt(
        code: TypedCode(ticket.code), question: .id(Digest.sha256(request.id.rawValue)),
        now: start.unixMilliseconds)
      #expect(try verifier.answers(to: [attempt])[0].get().session != nil)
      // What was committed before is on the disk with it.
      store.connection.failingSyncs = 2
      #expect(try store.sync(commit)[0].ticket.attempt == 1)
      #expect(store.connection.failingSyncs == 2)
    }

    @Test func `failed syncs push no mailed code out`() throws {
      let installation = try Installation()
      let store = try installation.store()
      let first = try request()
      _ = try store.sent(first)
      let mailed = try store.sent(try request(challenge: first.id), at: start + 1)
      let resend = AdmissionRequest(try request(challenge: first.id), at: start + 2)
      for _ in 0..<4 { failToSync(store, resend, at: start + 2) }
      let ticket = try store.admit(resend, now: start + 2).ticket
      #expect(ticket.attempt == 1)
      #expect(try passcodes(store) == 3)
      let answer = try installation.verifier().verify(
        mailed.code, challenge: first.id.rawValue, now: start + 3)
      #expect(answer.session != nil)
    }
  }
#endif
