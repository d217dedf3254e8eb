import CodeRequests
import Foundation
import GuestPolicy
import RecordKeys
import RecordsFixture
import TestSupport
import Testing

@testable import PasscodeVerifier
@testable import Records
@testable import SQLiteRecords

@Suite(.waits) struct UpkeepTests {
  private func audit(
    _ store: RecordStore, since: Date? = nil, to recipient: String? = nil
  ) throws -> [String] {
    var lines: [String] = []
    try store.forEachAuditRecord(since: since, recipient: try recipient.map { try EmailAddress($0) }) {
      lines.append("\($0.event) \($0.result)")
      return true
    }
    return lines
  }

  @Test func `leaves a line for each decision, send, check and reset`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let verifier = try installation.verifier()
    let asked = try request()
    let ticket = try store.sent(asked)
    for _ in 0..<2 { _ = try verifier.verify(ticket.wrong, challenge: asked.id.rawValue, now: start + 1) }
    try store.reset(asked.recipient, tenant: nil, now: start + 2)
    _ = try verifier.verify(ticket.code, challenge: asked.id.rawValue, now: start + 3)
    _ = try store.sent(try request(to: "bert@example.org"))
    let expected = [
      "decision send", "send sent", "check incorrect", "check incorrect", "reset done", "check verified",
    ]
    #expect(try audit(store, to: "anna@EXAMPLE.org") == expected)
    #expect(try audit(store).count == expected.count + 2)
    #expect(try audit(store, since: start + 2) == ["reset done", "check verified"])
  }

  @Test func `finds where a time begins in the audit trail without reading what is before`() throws {
    let installation = try Installation()
    let store = try installation.store()
    // A line each minute of a week, some purged; an hour of it twice, as where the clock was set back.
    try store.connection.execute(
      """
      WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 10079)
      INSERT INTO audit (row, at, event, result)
      SELECT i + 1, \(start.unixMilliseconds) + (i - CASE WHEN i BETWEEN 7000 AND 7059 THEN 60 ELSE 0 END) * 60000, 'check', i
      FROM n WHERE i NOT BETWEEN 3000 AND 4999
      """)
    for minute in [0, 1, 2999, 3500, 5000, 6939, 6940, 6970, 7000, 7030, 7060, 10079, 10080] {
      let since = start + Double(minute) * 60
      var expected = (0..<10080).filter { $0 < 3000 || $0 > 4999 }
      expected.removeAll { ((7000...7059).contains($0) ? $0 - 60 : $0) < minute }
      var found: [String] = []
      try store.forEachAuditRecord(since: since, recipient: nil) {
        found.append($0.result)
        return true
      }
      #expect(found == expected.map(String.init), "since minute \(minute)")
      // What is read for nothing is what a clock may be set back by.
      let first = try SQLiteEngine.auditRow(at: since, store.connection)
      #expect(
        try store.connection.number("SELECT count(*) FROM audit WHERE row >= \(first)") <= expected.count
          + 180)
    }
    for sql in [SQLiteEngine.auditLine, SQLiteEngine.auditTrail] {
      let plan = try store.connection.prepare("EXPLAIN QUERY PLAN " + sql)
      #expect(try plan.step() && plan.text(3)?.hasPrefix("SEARCH audit USING INTEGER PRIMARY KEY") == true)
    }
  }

  @Test func `forgets what has served, in small steps, and nothing before`() throws {
    let installation = try Installation()
    let store = try installation.store(limits: LimitSettings())
    for index in 0..<50 {
      let one = try request(to: "u\(index)@example.org", ip: "198.51.100.\(index)")
      _ = try store.sent(one)
    }
    #expect(try store.purge(now: start + 60) == 0)
    let fresh = try request(to: "fresh@example.org")
    let ticket = try store.sent(fresh, at: start + 86_000)
    let later = start + 1800 + 86400
    #expect(try store.purge(now: later, limit: 20) == 20, "as many requests as a step takes")
    while try store.purge(now: later, limit: 20) > 0 {}
    #expect(try store.status(of: fresh.id)?.outcome == .sent)
    #expect(
      try installation.verifier().verify(ticket.code, challenge: fresh.id.rawValue, now: start + 86_001)
        .session != nil)
    #expect(try !audit(store).isEmpty)
    while try store.purge(now: start + 9 * 86400, limit: 20) > 0 {}
    #expect(try audit(store).isEmpty)
    #expect(try store.status(of: fresh.id) == nil)
  }

  @Test func `addresses that were made up leave nothing behind for longer than a day`() throws {
    let installation = try Installation()
    let store = try installation.store()
    let verifier = try installation.verifier()
    for index in 0..<40 {
      let address = try EmailAddress("made-up-\(index)@example.org")
      _ = try verifier.verify("123456", recipient: address, now: start)
    }
    // Nor does an address that was sent a code and guessed at; who has signed in is remembered.
    for (name, isRight) in [("guessed", false), ("signed-in", true)] {
      let asked = try request(to: "\(name)@example.org")
      let ticket = try store.sent(asked)
      _ = try verifier.verify(
        isRight ? ticket.code : ticket.wrong, challenge: asked.id.rawValue, now: start)
    }
    while try store.purge(now: start + 3 * 86400, limit: 20) > 0 {}
    #expect(try store.connection.number("SELECT count(*) FROM guest") == 1)
    while try store.purge(now: start + 400 * 86400, limit: 20) > 0 {}
    #expect(try store.redemption(of: try EmailAddress("signed-in@example.org"), tenant: nil) == .passcode)
  }

  #if DEBUG
    @Test func `no step of a purge is long, however much there is to do`() throws {
      let installation = try Installation()
      let store = try installation.store()
      try installation.fill(3000)
      store.connection.work = []
      #expect(try store.purge(now: start + 3 * 86400, limit: 2600) == 2600)
      let begins = store.connection.work?.count { $0 == .begin }
      #expect(begins == 6, "as many transactions as steps of at most 500 rows")
      // Where nothing is left it is over at once.
      store.connection.work = []
      while try store.purge(now: start + 3 * 86400, limit: 10_000) > 0 {}
      #expect(try store.connection.number("SELECT count(*) FROM request") == 0)
    }
  #endif

  @Test func `rows that live long hold up none behind them`() throws {
    let installation = try Installation()
    let store = try installation.store()
    func send(_ name: String, until deadline: Date) throws {
      for index in 0..<10 {
        let request = try request(to: "\(name)\(index)@example.org")
        let admission = AdmissionRequest(request, at: start, deadline: deadline)
        try store.settle(try store.admit(admission, now: start).ticket, .sent)
      }
    }
    try send("long", until: start + 20 * 86400)
    try send("short", until: start + 600)
    let later = start + 3 * 86400
    for _ in 0..<6 { try store.purge(now: later, limit: 5) }
    #expect(try store.connection.number("SELECT count(*) FROM request") == 10)
    for _ in 0..<4 { try store.purge(now: start + 30 * 86400, limit: 5) }
    #expect(try store.connection.number("SELECT count(*) FROM request") == 0)
  }

  /// Of each code that nobody used a note stays for 30 days.
  @Test func `stays as large as a day and the notes of a month are`() throws {
    let installation = try Installation()
    let store = try installation.store()
    func size() throws -> Int {
      try #require(FileManager.default.attributesOfItem(atPath: installation.database)[.size] as? Int)
    }
    var sizes: [Int] = []
    for day in 0..<50 {
      for hour in [0, 12] {
        let now = start + Double(day) * 86400 + Double(hour) * 3600
        let admissions = try (0..<100).map {
          AdmissionRequest(try request(to: "u\($0)-\(day)-\(hour)@example.org"), at: now)
        }
        let tickets = try store.commit(settlements: [], admissions: admissions, now: now).map {
          try $0.ticket
        }
        let settlements = tickets.map { Settlement(requestKey: $0.requestKey, result: .sent, at: now) }
        _ = try store.commit(settlements: settlements, admissions: [], now: now)
        while try store.purge(now: now, limit: 400) >= 400 {}
      }
      _ = try store.connection.number("PRAGMA wal_checkpoint(TRUNCATE)")
      sizes.append(try size())
    }
    #expect(sizes[49] <= sizes[34] * 11 / 10, "it stands still once the first notes have gone")
    #expect(sizes[30] - sizes[5] < 25 * 200 * 128, "a note takes less than 128 bytes")
  }

  @Test func `deletes a retired key when its last record has gone, and tells until when it is needed`() throws
  {
    let installation = try Installation()
    let store = try installation.store()
    let asked = try request(to: "anna@example.org")
    let ticket = try store.sent(asked)
    try installation.keyring.rotate(now: start + 60)
    #expect(try store.deleteUnusedKeys(now: start + 1800) == [])
    #expect(
      try installation.verifier().verify(ticket.code, challenge: asked.id.rawValue, now: start + 61).session
        != nil)
    _ = try store.sent(try request(to: "bert@example.org"), at: start + 120)
    #expect(try store.keyUses().map(\.key.version) == [1, 2])
    #expect(try store.keyUses().first?.neededUntil == start + 1800 + 86400)
    #expect(try store.deleteUnusedKeys(now: start + 1799 + 86400) == [])
    #expect(try store.deleteUnusedKeys(now: start + 1800 + 86400) == [1])
    #expect(installation.keyring.entries.map(\.version) == [2])
    #expect(throws: Never.self) { try installation.store() }
  }
}
