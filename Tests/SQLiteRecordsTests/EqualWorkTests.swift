import SQLiteRecords

#if DEBUG
  import CodeRequests
  import Foundation
  import LinuxSystem
  import RecordKeys
  import RecordsFixture
  import Testing

  @testable import PasscodeVerifier
  @testable import Records
  @testable import SQLiteRecords

  /// What is known must not show in what is done: the same statements run, as many codes are compared, as many commits
  /// are made, and as many pages are written. `passcode-bench verify --timing` measures the time that comes of it.
  @Suite struct EqualWorkTests {
    struct Work: Equatable {
      /// How often each statement ran, however they were ordered.
      var statements: [String: Int] = [:]
      var comparisons = 0
      /// Pages that were appended to the write-ahead log.
      var pages = 0
    }

    private func work(
      _ verifier: Verifier, _ code: String, _ question: AttemptQuestion,
      expecting answer: String, at now: Date = start
    ) throws -> Work {
      let connection = verifier.connection
      connection.work = []
      let comparisons = Monitor(0)
      let before = try pagesInLog(verifier)
      let attempt = VerificationDesk.Attempt(
        code: TypedCode(code), question: question, now: now.unixMilliseconds)
      let result = try Comparisons.$counter.withValue(comparisons) {
        try verifier.answers(to: [attempt])[0].get()
      }
      #expect(result.name == answer)
      var work = Work(pages: try pagesInLog(verifier) - before)
      work.comparisons = comparisons.withLock { $0 }
      for statement in connection.work ?? [] { work.statements["\(statement)", default: 0] += 1 }
      return work
    }

    /// A log that is never folded back only grows: 32 bytes, then 24 and a page each.
    private func pagesInLog(_ verifier: Verifier) throws -> Int {
      let log = verifier.connection.path + "-wal"
      let size = try FileManager.default.attributesOfItem(atPath: log)[.size] as? Int ?? 0
      return (size - 32) / (24 + 4096)
    }

    /// What stands for each other: writing to the row of a challenge, finding a guest, writing to its row.
    private func folded(_ work: Work) -> Work {
      var work = work
      for all in [
        ["countTry", "touchChallenge", "useChallenge"], ["setGuest", "touchGuest"],
      ] {
        let count = all.reduce(0) { $0 + (work.statements.removeValue(forKey: $1) ?? 0) }
        work.statements[all[0]] = count
      }
      return work
    }

    /// Records of so many others that the rows in question lie on pages of their own.
    private func populated(_ installation: borrowing Installation) throws -> RecordStore {
      let store = try installation.store()
      try installation.fill(2000)
      return store
    }

    @Test func `right, wrong, unknown and dead take the same statements, comparisons and pages by id`() throws
    {
      let installation = try Installation()
      let store = try populated(installation)
      let sent = try (0..<5).map { index in
        let request = try request(to: "u\(index)@example.org")
        let ticket = try store.sent(request, at: index == 4 ? start - 3600 : start)
        try installation.fill(50)
        return (id: AttemptQuestion.id(ChallengeID(request.id).hash), ticket: ticket)
      }
      let verifier = try installation.verifier()
      // Who has been here before: their guests are there, as the neighbours are that are written to for an unknown id.
      for index in 0..<3 {
        let request = try request(to: "u\(index)@example.org")
        let ticket = try store.sent(request)
        _ = try work(verifier, ticket.code, .id(ChallengeID(request.id).hash), expecting: "verified")
      }
      var all = [
        try work(verifier, sent[0].ticket.code, sent[0].id, expecting: "verified"),
        try work(verifier, sent[1].ticket.wrong, sent[1].id, expecting: "incorrect"),
        try work(verifier, "not a code", sent[2].id, expecting: "incorrect"),
        try work(verifier, sent[0].ticket.code, sent[0].id, expecting: "used"),
        try work(verifier, sent[4].ticket.code, sent[4].id, expecting: "expired"),
      ]
      for _ in 0..<5 {
        all.append(
          try work(verifier, "123456", .id(ChallengeID(RequestID.random()).hash), expecting: "unknown"))
      }
      // The right code of another, and one that is only mailed.
      guard case .id(let asked, _) = sent[3].id else { return }
      let expected = AttemptExpectation(recipient: try EmailAddress("u1@example.org"))
      all.append(
        try work(verifier, sent[3].ticket.code, .id(asked, expecting: expected), expecting: "unknown"))
      let mailOnly = try request(to: "u2@example.org", code: "482913")
      _ = try installation.store(broughtCodes: .mail).sent(mailOnly)
      all.append(
        try work(verifier, "482913", .id(ChallengeID(mailOnly.id).hash), expecting: "unknown"))
      // A session and a device make rows longer, for which a page may have to be split: of the right code alone.
      let verified = all.removeFirst()
      #expect(folded(verified).statements == folded(all[0]).statements)
      #expect(verified.comparisons == 1 && verified.pages >= 4)
      for work in all { #expect(folded(work) == folded(all[0])) }
      #expect(all[0].comparisons == 1)
      #expect(all[0].statements["begin"] == 2 && all[0].statements["commit"] == 2)
      // The challenge's in the first transaction; the challenge's, the guest's and the audit trail's in the second.
      #expect(all[0].pages == 4)
    }

    @Test func `an address with an open, a dead and no challenge take the same by address`() throws {
      let installation = try Installation()
      let store = try populated(installation)
      let verifier = try installation.verifier()
      var questions: [(AttemptQuestion, String)] = []
      for (name, age) in [("open", 0.0), ("dead", 3600), ("used", 0), ("nobody", -1)] {
        let address = "\(name)@example.org"
        var code = "123456"
        if age >= 0 {
          let request = try request(to: address)
          let ticket = try store.sent(request, at: start - age)
          if name == "used" {
            _ = try verifier.verify(ticket.code, challenge: request.id.rawValue, now: start)
          }
          code = ticket.wrong
        }
        questions.append((try question(address, installation.keyring), code))
      }
      for round in 0..<3 {
        let all = try questions.map { question, code in
          folded(try work(verifier, code, question, expecting: "incorrect"))
        }
        for var work in all {
          // The first wrong code makes a guest's row, for which its page may have to be split.
          if round == 0 { work.pages = all[0].pages }
          #expect(work == all[0])
        }
        #expect(all[0].comparisons == 3 * AttemptQuestion.challenges)
      }
    }

    private func question(_ address: String, _ keyring: Keyring) throws -> AttemptQuestion {
      let address = try EmailAddress(address)
      return .subject(
        Subject(address, tenant: nil, key: keyring.address), tenant: nil, purpose: "sign-in",
        recipient: address.redacted)
    }

    @Test
    func `no statement reads a whole table, so that ten million records cost no more than ten thousand`()
      throws
    {
      let installation = try Installation()
      let store = try installation.store()
      for sql in RecordSQL.allCases where sql != .begin && sql != .commit {
        let plan = try store.connection.prepare("EXPLAIN QUERY PLAN " + sql.text)
        while try plan.step() {
          let detail = plan.text(3) ?? ""
          #expect(!detail.hasPrefix("SCAN"), "\(sql): \(detail)")
          #expect(!detail.contains("TEMP B-TREE"), "\(sql): \(detail)")
        }
      }
    }
  }
#endif
