import CodeRequests
import Foundation
import LinuxSystem
import TestSupport
import Testing

/// The judge can find against: evidence of a sound run is doctored, one lie at a time.
@Suite(.waits) struct EvidenceCheckerTests {
  /// A run with one kill, after which one mail came twice.
  private struct Honest {
    let rig: CrashRig

    init() throws {
      rig = try CrashRig()
      try rig.enqueue([Run.request(Run.plain)])
      guard try rig.work(.step(.messageAnswered, 1)) else { throw Unexpected("nobody was killed", "") }
      try rig.enqueue([
        Run.request(Run.hasty, deadline: Date(timeIntervalSinceNow: 60)),
        Run.request(Run.refused, or: ["failed"], isSent: false),
        EnqueuedRequest(
          id: RequestID.random().rawValue, recipient: Run.silent, alternatives: ["failed"],
          isSentPossible: false, isSilent: true),
      ])
      _ = try rig.finish()
    }
  }

  /// A copy of it, to be lied about.
  private struct Run {
    let directory: TemporaryDirectoryOwner
    let rig: CrashRig
    static let plain = "plain@example.org"
    static let hasty = "hasty@example.org"
    static let refused = "data-554+refused@example.org"
    static let silent = "drop-dot+silent@example.org"

    init(of honest: Honest) throws {
      rig = honest.rig
      directory = try TemporaryDirectoryOwner()
      for name in ["mail", "after-kill-0", "end"] {
        try FileManager.default.copyItem(
          atPath: "\(rig.scratch.path)/\(name)", toPath: "\(directory.path)/\(name)")
      }
    }

    var path: String { directory.path }
    var end: String { "\(path)/end" }
    var store: String { "\(path)/mail" }
    var plain: String { Self.plain }
    var hasty: String { Self.hasty }
    var refused: String { Self.refused }
    var silent: String { Self.silent }

    static func request(
      _ recipient: String, or alternatives: Set<String> = [], isSent: Bool = true, deadline: Date? = nil
    ) -> EnqueuedRequest {
      EnqueuedRequest(
        id: RequestID.random().rawValue, recipient: recipient, alternatives: alternatives,
        isSentPossible: isSent, deadline: deadline)
    }

    func id(_ recipient: String) -> String { rig.requests.first { $0.recipient == recipient }!.id }

    func sql(_ statement: String, _ recipient: String) throws {
      let digest = RecordsFile.digest(of: id(recipient))
      try RecordsFile("\(end)/records.sqlite").execute(
        statement.replacing("THIS", with: "hex(id) = '\(digest)'"))
    }

    func mails(to recipient: String) throws -> [StoredMail] {
      try StoredMail.all(in: store).filter { $0.recipient == recipient }
    }

    /// Puts a further mail into the store that looks like an earlier one but for `edits`.
    func forge(_ mail: StoredMail, as number: Int, _ edits: [(String, String)] = []) throws {
      for kind in ["eml", "json"] {
        var text = try String(contentsOfFile: "\(store)/\(mail.number).\(kind)", encoding: .utf8)
        for (old, new) in edits { text = text.replacing(old, with: new) }
        try text.write(
          toFile: "\(store)/\(number).\(kind)", atomically: true, encoding: .utf8)
      }
    }

    func write(_ text: String, to file: String) throws {
      let old = FileManager.default.contents(atPath: file) ?? Data()
      try (old + Data(text.utf8)).write(to: URL(fileURLWithPath: file))
    }

    func breaches(doctoring: (inout Evidence) -> Void = { _ in }) throws -> Set<Breach.Promise> {
      let mails = try StoredMail.all(in: store)
      // Read when it was made: to read it once more would tidy its write-ahead log.
      var kill = rig.kills[0]
      kill.directory = "\(path)/after-kill-0"
      var evidence = Evidence(
        requests: rig.requests, kills: [kill],
        end: try Snapshot(of: end, mailCount: mails.count), mails: mails, logs: rig.logs)
      doctoring(&evidence)
      return Set(try EvidenceChecker.check(evidence, scratch: path).map(\.promise))
    }
  }

  private struct Lie: Sendable {
    let name: String
    let promise: Breach.Promise
    let tell: @Sendable (Run) throws -> Void

    init(_ name: String, _ promise: Breach.Promise, _ tell: @escaping @Sendable (Run) throws -> Void) {
      self.name = name
      self.promise = promise
      self.tell = tell
    }
  }

  private static let lies = [
    Lie("a request that nobody knows", .nothingLost) {
      try $0.sql("DELETE FROM request WHERE THIS", $0.plain)
    },
    Lie("a request that is still being sent", .nothingLost) {
      try $0.sql("UPDATE request SET state = 2 WHERE THIS", $0.plain)
    },
    Lie("a request that still waits", .nothingLost) {
      try $0.write("{}", to: "\($0.end)/spool/new/1.\($0.id($0.plain)).json")
    },
    Lie("a sent request without a mail", .nothingLost) {
      let mail = try $0.mails(to: $0.hasty)[0]
      try FileManager.default.removeItem(atPath: "\($0.store)/\(mail.number).json")
    },
    Lie("a failed request that was not kept", .nothingLost) {
      for name in try FileManager.default.contentsOfDirectory(atPath: "\($0.end)/spool/failed") {
        try FileManager.default.removeItem(atPath: "\($0.end)/spool/failed/\(name)")
      }
    },
    Lie("two outcomes in the audit trail", .oneOutcome) {
      try $0.sql(
        """
        INSERT INTO audit (at, event, result, idKey)
        SELECT 0, 'send', 'failed', idKey FROM request WHERE THIS
        """, $0.plain)
    },
    Lie("two rows of one request", .oneOutcome) {
      try $0.sql(
        """
        INSERT INTO request (idKey, id, challenge, purpose, queuedAt, deadline, state, budget, expiresAt, purgeAfter)
        SELECT idKey, id, challenge, purpose, 0, 0, 10, 5, 0, 0 FROM request WHERE THIS
        """, $0.plain)
    },
    Lie("a limit where there is none", .rightOutcome) {
      try $0.sql("UPDATE request SET state = 12 WHERE THIS", $0.plain)
    },
    Lie("a refused mail that was sent", .rightOutcome) {
      try $0.sql("UPDATE request SET state = 10 WHERE THIS", $0.refused)
    },
    Lie("poison that was in flight at one kill only", .rightOutcome) {
      try $0.sql(
        "UPDATE request SET state = 14, reason = 'in flight when the worker died three times' WHERE THIS",
        $0.plain)
    },
    Lie("a copy that no kill explains", .fewCopies) {
      try $0.forge(try $0.mails(to: $0.hasty)[0], as: 100)
    },
    Lie("a copy too many after a kill", .fewCopies) { try $0.forge(try $0.mails(to: $0.plain)[0], as: 100) },
    Lie("a third copy for a relay that says nothing", .fewCopies) {
      try $0.forge(try $0.mails(to: $0.silent)[1], as: 100)
    },
    Lie("a mail that nobody asked for", .fewCopies) { run in
      try run.forge(try run.mails(to: run.plain)[0], as: 100, [(run.plain, "stranger@example.org")])
    },
    Lie("a repeated mail with a Message-ID of its own", .oneMessageID) { run in
      let mail = try run.mails(to: run.plain)[1]
      try run.forge(mail, as: mail.number, [("Message-ID: <", "Message-ID: <other.")])
    },
    Lie("one Message-ID for two people", .oneMessageID) { run in
      let (one, other) = (try run.mails(to: run.plain)[0], try run.mails(to: run.hasty)[0])
      try run.forge(other, as: other.number, [(other.messageID, one.messageID)])
    },
    Lie("a code without its record", .everyCodeWorks) {
      try $0.sql(
        """
        DELETE FROM passcode WHERE number = 1
          AND challenge = (SELECT row FROM request WHERE THIS)
        """, $0.plain)
    },
    Lie("a use that does not close the challenge", .firstUseClosesAll) {
      try $0.sql(
        """
        CREATE TRIGGER forget AFTER UPDATE OF usedAt ON request
        BEGIN UPDATE request SET usedAt = NULL WHERE row = NEW.row; END
        """, $0.plain)
    },
    Lie("a mail after its deadline", .nothingLate) { run in
      let mail = try run.mails(to: run.hasty)[0]
      try run.forge(mail, as: mail.number, [("\"receivedAt\":\"20", "\"receivedAt\":\"21")])
    },
    Lie("a code in the write-ahead log", .noPlaintext) {
      let code = try $0.mails(to: $0.plain)[0].code
      try $0.write("\0\(code)\0", to: "\($0.path)/after-kill-0/records.sqlite-wal")
    },
    Lie("a code in the spool", .noPlaintext) {
      try $0.write(
        "{\"code\":\"\(try $0.mails(to: $0.plain)[1].code)\"}", to: "\($0.end)/spool/tmp/1.abc")
    },
    Lie("an address in the records", .noPlaintext) {
      try $0.sql("UPDATE request SET recipient = '\($0.plain)' WHERE THIS", $0.plain)
    },
    Lie("a file that was put aside and left", .nothingLeft) {
      try $0.write("{}", to: "\($0.end)/spool/tmp/done.1.abc")
    },
    Lie("a failed request without its reason", .nothingLeft) {
      for name in try FileManager.default.contentsOfDirectory(atPath: "\($0.end)/spool/failed")
      where name.hasSuffix(".reason") {
        try FileManager.default.removeItem(atPath: "\($0.end)/spool/failed/\(name)")
      }
    },
  ]

  /// One run for all lies: each is told about a copy.
  @Test func `finds for a sound run in which a mail came twice, and against each lie about it`() throws {
    let honest = try Honest()
    let sound = try Run(of: honest)
    #expect(try sound.mails(to: sound.plain).count == 2)
    #expect(try sound.breaches() == [])
    for lie in Self.lies {
      let run = try Run(of: honest)
      try lie.tell(run)
      #expect(try run.breaches().contains(lie.promise), "\(lie.name)")
    }
    // A code, an id or an address in a log.
    let code = try sound.mails(to: sound.plain)[0].code
    for secret in [code, sound.id(sound.plain), sound.plain] {
      #expect(try sound.breaches { $0.logs.append(Array("it was \(secret)!".utf8)) } == [.noPlaintext])
    }
    // Part of a longer number it is none.
    #expect(try sound.breaches { $0.logs.append(Array("pid 1\(code)".utf8)) } == [])
  }

  @Test func `has a lie for each promise`() {
    #expect(Set(Self.lies.map(\.promise)) == Set(Breach.Promise.allCases))
  }
}
