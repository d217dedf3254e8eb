#if DEBUG
  import CodeRequests
  import Foundation
  import RecordKeys
  import Testing

  @testable import PasscodeVerifier

  /// What is known must not show in what is done: the same statements run, as many codes are compared, as many commits
  /// are made. `passcode bench verify --timing` measures the time that comes of it.
  @Suite struct EqualWorkTests {
    struct Work: Equatable {
      /// How often each statement ran, however they were ordered.
      var statements: [String: Int] = [:]
      var comparisons = 0
    }

    private func work(
      _ store: RecordStore, _ keyring: Keyring, _ code: String, _ question: VerificationDesk.Question,
      expecting answer: String, at now: Date = start
    ) throws -> Work {
      let connection = store.connection
      connection.work = []
      connection.comparisons = 0
      let desk = VerificationDesk(
        connection: connection, keyring: keyring, settings: VerificationSettings())
      let attempt = VerificationDesk.Attempt(
        code: TypedCode(code), question: question, now: now.unixMilliseconds)
      #expect(try desk.answers(to: [attempt])[0].get().name == answer)
      var work = Work(comparisons: connection.comparisons)
      for statement in connection.work ?? [] { work.statements["\(statement)", default: 0] += 1 }
      return work
    }

    /// Writes that stand for each other: an attempt is counted in the challenge or, where there is none, in the one row
    /// kept for that; a use has no equal but that row.
    private func folded(_ work: Work) -> Work {
      var work = work
      for name in ["countTry", "countCheck", "useChallenge"] {
        work.statements["count", default: 0] += work.statements.removeValue(forKey: name) ?? 0
      }
      return work
    }

    @Test func `right, wrong and unknown take the same statements and comparisons by id`() throws {
      let installation = try Installation()
      let store = try installation.store()
      let (first, second) = (try request(), try request(to: "bert@example.org"))
      let (right, wrong) = (try store.sent(first), try store.sent(second))
      func question(_ id: RequestID) -> VerificationDesk.Question { .id(ChallengeID(id).hash) }
      let all = [
        try work(store, installation.keyring, right.code, question(first.id), expecting: "verified"),
        try work(store, installation.keyring, wrong.wrong, question(second.id), expecting: "incorrect"),
        try work(store, installation.keyring, "123456", question(.random()), expecting: "unknown"),
        try work(store, installation.keyring, "not a code", question(second.id), expecting: "incorrect"),
      ].map(folded)
      #expect(all[0] == all[1])
      #expect(all[0] == all[2])
      #expect(all[0] == all[3])
      #expect(all[0].comparisons == 3)
      #expect(all[0].statements["begin"] == 2 && all[0].statements["commit"] == 2)
    }

    @Test func `an address with an open, a dead and no challenge take the same by address`() throws {
      let installation = try Installation()
      let store = try installation.store()
      var questions: [(VerificationDesk.Question, String)] = []
      for (name, age) in [("open", 0.0), ("dead", 3600), ("used", 0), ("nobody", -1)] {
        let address = "\(name)@example.org"
        if age >= 0 {
          let request = try request(to: address)
          let ticket = try store.sent(request, at: start - age)
          if name == "used" {
            let verifier = try installation.verifier()
            _ = try verifier.verify(ticket.code, challenge: request.id.rawValue, now: start)
          }
          questions.append((try question(address, installation.keyring), ticket.wrong))
        } else {
          questions.append((try question(address, installation.keyring), "123456"))
        }
      }
      let all = try questions.map { question, code in
        folded(try work(store, installation.keyring, code, question, expecting: "incorrect"))
      }
      for work in all { #expect(work == all[0]) }
      #expect(all[0].comparisons == 9)
    }

    private func question(_ address: String, _ keyring: Keyring) throws -> VerificationDesk.Question {
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
